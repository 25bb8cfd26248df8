"""The way back of a restore: the kept database returns by the same swap, the restored one is kept beside."""

from __future__ import annotations

from psycopg import sql

from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Evidence
from actions.restores.kept import Kept, kept_beside, kept_words
from actions.restores.run import Restore
from actions.tools.postgres.server import databases
from actions.tools.postgres.shadow import Names, drop_shadow, other_bot
from actions.tools.postgres.swap import Exchange, exchange, rows_written


def say_written(restore: Restore, context: Context) -> Evidence:
    """What the way back takes out of sight: rows written into the restored database since the swap."""
    server, names = restore.server(context), restore.names(context)
    with server.admin(context.run) as session:
        if not restore.swapped(session, names):
            return Evidence("nothing had been swapped in, so nothing was written into it")
        kept = kept_beside(session, names)
        _refuse_later(names, kept, databases(session)[names.database].oid)
    try:
        with server.session(context.run) as inside:
            since = rows_written(inside) - kept.written
    except (Refused, Transient) as error:  # the way back must not hang on what is being taken back
        return Evidence(f"what was written since the swap could not be counted: {error}")
    if since < 0:
        return Evidence(f"how much was written into {names.database} since the swap is not known any more")
    where = f"; they stay readable in {names.undone}" if since else ""
    return Evidence(
        f"{since:,} rows were written into {names.database} since the swap{where}", {"rows": str(since)}
    )


def swap_back(restore: Restore, context: Context) -> Evidence:
    """Both renames backwards, in one transaction; without a swap there is nothing to do."""
    server, names = restore.server(context), restore.names(context)
    with restore.locked(context) as session:
        present = databases(session)
        planned_oid = restore.facts.target.oid
        if names.database in present and present[names.database].oid == planned_oid:
            return Evidence(f"{names.database} was the database from before")
        if not restore.swapped(session, names):
            raise NotVerified(
                f"{names.old} is not there any more, so it cannot come back: {names.database} stays as it is"
            )
        kept = kept_beside(session, names)
        _refuse_later(names, kept, present[names.database].oid)
        change = Exchange(
            live=names.database,
            live_oid=present[names.database].oid,
            away=names.undone,
            coming=names.old,
            coming_oid=planned_oid,
        )
        aside = kept_words(session, Kept(names.run, 0, "", planned_oid))
        also = [_comment(names.database, kept.comment or None), _comment(names.undone, aside)]
        spent_s = exchange(server, session, names.run, change, also)
    return Evidence(
        f"the database from before was back in {spent_s:.2f} s; the restored one is kept as {names.undone}",
        {"away for": f"{spent_s:.2f} s", "kept": names.undone},
    )


def drop_leftovers(restore: Restore, context: Context) -> Evidence:
    """The run's shadow and its role, if any is left. What another bot's run of this number has stays."""
    names = restore.names(context)
    with restore.locked(context) as session:
        if other := other_bot(session, names):
            return Evidence(
                f"{names.shadow} is of another bot ({other}) and was left alone; none of ours was left"
            )
        was_there = drop_shadow(session, names)
    return Evidence(f"dropped {names.shadow}" if was_there else "no shadow was left")


def check_back(restore: Restore, context: Context) -> Evidence:
    """The target is the database from before, and answers."""
    server, names = restore.server(context), restore.names(context)
    with server.session(context.run) as inside:
        row = inside.execute(
            "SELECT oid::bigint FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    if row is None or row[0] != restore.facts.target.oid:
        raise NotVerified(f"{names.database} is not the database from before")
    return Evidence(f"{names.database} answered; it is the one from before the restore")


def _refuse_later(names: Names, kept: Kept, live_oid: int) -> None:
    """Raises Refused where what is in place is not what this run put there."""
    if kept.came and kept.came != live_oid:
        raise Refused(
            f"{names.database} was replaced again since run {names.run} (a later restore?): take that back"
            " first, the newest before the older. Nothing was changed."
        )


def _comment(database: str, words: str | None) -> sql.Composed:
    return sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(words))
