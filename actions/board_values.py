"""The names under which a look's evidence holds what the readiness board shows beside what is promised."""

from __future__ import annotations

MEASURED = "measured"
"""A few words with a unit: `41 min old`, `61 days left`."""
AGE = "age s"
"""Digits: how many seconds of the newest work a loss would cost now; `inf` where it would cost everything."""
AGE_OF = "age of"
"""What AGE is the age of, where it is not a backup: ARCHIVE."""
BACKUP = "backup"
ARCHIVE = "archive"
"""The WAL archive, behind which a backup may be old and a loss small; each is kept by its own promise."""
HELPS = "helps"
"""The name of the action that would mend what was found: the board offers its button first."""
