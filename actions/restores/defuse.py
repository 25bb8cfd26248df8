"""The step of a restore that makes a copy harmless: it sends and runs nothing in the original's name."""

from __future__ import annotations

from actions.amounts import counted
from actions.failures import NotVerified
from actions.plan import Context, Evidence
from actions.restores.run import Restore
from actions.tools.postgres.server import Session
from actions.tools.postgres.shadow import Names, reopen
from actions.tools.postgres.trial import DEFUSE_TIMEOUT_S, defuse


def make_harmless(restore: Restore, context: Context) -> Evidence:
    """Step: the original's `defuse` statements, before anybody can connect. Fails: the shadow is dropped."""
    names = restore.names(context)
    with restore.locked(context) as session:
        if restore.swapped(session, names):
            return Evidence("was already swapped in")
        state = restore.state(session, names)
        if state in ("defused", "ready"):
            return Evidence(f"{names.shadow} was already made harmless")
        if state != "verified":
            raise NotVerified(f"{names.shadow} was not verified; {restore.untouched}")
        return restore.or_drop(session, names, lambda: _defuse(restore, context, session, names))


def _defuse(restore: Restore, context: Context, session: Session, names: Names) -> Evidence:
    statements = restore.facts.asked.defuse
    shadow = reopen(restore.server(context), session, names)
    with shadow.session(names.run, statement_timeout_s=float(DEFUSE_TIMEOUT_S)) as inside:
        try:
            touched = defuse(inside, statements, names.shadow, restore.sealed(names, "defused"))
        except NotVerified as error:
            raise NotVerified(
                f"{error}. The shadow was dropped, {restore.untouched}: mend environments."
                f"{restore.params.from_environment}.database.defuse of the plan, then ask again."
            ) from error
    return Evidence(
        f"{counted(len(statements), 'statement')} made the copy of {restore.params.from_environment} harmless"
        f" ({touched:,} rows) before anybody could connect",
        {"statements": str(len(statements)), "changed rows": str(touched)},
    )
