"""What can be said, and by whom."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.rooms import rooms
from bot.commands.verbs import Verb, all_verbs, verb
from bot.domain.answer import Answer, Table, UsageError


@verb("help", "help [VERB]", strangers=True)
def help_(desk: Desk, said: Said) -> Answer:
    """What can be said, and by whom; with a word of it (`help incidents`, `help ack`) in full."""
    del desk
    if said.words:
        return _about(" ".join(said.words).lower())
    lines = [f"`help {room.name}`: {', '.join(one.name for one in room.verbs)}" for room in rooms()]
    hint = "`help ack` tells all about a verb."
    if said.where.face == "shell":
        every = [one for room in rooms() for one in room.verbs]
        return Answer("What can be said, here and in Slack:", (hint,), table=_table(every))
    return Answer(
        "What can be said, here and in a shell:",
        (*lines, hint),
        presses=tuple((room.name.capitalize(), f"help {room.name}") for room in rooms()),
    )


def _about(name: str) -> Answer:
    """A room of verbs, a verb, or all that begin with a word; a verb's own words come first."""
    verbs = all_verbs()
    one = verbs.get(name)
    room = next((room for room in rooms() if room.name == name), None)
    begins = [found for key, found in verbs.items() if key.startswith(f"{name} ")]
    listed = room.verbs if room else (*([one] if one and begins else []), *begins)
    table = _table(listed) if listed else None
    if one is not None:
        return Answer(one.usage, (one.help, f"Who: {_who(one)}."), table=table)
    if room is not None:
        return Answer(f"{room.name.capitalize()}: {room.about}.", table=table)
    if begins:
        return Answer(f"What can follow `{name}`:", table=table)
    near = difflib.get_close_matches(name, [*verbs, *(room.name for room in rooms())], n=1)
    hint = f"did you mean `help {near[0]}`?" if near else "`help` lists what can be said"
    raise UsageError(f"there is no verb {name[:40]!r}: {hint}")


def _who(one: Verb) -> str:
    return "anyone" if one.strangers else "people of the plan; the risk table decides who may run what"


def _table(verbs: Sequence[Verb]) -> Table:
    rows = tuple((one.usage, one.help.split(". ")[0].rstrip(".")) for one in verbs)
    return Table(("say", "and it means"), rows)
