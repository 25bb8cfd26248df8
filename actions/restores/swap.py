"""The last steps of a restore: hand the shadow over, swap it in, and ask what is there then."""

from __future__ import annotations

from psycopg import sql

from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Evidence
from actions.restores.kept import Kept, kept_words
from actions.restores.proof import few
from actions.restores.run import Restore
from actions.restores.writers import require_stopped
from actions.tools.postgres.content import empty_tables
from actions.tools.postgres.handover import hand_over as hand_over_shadow
from actions.tools.postgres.rights_compared import other_rights, read_rights
from actions.tools.postgres.server import Session, databases
from actions.tools.postgres.shadow import Names, seal_of
from actions.tools.postgres.swap import Exchange, exchange, rights_of, rows_written


def hand_over(restore: Restore, context: Context) -> Evidence:
    """Step: everything in the shadow to the target's owner, with the target's settings."""
    server, names = restore.server(context), restore.names(context)
    wanted = "defused" if restore.facts.asked.defuse else "verified"
    with restore.locked(context) as session:
        if restore.swapped(session, names):
            return Evidence("was already swapped in")
        if restore.state(session, names) not in (wanted, "ready"):
            raise NotVerified(f"{names.shadow} was not {wanted}; {restore.untouched}")
        owner = restore.facts.target.owner
        lost = hand_over_shadow(server, session, names, owner, restore.comes_back)
        restore.seal(session, names, "ready")
    said = f"{owner} owned {names.shadow}, with the settings of {names.database}"
    if lost:
        return Evidence(
            f"{said}; not brought back: {few(lost)}", {"not brought back": str(len(lost))}, "amber"
        )
    return Evidence(said)


def swap(restore: Restore, context: Context) -> Evidence:
    """Step: both renames in one transaction. Old or new is there at any moment, never none."""
    server, names = restore.server(context), restore.names(context)
    with restore.locked(context) as session:
        if restore.swapped(session, names):
            return Evidence(f"was already swapped; the database from before is {names.old}")
        if restore.state(session, names) != "ready":
            raise NotVerified(f"{names.shadow} is not ready to be swapped in; {restore.untouched}")
        require_stopped(context, restore.params.environment, restore.facts.writers)
        with server.session(context.run, names.shadow) as inside:
            written = rows_written(inside)
        change = Exchange(
            live=names.database,
            live_oid=restore.facts.target.oid,
            away=names.old,
            coming=names.shadow,
            coming_oid=databases(session)[names.shadow].oid,
        )
        also = _also(session, names, change, written)
        spent_s = exchange(server, session, names.run, change, also)
    return Evidence(
        f"swapped in {spent_s:.2f} s; the database from before is kept as {names.old}",
        {"away for": f"{spent_s:.2f} s", "kept": names.old},
    )


def _also(session: Session, names: Names, change: Exchange, written: int) -> list[sql.Composed]:
    """What else changes in the swap's transaction: rights, and the words on both databases."""
    comment = seal_of(session, names.database)
    kept = Kept(names.run, written, comment, change.coming_oid)
    return [
        *rights_of(session, names.database, names.database),
        _comment(names.database, comment or None),
        _comment(names.old, kept_words(session, kept)),
    ]


def check_new(restore: Restore, context: Context) -> Evidence:
    """Check: the target is the restored one, answers, and its tables are filled."""
    server, names = restore.server(context), restore.names(context)
    with server.admin(context.run) as session:
        if not restore.swapped(session, names):
            raise NotVerified(f"{names.database} is not the restored database")
    with server.session(context.run) as inside:
        hollow = empty_tables(inside, server.smoke_tables)
        row = inside.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^(pg_|information_schema)'"
        ).fetchone()
    if hollow:
        raise NotVerified(f"{names.database} answers, but {', '.join(hollow)}")
    filled = f", {', '.join(server.smoke_tables)} filled" if server.smoke_tables else ""
    said = f"{names.database} answered with {row[0] if row else 0} tables{filled}"
    if other := _other_rights(restore, context, names):
        return Evidence(
            f"{said}; but look at its rights: {few(other)}", {"other rights": str(len(other))}, "amber"
        )
    return Evidence(said)


def _other_rights(restore: Restore, context: Context, names: Names) -> tuple[str, ...]:
    """What belongs to others, or lets others in, than in the database from before; of a copy nobody asks."""
    if not restore.comes_back:
        return ()
    server = restore.server(context)
    try:
        with server.session(context.run, names.old) as before, server.session(context.run) as now:
            return other_rights(read_rights(before), read_rights(now))
    except (Refused, Transient) as error:
        return (f"they could not be held against those of {names.old}: {error}",)


def _comment(database: str, words: str | None) -> sql.Composed:
    return sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(words))
