"""Alertmanager's HTTP API v2: alerts and silences (protocol: its api/v2/openapi.yaml, 0.25 and later)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

import msgspec

from actions.failures import Refused, Transient
from actions.monitoring.matchers import Matcher, joined
from actions.tools.http import Answer, Endpoint, ask

ALERTS_LIMIT = 5_000
T = TypeVar("T")


@dataclass(frozen=True)
class Firing:
    """One alert that Alertmanager holds. `silenced_by` are the ids of the silences that hush it now."""

    fingerprint: str
    labels: Mapping[str, str]
    state: str
    silenced_by: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "(unnamed)")

    @property
    def words(self) -> str:
        """`HikariPoolExhausted on api-1:8080 (critical)`."""
        about = self.labels.get("instance") or self.labels.get("job") or ""
        severity = self.labels.get("severity", "")
        return self.name + (f" on {about}" if about else "") + (f" ({severity})" if severity else "")


@dataclass(frozen=True)
class Silence:
    """One silence. `state` is active, pending or expired; `updated_at` pins its content."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    created_by: str
    comment: str
    state: str


class _Status(msgspec.Struct, rename="camel"):
    state: str
    silenced_by: list[str] = []


class _Alert(msgspec.Struct):
    fingerprint: str
    labels: dict[str, str]
    status: _Status


class _Matcher(msgspec.Struct, rename="camel"):
    name: str
    value: str
    is_regex: bool
    is_equal: bool = True


class _Silence(msgspec.Struct, rename="camel"):
    id: str
    matchers: list[_Matcher]
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    created_by: str
    comment: str
    status: _Status


class _Created(msgspec.Struct, rename={"silence_id": "silenceID"}):
    silence_id: str


def alerts(endpoint: Endpoint, matchers: tuple[Matcher, ...] = ()) -> tuple[Firing, ...]:
    """The alerts that it holds, hushed ones too, and that match. Raises Refused above ALERTS_LIMIT."""
    answer = ask(endpoint, "/api/v2/alerts", [("filter", str(one)) for one in matchers])
    found = _read(answer, list[_Alert], f"the matchers {joined(matchers)}")
    if len(found) > ALERTS_LIMIT:
        raise Refused(f"{endpoint.place} holds {len(found)} alerts that match: narrow the matchers")
    return tuple(
        Firing(one.fingerprint, one.labels, one.status.state, tuple(one.status.silenced_by)) for one in found
    )


def silences(endpoint: Endpoint) -> tuple[Silence, ...]:
    """Every silence it remembers, ended ones too."""
    answer = ask(endpoint, "/api/v2/silences")
    return tuple(map(_silence, _read(answer, list[_Silence], "a list of silences")))


def silence(endpoint: Endpoint, silence_id: str) -> Silence | None:
    """One silence, or None where it knows none of this id."""
    answer = ask(endpoint, f"/api/v2/silence/{quote(silence_id, safe='')}")
    if answer.status == 404:
        return None
    return _silence(_read(answer, _Silence, f"the silence {silence_id}"))


def create(
    endpoint: Endpoint, matchers: tuple[Matcher, ...], ends_at: datetime, created_by: str, comment: str
) -> str:
    """Begin a silence now; its id. Twice makes two: look for your own first."""
    body = {
        "matchers": [
            {"name": one.name, "value": one.value, "isRegex": one.is_regex, "isEqual": one.is_equal}
            for one in matchers
        ],
        # A start in the past is taken for now, whatever the clocks of the two machines say.
        "startsAt": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
        "endsAt": ends_at.isoformat(),
        "createdBy": created_by,
        "comment": comment,
    }
    answer = ask(endpoint, "/api/v2/silences", method="POST", send=body)
    return _read(answer, _Created, f"a silence of {joined(matchers)}").silence_id


def expire(endpoint: Endpoint, silence_id: str) -> None:
    """End a silence. Safe to do twice."""
    answer = ask(endpoint, f"/api/v2/silence/{quote(silence_id, safe='')}", method="DELETE")
    if not answer.ok:
        _read(answer, object, f"to end the silence {silence_id}")


def _silence(given: _Silence) -> Silence:
    return Silence(
        given.id,
        tuple(Matcher(one.name, one.value, one.is_regex, one.is_equal) for one in given.matchers),
        given.starts_at,
        given.ends_at,
        given.updated_at,
        given.created_by,
        given.comment,
        given.status.state,
    )


def _read(answer: Answer, shape: type[T], what: str) -> T:
    if answer.ok:
        return answer.read(shape)
    if 400 <= answer.status < 500:
        raise Refused(f"{answer.endpoint.place} refuses {what}: {answer.text or f'status {answer.status}'}")
    raise Transient(f"{answer.endpoint.place} could not do it ({answer.status}): {answer.text}")
