"""How fast Slack may be called: as fast as it answers, until it says otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

# After a 429 the lane keeps a steady pace for this long, so that it does not run into the next one.
CAREFUL_S = 60.0
POST_PACE_S = 1.05
OTHER_PACE_S = 1.25
# The same card is not edited more often: what happens meanwhile is in the next edit.
EDIT_PACE_S = 0.5
_KEPT = 2_000


@dataclass
class _Lane:
    free_at_s: float = 0.0
    careful_until_s: float = 0.0


class Pace:
    """Remembers, for each method in each channel, when the next call may be made. Times are monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._edits: dict[str, float] = {}

    def wait_s(self, method: str, channel: str, key: str = "") -> float:
        """Seconds until this call may be made; 0.0 for now."""
        now = self._clock()
        lane = self._lanes.get((method, channel))
        until = lane.free_at_s if lane else 0.0
        if method == "chat.update" and key in self._edits:
            until = max(until, self._edits[key] + EDIT_PACE_S)
        return max(0.0, until - now)

    def called(self, method: str, channel: str, key: str = "") -> None:
        """The call was made and taken."""
        now = self._clock()
        lane = self._lanes.get((method, channel))
        if lane and now < lane.careful_until_s:
            lane.free_at_s = now + (POST_PACE_S if method == "chat.postMessage" else OTHER_PACE_S)
        if key:
            if len(self._edits) >= _KEPT:
                self._edits = {k: at for k, at in self._edits.items() if now - at < EDIT_PACE_S}
            self._edits[key] = now

    def limited(self, method: str, channel: str, retry_after_s: float) -> None:
        """Slack said 429: stay away as long as it asks, then go carefully."""
        now = self._clock()
        lane = self._lanes.setdefault((method, channel), _Lane())
        lane.free_at_s = max(lane.free_at_s, now + retry_after_s)
        lane.careful_until_s = lane.free_at_s + CAREFUL_S

    def is_limited(self, channel: str) -> bool:
        """Whether posts to this channel are held back by Slack's limit."""
        lane = self._lanes.get(("chat.postMessage", channel))
        return lane is not None and self._clock() < lane.careful_until_s
