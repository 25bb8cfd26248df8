"""One call to Slack, and the four ways it can end: done, limited, unreachable, refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

Method: TypeAlias = "Callable[..., Awaitable[AsyncSlackResponse]]"

RETRY_DEFAULT_S = 1.0
_DOWN = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)
_SHUT = frozenset({"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"})


class Limited(Exception):
    """Slack asks to stay away for `retry_after_s`; it took nothing."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"Slack's rate limit: again in {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


class Unreachable(Exception):
    """Slack does not answer, or does not let the bot in. A post may or may not have arrived."""


class Rejected(Exception):
    """Slack refuses this call with `code`; it took nothing, and the same call would be refused again."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"Slack refused: {code}{': ' + detail if detail else ''}")
        self.code = code


async def call(method: Method, **arguments: object) -> Mapping[str, Any]:
    """Call a method of the Web client. Raises Limited, Unreachable, Rejected. The client has a timeout."""
    try:
        answer = await method(**arguments)
    except SlackApiError as error:
        raise _told(error) from error
    except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
        raise Unreachable(f"Slack cannot be reached: {type(error).__name__}") from error
    body: object = answer.data
    return body if isinstance(body, dict) else {}


def _told(error: SlackApiError) -> Exception:
    response = error.response
    status = int(getattr(response, "status_code", 0) or 0)
    headers = getattr(response, "headers", None) or {}
    body = getattr(response, "data", None)
    code = str(body.get("error", "")) if isinstance(body, dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return Limited(_seconds(headers))
    if status >= 500 or code in _DOWN or not code:
        return Unreachable(f"Slack is down: {code or status}")
    if code in _SHUT:
        return Unreachable(f"Slack does not let the bot in: {code}; check SLACK_BOT_TOKEN")
    detail = body.get("response_metadata") if isinstance(body, dict) else None
    messages = detail.get("messages", []) if isinstance(detail, dict) else []
    return Rejected(code, "; ".join(map(str, messages[:3])))


def _seconds(headers: Mapping[str, str]) -> float:
    given = headers.get("Retry-After") or headers.get("retry-after") or ""
    try:
        return min(max(float(given), 0.1), 300.0)
    except ValueError:
        return RETRY_DEFAULT_S
