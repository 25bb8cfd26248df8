"""The steps of a rehearsed failover: a drill record beside the live one, made, resolved, asked, removed."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from actions.failover.record_moves import SYNC_WITHIN_S, probe_by_name, put, resolved, restated, wait_in_sync
from actions.failover.steps import STEP_S, Moving
from actions.failover.survey import FailoverFacts
from actions.failover.targets import servers_of
from actions.plan import Context, Evidence, NotVerified, Refused, Step
from actions.rehearsal_values import DATA_OF
from actions.tools.dns.route53 import Record

DRILL = "drbot-drill"
RESOLVE_S = 60.0


class Drill(Moving):
    """One rehearsal: everything that a failover does, on a record that nobody uses.

    It refuses whatever a failover would be refused for, known or not: no glass is broken for a rehearsal.
    """

    def __init__(self, facts: FailoverFacts) -> None:
        super().__init__(facts, accepts=frozenset())

    def drill_steps(self) -> tuple[Step, ...]:
        facts = self.facts
        return (
            Step(f"Make a drill record beside it ({DRILL}-….{facts.domain})", self.make, STEP_S),
            Step("Wait until every name server of Route 53 has it", self.wait_made, SYNC_WITHIN_S + 60.0, 5),
            Step(f"Resolve it until it answers {facts.to}", self.resolve_made, RESOLVE_S + 60.0),
            Step(f"Ask {facts.health_check} where it leads", self.probe_made, STEP_S),
            Step("Remove the drill record", self.remove, STEP_S),
        )

    def drill_checks(self) -> tuple[Step, ...]:
        return (
            Step(
                f"Check that {self.facts.record.name} is as it was and no drill record is left",
                self.check_left,
                STEP_S,
            ),
        )

    def drill_back(self) -> tuple[Step, ...]:
        return (Step("Remove the drill record", self.remove, STEP_S),)

    def make(self, context: Context) -> Evidence:
        """Step: the drill record, new. Made already where it is there as it would be."""
        zone, made = self._zone(context), self._made(context)
        now = zone.record(made.name)
        if now == made:
            return Evidence(f"{made.name} was there already")
        if now is not None:
            raise Refused(f"{made.name} is {now}, which this drill did not make: remove it by hand")
        self._change = put(zone, None, made, made.name, f"drbot RUN-{context.run}: drill, nobody uses it")
        return Evidence(f"{made.name} was made: {made}")

    def wait_made(self, context: Context) -> Evidence:
        """Step: wait for INSYNC."""
        zone = self._zone(context)
        if not self._change:
            because = f"drbot RUN-{context.run}: the same again, to wait for it"
            self._change = restated(zone, self._made(context), because)
        took_s = wait_in_sync(zone, self._change, context)
        return Evidence(
            f"every name server of Route 53 had it after {took_s:.1f} s", {"in sync": f"{took_s:.1f} s"}
        )

    def resolve_made(self, context: Context) -> Evidence:
        """Step: nobody has asked for it before, so nobody keeps an older answer."""
        servers = servers_of(self._service(context), self._zone(context).seen())
        took_s, heard = resolved(servers, self._made(context), RESOLVE_S, context.progress)
        said = "; ".join(map(str, heard))
        return Evidence(
            f"it resolved to {self.facts.to} after {took_s:.1f} s: {said}", {"resolved": f"{took_s:.1f} s"}
        )

    def probe_made(self, context: Context) -> Evidence:
        """Step: ask the service, under its own name, at the address that the drill record answers."""
        service, made = self._service(context), self._made(context)
        began = time.monotonic()
        answered = probe_by_name(service, made, context.progress).answered
        if not answered.healthy:
            raise NotVerified(f"{self.facts.health_check} on {self.facts.to} {answered.said}")
        values = {"asked": f"{time.monotonic() - began:.1f} s", **self._data_of()}
        return Evidence(f"{self.facts.health_check} on {self.facts.to} {answered.said}", values)

    def remove(self, context: Context) -> Evidence:
        """Step, and way back: take the drill record away. Safe where it is gone already."""
        zone, made = self._zone(context), self._made(context)
        now = zone.record(made.name)
        if now is None:
            return Evidence("no drill record was left")
        if now != made:
            raise Refused(f"{made.name} is {now}, which this drill did not make: remove it by hand")
        put(zone, made, None, made.name, f"drbot RUN-{context.run}: the drill is over")
        return Evidence(f"{made.name} was removed")

    def check_left(self, context: Context) -> Evidence:
        """Check: the live record is what it was, and the drill's is gone."""
        zone, made = self._zone(context), self._made(context)
        left, live = zone.record(made.name), zone.record(self.facts.record.name)
        if left is not None:
            raise NotVerified(f"{made.name} is still there: remove it by hand")
        if live != self.facts.record:
            raise NotVerified(
                f"{self.facts.record.name} is {live or 'gone'} now, and was {self.facts.record}: somebody"
                " else touched it, for this drill did not"
            )
        kept_s = self.facts.record.ttl_s
        return Evidence(
            f"{live.name} was as before, and nothing of the drill was left; a failover to {self.facts.to}"
            f" would work, and clients follow within {kept_s} s",
            {"clients follow within": f"{kept_s} s"},
        )

    def _made(self, context: Context) -> Record:
        name = f"{DRILL}-{context.run}.{self.facts.domain}"
        return replace(self.facts.new, name=name)

    def _data_of(self) -> dict[str, str]:
        """Which moment's data the target had when it was surveyed, where that is known."""
        lag_s = self.facts.seen.lag_s
        if lag_s is None:
            return {}
        moment = datetime.now(UTC) - timedelta(seconds=lag_s)
        return {DATA_OF: f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
