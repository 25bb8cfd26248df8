"""The verb for images: what could be brought back, bring it back, ask the archive for it."""

from __future__ import annotations

from actions.amounts import counted, size_text
from actions.images.choice import Wanted
from actions.images.facts import check_one_place, read_moment
from actions.images.survey import archived_of, choice
from actions.plan import Refused, Transient
from actions.tools.aws.image_objects import Archived
from bot.commands.desk import Desk
from bot.commands.grammar import Said
from bot.commands.runs import no_more_words, propose
from bot.commands.verbs import ANY, verb
from bot.domain.answer import Answer, Refusal, Table, UsageError

SHOWN = 20
_DOES = {"restore": "bring-back-images", "request": "request-archived-images"}
_WHY = {"deleted": "deleted", "overwritten": "overwritten", "lost": "lost here, in the replica"}


@verb("images", "images ENV [restore|request] [key=…|prefix=…] [as_of=TIME]", also=ANY)
def images(desk: Desk, said: Said) -> Answer:
    """What could be brought back of an environment's images: deleted, or (with as_of) overwritten since.

    restore brings it back, request asks the archive for what is in Glacier; both show their plan first.
    """
    environment = said.word(0, "the environment")
    if len(said.words) < 2:
        return _listed(desk, said, environment)
    no_more_words(said, 2)
    action = _DOES.get(said.words[1])
    if action is None:
        raise UsageError(f"{said.words[1][:40]!r} is not known: images {environment} [restore|request]")
    return propose(desk, said, action, {**said.options, "environment": environment})


def _listed(desk: Desk, said: Said, environment: str) -> Answer:
    key, prefix = said.options.get("key", ""), said.options.get("prefix", "")
    strange = sorted(set(said.options) - {"key", "prefix", "as_of"})
    if strange:
        raise UsageError(f"{strange[0]}= is not known here: say key=, prefix= or as_of=")
    try:
        if key or prefix:
            check_one_place(key, prefix)
        as_of = read_moment(said.options["as_of"]) if "as_of" in said.options else ""
    except ValueError as error:
        raise UsageError(str(error)) from error
    try:
        place = desk.toolbox.images(environment)
        chosen = choice(place, key, prefix, as_of)
        waiting = {one.version.key: how for one, how in archived_of(place, chosen.wanted)}
    except (Refused, Transient) as error:
        raise Refusal(str(error)) from error
    rows = tuple(_row(one, waiting.get(one.version.key)) for one in chosen.wanted[:SHOWN])
    size = size_text(sum(one.version.size_bytes for one in chosen.wanted))
    many = counted(len(chosen.wanted), "object")
    title = f"{many} of {place.primary.place} could be brought back ({size})." if rows else _none(as_of)
    return Answer(
        title,
        tuple(_hints(environment, key, prefix, said.options.get("as_of", ""), len(chosen.wanted))),
        table=Table(("object", "what happened", "as it was", "size", "archive"), rows) if rows else None,
        data={"objects": [one.version.key for one in chosen.wanted[:1000]], "looked_at": chosen.looked_at},
    )


def _row(one: Wanted, archive: Archived | None) -> tuple[str, ...]:
    at = f"{one.version.at[:10]} {one.version.at[11:19]} UTC"
    asleep = archive.standing if archive else "–"
    return (one.version.key[-80:], _WHY[one.why], at, size_text(one.version.size_bytes), asleep)


def _none(as_of: str) -> str:
    return f"Everything is as it was at {as_of[:19]} UTC." if as_of else "No image is deleted there."


def _hints(environment: str, key: str, prefix: str, as_of: str, number: int) -> list[str]:
    where = f"key={key}" if key else f"prefix={prefix or '…'}"
    found = []
    if number > SHOWN:
        found.append(f"The first {SHOWN} are shown.")
    if number:
        moment = f" as_of={as_of}" if as_of else ""
        found.append(f"`images {environment} restore {where}{moment}` shows the plan that brings them back.")
    if not as_of:
        found.append("With as_of=2026-11-22T21:55:00Z also what was overwritten since then is found.")
    return found
