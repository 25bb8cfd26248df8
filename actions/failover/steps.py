"""The guards, steps, checks and the way back of a failover; each looks at the record before it changes it."""

from __future__ import annotations

from actions.failover.record_moves import (
    SYNC_WITHIN_S,
    probe_by_name,
    put,
    resolve_within_s,
    resolved,
    restated,
    wait_in_sync,
)
from actions.failover.survey import FailoverFacts
from actions.failover.targets import objections, see, servers_of
from actions.plan import Context, Evidence, NotVerified, Refused, Step
from actions.tools.dns.names import ServiceName
from actions.tools.dns.route53 import HostedZone, Record

STEP_S = 60.0
BROKEN = "known, and overridden by who broke the glass"


class Moving:
    """One move of a name, over the facts that were shown.

    `accepts` are the kinds of objection that do not stop it: those that were known when it was approved.
    The id of a change is kept in memory only: a life that was broken off and begins here again states the
    record once more, as it is, to have one that it can wait for.
    """

    def __init__(self, facts: FailoverFacts, accepts: frozenset[str] | None = None) -> None:
        self.facts = facts
        self.accepts = facts.accepted if accepts is None else accepts
        self._change = ""
        self._hosted: HostedZone | None = None

    def guards(self) -> tuple[Step, ...]:
        facts = self.facts
        return (
            Step(f"Check that {facts.record.name} is still {facts.record}", self.check_record, STEP_S),
            Step(f"Check that {facts.to} is healthy and its data fresh enough", self.check_target, STEP_S),
        )

    def steps(self) -> tuple[Step, ...]:
        facts = self.facts
        return (
            Step(f"Point {facts.new.name} to {facts.to} ({', '.join(facts.new.values)})", self.point, STEP_S),
            Step("Wait until every name server of Route 53 has it", self.wait, SYNC_WITHIN_S + 60.0, 5),
        )

    def checks(self) -> tuple[Step, ...]:
        facts = self.facts
        within_s = resolve_within_s(facts.record.ttl_s)
        return (
            Step(f"Resolve {facts.new.name} until it answers {facts.to}", self.resolve, within_s + 60.0),
            Step(f"Ask {facts.health_check} through the name", self.probe, STEP_S),
        )

    def back(self) -> tuple[Step, ...]:
        facts = self.facts
        return (
            Step(f"Put {facts.record} back", self.put_back, STEP_S),
            Step("Wait until every name server of Route 53 has it", self.wait_back, SYNC_WITHIN_S + 60.0, 5),
        )

    def check_record(self, context: Context) -> Evidence:
        """Guard: the record is the one that was shown."""
        self._still(self._zone(context).record(self.facts.record.name))
        return Evidence(f"{self.facts.record.name} was still {self.facts.record}")

    def check_target(self, context: Context) -> Evidence:
        """Guard: nothing speaks against the target but what was known when this was approved."""
        service = self._service(context)
        seen = see(service, service.target(self.facts.to))
        if seen.address != self.facts.seen.address:
            raise Refused(f"the plan's {seen.name} is {seen.address} now, and was {self.facts.seen.address}")
        found = objections(seen, service.stale_after_s)
        fresh = [one.said for one in found if one.kind not in self.accepts]
        if fresh:
            raise Refused(f"{' '.join(fresh)} Nothing was changed")
        overridden = f" ({BROKEN}: {' '.join(one.said for one in found)})" if found else ""
        return Evidence(f"{seen.name} was {seen}{overridden}")

    def point(self, context: Context) -> Evidence:
        """Step: change it from exactly what was shown. Done already where it is the new one."""
        facts, zone = self.facts, self._zone(context)
        kept = {"previous record": str(facts.record), "new record": str(facts.new)}
        now = zone.record(facts.record.name)
        if now == facts.new:
            return Evidence(f"{facts.new.name} was pointed to {facts.to} already", kept)
        self._still(now)
        because = f"drbot RUN-{context.run}: {facts.service} to {facts.to}"
        self._change = put(zone, facts.record, facts.new, facts.new.name, because)
        return Evidence(f"{facts.new.name} was pointed to {facts.new}; before it was {facts.record}", kept)

    def wait(self, context: Context) -> Evidence:
        """Step: wait for INSYNC."""
        return self._everywhere(context, self.facts.new)

    def resolve(self, context: Context) -> Evidence:
        """Check: whoever answers here answers the new target."""
        service, facts = self._service(context), self.facts
        servers = servers_of(service, self._zone(context).seen())
        within_s = resolve_within_s(facts.record.ttl_s)
        took_s, heard = resolved(servers, facts.new, within_s, context.progress)
        said = "; ".join(map(str, heard))
        return Evidence(f"{facts.new.name} resolved to {facts.to} after {took_s:.0f} s: {said}")

    def probe(self, context: Context) -> Evidence:
        """Check: the service answers under its name. Where its health was overridden, that is only told."""
        service, facts = self._service(context), self.facts
        asked = probe_by_name(service, facts.new, context.progress)
        said = f"{facts.health_check} {asked.how} {asked.answered.said}, on {facts.to}"
        if asked.answered.healthy:
            return Evidence(said)
        if "health" in self.accepts:
            return Evidence(f"{said}; {BROKEN}: it is not well")
        raise NotVerified(said)

    def put_back(self, context: Context) -> Evidence:
        """Way back: the kept record, in place of ours and of no other."""
        facts, zone = self.facts, self._zone(context)
        now = zone.record(facts.record.name)
        if now == facts.record:
            return Evidence(f"{facts.record.name} was {facts.record} already")
        if now != facts.new:
            raise Refused(
                f"{facts.record.name} is {now or 'gone'} now, which this run did not make: it is left alone."
                f" What it was before: {facts.record}"
            )
        because = f"drbot RUN-{context.run}: {facts.service} back to {facts.at or 'where it was'}"
        self._change = put(zone, facts.new, facts.record, facts.record.name, because)
        return Evidence(f"{facts.record.name} was put back to {facts.record}")

    def wait_back(self, context: Context) -> Evidence:
        """Way back: wait for INSYNC."""
        return self._everywhere(context, self.facts.record)

    def _everywhere(self, context: Context, record: Record) -> Evidence:
        zone = self._zone(context)
        if not self._change:
            because = f"drbot RUN-{context.run}: the same again, to wait for it"
            self._change = restated(zone, record, because)
        took_s = wait_in_sync(zone, self._change, context)
        return Evidence(
            f"every name server of Route 53 had it after {took_s:.1f} s", {"in sync": f"{took_s:.1f} s"}
        )

    def _still(self, now: Record | None) -> None:
        facts = self.facts
        if now != facts.record:
            raise Refused(
                f"{facts.record.name} is {now or 'gone'} now, and was {facts.record} when this was shown."
                " Nothing was changed; ask again"
            )

    def _service(self, context: Context) -> ServiceName:
        return context.tools.service_name(self.facts.service)

    def _zone(self, context: Context) -> HostedZone:
        if self._hosted is None:
            service = self._service(context)
            self._hosted = HostedZone(self.facts.zone, service.access, service.timeout_s)
        return self._hosted
