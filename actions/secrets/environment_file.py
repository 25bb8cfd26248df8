"""Writing a server's environment file from its secret (plan section 3.3, "Fill in secrets from AWS")."""

from __future__ import annotations

from actions.plan import Action, Context, Ending, Evidence, Fault, NotVerified, Plan, Refused, Risk, Step
from actions.secrets.environment_file_survey import (
    KEEP_UNDO_S,
    EnvironmentFileFacts,
    EnvironmentFileParams,
    check_complete,
    drift,
    survey,
    wanted,
)
from actions.secrets.look import READ, listed
from actions.tools import env_text
from actions.tools.aws.secrets import RIGHTS, Secrets, SecretVersion
from actions.tools.kept_file import PRIVATE, KeptFile

STEP_S = 60.0


class _Render:
    """The steps of one plan, from the very version that was surveyed."""

    def __init__(self, params: EnvironmentFileParams, facts: EnvironmentFileFacts) -> None:
        self.params = params
        self.facts = facts

    def _secrets(self, context: Context) -> Secrets:
        secrets = context.tools.secrets(self.params.environment)
        if (secrets.secret, str(secrets.path)) != (self.facts.secret, self.facts.path):
            raise Refused("the plan names another secret or file now than the one shown: ask again")
        return secrets

    def _file(self, context: Context) -> KeptFile:
        return KeptFile(self._secrets(context).path)

    def _pinned(self, secrets: Secrets) -> SecretVersion:
        """The current version, which must be the one shown and hold every variable."""
        version = secrets.read()
        if version.version_id != self.facts.version_id:
            raise Refused(
                f"{secrets.place} has another version now ({version.changed_at}) than the one shown: nothing"
                " was written; ask again"
            )
        if wanted(secrets) != self.facts.names:
            raise Refused(
                "the plan names other variables now than those shown: nothing was written; ask again"
            )
        check_complete(secrets, version)
        return version

    def _header(self, run: int) -> str:
        return (
            f"Written by drbot (RUN-{run}) from the secret {self.facts.secret}, version"
            f" {self.facts.version_id}. Change it there, not here."
        )

    def check_secret(self, context: Context) -> Evidence:
        """Guard: the version shown is still the current one, and whole."""
        secrets = self._secrets(context)
        version = self._pinned(secrets)
        return Evidence(f"{secrets.place} was still the version of {version.changed_at}")

    def check_file(self, context: Context) -> Evidence:
        """Guard: the file is the one shown and may be replaced."""
        file = self._file(context)
        file.check_replaceable(context.run)
        if file.see() != self.facts.former:
            raise Refused(f"{file.path} was changed since it was shown: it was left as it is; ask again")
        return Evidence(f"{file.path} was as shown" if self.facts.former else f"{file.path} was not there")

    def keep(self, context: Context) -> Evidence:
        """Step: a copy beside, which undo needs."""
        file = self._file(context)
        file.keep(context.run, self.facts.former)
        what = "the former file" if self.facts.former else "that there was none"
        return Evidence(f"kept {what} as {file.kept_name(context.run)}")

    def write(self, context: Context) -> Evidence:
        """Step: the new file takes the name at once."""
        secrets = self._secrets(context)
        version = self._pinned(secrets)
        text = env_text.render(self._header(context.run), self.facts.names, version.values)
        done = KeptFile(secrets.path).replace(context.run, text, self.facts.former)
        said = f"wrote {len(self.facts.names)} variables to {secrets.path}"
        return Evidence(said if done else f"{said}; this run had done so already")

    def check_written(self, context: Context) -> Evidence:
        """Check: private, the names in order, each value the secret's."""
        secrets = self._secrets(context)
        file = KeptFile(secrets.path)
        seen = file.see()
        if seen is None or seen.mode != PRIVATE:
            raise NotVerified(f"{file.path} is {'not there' if seen is None else f'open ({seen.mode:o})'}")
        held = env_text.read(file.text())
        version = secrets.read(self.facts.version_id)
        wrong = tuple(
            name for name in self.facts.names if name not in held or held[name] != version.values.get(name)
        )
        if wrong or tuple(held) != self.facts.names:
            raise NotVerified(
                f"{file.path} does not hold what the secret says: {listed(wrong) or 'other names'}"
            )
        return Evidence(
            f"{file.path} held the {len(held)} variables of the secret, readable by its owner alone",
            {"added": listed(self.facts.added), "changed": listed(self.facts.changed)},
        )

    def put_back(self, context: Context) -> Evidence:
        """Undo: the former file takes its name again, or the new one goes where there was none."""
        file = self._file(context)
        if file.put_back(context.run, self.facts.former):
            return Evidence(f"{file.path} was {'as before' if self.facts.former else 'taken away'} again")
        if f"(RUN-{context.run})" in file.text().partition("\n")[0]:
            raise Refused(
                f"{file.kept_name(context.run)} was taken away by someone, so {file.path} cannot be as before"
                " again; it was left as it is"
            )
        return Evidence(f"{file.path} was as before already")


def _warnings(facts: EnvironmentFileFacts) -> tuple[str, ...]:
    found = ["containers keep the former variables until they are made anew: redeploy-service does that"]
    if facts.removed:
        found.append(f"only the former file holds {listed(facts.removed)}: not in the new one")
    if facts.unnamed:
        found.append(f"{facts.unnamed} entries of the former file with unusual names are not in the new one")
    if facts.former is not None:
        found.append("the former file, with its secrets, stays beside it (0600) until a person removes it")
    found.append(
        "values with blanks or $ are in single quotes: Compose takes them as they are, `docker run` does not"
    )
    return tuple(found)


def _plan(params: EnvironmentFileParams, facts: EnvironmentFileFacts) -> Plan:
    render = _Render(params, facts)
    there = facts.former is not None
    keep = "Keep the former file beside it" if there else "Remember that there was no file"
    back = "Put the former file back" if there else "Take the file away again"
    return Plan(
        before=(
            Step(
                f"Check that the secret {facts.secret} is still the one shown", render.check_secret, STEP_S, 2
            ),
            Step(f"Check that {facts.path} is still as shown", render.check_file, STEP_S),
        ),
        steps=(
            Step(keep, render.keep, STEP_S),
            Step(f"Write {len(facts.names)} variables to {facts.path}", render.write, STEP_S),
        ),
        after=(Step("Read the file back and compare it with the secret", render.check_written, STEP_S),),
        undo=(Step(back, render.put_back, STEP_S),),
        facts=(
            ("file", f"{facts.path}, {'replaced' if there else 'new'}, 0600"),
            ("secret", f"{facts.secret}, changed {facts.changed_at}"),
            ("added", listed(facts.added)),
            ("changed", listed(facts.changed)),
            ("removed", listed(facts.removed)),
            ("unchanged", listed(facts.unchanged)),
        ),
        warnings=_warnings(facts),
        forecast_s=3.0,
        undo_keep_s=KEEP_UNDO_S,
    )


render_environment_file = Action(
    name="render-environment-file",
    title="Write the environment file from its secret",
    risk=Risk.HIGH,
    params=EnvironmentFileParams,
    facts=EnvironmentFileFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/environment-file",
    survey=survey,
    plan=_plan,
    permissions=(
        f"AWS: {RIGHTS}",
        "the server: drbot's account owns the file (or is root) and may write into its directory",
    ),
    example="run render-environment-file environment=production",
    description=(
        "Writes the plan's variables from AWS Secrets Manager to the server's environment file: at once, for"
        " its owner alone, the former one kept beside it. Shows names; never a value."
    ),
    drift=drift,
    reach="one file on the server that drbot runs on, and what is kept beside it",
    iam=(READ,),
    endings=(
        Ending(Fault.GONE, "before", "failed", "Secrets Manager does not answer; the file is as it was."),
        Ending(Fault.TIMEOUT, "before", "failed", "Secrets Manager is too late; the file is as it was."),
        Ending(Fault.DENIED, "before", "refused", "AWS does not let drbot read; the file is as it was."),
        Ending(Fault.VANISHED, "before", "refused", "The secret is gone; the file is as it was."),
        Ending(Fault.CHANGED, "before", "refused", "The secret changed since; the file is as it was."),
        Ending(Fault.GONE, "during", "undone", "The former file is in place again."),
        Ending(Fault.TIMEOUT, "during", "undone", "The former file is in place again."),
        Ending(Fault.DENIED, "during", "undone", "The former file is in place again."),
    ),
)
