"""What a person does to a silence in Alertmanager's own page."""

from __future__ import annotations

from datetime import timedelta

import requests

from actions.tools.monitors.monitoring import Silence


def lengthen(url: str, shown: Silence) -> None:
    """The same silence, by its id, an hour longer and with another comment."""
    body = {
        "id": shown.id,
        "matchers": [
            {"name": one.name, "value": one.value, "isRegex": one.is_regex, "isEqual": one.is_equal}
            for one in shown.matchers
        ],
        "startsAt": shown.starts_at.isoformat(),
        "endsAt": (shown.ends_at + timedelta(hours=1)).isoformat(),
        "createdBy": shown.created_by,
        "comment": "longer",
    }
    answer = requests.post(f"{url}/api/v2/silences", json=body, timeout=5)
    assert answer.json()["silenceID"] == shown.id
