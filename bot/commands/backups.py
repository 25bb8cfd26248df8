"""Verbs for database backups: make one, list them, prove one."""

from __future__ import annotations

from actions.backups.listing import list_for_people
from actions.plan import Refused, Transient
from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.runs import no_more_words, propose
from bot.commands.verbs import ANY, verb
from bot.domain.answer import Answer, Refusal, Table

SHOWN = 20


@verb("backup", "backup ENV", also=ANY)
def backup(desk: Desk, said: Said) -> Answer:
    """Make a backup of an environment's database now, verified and copied as the plan says."""
    given = {**said.options, "environment": said.word(0, "the environment")}
    no_more_words(said, 1)
    return propose(desk, said, "back-up-database", given)


@verb("backups", "backups ENV")
def backups(desk: Desk, said: Said) -> Answer:
    """The database backups of an environment, the newest first: age, what proves each, copies, rehearsals."""
    environment = said.word(0, "the environment")
    try:
        bucket, keeping = desk.toolbox.backups(environment), desk.toolbox.keeping(environment)
        lines, total = list_for_people(bucket, keeping, SHOWN)
    except (Refused, Transient) as error:
        raise Refusal(str(error)) from error
    rows = tuple(
        (one.id, one.age, one.size, one.kind, one.proven_by, one.copies, one.rehearsed, one.remark)
        for one in lines
    )
    more = f" The newest {len(rows)} are shown." if total > len(rows) else ""
    return Answer(
        f"{environment} has {total} backup{'s' if total > 1 else ''}.{more}",
        table=Table(("backup", "age", "size", "format", "proven by", "copies", "rehearsed", "remark"), rows),
        data={"backups": [one.id for one in lines]},
    )


@verb("verify", "verify ENV [BACKUP|latest]", also=ANY)
def verify(desk: Desk, said: Said) -> Answer:
    """Read a backup and its copies back and compare them with what was written when it was made."""
    given = {**said.options, "environment": said.word(0, "the environment")}
    no_more_words(said, 2)
    if len(said.words) > 1:
        given["backup"] = said.words[1]
    return propose(desk, said, "verify-backup", given)
