"""The status page as customers see it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

_COLOURS = {
    "operational": "#1a7f4b", "degraded_performance": "#b7791f", "partial_outage": "#c05621",
    "major_outage": "#c53030", "under_maintenance": "#2b6cb0",
}  # fmt: skip
_SAID = {
    "operational": "All systems operational", "degraded_performance": "Degraded performance",
    "partial_outage": "Partial outage", "major_outage": "Major outage",
    "under_maintenance": "Under maintenance",
}  # fmt: skip
_RANK = ("operational", "under_maintenance", "degraded_performance", "partial_outage", "major_outage")
_STYLE = """
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:#1a202c;background:#f7f8fa}
main{max-width:760px;margin:0 auto;padding:40px 20px}
h1{font-size:26px;margin:0 0 24px} h2{font-size:19px;margin:0 0 4px} h3{font-size:14px;margin:36px 0 10px;
text-transform:uppercase;letter-spacing:.06em;color:#5a6472}
.banner{color:#fff;padding:18px 22px;border-radius:8px;font-size:19px;font-weight:600}
.card{background:#fff;border:1px solid #e2e6ec;border-radius:8px;padding:18px 22px;margin:12px 0}
.row{display:flex;justify-content:space-between;border-top:1px solid #edf0f4;padding:12px 0}
.row:first-child{border-top:0} p{margin:10px 0 0;white-space:pre-line} time{color:#6b7280;font-size:13px}
"""


def html(incidents: Sequence[dict[str, Any]], components: Sequence[dict[str, Any]]) -> str:
    """The whole page. Every text is escaped."""
    worst = max((one["status"] for one in components), key=_RANK.index, default="operational")
    rows = "".join(
        f"<div class=row><span>{escape(one['name'])}</span>{_state(one['status'])}</div>"
        for one in components
    )
    entries = "".join(map(_entry, incidents)) or "<div class=card>No incidents reported.</div>"
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Belezza status</title>"
        f"<meta http-equiv=refresh content=5><style>{_STYLE}</style><main><h1>Belezza status</h1>"
        f"<div class=banner style='background:{_COLOURS[worst]}'>{_SAID[worst]}</div>"
        f"<h3>Systems</h3><div class=card>{rows}</div><h3>Incidents</h3>{entries}</main></html>"
    )


def _state(status: str) -> str:
    words = status.replace("_", " ").capitalize()
    return f"<b style='color:{_COLOURS[status]}'>{words}</b>"


def _entry(entry: dict[str, Any]) -> str:
    updates = "".join(
        f"<p><b>{one['status'].replace('_', ' ').capitalize()}</b> · {escape(one['body'])}<br>"
        f"<time>{one['created_at'][:10]} {one['created_at'][11:16]} UTC</time></p>"
        for one in entry["incident_updates"]
    )
    return f"<div class=card id='{entry['id']}'><h2>{escape(entry['name'])}</h2>{updates}</div>"
