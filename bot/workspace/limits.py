"""Slack's rate limits: a bucket per method by its published tier, and one post a second in each channel."""

import math
import time
from dataclasses import dataclass

TIER_1 = ("apps.connections.open",)
TIER_2 = (
    "conversations.create", "conversations.archive", "conversations.rename", "conversations.setTopic",
    "conversations.setPurpose", "conversations.list", "bookmarks.add", "bookmarks.remove", "pins.add",
    "pins.list", "pins.remove", "reactions.remove", "users.list", "usergroups.users.list",
)  # fmt: skip
TIER_4 = (
    "chat.postEphemeral", "conversations.members", "users.info", "views.open", "views.push", "views.update",
    "views.publish", "files.getUploadURLExternal", "files.completeUploadExternal",
)  # fmt: skip
SPECIAL = {"auth.test": 600, "chat.getPermalink": 600, "chat.postMessage": 300}
PER_MINUTE = (
    dict.fromkeys(TIER_1, 10)  # "1+ a minute": the plus is room for a client that reconnects
    | dict.fromkeys(TIER_2, 20)
    | dict.fromkeys(TIER_4, 100)
    | SPECIAL
)
TIER_3_PER_MINUTE = 50
CHANNEL_POSTS_PER_S = 1.0
CHANNEL_BURST = 5.0


@dataclass
class _Bucket:
    tokens: float
    seen_s: float

    def take(self, rate_per_s: float, burst: float, now_s: float) -> float:
        """Take one token; the seconds until there is one, 0.0 when it was taken."""
        self.tokens = min(burst, self.tokens + (now_s - self.seen_s) * rate_per_s)
        self.seen_s = now_s
        if self.tokens < 1.0:
            return (1.0 - self.tokens) / rate_per_s
        self.tokens -= 1.0
        return 0.0


class RateLimits:
    """Off by default. Switched on, `wait_s` says how long a caller must stay away."""

    def __init__(self, on: bool) -> None:
        self.on = on
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def wait_s(self, method: str, channel: str) -> int:
        """Whole seconds for `Retry-After`; 0 lets the call through and counts it."""
        if not self.on:
            return 0
        per_minute = PER_MINUTE.get(method, TIER_3_PER_MINUTE)
        wait = self._take((method, ""), per_minute / 60, float(per_minute))
        if not wait and method == "chat.postMessage" and channel:
            wait = self._take((method, channel), CHANNEL_POSTS_PER_S, CHANNEL_BURST)
        return math.ceil(wait)

    def switch(self, on: bool) -> None:
        """Turn on or off; turning forgets what was counted."""
        self.on = on
        self._buckets.clear()

    def _take(self, key: tuple[str, str], rate_per_s: float, burst: float) -> float:
        now_s = time.monotonic()
        bucket = self._buckets.setdefault(key, _Bucket(burst, now_s))
        return bucket.take(rate_per_s, burst, now_s)
