"""The steps by which backups expire, safe to run twice: only what was shown, each looked at again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from actions.amounts import counted
from actions.backups.choice import TEMPORARY, backups_in
from actions.backups.expire_survey import (
    ExpireFacts,
    ExpireParams,
    PlaceSeen,
    Victim,
    agreed_now,
    shelves,
    stays,
)
from actions.backups.expiry import Rule
from actions.backups.leases import leases
from actions.backups.manifest import CHECKSUM, MANIFEST
from actions.backups.publish import unpublish
from actions.backups.rehearsals import NOT_HELD, REHEARSED, Rehearsals, rehearsals_in
from actions.failures import NotVerified, Refused
from actions.plan import Context, Evidence
from actions.tools.aws.s3 import Bucket, ObjectSeen
from actions.tools.dumps.shelf import Shelf

ABANDONED_AFTER = timedelta(hours=48)


@dataclass(frozen=True)
class Expire:
    """One plan's victims; every method is the `do` of one step."""

    params: ExpireParams
    facts: ExpireFacts

    def check_clocks(self, context: Context) -> Evidence:
        """Guard: drbot, database and storage agree on what time it is."""
        now = agreed_now(context.tools, self.params.environment)
        return Evidence(f"drbot, database and storage agreed that it was {now:%Y-%m-%d %H:%M} UTC")

    def check_victims(self, context: Context) -> Evidence:
        """Guard: what would go is there as it was shown."""
        there = 0
        for place in self.facts.places:
            if place.victims:
                shelf, _ = self._shelf(context, place.name)
                there += sum(self._unchanged(shelf, victim) for victim in place.victims)
        if not there and self.facts.victims:
            raise Refused("nothing of what was shown is there any more: nothing was deleted; look again")
        return Evidence(f"{there} of {self.facts.victims} were there as shown")

    def delete(self, name: str, context: Context) -> Evidence:
        """Step: the victims of one place, each looked at again: not read now, not among those that stay."""
        place = next(one for one in self.facts.places if one.name == name)
        shelf, rule = self._shelf(context, name)
        now = agreed_now(context.tools, self.params.environment)
        spared = stays(shelf, rule, self._noted(context), now)
        gone, left = 0, []
        for victim in place.victims:
            context.progress(f"{gone} of {len(place.victims)} deleted")
            read_now = leases(context.tools.backups(self.params.environment), now)
            if victim.id in spared or victim.id in read_now or self._another(shelf, victim):
                left.append(victim.id)
                continue
            for note in (NOT_HELD, REHEARSED):
                shelf.delete(victim.key + note)
            unpublish(shelf, victim.key)
            gone += 1
        values = {one.id: f"{one.size_bytes:,} bytes of {one.taken_at}" for one in place.victims[:20]}
        also = f"; left alone: {', '.join(left[:5])}" if left else ""
        return Evidence(f"{counted(gone, 'backup')} deleted from {place.place}{also}", values)

    def tidy(self, context: Context) -> Evidence:
        """Step: temporary things of runs that ended long ago."""
        bucket = context.tools.backups(self.params.environment)
        before = datetime.now(UTC) - ABANDONED_AFTER
        old = [seen for seen in bucket.list(under=TEMPORARY) if seen.modified_at < before]
        for seen in old:
            bucket.delete(seen.key)
        return Evidence(f"{counted(len(old), 'temporary object')} of runs that ended long ago removed")

    def check_left(self, context: Context) -> Evidence:
        """Check: what was to go is gone, and the verified ones that always stay are there."""
        said = []
        for name, shelf, rule in shelves(context.tools, self.params.environment):
            place = next((one for one in self.facts.places if one.name == name), None)
            if place is None or place.held:
                continue
            left = stays(shelf, rule, self._noted(context), datetime.now(UTC))
            if len(left) < min(rule.at_least, place.verified):
                raise NotVerified(f"{place.place} holds only {len(left)} verified backups now")
            backups = backups_in(shelf)[0]
            if place.came_back and place.came_back not in {one.id for one in backups}:
                raise NotVerified(f"{place.place} does not hold {place.came_back}, the last that came back")
            said.append(f"{name}: {len(backups)} backups")
        return Evidence(f"left are {'; '.join(said)}; the newest verified ones among them")

    def _noted(self, context: Context) -> Rehearsals:
        return rehearsals_in(context.tools.backups(self.params.environment))

    def bring_back(self, name: str, context: Context) -> Evidence:
        """Step back: where versions are kept, take the delete markers off, the manifests' last."""
        place = next(one for one in self.facts.places if one.name == name)
        shelf, _ = self._shelf(context, name)
        if not isinstance(shelf, Bucket):
            raise NotVerified(f"{place.place} keeps no versions: what was deleted there is gone")
        back = 0
        for victim in place.victims:
            for suffix in ("", CHECKSUM, NOT_HELD, REHEARSED, MANIFEST):
                back += shelf.undelete(victim.key + suffix)
        return Evidence(
            f"{len(place.victims)} backups stand in {place.place} again ({back} markers taken off)"
        )

    def check_back(self, context: Context) -> Evidence:
        """Check: each of them can be listed again."""
        for place in self.facts.places:
            shelf, _ = self._shelf(context, place.name)
            missing = [one.id for one in place.victims if not self._unchanged(shelf, one)]
            if missing:
                raise NotVerified(f"{place.place} does not hold {', '.join(missing[:5])}")
        return Evidence(f"{counted(self.facts.victims, 'backup')} listed again")

    def _shelf(self, context: Context, name: str) -> tuple[Shelf, Rule]:
        for found, shelf, rule in shelves(context.tools, self.params.environment):
            if found == name:
                return shelf, rule
        raise Refused(f"the plan names no place {name} any more: nothing was deleted")

    def _unchanged(self, shelf: Shelf, victim: Victim) -> bool:
        """Whether it is there as shown. Raises Refused where something else is under its name."""
        if self._another(shelf, victim):
            raise Refused(
                f"{victim.id} was written again after it was shown: nothing was deleted; look again"
            )
        return any(seen.key == victim.key for seen in _under(shelf, victim.key))

    def _another(self, shelf: Shelf, victim: Victim) -> bool:
        """Whether something else lies under its name now."""
        return any(seen.key == victim.key and seen.etag != victim.etag for seen in _under(shelf, victim.key))


def _under(shelf: Shelf, key: str) -> tuple[ObjectSeen, ...]:
    return shelf.list(under=key.removeprefix(shelf.prefix))


def undoable(places: tuple[PlaceSeen, ...]) -> bool:
    """Whether every place that loses something keeps versions."""
    losing = [place for place in places if place.victims]
    return bool(losing) and all(place.versioned for place in losing)
