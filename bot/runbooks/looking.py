"""The first look at an incident: what its runbooks would look at first, looked at before anybody asks.

Never in a storm's way: it waits until the alerts are folded, and looks a few times a minute over all.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

from actions.plan import AnyAction, Risk
from bot.announce import show_incident
from bot.domain.answer import Refusal, UsageError
from bot.domain.incident import Incident
from bot.domain.looked import Looked
from bot.domain.person import DRBOT, Person
from bot.plan.models import DrPlan, OfferedAction
from bot.runbooks.fitting import fitting_now
from bot.runs import Runs
from bot.store import incidents
from bot.store import looked as rows
from bot.store.database import Clock, Store, StoreDown, Tx, iso, utc_now

AN_INCIDENT = 4
A_MINUTE = 10
CARDS_A_MINUTE = 30
SAME_WITHIN = timedelta(minutes=2)
NEWS_FOR = timedelta(minutes=15)
AT_ONCE = 2
PAUSE_S = 2.0
Calm: TypeAlias = "Callable[[float], bool]"
BOT = Person(DRBOT, "drbot")
_log = logging.getLogger(__name__)


class Looks:
    """Starts looks for incidents with fresh alerts, the worst first; each incident and look once."""

    def __init__(
        self,
        store: Store,
        plan: DrPlan,
        runs: Runs,
        actions: Mapping[str, AnyAction],
        calm: Calm,
        clock: Clock = utc_now,
    ) -> None:
        self._store = store
        self._plan = plan
        self._runs = runs
        self._looking = {name: one for name, one in actions.items() if one.risk is Risk.LOOK}
        self._calm = calm
        self._clock = clock
        self._pool = ThreadPoolExecutor(AT_ONCE, "look")
        self._changed = threading.Lock()
        self._under_way: set[str] = set()
        self._seen: dict[int, str] = {}
        self._pause_until = 0.0

    def turn(self) -> None:
        """Start what may start now. Quick; raises StoreDown."""
        if time.monotonic() < self._pause_until:
            return
        recent = self._fresh()
        self._seen = {number: at for number, at in recent if self._seen.get(number) == at}
        fresh = [(number, at) for number, at in recent if number not in self._seen]
        if not fresh or not self._is_calm():
            return
        for number, last_alert_at in fresh:
            incident = incidents.get(self._store, number)
            if incident is None or self._look_at(incident):
                self._seen[number] = last_alert_at
            elif not self._left()[0]:
                self._pause_until = time.monotonic() + PAUSE_S
                return

    def stop(self) -> None:
        """Begin nothing more. Safe to call twice."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _fresh(self) -> list[tuple[int, str]]:
        """Open incidents whose newest alert is news, the worst first."""
        since = iso(self._clock() - NEWS_FOR)
        found = self._store.read(
            "SELECT id, last_alert_at FROM incidents WHERE state <> 'resolved' AND last_alert_at > ?"
            " ORDER BY severity, id LIMIT 50",
            (since,),
        )
        return [(int(number), str(at)) for number, at in found]

    def _is_calm(self) -> bool:
        return self._calm(0.0) and not self._store.read("SELECT 1 FROM alerts WHERE judged = 0 LIMIT 1")

    def _look_at(self, incident: Incident) -> bool:
        """Start what this incident still misses; whether nothing is left to start for it."""
        had = {one.name for one in rows.of_incident(self._store, incident.id)}
        offers = [
            offer for _, runbook in fitting_now(self._store, self._plan, incident) for offer in runbook.looks
        ]
        # An incident whose alerts name no environment of the plan has none to look at.
        placed = [offer for offer in offers if offer.params.get("environment") != ""]
        wanted = {name_of(offer): offer for offer in placed if offer.action in self._looking}
        missing = [name for name in wanted if name not in had][: max(0, AN_INCIDENT - len(had))]
        begun = [self._begin(incident, name, wanted[name]) for name in missing]
        return all(begun)

    def _begin(self, incident: Incident, name: str, offer: OfferedAction) -> bool:
        """Share a look of a moment ago, or begin one; whether it is taken care of."""
        own, all_cards = self._left()
        same = rows.newest_of(self._store, name, iso(self._clock() - SAME_WITHIN))
        if same is not None and all_cards:
            now = iso(self._clock())
            self._keep(incident.id, replace(same, incident=incident.id, at=now, shared=True))
            return True
        with self._changed:
            if same is not None or not own or name in self._under_way:
                return False
            self._under_way.add(name)
        self._pool.submit(self._look, incident.id, name, offer)
        return True

    def _left(self) -> tuple[int, int]:
        """How many looks, and cards with findings, this minute still allows."""
        own, told = rows.count_since(self._store, iso(self._clock() - timedelta(minutes=1)))
        with self._changed:
            busy = len(self._under_way)
        return max(0, A_MINUTE - own - busy), max(0, CARDS_A_MINUTE - told - busy)

    def _look(self, incident: int, name: str, offer: OfferedAction) -> None:
        """Ask for the run, as drbot; a survey that refuses is a finding too."""
        at = iso(self._clock())
        title = offer.label or self._looking[offer.action].title
        try:
            run = self._runs.propose(BOT, offer.action, offer.params, incident, f"look:{incident}:{name}")
            self._keep(incident, Looked(incident, name, title, run.id, at))
        except (Refusal, UsageError) as refusal:
            self._keep(incident, Looked(incident, name, title, None, at, said=str(refusal)[:500]))
        except StoreDown as error:
            _log.warning("INC-%s is not looked at: %s", incident, error)
            self._seen.pop(incident, None)
        except Exception:  # noqa: BLE001 - a look that breaks is in the log, and its incident goes on
            _log.exception("looking at INC-%s with %s failed", incident, offer.action)
        finally:
            with self._changed:
                self._under_way.discard(name)

    def _keep(self, incident: int, looked: Looked) -> None:
        def work(tx: Tx) -> None:
            rows.keep(tx, looked)
            found = incidents.find(tx, incident)
            if found is not None:
                show_incident(tx, self._plan, found.incident)

        self._store.write(work)


def name_of(offer: OfferedAction) -> str:
    """The look and what it looks at: the same text for the same look."""
    return f"{offer.action} {json.dumps(offer.params, sort_keys=True)}"
