"""The names under which a rehearsal's evidence holds what a drill measures, so that both spell them alike."""

from __future__ import annotations

BACKUP = "backup"
"""Id of the backup that was rehearsed."""
DATA_OF = "data of"
"""ISO 8601 UTC time of the dump's snapshot, or the point in time that was recovered."""
NEWEST_ROW = "newest row"
"""ISO 8601 UTC time of the newest row that came back; absent where the plan names no column for it."""
ROWS = "rows"
TABLES = "tables"
BYTES = "bytes"
"""Size of the restored database in bytes, digits only (as are rows and tables)."""
