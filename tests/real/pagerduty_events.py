"""The Events API v2's door: what it takes, and how it refuses the rest."""

from __future__ import annotations

from typing import Any

from tests.real.pagerduty_account import Account
from tests.real.pagerduty_rest import Reply

FIELDS = {"routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url"}
PAYLOAD = {"summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"}
SEVERITIES = ("critical", "error", "warning", "info")
ACTIONS = ("trigger", "acknowledge", "resolve")
SUMMARY_CHARS, KEY_CHARS = 1024, 255


def enqueued(account: Account, routing_key: str, body: Any) -> Reply:
    """202, or 400 with every fault."""
    faults = list(_faults(body, routing_key))
    if faults:
        return Reply(400, {"status": "invalid event", "message": "Event object is invalid", "errors": faults})
    account.event(body["event_action"], body["dedup_key"], body.get("payload", {}))
    said = {"status": "success", "message": "Event processed", "dedup_key": body["dedup_key"]}
    return Reply(202, said)


def _faults(body: Any, routing_key: str) -> list[str]:
    if not isinstance(body, dict):
        return ["JSON expected"]
    found = [f"'{name}' is unknown" for name in sorted(set(body) - FIELDS)]
    if body.get("routing_key") != routing_key:
        found.append("'routing_key' is missing or wrong")
    if body.get("event_action") not in ACTIONS:
        found.append("'event_action' must be trigger, acknowledge or resolve")
    key = body.get("dedup_key")
    if not isinstance(key, str) or not 0 < len(key) <= KEY_CHARS:
        found.append("'dedup_key' must be a text of 1 to 255 letters")
    if body.get("event_action") == "trigger":
        found += _payload_faults(body.get("payload"))
    for link in body.get("links", []):
        if set(link) - {"href", "text"} or not str(link.get("href", "")).startswith(("http://", "https://")):
            found.append("'links' must have href and text")
    return found


def _payload_faults(payload: Any) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    found = [f"'payload.{name}' is unknown" for name in sorted(set(payload) - PAYLOAD)]
    for name in ("summary", "source", "severity"):
        if not isinstance(payload.get(name), str) or not payload[name].strip():
            found.append(f"'payload.{name}' is missing or blank")
    if len(str(payload.get("summary", ""))) > SUMMARY_CHARS:
        found.append("'payload.summary' is longer than 1024 letters")
    if payload.get("severity") not in SEVERITIES:
        found.append("'payload.severity' is invalid (must be one of critical, error, warning, info)")
    for name in ("component", "group", "class"):
        if name in payload and not isinstance(payload[name], str):
            found.append(f"'payload.{name}' must be a text")
    if not isinstance(payload.get("custom_details", {}), dict):
        found.append("'payload.custom_details' must be an object")
    return found
