"""What an incident cost, in error minutes: the plan's metric, summed over the minutes that it lasted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

from actions.failures import Refused, Transient
from bot.domain.answer import UsageError
from bot.domain.entry import Json, NewEntry
from bot.findings.records import Report
from bot.plan.models import DrPlan
from bot.report.publication import names_of, report_for
from bot.store import incidents as rows
from bot.store.database import Read, Store, Tx
from bot.store.journal import append

_LONGEST = timedelta(days=3)


class Metrics(Protocol):
    """Whose monitors are asked; see actions.tools.toolbox.Toolbox."""

    def monitoring(self, environment: str) -> Monitor: ...


class Monitor(Protocol):
    """See actions.tools.monitors.monitoring.Monitoring."""

    def value(self, promql: str) -> float | None: ...


def measure(store: Store, plan: DrPlan, metrics: Metrics, incident: int) -> str:
    """Measure the cost of a resolved incident once and journal it; why it could not be, or ''.

    Asks Prometheus once (5 s at most). Where the plan names no metric, the incident is open or its cost is
    journalled already, nothing is done. Safe to do twice. Raises UsageError for an unknown incident.
    """
    rules = plan.report
    found = rows.get(store, incident)
    if found is None:
        raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
    if not rules.errors or found.is_open or _measured(store.read, incident):
        return ""
    begin, end = span(report_for(store, incident, names_of(plan), plan=plan))
    if begin is None or end is None:
        return ""
    try:
        minutes = metrics.monitoring(rules.environment).value(over(rules.errors, begin, end))
    except (Refused, Transient) as refused:
        return f"The cost is not measured: {refused}"
    if minutes is None:
        return f"The cost is not measured: the plan's metric has no value from {_said(begin, end)}"
    said = told(rules.errors, minutes, begin, end)
    data: dict[str, Json] = {"said": said, "error_minutes": round(minutes, 3), "query": rules.errors}

    def work(tx: Tx) -> None:
        if not _measured(tx.all, incident):
            append(tx, NewEntry("cost-measured", "drbot", data, incident))

    store.write(work)
    return ""


def over(promql: str, begin: datetime, end: datetime) -> str:
    """The query that sums a share over each minute of a span, asked at its end."""
    minutes = max(1, round((end - begin).total_seconds() / 60))
    return f"sum_over_time((max({promql}))[{minutes}m:1m] @ {end.timestamp():.0f})"


def span(report: Report) -> tuple[datetime | None, datetime | None]:
    """From the beginning (or the detection) to the restored service (or the end), at most three days."""
    times = report.times
    first, last = times.started or times.detected, times.restored or times.resolved
    begin, end = first.at if first else None, last.at if last else None
    if begin is None or end is None or end <= begin:
        return None, None
    return max(begin, end - _LONGEST), end


def told(promql: str, minutes: float, begin: datetime, end: datetime) -> str:
    """The cost in a sentence. A sum above the minutes themselves is no share, and is said to be none."""
    length = (end - begin).total_seconds() / 60
    query = " ".join(promql.split())[:200]
    if minutes > length * 1.05 + 1:
        return (
            f"the plan's metric sums to {minutes:,.1f} over {length:.0f} minutes, so it is no share of"
            f" requests and tells no error minutes ({_said(begin, end)}: {query})"
        )
    return f"{minutes:,.1f} error minutes in the {length:.0f} minutes {_said(begin, end)} ({query})"


def _said(begin: datetime, end: datetime) -> str:
    return f"{begin.astimezone(UTC):%Y-%m-%d %H:%M} to {end.astimezone(UTC):%H:%M} UTC"


def _measured(read: Read, incident: int) -> bool:
    """Whether it is journalled since the incident was last resolved."""
    rows = read(
        "SELECT kind FROM journal WHERE incident = ? AND kind IN ('cost-measured', 'incident-resolved')"
        " ORDER BY seq DESC LIMIT 1",
        (incident,),
    )
    return bool(rows) and str(rows[0][0]) == "cost-measured"
