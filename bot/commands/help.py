"""What can be said, and by whom."""

from __future__ import annotations

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.verbs import all_verbs, verb
from bot.domain.answer import Answer, Table, UsageError


@verb("help", "help [VERB]", strangers=True)
def help_(desk: Desk, said: Said) -> Answer:
    """What can be said, and by whom."""
    del desk
    verbs = all_verbs()
    if said.words:
        name = " ".join(said.words).lower()
        if name not in verbs:
            raise UsageError(f"there is no verb {name[:40]!r}")
        one = verbs[name]
        who = "anyone" if one.strangers else "people of the plan; the risk table decides who may run what"
        return Answer(f"{one.usage}", (one.help, f"Who: {who}."))
    rows = tuple((one.usage, one.help.split(". ")[0].rstrip(".")) for one in verbs.values())
    return Answer("What can be said, here and in a shell:", table=Table(("say", "and it means"), rows))
