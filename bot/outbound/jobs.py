"""Jobs as use cases ask for them: what each way's payload holds is written here, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from bot.domain.entry import Json
from bot.domain.incident import Incident
from bot.domain.outbound import NewJob, Way


def mail(
    key: str, to: Sequence[str], subject: str, text: str, about: str, incident: int | None = None,
    doubt: Literal["again", "ask"] = "again",
) -> NewJob:  # fmt: skip
    """A letter in plain text. Each is a thread of its own: letters do not wait for each other.

    Several addresses do not see each other; where the server refuses some of them, the others have it and
    the answer names them, so whoever must be reached gets a letter of their own. `doubt`: what happens where
    the server's answer is lost: it is sent `again` under the same Message-ID (twice is better than not at
    all), or a person is asked (letters to customers).
    """
    payload: dict[str, Json] = {"to": list(to), "subject": subject, "text": text, "doubt": doubt}
    return NewJob(key, Way.MAIL, key, "send", about, payload, incident)


def page(incident: Incident, action: str, key: str, about: str, details: Mapping[str, Json]) -> NewJob:
    """`trigger`, `acknowledge`, `resolve` or `note` of the incident's one page at PagerDuty."""
    thread = f"pagerduty:{incident.id}"
    return NewJob(key, Way.PAGERDUTY, thread, action, about, details, incident.id)


def status_page(
    incident: int, action: str, key: str, about: str, title: str, text: str, status: str,
    impact: str, components: Mapping[str, str],
) -> NewJob:  # fmt: skip
    """`create` or `update` of the incident's one entry on the status page.

    `status`: investigating, identified, monitoring, resolved. `impact`: none, minor, major, critical.
    `components`: Statuspage's component ids to operational, degraded_performance, partial_outage,
    major_outage.
    """
    payload: dict[str, Json] = {
        "title": title,
        "text": text,
        "status": status,
        "impact": impact,
        "components": dict(components),
    }
    return NewJob(key, Way.STATUS_PAGE, f"statuspage:{incident}", action, about, payload, incident)


def post(incident: int, key: str, about: str, text: str) -> NewJob:
    """A post on the team's social account."""
    return NewJob(key, Way.SOCIAL, f"social:{incident}", "post", about, {"text": text}, incident)
