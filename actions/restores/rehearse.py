"""Rehearse a restore: load a backup into a database of its own, prove it, measure it, and drop it again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from actions.plan import Action, Ending, Fault, Plan, Risk, Statement, Step
from actions.restores.defuse import make_harmless
from actions.restores.facts import RestoreFacts, RestoreParams, size_text
from actions.restores.guards import check_alone, check_backup
from actions.restores.load import load
from actions.restores.rehearse_facts import drift, survey
from actions.restores.rehearse_steps import check_gone, check_room, drop, note, prove, take_back_note
from actions.restores.run import LOAD_TIMEOUT_S, Restore
from actions.restores.shown import forecast_s, of_backup

LEFT = "what is left of the rehearsal's database waits for a person to drop it"
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "asked three times; nothing was loaded"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; nothing was loaded"),
    Ending(Fault.DENIED, "before", "refused", "says which right is missing; nothing was loaded"),
    Ending(Fault.VANISHED, "before", "refused", "the backup is gone; nothing was loaded"),
    Ending(Fault.CHANGED, "before", "refused", "another server or another backup; nothing was loaded"),
    Ending(Fault.GONE, "during", "stopped", LEFT),
    Ending(Fault.TIMEOUT, "during", "stopped", LEFT),
    Ending(
        Fault.UNHEALTHY,
        "during",
        "undone",
        "the backup did not hold, which is noted; its database was dropped",
    ),
)


@dataclass(frozen=True)
class RehearseParams:
    """A backup of `from_environment` is loaded on the server of `environment`: `latest`, or an id."""

    environment: str
    from_environment: str = "production"
    backup: str = "latest"

    @property
    def as_restore(self) -> RestoreParams:
        return RestoreParams(self.environment, self.backup, self.from_environment)


def _plan(params: RehearseParams, facts: RestoreFacts) -> Plan:
    """Guards, load, verify, make harmless, drop; see that nothing is left; note it beside the backup."""
    restore = Restore(params.as_restore, facts, rehearsal=True)
    backup, target = facts.backup, facts.target
    harmless = f"Make the copy of {params.from_environment} harmless, as a restore would"
    beside = f"a database of its own beside {target.database}"
    proof = "its manifest, row for row" if backup.manifest_sha256 else "its checksum only"
    return Plan(
        before=(
            Step(
                f"Check that the server of {target.place} is still the one shown",
                partial(check_room, restore),
            ),
            Step(f"Check that the backup {backup.id} is unchanged", partial(check_backup, restore)),
            Step("Check that no other rehearsal runs here", partial(check_alone, restore)),
        ),
        steps=(
            Step(f"Load {backup.id} into {beside}", partial(load, restore), LOAD_TIMEOUT_S),
            Step(
                f"Verify it against {proof}",
                partial(prove, restore),
                LOAD_TIMEOUT_S,
            ),
            *((Step(harmless, partial(make_harmless, restore), 900.0),) if facts.asked.defuse else ()),
            Step("Drop the database of the rehearsal", partial(drop, restore), 600.0),
        ),
        after=(
            Step("Check that nothing of the rehearsal is left", partial(check_gone, restore)),
            Step(f"Note beside {backup.id} that it was rehearsed", partial(note, restore)),
        ),
        undo=(
            Step("Drop what is left of the rehearsal", partial(drop, restore), 600.0),
            Step("Take the note of the rehearsal back", partial(take_back_note, restore)),
        ),
        facts=(
            ("loaded on", f"{target.place} ({params.environment}), which is not touched"),
            *of_backup(params.as_restore, facts),
            ("needs", f"about {size_text(facts.database_bytes)} of disk while it lasts"),
        ),
        warnings=facts.remarks,
        forecast_s=forecast_s(facts),
        amount=float(facts.database_bytes),
        objections=facts.objections,
    )


rehearse_restore = Action(
    name="rehearse-restore",
    title="Rehearse a restore",
    risk=Risk.LOW,
    params=RehearseParams,
    facts=RestoreFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/rehearsal",
    survey=lambda tools, params: survey(tools, params.as_restore),
    plan=_plan,
    permissions=(
        "S3: s3:ListBucket and s3:GetObject on the backups; s3:PutObject and s3:DeleteObject for its note",
        "PostgreSQL: superuser; or CREATEDB, CREATEROLE, pg_signal_backend and the owner's role",
    ),
    example="run rehearse-restore environment=staging from_environment=production backup=latest",
    description=(
        "Loads the newest proven backup into a database of its own, compares each row with the manifest, asks"
        " the plan's queries, makes the copy harmless as a restore would, measures it, and drops it. Nothing"
        " that exists is changed. A backup that was rehearsed counts as verified; one that did not hold"
        " is noted as such, and `latest` passes it over until a rehearsal of it holds."
    ),
    drift=drift,
    reach="one new database and one new role, dropped at its end; disk and processor of the server meanwhile",
    iam=(
        Statement(("s3:ListBucket",), ("arn:aws:s3:::{backups}",)),
        Statement(("s3:GetObject", "s3:GetObjectVersion"), ("arn:aws:s3:::{backups}/*",)),
        Statement(
            ("s3:PutObject", "s3:DeleteObject"),
            ("arn:aws:s3:::{backups}/*.rehearsed.json", "arn:aws:s3:::{backups}/*/.tmp/leases/*"),
        ),
    ),
    endings=ENDINGS,
)
