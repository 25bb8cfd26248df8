"""What a restore says: of a backup that was refused, of what differs, of what was compared."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from actions.backups.choice import Manifest
from actions.failures import Refused
from actions.plan import Evidence
from actions.restores.facts import RestoreFacts, RestoreParams
from actions.tools.postgres.content import Content

SAID_FAULTS = 5


@contextlib.contextmanager
def choosing(params: RestoreParams, how: str = "restore {} BACKUP") -> Iterator[None]:
    """Where the block refuses the backup, its sentence goes on with how another one is chosen."""
    try:
        yield
    except Refused as error:
        raise Refused(
            f"{str(error).rstrip('.')}. `backups {params.from_environment}` lists what there is,"
            f" `{how.format(params.environment)}` takes one of them."
        ) from error


def told(wrong: list[str], facts: RestoreFacts) -> str:
    """What is wrong with the shadow's content."""
    more = f"; and {len(wrong) - SAID_FAULTS} more" if len(wrong) > SAID_FAULTS else ""
    return (
        f"{facts.backup.id} is not what it should be: {'; '.join(wrong[:SAID_FAULTS])}{more}."
        f" The shadow was dropped, {facts.target.database} was not touched; choose another backup."
    )


def verified(
    found: Content,
    manifest: Manifest | None,
    holds: tuple[tuple[str, str], ...],
    beside: tuple[str, ...] = (),
) -> Evidence:
    """What was compared, and held; amber where people should know something `beside` it."""
    values = {name: f"{table.rows:,} rows" for name, table in list(found.tables.items())[:40]}
    if manifest:
        said = (
            f"every row matched the manifest: {found.rows:,} rows in {len(found.tables)} tables, same hashes"
        )
    else:
        said = f"{found.rows:,} rows in {len(found.tables)} tables; no manifest to compare them with"
    asked = f"; {len(holds)} queries of the plan held" if holds else ""
    but = "".join(f"; but look: {one}" for one in beside)
    sound = "" if beside else "; constraints valid, sequences ahead"
    return Evidence(f"{said}{sound}{asked}{but}", values, "amber" if beside else "")
