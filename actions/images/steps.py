"""The steps that bring images back: over those that were shown and no others, each looked at again.

An object is brought back by copying the version wanted on top, also where only a delete marker would have to
go: removing a marker needs the right to delete versions for good, which drbot is never to have, and it is not
replicated, so that the replica would still say deleted. A copy is: one more version, nothing less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Literal, TypeAlias, TypeVar

from actions.amounts import counted, size_text
from actions.failures import NotVerified, Refused
from actions.images.facts import BackFacts, BackParams, ObjectPin, names_text
from actions.plan import Context, Evidence
from actions.tools.aws.image_bucket import ImageBucket
from actions.tools.aws.image_bucket_rules import read_versioning
from actions.tools.aws.image_objects import (
    ImageVersion,
    copy_on_top,
    hide,
    look_up,
    newest_of,
    versions_above,
)
from actions.tools.aws.s3 import Bucket

AT_ONCE = 8
BATCH = 100
LEFT_SHOWN = 20
_T = TypeVar("_T")
Became: TypeAlias = Literal["done", "was so", "changed"]


@dataclass(frozen=True)
class BringingBack:
    """One plan's objects; every method is the `do` of one step."""

    params: BackParams
    facts: BackFacts

    def check_bucket(self, context: Context) -> Evidence:
        """Guard: the bucket still keeps versions, and what is wanted is still there."""
        images = self._images(context)
        if read_versioning(images.primary) != "Enabled":
            raise Refused(
                f"versioning of {images.primary.place} is not on: a copy would replace what is there for"
                " good. Switch it on first. Nothing was changed"
            )
        gone = [pin for pin, seen in self._each(context, self._source_seen) if seen is None]
        if gone:
            raise Refused(
                f"the versions wanted are gone of {names_text(tuple(gone))}: nothing was changed; ask again"
                " to see what is left"
            )
        return Evidence(f"the {counted(len(self.facts.objects), 'version')} wanted were there")

    def check_present(self, context: Context) -> Evidence:
        """Guard: what is on top of each is what was shown."""
        changed = [pin for pin, seen in self._each(context, self._on_top) if not _as_shown(pin, seen)]
        if changed:
            raise Refused(
                f"{names_text(tuple(changed))} was changed since the plan was shown: nothing was changed by"
                " this; ask again"
            )
        return Evidence(f"{counted(len(self.facts.objects), 'object')} were as shown")

    def copy(self, context: Context) -> Evidence:
        """Step: the version wanted goes on top of each; what was changed meanwhile is left alone."""
        became = dict(self._each(context, self._brought))
        done = [pin for pin, how in became.items() if how != "changed"]
        left = [pin for pin, how in became.items() if how == "changed"]
        size = size_text(sum(pin.size_bytes for pin in done))
        said = f"{counted(len(done), 'object')} ({size}) came back as new versions"
        return Evidence(f"{said}{_left(left)}", _values(left))

    def check_back(self, context: Context) -> Evidence:
        """Check: each has the content wanted on top, by size and ETag."""
        wrong: list[ObjectPin] = []
        left: list[ObjectPin] = []
        for pin, seen in self._each(context, self._on_top):
            if seen is None or seen.hides or _as_shown(pin, seen):
                wrong.append(pin)
            elif not seen.holds(pin.wanted):
                left.append(pin)
        if wrong:
            raise NotVerified(f"{names_text(tuple(wrong))} did not come back")
        held = len(self.facts.objects) - len(left)
        if not held:
            raise NotVerified(f"none holds what was wanted: others wrote them meanwhile{_left(left)}")
        return Evidence(
            f"{counted(held, 'object')} hold the size and ETag of {self._moment}{_left(left)}", _values(left)
        )

    def put_back(self, context: Context) -> Evidence:
        """Undo: each is as it was on top before: its former version again, or deleted again."""
        became = dict(self._each(context, self._put_back))
        left = [pin for pin, how in became.items() if how == "changed"]
        return Evidence(
            f"{counted(len(became) - len(left), 'object')} were as before again{_left(left)}", _values(left)
        )

    @property
    def _moment(self) -> str:
        return self.params.as_of or "their last version"

    def _images(self, context: Context) -> ImageBucket:
        images = context.tools.images(self.params.environment)
        replica = images.replica.place if images.replica else ""
        if (images.primary.place, replica) != (self.facts.place, self.facts.replica):
            raise Refused("the plan names another bucket now than the one shown: ask again")
        return images

    def _each(
        self, context: Context, work: Callable[[ImageBucket, ObjectPin], _T]
    ) -> Iterator[tuple[ObjectPin, _T]]:
        """Some at once, in batches, so that a step that was given up ends soon."""
        images = self._images(context)
        pins = iter(self.facts.objects)
        number = 0
        with ThreadPoolExecutor(AT_ONCE, "images") as pool:
            while batch := list(islice(pins, BATCH)):
                yield from zip(batch, pool.map(lambda pin: work(images, pin), batch), strict=True)
                number += len(batch)
                context.progress(f"{number:,} of {len(self.facts.objects):,} objects")

    def _source(self, images: ImageBucket, pin: ObjectPin) -> Bucket:
        if not pin.from_replica:
            return images.primary
        if images.replica is None:
            raise Refused("the plan names no replica any more: ask again")
        return images.replica

    def _source_seen(self, images: ImageBucket, pin: ObjectPin) -> ImageVersion | None:
        return look_up(self._source(images, pin), pin.key, pin.version_id)

    def _on_top(self, images: ImageBucket, pin: ObjectPin) -> ImageVersion | None:
        return newest_of(images.primary, pin.key)

    def _brought(self, images: ImageBucket, pin: ObjectPin) -> Became:
        now = newest_of(images.primary, pin.key)
        if not _as_shown(pin, now):
            return "was so" if now is not None and now.holds(pin.wanted) else "changed"
        copy_on_top(self._source(images, pin), pin.wanted, images.primary, pin.key)
        return "done"

    def _put_back(self, images: ImageBucket, pin: ObjectPin) -> Became:
        now = newest_of(images.primary, pin.key)
        former = pin.former
        if _as_shown(pin, now):
            return "was so"
        if former is None:
            return self._hidden(images, pin, now)
        if now is None or not (now.holds(former) or now.holds(pin.wanted)):
            return "changed"
        if self._is_back(images, pin, now, former):
            return "was so"
        copy_on_top(images.primary, former, images.primary, pin.key)
        return "done"

    def _hidden(self, images: ImageBucket, pin: ObjectPin, now: ImageVersion | None) -> Became:
        if now is None or now.hides:
            return "was so"
        if not now.holds(pin.wanted):
            return "changed"
        hide(images.primary, pin.key)
        return "done"

    def _is_back(self, images: ImageBucket, pin: ObjectPin, now: ImageVersion, former: ImageVersion) -> bool:
        """Whether what is on top is the former content already.

        Where the ETags tell nothing it is told by the history: one version above the former is what was
        brought back, two are that and the way back.
        """
        if now.holds(former) and now.holds(pin.wanted):
            return versions_above(images.primary, pin.key, pin.former_id) != 1
        return now.holds(former)


def _as_shown(pin: ObjectPin, now: ImageVersion | None) -> bool:
    """Whether on top is the very version (or delete marker, or nothing) that was shown."""
    return (now.version_id if now else "") == pin.former_id


def _left(left: list[ObjectPin]) -> str:
    return f"; {counted(len(left), 'object')} changed meanwhile, left alone" if left else ""


def _values(left: Iterable[ObjectPin]) -> dict[str, str]:
    return {f"left alone {number}": pin.key for number, pin in enumerate(islice(left, LEFT_SHOWN), 1)}
