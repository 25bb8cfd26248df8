"""The names under which a look's evidence holds what the readiness board shows beside what is promised."""

from __future__ import annotations

MEASURED = "measured"
"""A few words with a unit: `41 min old`, `61 days left`."""
AGE = "age s"
"""Digits: how many seconds of the newest work a loss would cost now."""
HELPS = "helps"
"""The name of the action that would mend what was found: the board offers its button first."""
