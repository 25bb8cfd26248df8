"""The step of a restore that proves the shadow: every row against the manifest, and the plan's queries."""

from __future__ import annotations

from datetime import datetime

from actions import rehearsal_values as values
from actions.failures import Disproved, NotVerified
from actions.plan import Context, Evidence
from actions.restores.proof import judge
from actions.restores.run import LOAD_TIMEOUT_S, Restore
from actions.restores.words import told, verified
from actions.tools.postgres.content import read_content
from actions.tools.postgres.inventory import read_newest
from actions.tools.postgres.server import Session, whole
from actions.tools.postgres.shadow import Names, reopen
from actions.tools.postgres.trial import holding, unanswered

PROVEN = ("verified", "defused", "ready")


def verify(restore: Restore, context: Context) -> Evidence:
    """Step: what is in the shadow is what was backed up. Asked as the role that owns only the shadow."""
    names = restore.names(context)
    with restore.locked(context) as session:
        if restore.swapped(session, names):
            return Evidence("was already swapped in")
        state = restore.state(session, names)
        if state in PROVEN:
            return Evidence(f"{names.shadow} was already verified")
        if state != "loaded":
            raise NotVerified(f"{names.shadow} was not loaded to the end; {restore.untouched}")
        return restore.or_drop(session, names, lambda: _verify(restore, context, session, names))


def _verify(restore: Restore, context: Context, session: Session, names: Names) -> Evidence:
    server, manifest = restore.server(context), restore.manifest(context)
    shadow = reopen(server, session, names)
    with shadow.session(names.run, statement_timeout_s=LOAD_TIMEOUT_S) as inside:
        hashed_by = manifest.content.hashed_by if manifest else "text"
        found = read_content(inside, hashed_by, context.progress)
        newest = read_newest(inside, restore.facts.asked.newest)
        judged = judge(inside, server.smoke_tables, found, newest, manifest)
        wrong = [*judged.wrong, *holding(inside, restore.facts.asked.holds)]
        if wrong:
            # What was not answered in time may be answered tomorrow: then the backup is not at fault.
            proves = any(not unanswered(one) for one in wrong)
            raise (Disproved if proves else NotVerified)(told(wrong, restore.facts))
        inside.execute("ANALYZE")
        size_bytes = _size_bytes(inside)
    restore.seal(session, names, "verified")
    evidence = verified(found, manifest, restore.facts.asked.holds, judged.beside)
    measured = {
        values.BACKUP: restore.facts.backup.id,
        values.DATA_OF: restore.facts.backup.taken_at,
        values.ROWS: str(found.rows),
        values.TABLES: str(len(found.tables)),
        values.BYTES: str(size_bytes),
    }
    if newest:
        measured[values.NEWEST_ROW] = max(newest.values(), key=datetime.fromisoformat)
    return Evidence(evidence.said, {**measured, **evidence.values}, evidence.light)


def _size_bytes(inside: Session) -> int:
    row = inside.execute("SELECT pg_database_size(current_database())").fetchone()
    return whole(row[0]) if row else 0
