"""Short-lived permissions: trigger ids (3 s, once) and response URLs (30 min, 5 posts)."""

import secrets
import time
from dataclasses import dataclass

from bot.workspace.wire import SlackError

TRIGGER_LIFE_S = 3.0
RESPONSE_LIFE_S = 30 * 60.0
RESPONSE_POSTS = 5
MAX_KEPT = 10_000


@dataclass
class Trigger:
    """Who pressed or typed, and until when a modal may answer."""

    user: str
    expires_s: float
    used: bool = False


class Triggers:
    """Issues and redeems trigger ids."""

    def __init__(self) -> None:
        self._issued: dict[str, Trigger] = {}

    def issue(self, user: str) -> str:
        """A new trigger id for this person."""
        while len(self._issued) >= MAX_KEPT:
            del self._issued[next(iter(self._issued))]
        trigger_id = f"{time.time_ns() // 1000}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(user, time.monotonic() + TRIGGER_LIFE_S)
        return trigger_id

    def redeem(self, trigger_id: str) -> str:
        """The person behind it. Raises `invalid_trigger_id`, `exchanged_trigger_id`, `expired_trigger_id`."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if time.monotonic() > trigger.expires_s:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user


@dataclass
class ResponseTicket:
    """What a response URL may touch: the channel, and the message that was pressed, if any."""

    user: str
    channel: str
    message_ts: str
    expires_s: float
    posts_left: int = RESPONSE_POSTS


class ResponseTickets:
    """Issues and redeems the secret part of response URLs."""

    def __init__(self) -> None:
        self._issued: dict[str, ResponseTicket] = {}

    def issue(self, user: str, channel: str, message_ts: str = "") -> str:
        """The path of a new response URL, without a leading slash."""
        while len(self._issued) >= MAX_KEPT:
            del self._issued[next(iter(self._issued))]
        secret = secrets.token_urlsafe(18)
        expires_s = time.monotonic() + RESPONSE_LIFE_S
        self._issued[secret] = ResponseTicket(user, channel, message_ts, expires_s)
        return f"response/{secret}"

    def redeem(self, secret: str) -> ResponseTicket:
        """Use one of its five posts. Raises `invalid_url`, `expired_url`, `used_url`."""
        ticket = self._issued.get(secret)
        if ticket is None:
            raise SlackError("invalid_url")
        if time.monotonic() > ticket.expires_s:
            raise SlackError("expired_url")
        if ticket.posts_left <= 0:
            raise SlackError("used_url")
        ticket.posts_left -= 1
        return ticket
