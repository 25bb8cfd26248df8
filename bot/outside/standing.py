"""Where telling the outside stands for one incident: what was said, what waits, what is due. A few rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.incident import Incident
from bot.domain.publication import STAGES, Kind, Publication, PublicationState, Stage
from bot.outside import promise, record
from bot.outside.sending import went_out
from bot.store.database import Read


@dataclass(frozen=True)
class Standing:
    """`told` went out or is going, `waiting` wait for a person; both oldest first.

    `next_update_at` is empty where no status update that promised one went out or is going. `unconnected`
    says of each way that is not set up what it lacks.
    """

    incident: Incident
    publications: tuple[Publication, ...]
    next_update_at: str
    unconnected: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[Publication, ...]:
        return tuple(one for one in self.publications if went_out(one))

    @property
    def waiting(self) -> tuple[Publication, ...]:
        return tuple(one for one in self.publications if one.state is PublicationState.DRAFT)

    def waits(self, kind: Kind) -> Publication | None:
        """The text of this kind that waits: there is one at most."""
        return next((one for one in self.waiting if one.kind is kind), None)

    def last(self, kind: Kind) -> Publication | None:
        """The newest text of this kind that went out. One of a kind waits at a time, so their numbers are in
        the order of their approvals, whatever a clock did.
        """
        return max((one for one in self.told if one.kind is kind), key=lambda one: one.id, default=None)

    @property
    def behind(self) -> tuple[Publication, ...]:
        """Each way's last text, where the incident is over here and that text still says otherwise."""
        if self.incident.is_open:
            return ()
        return tuple(last for kind in Kind if (last := self.last(kind)) is not None and not last.stage.ends)

    def next_stage(self, kind: Kind) -> Stage:
        """What is most likely said next."""
        stages = STAGES[kind]
        last = self.last(kind)
        if not self.incident.is_open:
            return stages[-1]
        if last is None or last.stage.ends:
            return stages[0]
        return last.stage if kind is Kind.STATUS else Stage.UPDATE


def standing(read: Read, incident: Incident) -> Standing:
    """As it is committed, or inside a transaction. `read` is `Store.read` or `Tx.all`."""
    found: Sequence[Publication] = record.of_incident(read, incident.id)
    now = Standing(incident, tuple(found), "")
    if now.last(Kind.STATUS) is None:
        return now
    return replace(now, next_update_at=promise.find(read, incident.id).next_update_at)
