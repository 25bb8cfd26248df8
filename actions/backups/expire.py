"""Letting old backups go: by the plan's days, never the last verified ones, never what drbot did not make."""

from __future__ import annotations

from functools import partial

from actions.amounts import counted, span_text
from actions.backups.expire_steps import Expire, undoable
from actions.backups.expire_survey import ExpireFacts, ExpireParams, PlaceSeen, survey
from actions.plan import Action, Ending, Fault, Plan, Risk, Statement, Step

DELETE_TIMEOUT_S = 1800.0
UNDO_KEEP_S = 7 * 24 * 3600.0
ENDINGS = (
    Ending(Fault.GONE, "before", "failed", "the storage does not answer; nothing was deleted"),
    Ending(Fault.TIMEOUT, "before", "failed", "given up; nothing was deleted"),
    Ending(
        Fault.DENIED, "before", "refused", "told as a matter of credentials or policy; nothing was deleted"
    ),
    Ending(Fault.VANISHED, "before", "refused", "it is gone already; nothing else was deleted"),
    Ending(Fault.CHANGED, "before", "refused", "something else has its name now; nothing was deleted"),
    Ending(Fault.GONE, "during", "stopped", "some may be deleted, each wholly; the verified ones stay"),
    Ending(Fault.TIMEOUT, "during", "stopped", "some may be deleted, each wholly; the verified ones stay"),
)


def plan(params: ExpireParams, facts: ExpireFacts) -> Plan:
    """Clocks, victims, a step for each place that loses something; the way back where versions are kept."""
    expire = Expire(params, facts)
    losing = tuple(place for place in facts.places if place.victims)
    back = tuple(
        Step(f"Take the delete markers off in {place.name}", partial(expire.bring_back, place.name), 600.0)
        for place in losing
    )
    can_undo = undoable(facts.places)
    return Plan(
        before=(
            Step("Check that drbot, database and storage agree on the time", expire.check_clocks),
            Step("Check that what would go is there as shown", expire.check_victims),
        ),
        steps=(
            *(
                Step(
                    f"Delete {counted(len(place.victims), 'backup')} from {place.name}, each looked at again",
                    partial(expire.delete, place.name),
                    DELETE_TIMEOUT_S,
                )
                for place in losing
            ),
            Step("Remove temporary things of runs that ended long ago", expire.tidy, 300.0),
        ),
        after=(Step("Count what is left, the verified ones first", expire.check_left),),
        undo=(*back, Step("Find each of them listed again", expire.check_back)) if can_undo else (),
        facts=tuple(_rows(facts)),
        warnings=tuple(_warned(facts)),
        forecast_s=1.0 + 0.2 * facts.victims,
        undo_keep_s=UNDO_KEEP_S if can_undo else 0.0,
        amount=float(max(1, facts.victims)),
    )


def _rows(facts: ExpireFacts) -> list[tuple[str, str]]:
    rows = []
    for place in facts.places:
        days = span_text(place.keep_s)
        rows.append((place.name, f"{place.place}: {_counts(place)}, kept {days}"))
        if place.victims:
            names = ", ".join(one.id for one in place.victims[:5])
            more = f" and {len(place.victims) - 5} more" if len(place.victims) > 5 else ""
            rows.append((f"would go from {place.name}", f"{names}{more}"))
    if not facts.victims:
        rows.append(("would go", "nothing: nothing has expired"))
    return rows


def _counts(place: PlaceSeen) -> str:
    if place.held:
        return "not looked at"
    also = f", and {place.came_back}, the last that came back" if place.came_back else ""
    return f"{counted(place.total, 'backup')}, the newest {place.keep_at_least} verified always stay{also}"


def _warned(facts: ExpireFacts) -> list[str]:
    warned = [f"{place.name} is left alone: {place.held}" for place in facts.places if place.held]
    if facts.read_now:
        warned.append(f"being read now, so left alone: {', '.join(facts.read_now[:5])}")
    if facts.victims and not undoable(facts.places):
        warned.append("the storage keeps no versions: what is deleted is gone")
    return warned


def drift(planned: ExpireFacts, now: ExpireFacts) -> str | None:
    """More may have expired since; what was shown must still be what would go."""
    for was in planned.places:
        new = next((place for place in now.places if place.name == was.name), None)
        if new is None or new.place != was.place:
            return f"the plan keeps {was.name} elsewhere now"
        gone = {one.key for one in was.victims} - {one.key for one in new.victims}
        if gone and not new.held:
            return f"{len(gone)} of what would go from {was.name} would not go any more"
    return None


expire_backups = Action(
    name="expire-backups",
    title="Let old backups go",
    risk=Risk.LOW,
    params=ExpireParams,
    facts=ExpireFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/backups",
    survey=survey,
    plan=plan,
    permissions=(
        "PostgreSQL: CONNECT, to compare the clocks",
        "S3: s3:ListBucket, s3:GetObject, s3:DeleteObject and s3:GetBucketVersioning on backups and copies",
        "S3: s3:ListBucketVersions and s3:DeleteObjectVersion, to take a delete marker off again",
        "Disk: to write where a copy lies in a folder",
    ),
    example="run expire-backups environment=production at_most=20",
    description=(
        "Deletes what is older than the plan keeps in each place, oldest first. Never one of the newest"
        " verified ones that the plan always keeps, nor the last that a rehearsal restored; nothing that"
        " drbot did not make, nothing that is being read, and nothing at all while the clocks disagree or no"
        " verified backup is young."
    ),
    drift=drift,
    reach=(
        "the backups listed in its plan, at most 20 unless asked for more; never the last verified ones, nor"
        " the last that came back"
    ),
    iam=(
        Statement(
            ("s3:ListBucket", "s3:GetBucketVersioning", "s3:ListBucketVersions"),
            ("arn:aws:s3:::{backups}", "arn:aws:s3:::{copies}"),
        ),
        Statement(
            ("s3:GetObject", "s3:DeleteObject", "s3:DeleteObjectVersion"),
            ("arn:aws:s3:::{backups}/*", "arn:aws:s3:::{copies}/*"),
        ),
    ),
    endings=ENDINGS,
)
