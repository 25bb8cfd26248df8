"""What Statuspage's API takes in an incident: its fields, their types, the words allowed, the limits."""

from __future__ import annotations

import json
from typing import Any

from tests.real.outside import Reply, Request

STATUSES = ("investigating", "identified", "monitoring", "resolved", "scheduled", "in_progress",
            "verifying", "completed", "postmortem")  # fmt: skip
IMPACTS = ("none", "maintenance", "minor", "major", "critical")
COMPONENT_STATUSES = ("operational", "under_maintenance", "degraded_performance", "partial_outage",
                      "major_outage", "")  # fmt: skip
TYPES: dict[str, type] = {
    "name": str, "status": str, "impact_override": str, "body": str, "component_ids": list,
    "components": dict, "deliver_notifications": bool, "metadata": dict, "scheduled_for": str,
    "scheduled_until": str, "scheduled_remind_prior": bool, "scheduled_auto_in_progress": bool,
    "scheduled_auto_completed": bool, "backfill_date": str, "backfilled": bool,
    "auto_tweet_at_beginning": bool, "auto_tweet_on_completion": bool, "auto_tweet_on_creation": bool,
}  # fmt: skip
NAME_LETTERS, BODY_LETTERS = 255, 25_000


def faulty(request: Request, new: bool, known: set[str]) -> tuple[dict[str, Any], Reply | None]:
    """The incident that is asked for, and the refusal where it is not as published."""
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}, _refusal(400, "The request body is no JSON")
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return {}, _refusal(415, "Unsupported content type")
    if not isinstance(body, dict) or list(body) != ["incident"] or not isinstance(body["incident"], dict):
        return {}, _refusal(400, "incident is missing")
    asked: dict[str, Any] = body["incident"]
    words = [*_types(asked), *_values(asked, known)] if not list(_types(asked)) else list(_types(asked))
    if new and not str(asked.get("name", "")).strip():
        words.append("Name can't be blank")
    return asked, _refusal(422, *words) if words else None


def _types(asked: dict[str, Any]) -> list[str]:
    unknown = [f"{name} is not a field of an incident" for name in asked if name not in TYPES]
    wrong = [
        f"{name} must be of type {TYPES[name].__name__}"
        for name, value in asked.items()
        if name in TYPES and not isinstance(value, TYPES[name])
    ]
    return unknown + wrong


def _values(asked: dict[str, Any], known: set[str]) -> list[str]:
    words = []
    if len(asked.get("name", "")) > NAME_LETTERS:
        words.append(f"Name is too long (maximum is {NAME_LETTERS} characters)")
    if len(asked.get("body", "")) > BODY_LETTERS:
        words.append(f"Body is too long (maximum is {BODY_LETTERS} characters)")
    if asked.get("status", "investigating") not in STATUSES:
        words.append("Status is not included in the list")
    if asked.get("impact_override", "none") not in IMPACTS:
        words.append("Impact override is not included in the list")
    named = {*asked.get("component_ids", []), *asked.get("components", {})}
    words += [f"Component {one} does not exist" for one in sorted(named - known)]
    if not set(asked.get("components", {}).values()) <= set(COMPONENT_STATUSES):
        words.append("Component status is not included in the list")
    if not all(isinstance(one, dict) for one in asked.get("metadata", {}).values()):
        words.append("Metadata must be an object of objects")
    return words


def _refusal(status: int, *words: str) -> Reply:
    return Reply(status, json.dumps({"error": list(words)}).encode())
