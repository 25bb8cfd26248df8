"""Looking at the secret behind an environment's variables: which names it holds, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from actions.plan import Action, Context, Ending, Evidence, Fault, Light, Plan, Risk, Statement, Step
from actions.tools.aws.secrets import RIGHTS
from actions.tools.toolbox import Toolbox

NAMES_SHOWN = 40
STEP_S = 60.0
READ = Statement(("secretsmanager:GetSecretValue",), ("arn:aws:secretsmanager:*:*:secret:{secret}-??????",))


@dataclass(frozen=True)
class SecretsParams:
    environment: str


@dataclass(frozen=True)
class SecretsFacts:
    """Which secret would be looked at, and how many names the plan wants of it."""

    place: str
    wanted: int


def listed(names: tuple[str, ...]) -> str:
    """`A, B and 3 more`; `none`."""
    shown = ", ".join(name[:60] for name in names[:NAMES_SHOWN])
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return f"{shown}{more}" if names else "none"


def _check_readable(environment: str, context: Context) -> Evidence:
    secrets = context.tools.secrets(environment)
    secrets.read()
    return Evidence(f"{secrets.place} could be read")


def _look(environment: str, context: Context) -> Evidence:
    secrets = context.tools.secrets(environment)
    now = secrets.read()
    missing = now.missing(secrets.names)
    odd = tuple(name for name in secrets.names if name in now.odd)
    values = {
        "version": now.version_id,
        "changed": now.changed_at,
        "missing": listed(missing),
        "there": listed(tuple(name for name in secrets.names if name in now.values)),
        "no single text": listed(odd),
        "not in the plan": listed(tuple(name for name in now.names if name not in secrets.names)),
    }
    there = len(secrets.names) - len(missing) - len(odd)
    said = f"{secrets.place} holds {there} of the plan's {len(secrets.names)} variables"
    wrong = f"; missing: {listed(missing)}" if missing else ""
    wrong += f"; no single text: {listed(odd)}" if odd else ""
    # An environment file without one of them is no environment file: nothing starts from it.
    light: Light = "red" if wrong else "green"
    return Evidence(f"{said}{wrong}; it changed {now.changed_at}", values, light)


def _survey(tools: Toolbox, params: SecretsParams) -> SecretsFacts:
    secrets = tools.secrets(params.environment)
    return SecretsFacts(secrets.place, len(secrets.names))


def _plan(params: SecretsParams, facts: SecretsFacts) -> Plan:
    return Plan(
        before=(
            Step(
                f"Check that {facts.place} can be read",
                partial(_check_readable, params.environment),
                STEP_S,
                2,
            ),
        ),
        steps=(),
        after=(
            Step("See which of the plan's variables it holds", partial(_look, params.environment), STEP_S),
        ),
        facts=(("secret", facts.place), ("variables", f"{facts.wanted} in the plan")),
    )


look_at_secrets = Action(
    name="look-at-secrets",
    title="Look at the secret of the environment file",
    risk=Risk.LOOK,
    params=SecretsParams,
    facts=SecretsFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/secret-names",
    survey=_survey,
    plan=_plan,
    permissions=(f"AWS: {RIGHTS}",),
    example="run look-at-secrets environment=production",
    description=(
        "Whether the secret can be read, which of the plan's variables it holds and which are missing, and"
        " when it changed. Never a value, nor how long one is."
    ),
    reach="reads one secret into memory and tells its names alone",
    iam=(READ,),
    endings=(
        Ending(Fault.GONE, "before", "failed", "Secrets Manager does not answer; nothing was changed."),
        Ending(Fault.TIMEOUT, "before", "failed", "Secrets Manager did not answer in time."),
        Ending(Fault.DENIED, "before", "refused", "AWS does not let drbot read the secret."),
        Ending(Fault.VANISHED, "before", "refused", "The secret is not there any more."),
    ),
)
