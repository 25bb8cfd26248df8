"""Restore a database from its newest proven backup: shadow beside it, verify, swap by rename, undoable."""

from __future__ import annotations

from functools import partial

from actions.plan import Action, Ending, Fault, Plan, Risk, Statement, Step
from actions.restores.defuse import make_harmless
from actions.restores.facts import RestoreFacts, RestoreParams, drift
from actions.restores.guards import check_alone, check_backup, check_target, check_writers
from actions.restores.load import load
from actions.restores.run import LOAD_TIMEOUT_S, Restore
from actions.restores.service import check_service, of_service
from actions.restores.shown import forecast_s, shown
from actions.restores.survey import survey
from actions.restores.swap import check_new, hand_over, swap
from actions.restores.undo import check_back, drop_leftovers, say_written, swap_back
from actions.restores.verify import verify

UNDO_KEEP_S = 24 * 3600.0
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "asked three times; the target and the backup are as they were"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up after 5 s, three times; nothing was touched"),
    Ending(Fault.DENIED, "before", "refused", "says which right is missing; nothing was touched"),
    Ending(Fault.VANISHED, "before", "refused", "the backup is gone: choose another; nothing was touched"),
    Ending(
        Fault.CHANGED,
        "before",
        "refused",
        "another database stands there, or another backup under the same name; nothing was touched",
    ),
    Ending(
        Fault.GONE,
        "during",
        "stopped",
        "the target is the old or the new database, whole; what is left of the shadow waits for a person",
    ),
    Ending(
        Fault.TIMEOUT,
        "during",
        "stopped",
        "the target is the old or the new database, whole; what is left of the shadow waits for a person",
    ),
    Ending(
        Fault.UNHEALTHY,
        "during",
        "undone",
        "the shadow did not hold and was dropped, before any swap; or the service was well before the swap"
        " and is not after it: the database from before is back",
    ),
)


def plan(params: RestoreParams, facts: RestoreFacts) -> Plan:
    """Guards, load, verify, make harmless, hand over, swap, check; and the swap backwards."""
    restore = Restore(params, facts)
    target, backup = facts.target, facts.backup
    harmless = f"Make the copy of {params.from_environment} harmless, before anybody can connect"
    proof = (
        "its manifest, row for row" if backup.manifest_sha256 else "its checksum only (it has no manifest)"
    )
    stopped = f"Check that nothing writes to {target.database}: {', '.join(facts.writers)} stopped"
    return Plan(
        before=(
            *((Step(stopped, partial(check_writers, restore)),) if facts.writers else ()),
            Step(
                f"Check that {target.place} is still the database shown here", partial(check_target, restore)
            ),
            Step(f"Check that the backup {backup.id} is unchanged", partial(check_backup, restore)),
            Step(f"Check that no other restore into {target.database} runs", partial(check_alone, restore)),
        ),
        steps=(
            Step(
                f"Load {backup.id} into a shadow database beside {target.database}",
                partial(load, restore),
                LOAD_TIMEOUT_S,
            ),
            Step(f"Verify the shadow against {proof}", partial(verify, restore), LOAD_TIMEOUT_S),
            *((Step(harmless, partial(make_harmless, restore), 900.0),) if facts.asked.defuse else ()),
            Step(
                f"Hand the shadow over to {target.owner}, with the target's settings",
                partial(hand_over, restore),
                600.0,
            ),
            Step(
                f"Swap the shadow for {target.database}, both renames in one transaction",
                partial(swap, restore),
            ),
        ),
        after=(
            Step(f"Ask the restored {target.database} for its tables", partial(check_new, restore)),
            *(
                (Step(f"Ask {of_service(facts)} whether it is well", partial(check_service, restore), 180.0),)
                if facts.service.url
                else ()
            ),
        ),
        undo=(
            Step("Say what was written since the restore", partial(say_written, restore)),
            Step(f"Swap the {target.database} from before back", partial(swap_back, restore)),
            Step("Drop what is left of the shadow", partial(drop_leftovers, restore)),
            Step(f"Ask {target.database} whether it is the one from before", partial(check_back, restore)),
        ),
        facts=shown(params, facts),
        warnings=facts.remarks,
        forecast_s=forecast_s(facts),
        undo_keep_s=UNDO_KEEP_S,
        amount=float(facts.database_bytes),
        objections=facts.objections,
    )


restore_database = Action(
    name="restore-database",
    title="Restore a database from a backup",
    risk=Risk.DESTRUCTIVE,
    params=RestoreParams,
    facts=RestoreFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/database",
    survey=survey,
    plan=plan,
    permissions=(
        "S3: s3:ListBucket and s3:GetObject on the backups; s3:PutObject and s3:DeleteObject under"
        " .tmp/leases/, so that nobody deletes what is being read",
        "PostgreSQL: superuser; or CREATEDB, CREATEROLE, pg_signal_backend and the owner's role",
        "Docker: where customers are served, to list the containers of the services that write",
    ),
    example="run restore-database environment=staging backup=latest",
    description=(
        "Loads the newest proven backup into a shadow database beside the target, compares every row with the"
        " manifest, makes a copy of another environment harmless, then swaps the two by name. The database"
        " from before is kept for 24 h. Where customers are served, only from its own backups, and only while"
        " the services that write are stopped."
    ),
    drift=drift,
    confirm_word=lambda params: params.environment,
    reach="one database, replaced whole and kept beside for 24 h; its connections are cut once, at the swap",
    iam=(
        Statement(("s3:ListBucket",), ("arn:aws:s3:::{backups}",)),
        Statement(("s3:GetObject", "s3:GetObjectVersion"), ("arn:aws:s3:::{backups}/*",)),
        Statement(("s3:PutObject", "s3:DeleteObject"), ("arn:aws:s3:::{backups}/*/.tmp/leases/*",)),
    ),
    endings=ENDINGS,
)
