"""How long the wall clock has run beside a clock that never jumps: the only thing that speaks for it."""

from __future__ import annotations

from datetime import datetime, timedelta

A_JUMP = timedelta(minutes=1)
"""More than this at once is a jump; what NTP slews between two looks is far less."""


class Steadiness:
    """Told both clocks every few seconds. Begins anew with each process, and with each jump."""

    def __init__(self) -> None:
        self._since_s = 0.0
        self._last: tuple[datetime, float] | None = None

    def look(self, now: datetime, steady_s: float) -> float:
        """For how many seconds the two have agreed."""
        before, self._last = self._last, (now, steady_s)
        if before is None or abs((now - before[0]) - timedelta(seconds=steady_s - before[1])) > A_JUMP:
            self._since_s = steady_s
        return steady_s - self._since_s
