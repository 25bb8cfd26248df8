"""Archived images that are wanted: which they are, how each stands, and how long the archive takes."""

from __future__ import annotations

from dataclasses import dataclass

from actions.amounts import size_text
from actions.failures import Refused
from actions.images.choice import Wanted, choose, histories
from actions.images.facts import check_one_place, read_moment
from actions.tools.aws.image_bucket import ImageBucket
from actions.tools.aws.image_objects import ImageVersion, Tier, archive_standing, list_versions
from actions.tools.toolbox import Toolbox

MOST = 200
HOURS = {
    ("GLACIER", "Expedited"): (1 / 60, 5 / 60),
    ("GLACIER", "Standard"): (3.0, 5.0),
    ("GLACIER", "Bulk"): (5.0, 12.0),
    ("DEEP_ARCHIVE", "Standard"): (9.0, 12.0),
    ("DEEP_ARCHIVE", "Bulk"): (12.0, 48.0),
}
"""How long AWS says that it takes, from and to, in hours; Deep Archive has no Expedited."""


@dataclass(frozen=True)
class RequestParams:
    """`key`: one object, or `prefix`. Asked for is what bring-back-images would want and an archive holds,
    and what is there but archived. `days` is how long the copies stay, `tier` how fast (and dear) it is.
    """

    environment: str
    key: str = ""
    prefix: str = ""
    as_of: str = ""
    days: int = 7
    tier: Tier = "Standard"
    at_most: int = 50

    def __post_init__(self) -> None:
        check_one_place(self.key, self.prefix)
        if self.as_of:
            read_moment(self.as_of)
        if not 1 <= self.days <= 30:
            raise ValueError("days is a number from 1 to 30: how long the copies stay")
        if not 1 <= self.at_most <= MOST:
            raise ValueError(f"at_most is a number from 1 to {MOST}")


@dataclass(frozen=True)
class ArchivedPin:
    """One archived version, and how it stood when it was shown."""

    key: str
    version_id: str
    storage_class: str
    size_bytes: int
    standing: str

    @property
    def version(self) -> ImageVersion:
        return ImageVersion(
            self.key, self.version_id, "", False, False, self.size_bytes, "", self.storage_class
        )


@dataclass(frozen=True)
class RequestFacts:
    """`rto_s` is the plan's recovery time objective, None where it names none."""

    place: str
    objects: tuple[ArchivedPin, ...]
    rto_s: float | None = None

    @property
    def total_bytes(self) -> int:
        return sum(one.size_bytes for one in self.objects)


def survey(tools: Toolbox, params: RequestParams) -> RequestFacts:
    images = tools.images(params.environment)
    found = archived(images, params)
    what = params.key or f"under {params.prefix}"
    if not found:
        raise Refused(f"nothing {what} that is wanted is in an archive: nothing to request")
    if len(found) > params.at_most:
        size = size_text(sum(one.size_bytes for one in found))
        raise Refused(
            f"{len(found):,} objects {what} ({size}) are in an archive, more than at_most={params.at_most}:"
            f" each costs money. Give a narrower prefix, or at_most= up to {MOST}. Nothing was requested"
        )
    pins = tuple(
        ArchivedPin(
            one.key,
            one.version_id,
            one.storage_class,
            one.size_bytes,
            archive_standing(images.primary, one).standing,
        )
        for one in found
    )
    _check_tier(pins, params.tier)
    return RequestFacts(images.primary.place, pins, images.rto_s)


def archived(images: ImageBucket, params: RequestParams) -> list[ImageVersion]:
    """The archived versions of the bucket that bringing back would want, and those there now."""
    found = histories(list_versions(images.primary, params.prefix, params.key))
    as_of = read_moment(params.as_of) if params.as_of else ""
    wanted: tuple[Wanted, ...] = choose(found, {}, as_of).wanted
    asked = {one.version.key: one.version for one in wanted}
    for key, history in found.items():
        if key not in asked and not history[0].hides:
            asked[key] = history[0]
    return [one for _, one in sorted(asked.items()) if one.archived]


def _check_tier(pins: tuple[ArchivedPin, ...], tier: Tier) -> None:
    deep = [pin for pin in pins if (pin.storage_class, tier) not in HOURS]
    if deep:
        raise Refused(
            f"{deep[0].key[-120:]} is in {deep[0].storage_class}, which knows no {tier}: say tier=Standard or"
            " tier=Bulk. Nothing was requested"
        )
