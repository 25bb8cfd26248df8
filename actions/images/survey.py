"""Looking for images to bring back: histories of the bucket and its replica, archives, what has changed."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

from actions.amounts import counted
from actions.failures import Refused
from actions.images.choice import Chosen, Wanted, choose, histories
from actions.images.facts import BackFacts, BackParams, ObjectPin, read_moment
from actions.tools.aws.image_bucket import ImageBucket
from actions.tools.aws.image_bucket_rules import read_versioning
from actions.tools.aws.image_objects import Archived, archive_standing, list_versions
from actions.tools.toolbox import Toolbox

ARCHIVED_ASKED = 200
GLACIER_HOURS = "3 to 5 hours, and up to 48 from Deep Archive"


def choice(images: ImageBucket, key: str, prefix: str, as_of: str) -> Chosen:
    """What would come back. Raises Refused where the bucket keeps no versions, or the moment is to come."""
    if as_of and datetime.fromisoformat(as_of) > datetime.now(UTC):
        raise Refused(f"as_of is {as_of[:19]} UTC, which is still to come: nothing was changed")
    if read_versioning(images.primary) == "Off":
        raise Refused(
            f"{images.primary.place} keeps no versions, so what was deleted or overwritten is gone from it:"
            " switch versioning on for the next time, and look into the replica by hand"
        )
    here = histories(list_versions(images.primary, prefix, key))
    there = histories(list_versions(images.replica, prefix, key)) if images.replica else {}
    return choose(here, there, as_of)


def survey(tools: Toolbox, params: BackParams) -> BackFacts:
    """What would come back, pinned. Raises Refused where there is nothing, or an archive holds some of it."""
    images = tools.images(params.environment)
    as_of = read_moment(params.as_of) if params.as_of else ""
    chosen = choice(images, params.key, params.prefix, as_of)
    waiting = archived_of(images, chosen.wanted)
    if waiting and not params.leave_archived:
        raise Refused(archived_text(waiting, images.rto_s))
    asleep = {one.version.key for one, _ in waiting}
    ready = [one for one in chosen.wanted if one.version.key not in asleep]
    if not ready:
        raise Refused(_nothing(params, chosen))
    pins = tuple(pin_of(one) for one in islice(ready, params.at_most))
    return BackFacts(
        place=images.primary.place,
        replica=images.replica.place if images.replica else "",
        objects=pins,
        more=len(ready) - len(pins),
        since=chosen.since,
        archived=len(waiting),
        looked_at=chosen.looked_at,
    )


def archived_of(images: ImageBucket, wanted: tuple[Wanted, ...]) -> list[tuple[Wanted, Archived]]:
    """Those that an archive does not give yet. Raises Refused where too many would have to be asked."""
    asleep = [one for one in wanted if one.version.archived]
    if len(asleep) > ARCHIVED_ASKED:
        raise Refused(
            f"{len(asleep):,} of the objects are in an archive: give a narrower prefix (at most"
            f" {ARCHIVED_ASKED} are asked for at once). Nothing was changed"
        )
    found = []
    for one in asleep:
        source = images.replica if one.from_replica and images.replica else images.primary
        standing = archive_standing(source, one.version)
        if standing.standing not in ("ready", "here"):
            found.append((one, standing))
    return found


def archived_text(waiting: list[tuple[Wanted, Archived]], rto_s: float | None) -> str:
    """Which are archived, how long that takes beside the plan's RTO, and what to do."""
    first = waiting[0][0].version
    asked = sum(1 for _, standing in waiting if standing.standing == "requested")
    names = ", ".join(one.version.key[-120:] for one, _ in waiting[:5])
    more = f" and {len(waiting) - 5} more" if len(waiting) > 5 else ""
    beside = f"; the plan's RTO is {rto_s / 3600:g} h" if rto_s else ""
    said = f"{asked} of them are on their way already" if asked else "none of them is requested yet"
    return (
        f"{counted(len(waiting), 'object')} in an archive ({first.storage_class}): {names}{more}. Bringing"
        f" them out takes {GLACIER_HOURS}{beside}; {said}. Nothing was changed: run request-archived-images"
        " first, or bring back the others with leave_archived=true"
    )


def pin_of(one: Wanted) -> ObjectPin:
    """One object as the facts hold it."""
    now = one.now
    return ObjectPin(
        key=one.version.key,
        version_id=one.version.version_id,
        etag=one.version.etag,
        size_bytes=one.version.size_bytes,
        at=one.version.at,
        from_replica=one.from_replica,
        former_id=now.version_id if now else "",
        former_hides=bool(now and now.hides),
        former_etag=now.etag if now else "",
        former_bytes=now.size_bytes if now else 0,
    )


def drift(planned: BackFacts, now: BackFacts) -> str | None:
    """An object that was shown has another version on top, or another one is wanted; further ones are not."""
    if (planned.place, planned.replica) != (now.place, now.replica):
        return f"the plan names another bucket now: {now.place}"
    there = {pin.key: pin for pin in now.objects}
    for pin in planned.objects:
        if pin.key not in there:
            return f"{pin.key[-120:]} does not need to be brought back any more, or was changed"
        if there[pin.key] != pin:
            return f"{pin.key[-120:]} was changed since the plan was shown"
    return None


def _nothing(params: BackParams, chosen: Chosen) -> str:
    what = params.key or f"under {params.prefix}"
    if not chosen.looked_at:
        return f"neither the bucket nor its replica has ever had {what} in it: check the name"
    how = f"is as it was at {params.as_of}" if params.as_of else "is deleted"
    since = f"; {counted(chosen.since, 'object')} made since are left alone" if chosen.since else ""
    more = "" if params.as_of else "; say as_of= to find what was overwritten since then"
    every = f"all {chosen.looked_at} objects" if params.as_of else f"none of the {chosen.looked_at} objects"
    return f"{every} {what} {how}{since}: nothing to bring back, and nothing was changed{more}"
