"""Looking at a fresh host before everything is recovered on it: the preflight list of plan section 3.3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

from actions.backups.choice import Proof, choose, list_backups, read_manifest
from actions.failures import NotVerified, Unplanned
from actions.hosts.recovery_findings import (
    Room,
    judge_address,
    judge_backup,
    judge_certificates,
    judge_engine,
    judge_images,
    judge_room,
    summed_up,
)
from actions.hosts.recovery_parts import looked, within
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Statement, Step
from actions.secrets.look import READ, look_at_secrets
from actions.tools.containers.compose_images import is_cloned, named_images
from actions.tools.containers.engine_calls import engine_of
from actions.tools.containers.host_engine import see_engine
from actions.tools.containers.images import Remote, ask_registry
from actions.tools.dns.resolving import NameServer, addresses
from actions.tools.own_address import own_addresses
from actions.tools.toolbox import Toolbox

STEP_S = 240.0
IMAGES_MOST = 20
ASK_S = 5.0
NOT_YET = "the images are named by the compose file, which is not there yet: clone the repository, then look"


@dataclass(frozen=True)
class RecoveryParams:
    """`service`: the one of section 3.4 whose name customers ask for; `strict`: a red line fails the look."""

    environment: str
    service: str = "api"
    strict: bool = False


@dataclass(frozen=True)
class RecoveryFacts:
    """What would be looked at; nothing is asked for it."""

    project: str


def _survey(tools: Toolbox, params: RecoveryParams) -> RecoveryFacts:
    return RecoveryFacts(tools.services(params.environment).name)


def _engine(params: RecoveryParams, context: Context) -> Evidence:
    return judge_engine(see_engine(context.tools.services(params.environment)))


def _address(params: RecoveryParams, context: Context) -> Evidence:
    name = context.tools.service_name(params.service, params.environment)
    resolved = addresses(name.record, NameServer(name.resolver))
    targets = {target.name: target.address for target in name.targets.values()}
    return judge_address(name.record, resolved, own_addresses(), targets)


def _certificates(params: RecoveryParams, context: Context) -> Evidence:
    """Those that ACM keeps: what a server presents is not asked, for the one that did has failed."""
    tool = replace(context.tools.certificates(params.environment), served=())
    return judge_certificates(tool, tool.in_acm() if tool.domains else (), datetime.now(UTC))


def _secrets(params: RecoveryParams, context: Context) -> Evidence:
    return looked(look_at_secrets, context, environment=params.environment)


def _images(params: RecoveryParams, context: Context) -> Evidence:
    """Each image by its manifest's head alone; variables in its name come from the secret, in memory."""
    project = context.tools.services(params.environment)
    if project.compose_file and not is_cloned(project):
        return Evidence(NOT_YET, light="amber")
    named = named_images(project, _values(params, context))
    wanted = list(dict.fromkeys(named.references.values()))[:IMAGES_MOST]
    with ThreadPoolExecutor(4, "registry") as pool:
        found = list(pool.map(lambda one: _asked(params, context, one), wanted))
    return judge_images(dict(zip(wanted, found, strict=True)), named.unset)


def _asked(params: RecoveryParams, context: Context, reference: str) -> Remote:
    project = context.tools.services(params.environment)
    with engine_of(project, ASK_S) as engine:
        return ask_registry(engine, project, reference)


def _values(params: RecoveryParams, context: Context) -> Mapping[str, str]:
    try:
        return context.tools.secrets(params.environment).read().values
    except Unplanned:
        return {}


def _backup(params: RecoveryParams, context: Context) -> Evidence:
    found = list_backups(context.tools.backups(params.environment))
    return judge_backup(found, _database_bytes(params, context), datetime.now(UTC))


def _room(params: RecoveryParams, context: Context) -> Evidence:
    size_bytes = _database_bytes(params, context)
    if size_bytes is None:
        return Evidence(
            "the newest backup has no manifest, so how large its database is is not told", light="amber"
        )
    return judge_room(see_engine(context.tools.services(params.environment)).free_bytes, Room(size_bytes))


def _database_bytes(params: RecoveryParams, context: Context) -> int | None:
    bucket = context.tools.backups(params.environment)
    newest = choose(list_backups(bucket), "latest")
    return read_manifest(bucket, newest).database_bytes if newest.proof is Proof.MANIFEST else None


_Part: TypeAlias = Callable[[RecoveryParams, Context], Evidence]
_PARTS: tuple[tuple[str, str, _Part], ...] = (
    ("engine", "Ask the container engine for its version and free disk", _engine),
    ("address", "See where the service's name leads", _address),
    ("certificates", "Look at the certificates", _certificates),
    ("secret", "Read the secret, and see that it is complete", _secrets),
    ("images", "Ask the registry for every image", _images),
    ("backup", "Find the newest backup that can be proven", _backup),
    ("room", "Compare the free disk with the database", _room),
)


def _part(params: RecoveryParams, look: _Part, context: Context) -> Evidence:
    return within(lambda: look(params, context))


def _all(params: RecoveryParams, context: Context) -> Evidence:
    """Every part once more, at the same time, as one sentence."""
    with ThreadPoolExecutor(len(_PARTS), "preflight") as pool:
        asked = {name: pool.submit(_part, params, look, context) for name, _, look in _PARTS}
    summed = summed_up({name: one.result() for name, one in asked.items()})
    if params.strict and summed.light == "red":
        raise NotVerified(summed.said)
    return summed


def _plan(params: RecoveryParams, facts: RecoveryFacts) -> Plan:
    return Plan(
        before=(),
        steps=(),
        after=(
            *(Step(title, partial(_part, params, look), STEP_S, 1) for _, title, look in _PARTS),
            Step("Say what stands in the way", partial(_all, params), STEP_S, 1),
        ),
        facts=(("host", f"the one of {facts.project}"), ("parts", f"{len(_PARTS)}, each for itself")),
        forecast_s=10.0,
    )


_ENDS = (
    (Fault.GONE, "does not answer"),
    (Fault.TIMEOUT, "is too late"),
    (Fault.DENIED, "is refused"),
)

look_at_recovery = Action(
    name="look-at-recovery",
    title="Look at what a full recovery needs",
    risk=Risk.LOOK,
    params=RecoveryParams,
    facts=RecoveryFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/recovery-look",
    survey=_survey,
    plan=_plan,
    permissions=(
        "Docker: GET /version, /info and /distribution of each image",
        "AWS: secretsmanager:GetSecretValue, acm:ListCertificates, acm:DescribeCertificate, and s3:ListBucket"
        " and s3:GetObject of the backups",
        "network: a question to the DNS resolver",
    ),
    example="run look-at-recovery environment=production",
    description=(
        "The preflight list of a fresh host: engine and free disk, where the name leads, certificates, the"
        " secret complete, every image in the registry, the newest proven backup and room for it; each with"
        " its light, and told where it cannot be looked at."
    ),
    reach=f"asks one engine, one name, one secret, at most {IMAGES_MOST} manifests; changes nothing",
    iam=(
        READ,
        Statement(("acm:ListCertificates",), ("*",)),
        Statement(("acm:DescribeCertificate",), ("arn:aws:acm:*:*:certificate/*",)),
        Statement(("s3:ListBucket",), ("arn:aws:s3:::{backups}",)),
        Statement(("s3:GetObject",), ("arn:aws:s3:::{backups}/*",)),
    ),
    endings=tuple(
        Ending(
            fault, "before", "verified", f"What {how} is a red line of the list; the others are looked at."
        )
        for fault, how in _ENDS
    ),
)
