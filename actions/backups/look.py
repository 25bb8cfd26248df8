"""Looking at the backups: is one young enough, are its copies there, did it shrink, was one rehearsed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from actions.amounts import span_text
from actions.backups.choice import Backup, backups_in
from actions.backups.facts import doubt_about
from actions.backups.manifest import Manifest
from actions.backups.newest import CLOCKS_AGREE, Newest, newest_proven
from actions.backups.publish import proven, published_at
from actions.backups.rehearsals import newest_rehearsal
from actions.backups.survey import last_good
from actions.backups.verify import LOOK_ENDINGS, READ
from actions.board_values import AGE, HELPS, MEASURED
from actions.database.session_targets import read_age_s
from actions.failures import Refused, Transient
from actions.plan import Action, Context, Evidence, Light, Plan, Risk, Step
from actions.restores.facts import size_text
from actions.tools.aws.s3 import Bucket
from actions.tools.dumps.shelf import shelf_of
from actions.tools.toolbox import Toolbox

REHEARSED_WITHIN_S = 26 * 3600.0
"""A rehearsal follows the daily backup; backups between two of them share its proof."""


@dataclass(frozen=True)
class LookParams:
    """`within` is the promised RPO: how old the newest proven backup may be."""

    environment: str
    within: str = "1h"

    def __post_init__(self) -> None:
        read_age_s(self.within)


@dataclass(frozen=True)
class LookFacts:
    """Where would be looked."""

    place: str
    copies: tuple[str, ...]


def _survey(tools: Toolbox, params: LookParams) -> LookFacts:
    bucket, keeping = tools.backups(params.environment), tools.keeping(params.environment)
    return LookFacts(bucket.place, tuple(copy.name for copy in keeping.copies))


@dataclass(frozen=True)
class _Look:
    """One plan's look; every method is the `do` of one step."""

    params: LookParams

    def bucket(self, context: Context) -> Bucket:
        return context.tools.backups(self.params.environment)

    def at_age(self, context: Context) -> Evidence:
        """How old the newest proven backup's data is, beside what is promised."""
        bucket, within_s = self.bucket(context), read_age_s(self.params.within)
        backups, others = backups_in(bucket)
        now = datetime.now(UTC)
        found = newest_proven(bucket, backups, now)
        if found.newest is None and found.ahead:
            return Evidence(found.ahead, light="red")
        if found.newest is None:
            said = f"there is no proven backup in {bucket.place}: {len(backups)} dumps without proof"
            said += f", {others} other objects; a loss now loses everything"
            return Evidence(said, {AGE: "inf"}, "red")
        backup, manifest, taken = found.newest.backup, found.newest.manifest, found.newest.data_of
        age_s = max(0.0, (now - taken).total_seconds())
        light: Light = "green" if age_s <= within_s else "red"
        said = f"the newest proven backup is {span_text(age_s)} old, promised {self.params.within}"
        if light == "red":
            said += ": a loss now would break the promise"
        clocks = _clocks(backup, manifest)
        if clocks:
            said, light = f"{said}; {clocks}", "amber" if light == "green" else light
        if found.ahead:
            said, light = f"{said}; {found.ahead}", "red"
        unproven = [one.id for one in backups if backup.taken_at < one.taken_at <= now + CLOCKS_AGREE]
        if unproven:
            said += f"; newer, but not to be believed: {', '.join(unproven[:3])}"
        values = {
            "backup": backup.id,
            "data of": f"{taken:%Y-%m-%dT%H:%M:%SZ}",
            AGE: f"{age_s:.0f}",
            MEASURED: f"{span_text(age_s)} old",
            "promised s": f"{within_s:.0f}",
            "backups": str(len(backups)),
        }
        values |= {f"newest {name}": at for name, at in (manifest.newest.items() if manifest else ())}
        return Evidence(said, values, light)

    def at_copies(self, context: Context) -> Evidence:
        """Whether every place that the plan names has the newest one."""
        bucket = self.bucket(context)
        newest = _newest(bucket)
        places = context.tools.keeping(self.params.environment).copies
        if newest is None or newest.manifest is None or not places:
            return Evidence("no copies to look for" if places else "the plan names no further places")
        backup, manifest = newest.backup, newest.manifest
        found: dict[str, str] = {}
        for place in places:
            try:
                shelf = shelf_of(place, bucket.stem)
                there = published_at(shelf, shelf.prefix + backup.file_name)
                found[place.name] = "there" if there and there.sha256 == manifest.sha256 else "missing"
            except (Refused, Transient) as error:
                found[place.name] = f"not known: {str(error)[:200]}"
        wanting = [name for name, said in found.items() if said != "there"]
        if wanting:
            said = f"{backup.id} has no copy in {', '.join(wanting)}, of {len(places)} that the plan names"
            return Evidence(said, found, "amber")
        return Evidence(f"{backup.id} has its {len(places)} copies", found, "green")

    def at_size(self, context: Context) -> Evidence:
        """Whether the newest one is far smaller than the last good one before it."""
        bucket = self.bucket(context)
        newest = _newest(bucket)
        if newest is None or newest.manifest is None:
            return Evidence("no manifest tells the rows of the newest backup")
        backup, manifest = newest.backup, newest.manifest
        rows = manifest.content.rows
        if manifest.remark:
            return Evidence(
                f"{backup.id} was marked when it was made: {manifest.remark}", {"rows": f"{rows:,}"}, "amber"
            )
        doubt = doubt_about(
            last_good(bucket, before=backup, beside=manifest), rows, manifest.size_bytes, manifest.kind
        )
        values = {"rows": f"{rows:,}", "size": size_text(manifest.size_bytes)}
        if doubt:
            return Evidence(f"{backup.id} is smaller than it should be: {doubt}", values, "amber")
        return Evidence(
            f"{backup.id} holds {rows:,} rows in {size_text(manifest.size_bytes)}", values, "green"
        )

    def at_rehearsal(self, context: Context) -> Evidence:
        """When a backup was last proven by restoring it."""
        bucket = self.bucket(context)
        newest = _newest(bucket)
        found = newest_rehearsal(bucket, proven(bucket))
        if newest is None:
            return Evidence("there is no backup that could be rehearsed")
        if found is None:
            said = "no backup that is there was ever restored to prove it"
            return Evidence(said, {HELPS: "rehearse-restore"}, "amber")
        backup, rehearsed = found
        ago_s = (datetime.now(UTC) - datetime.fromisoformat(rehearsed.at)).total_seconds()
        said = f"{backup.id} was restored by RUN-{rehearsed.run} {span_text(max(0.0, ago_s))} ago"
        said += f" in {rehearsed.took_s:.1f} s, every row as in its manifest"
        if backup.id == newest.backup.id or ago_s <= REHEARSED_WITHIN_S:
            return Evidence(said, {"rehearsed": backup.id}, "green")
        values = {"rehearsed": backup.id, HELPS: "rehearse-restore"}
        return Evidence(f"{said}; none since", values, "amber")


def _newest(bucket: Bucket) -> Newest | None:
    return newest_proven(bucket, backups_in(bucket)[0], datetime.now(UTC)).newest


def _clocks(backup: Backup, manifest: Manifest | None) -> str:
    """Whether database and storage disagree about when it was."""
    if backup.remark:
        return backup.remark
    if manifest is None or not manifest.finished_at or manifest.format < 2:
        return ""
    finished = datetime.fromisoformat(manifest.finished_at)
    took = finished - datetime.fromisoformat(manifest.started_at)  # a large one is not published at once
    apart = abs(backup.object.modified_at - finished)
    if apart <= CLOCKS_AGREE + took:
        return ""
    return (
        f"database and storage are {span_text(apart.total_seconds())} apart about when it was finished: a"
        " clock is wrong, or it was put there later"
    )


def _plan(params: LookParams, facts: LookFacts) -> Plan:
    look = _Look(params)
    return Plan(
        before=(Step(f"Check that {facts.place} can be listed", partial(_check_listed, params.environment)),),
        steps=(),
        after=(
            Step("See how old the newest proven backup is", look.at_age),
            Step("See whether its copies are there", look.at_copies),
            Step("See whether it is smaller than the one before", look.at_size),
            Step("See when one was last restored to prove it", look.at_rehearsal),
        ),
        facts=(
            ("backups", facts.place),
            ("promised", f"never older than {params.within}"),
            ("copies", ", ".join(facts.copies) or "none"),
        ),
    )


def _check_listed(environment: str, context: Context) -> Evidence:
    bucket = context.tools.backups(environment)
    backups, others = backups_in(bucket)
    return Evidence(f"{bucket.place} could be listed: {len(backups)} backups, {others} other objects")


look_at_backups = Action(
    name="look-at-backups",
    title="Look at the backups",
    risk=Risk.LOOK,
    params=LookParams,
    facts=LookFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/backups",
    survey=_survey,
    plan=_plan,
    permissions=(
        "S3: s3:ListBucket and s3:GetObject on the backups and their copies",
        "Disk: to read where a copy lies in a folder",
    ),
    example="run look-at-backups environment=production within=1h",
    description=(
        "How old the data of the newest proven backup is beside the promise, whether its copies are there,"
        " whether it is far smaller than the one before, and when one was last restored to prove it."
    ),
    reach="lists the places of the backups and reads their manifests; changes nothing",
    iam=READ,
    endings=LOOK_ENDINGS,
)
