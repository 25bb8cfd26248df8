"""One monitor's webhook: admitted, read, verified, parsed, stored, and only then answered 200."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.domain.alert import Notification
from bot.domain.entry import Json
from bot.exchange import Gone, Headers, Receive, Refused, Scope, Send, answer_json, header, read_body
from bot.intake import RETRY_AFTER_S, Busy, Intake
from bot.metrics import Metrics
from bot.sources import alertmanager, pagerduty
from bot.sources.body import MAX_BODY_BYTES, Malformed, Unauthorized
from bot.store.database import StoreDown

# Larger bodies are parsed beside the event loop, so that nobody else waits for them.
LARGE_BODY_BYTES = 256_000
# What all bodies under way may hold in memory together; beyond it a sender is asked to come again.
BODIES_BYTES = 40_000_000
STORE_TIMEOUT_S = 8.0
_RETRY: Headers = ((b"retry-after", str(RETRY_AFTER_S).encode()),)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """A monitor as the web sees it. `admit` runs before the body is read, `verify` after.

    Both raise Unauthorized or Refused, `parse` raises Malformed.
    """

    name: str
    admit: Callable[[Scope], None]
    verify: Callable[[Scope, bytes], None]
    parse: Callable[[bytes], Notification]


class _Said(NamedTuple):
    status: int
    content: Mapping[str, Json]
    headers: Headers = ()


class Webhook:
    """The ASGI endpoint of one source."""

    def __init__(self, source: Source, intake: Intake, metrics: Metrics) -> None:
        self._source = source
        self._intake = intake
        self._metrics = metrics
        self._bodies_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = await self._said(scope, receive)
        self._metrics.answered(self._source.name, said.status)
        await answer_json(send, said.status, said.content, said.headers)

    async def _said(self, scope: Scope, receive: Receive) -> _Said:
        try:
            return await self._taken(scope, receive)
        except Refused as refused:
            return _Said(refused.status, {"error": str(refused)}, refused.headers)
        except Unauthorized as unauthorized:
            return _Said(401, {"error": str(unauthorized)}, ((b"www-authenticate", b"Bearer"),))
        except Malformed as malformed:
            return _Said(400, {"error": str(malformed), "field": malformed.field})
        except (Busy, StoreDown) as busy:
            return _Said(503, {"error": str(busy)}, _RETRY)
        except Gone:
            raise
        except Exception:  # noqa: BLE001 - told to the sender by reference, and to the log whole
            reference = uuid.uuid4().hex[:8]
            _log.exception("the %s webhook failed (reference %s)", self._source.name, reference)
            said = f"drbot failed on this (reference {reference} in its log); send it again"
            return _Said(500, {"error": said})

    async def _taken(self, scope: Scope, receive: Receive) -> _Said:
        """Take one notification; the answer once it is on disk."""
        source = self._source
        source.admit(scope)
        declared = header(scope, b"content-length")
        room = min(int(declared[:12]), MAX_BODY_BYTES) if declared.isdigit() else MAX_BODY_BYTES
        if self._bodies_bytes and self._bodies_bytes + room > BODIES_BYTES:
            raise Refused(503, "too much is being sent at once; nothing was stored, send it again", _RETRY)
        self._bodies_bytes += room
        try:
            body = await read_body(scope, receive, MAX_BODY_BYTES)
            return await self._stored(source, scope, body)
        finally:
            self._bodies_bytes -= room

    async def _stored(self, source: Source, scope: Scope, body: bytes) -> _Said:
        source.verify(scope, body)
        if len(body) > LARGE_BODY_BYTES:
            notification = await asyncio.to_thread(source.parse, body)
        else:
            notification = source.parse(body)
        stored = asyncio.wrap_future(self._intake.accept(notification))
        try:
            async with asyncio.timeout(STORE_TIMEOUT_S):
                accepted = await stored
        except TimeoutError:
            waited = f"the store did not answer within {STORE_TIMEOUT_S:.0f} s"
            return _Said(503, {"error": f"{waited}; send it again, it is harmless twice"}, _RETRY)
        self._metrics.accepted(accepted)
        content: dict[str, Json] = {
            "new": accepted.new,
            "changed": accepted.changed,
            "repeated": accepted.repeated,
        }
        if notification.notes:
            content["notes"] = list(notification.notes)
        return _Said(200, content)


def alertmanager_source(token: str) -> Source:
    """Alertmanager, by bearer token. Without one, whoever is on this machine, but no browser's page."""

    def admit(scope: Scope) -> None:
        if not token and header(scope, b"origin"):
            raise Refused(403, "a browser's page may not post alerts: set DR_WEBHOOK_TOKEN and send it")
        alertmanager.verify(header(scope, b"authorization"), token)

    return Source(alertmanager.SOURCE, admit, lambda _scope, _body: None, alertmanager.parse)


def pagerduty_source(secrets: Sequence[str], own_pages: str = "") -> Source:
    """PagerDuty, by signature. Several secrets while one is rotated; `own_pages` begins our dedup keys."""
    known = tuple(secret for secret in secrets if secret)

    def admit(_scope: Scope) -> None:
        if not known:
            # 503 rather than 401: what is refused this way PagerDuty keeps, and sends again.
            raise Refused(503, "PAGERDUTY_WEBHOOK_SECRET is not set: no signature can be checked", _RETRY)

    def verify(scope: Scope, body: bytes) -> None:
        pagerduty.verify(body, header(scope, b"x-pagerduty-signature"), known)

    return Source(pagerduty.SOURCE, admit, verify, lambda body: pagerduty.parse(body, own_pages))
