"""What a page says: one line for a phone's screen, and the details for whoever opens it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.alert import Alert
from bot.domain.entry import Json
from bot.domain.incident import Incident
from bot.domain.severity import Severity
from bot.plan.models import DrPlan
from bot.runbooks.fitting import fitting

SUMMARY_CHARS = 1024
TEXT_CHARS = 300
LINES = 10
LINKS = 3
_SLACK = "https://slack.com/app_redirect?channel="
_SEVERITY = {Severity.SEV1: "critical", Severity.SEV2: "error", Severity.SEV3: "warning"}


def page_details(
    plan: DrPlan, incident: Incident, alerts: Sequence[Alert], key: str, said: str
) -> Mapping[str, Json]:
    """The payload of a trigger. `alerts` are some that fire; `said` is why it is sent."""
    runbooks = [book.title for _, book in fitting(plan, incident, alerts)][:LINES]
    details: dict[str, Json] = {
        "severity": incident.severity.value,
        "said": said[:TEXT_CHARS],
        "impact": incident.impact[:TEXT_CHARS],
        "why": [line[:TEXT_CHARS] for line in incident.why[:LINES]],
        "alerts firing": incident.alerts_firing,
        "alerts": [alert.name[:TEXT_CHARS] for alert in alerts[:LINES]],
        "runbooks": list(runbooks),
        "opened at": incident.opened_at,
    }
    return {
        "dedup_key": key,
        "summary": _line(f"{incident.ref} {incident.severity.value}: {incident.title}")[:SUMMARY_CHARS],
        "source": incident.component or incident.environment or "drbot",
        "severity": _SEVERITY.get(incident.severity, "info"),
        "component": incident.component,
        "group": incident.environment,
        "custom_details": {name: value for name, value in details.items() if value},
        "links": [*_slack(incident), *_links(alerts)],
    }


def _links(alerts: Sequence[Alert]) -> list[Json]:
    """Where the alerts can be seen, each place once."""
    seen = {alert.url: alert.name for alert in alerts if alert.url.startswith(("https://", "http://"))}
    return [{"href": url, "text": name[:TEXT_CHARS]} for url, name in list(seen.items())[:LINKS]]


def _slack(incident: Incident) -> list[Json]:
    if not incident.channel.isalnum():
        return []
    return [{"href": f"{_SLACK}{incident.channel}", "text": f"{incident.ref} in Slack"}]


def _line(text: str) -> str:
    return " ".join(text.split())
