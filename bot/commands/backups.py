"""Verbs for database backups: make one, list them, prove one."""

from __future__ import annotations

from actions.backups import list_backups
from actions.plan import Refused, Transient
from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.runs import no_more_words, propose
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Refusal, Table


@verb("backup", "backup ENV")
def backup(desk: Desk, said: Said) -> Answer:
    """Make a backup of an environment's database now, verified and copied as the plan says."""
    given = {**said.options, "environment": said.word(0, "the environment")}
    no_more_words(said, 1)
    return propose(desk, said, "back-up-database", given)


@verb("backups", "backups ENV", strangers=True)
def backups(desk: Desk, said: Said) -> Answer:
    """The database backups of an environment, the newest first, and what proves each."""
    environment = said.word(0, "the environment")
    try:
        found = list_backups(desk.toolbox.backups(environment))
    except (Refused, Transient) as error:
        raise Refusal(str(error)) from error
    rows = tuple(
        (one.id, f"{one.object.size_bytes / 1e6:.1f} MB", one.kind, one.proof.value, one.remark)
        for one in found[:20]
    )
    more = f" The newest {len(rows)} are shown." if len(found) > len(rows) else ""
    return Answer(
        f"{environment} has {len(found)} backup{'s' if len(found) > 1 else ''}.{more}",
        table=Table(("backup", "size", "format", "proven by", "remark"), rows),
        data={"backups": [one.id for one in found]},
    )


@verb("verify", "verify ENV [BACKUP|latest]")
def verify(desk: Desk, said: Said) -> Answer:
    """Read a backup and its copies back and compare them with what was written when it was made."""
    given = {**said.options, "environment": said.word(0, "the environment")}
    no_more_words(said, 2)
    if len(said.words) > 1:
        given["backup"] = said.words[1]
    return propose(desk, said, "verify-backup", given)
