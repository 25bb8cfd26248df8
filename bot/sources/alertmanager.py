"""Prometheus Alertmanager's webhook, version 4 (0.25 to 0.34 and on: what is unknown is ignored).

A body, shortened:

    {"version": "4", "groupKey": "{}:{service=\"api\"}", "receiver": "team\\.sre", "status": "firing",
     "truncatedAlerts": 0, "alerts": [{"status": "firing", "fingerprint": "215c2f289f4b3f50",
     "labels": {"alertname": "HighErrorRate"}, "annotations": {"summary": "5xx above 5%"},
     "startsAt": "2026-11-22T22:42:28.649Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": ""}]}
"""

from __future__ import annotations

import hmac
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeAlias, TypeVar

import msgspec

from bot.domain.alert import Alert, AlertStatus, Notification
from bot.sources.body import (
    MAX_ALERTS,
    MAX_LABELS,
    MAX_NAME_CHARS,
    MAX_VALUE_CHARS,
    Malformed,
    Texts,
    Unauthorized,
    decode,
)

SOURCE = "alertmanager"
_QUOTED = re.compile(r"\\([\\.+*?()|\[\]{}^$])")
_ENUM = re.compile(r"Invalid enum value ('.*')", re.DOTALL)
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Name = Annotated[str, msgspec.Meta(max_length=MAX_NAME_CHARS)]
_Value = Annotated[str, msgspec.Meta(max_length=MAX_VALUE_CHARS)]
_AsSent: TypeAlias = dict[str, str]
_Small: TypeAlias = Annotated[dict[_Name, _Value], msgspec.Meta(max_length=MAX_LABELS)]
_Texts = TypeVar("_Texts", bound=_AsSent)
_Status = Literal["firing", "resolved"]
_STATUS = {"firing": AlertStatus.FIRING, "resolved": AlertStatus.RESOLVED}


class _Alert(msgspec.Struct, Generic[_Texts], rename="camel", gc=False):
    status: _Status
    labels: _Texts
    starts_at: _Moment
    fingerprint: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARS)]
    annotations: _Texts
    ends_at: _Moment | None = None
    generator_url: str = msgspec.field(name="generatorURL", default="")


class _Webhook(msgspec.Struct, Generic[_Texts], rename="camel", gc=False):
    version: Literal["4"]
    status: _Status
    alerts: list[_Alert[_Texts]]
    receiver: str = ""
    group_key: str = ""
    truncated_alerts: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 0


class _Version(msgspec.Struct):
    version: msgspec.Raw = msgspec.Raw(b"")


_WEBHOOK = msgspec.json.Decoder(_Webhook[_AsSent])
# The decoder itself checks the sizes: what passes it needs no look at its single texts.
_SMALL_WEBHOOK = msgspec.json.Decoder(_Webhook[_Small])
_VERSION = msgspec.json.Decoder(_Version)


def verify(authorization: bytes, token: str) -> None:
    """The bearer token, compared in constant time; no token configured lets everybody in (loopback only).

    Raises Unauthorized.
    """
    if not token:
        return
    scheme, _, given = authorization.partition(b" ")
    if scheme.lower() != b"bearer":
        raise Unauthorized(
            "send the token as `Authorization: Bearer …` (Alertmanager: http_config.authorization)"
        )
    if not hmac.compare_digest(given.strip(), token.encode()):
        raise Unauthorized("the bearer token is not the one of DR_WEBHOOK_TOKEN")


def parse(body: bytes) -> Notification:
    """One webhook's body. Raises Malformed naming the first field that is wrong."""
    texts = Texts(body)
    webhook = _small(body) if not texts.suspect else None
    alert_of = _alert_of_small if webhook else _alert
    webhook = webhook or _decoded(body)
    if len(webhook.alerts) > MAX_ALERTS:
        raise Malformed("alerts", f"holds {len(webhook.alerts)}; at most {MAX_ALERTS} are taken at once")
    group = texts.text(webhook.group_key)
    return Notification(
        alerts=tuple([alert_of(number, alert, group, texts) for number, alert in enumerate(webhook.alerts)]),
        truncated=webhook.truncated_alerts,
        receiver=texts.text(_QUOTED.sub(r"\1", webhook.receiver), MAX_NAME_CHARS),
        notes=texts.notes(),
    )


def _small(body: bytes) -> _Webhook[_AsSent] | None:
    try:
        return _SMALL_WEBHOOK.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None  # what is wrong or large is found out, and said, by the slower reading


def _decoded(body: bytes) -> _Webhook[_AsSent]:
    try:
        return decode(_WEBHOOK, body)
    except Malformed as malformed:
        _check_version(body)
        if malformed.field.endswith("status") and (given := _ENUM.search(malformed.message)):
            said = f"is {given[1]}; drbot knows 'firing' and 'resolved'"
            raise Malformed(malformed.field, said) from malformed
        raise


def _alert_of_small(number: int, alert: _Alert[_AsSent], group: str, texts: Texts) -> Alert:
    resolved = alert.status == "resolved"
    starts_at = alert.starts_at
    return Alert(
        SOURCE,
        alert.fingerprint,
        _STATUS[alert.status],
        starts_at if starts_at.tzinfo is UTC else _utc(starts_at, number, "startsAt"),
        _end(alert.ends_at, number) if resolved else None,
        alert.labels,
        alert.annotations,
        texts.text(alert.generator_url),
        group,
    )


def _alert(number: int, alert: _Alert[_AsSent], group: str, texts: Texts) -> Alert:
    small = _alert_of_small(number, alert, group, texts)
    return replace(
        small,
        fingerprint=texts.text(small.fingerprint, MAX_NAME_CHARS),
        labels=texts.mapping(alert.labels),
        annotations=texts.mapping(alert.annotations),
    )


def _end(moment: datetime | None, number: int) -> datetime | None:
    """Go's zero time means that there is none."""
    return None if moment is None or moment.year == 1 else _utc(moment, number, "endsAt")


def _utc(moment: datetime, number: int, field: str) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise Malformed(f"alerts[{number}].{field}", f"{moment.isoformat()} is out of range") from error


def _check_version(body: bytes) -> None:
    """A future version says so first, whatever else of it looks strange."""
    raw = bytes(decode(_VERSION, body).version)
    if not raw:
        raise Malformed("version", 'is missing; drbot reads Alertmanager\'s version "4"')
    if raw != b'"4"':
        shown = raw[:40].decode(errors="replace")
        raise Malformed("version", f'is {shown}; drbot reads Alertmanager\'s version "4"')
