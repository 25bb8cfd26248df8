"""Posts a digest to the home channel by itself: once a period, whoever asks how often."""

from __future__ import annotations

from bot.digest.digest import Digest, digest_of
from bot.digest.period import Kind, last_whole
from bot.domain.entry import NewEntry
from bot.plan.models import DrPlan
from bot.store.database import Clock, Store, Tx, from_iso, utc_now
from bot.store.journal import append
from bot.store.outbox import Wanted, want

RANK = 4


class DigestPost:
    """Asked by the plan's schedule. The figures are those of the moment at which it is first asked."""

    def __init__(self, store: Store, plan: DrPlan, clock: Clock = utc_now) -> None:
        self._store = store
        self._plan = plan
        self._clock = clock

    def __call__(self, kind: Kind, due_at: str, asked_by: str) -> str:
        """Post the last whole week or month before `due_at` (ISO 8601 UTC); what was done, in a sentence.

        Safe to repeat: a period is posted once. Raises StoreDown; then it is still to be done.
        """
        period = last_whole(kind, self._plan.local(from_iso(due_at)))
        key = f"summary:{kind}:{period.name}"
        if self._store.read("SELECT 1 FROM outbox WHERE key = ?", (key,)):
            return f"the digest of {period.name} was posted before"
        made = digest_of(self._store, self._plan, period, self._clock())

        def work(tx: Tx) -> str:
            if tx.one("SELECT 1 FROM outbox WHERE key = ?", (key,)):
                return f"the digest of {period.name} was posted before"
            self._post(tx, key, made, asked_by)
            return f"the digest of {period.name} was posted: {made.title}"

        return self._store.write(work)

    def _post(self, tx: Tx, key: str, made: Digest, asked_by: str) -> None:
        channel = self._plan.communication.channel
        want(tx, Wanted(key, "summary", 0, channel, rank=RANK, payload=made.markdown))
        said = f"The {made.period.kind} digest of {made.period.name}: {made.title}"
        append(tx, NewEntry("digest-posted", asked_by, {"period": made.period.name, "said": said}))
