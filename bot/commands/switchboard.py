"""The console: a line in, one answer out, the same for Slack, buttons and the shell."""

from __future__ import annotations

import difflib
import logging
import uuid
from collections.abc import Sequence
from dataclasses import replace

from bot.commands.console import Where
from bot.commands.desk import Desk
from bot.commands.grammar import Said, Words, take_apart
from bot.commands.pasted import for_slack
from bot.commands.shape import to_say
from bot.commands.strict import check
from bot.commands.verbs import Verb, all_verbs
from bot.domain.answer import Already, Answer, Exit, Refusal, UsageError
from bot.domain.entry import NewEntry
from bot.domain.person import Person
from bot.store.database import StoreDown
from bot.store.journal import append

_log = logging.getLogger(__name__)


class Switchboard:
    """Finds the verb, lets it answer, and turns every refusal into a sentence."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def execute(self, line: str, person: Person, where: Where) -> Answer:
        """See bot.commands.console.Console: never raises."""
        answer = self._told(line, person, where)
        return for_slack(answer) if where.face == "slack" else answer

    def _told(self, line: str, person: Person, where: Where) -> Answer:
        try:
            return self._answer(line, person, where)
        except UsageError as error:
            return Answer(sentence(str(error)), exit=Exit.USAGE)
        except Already as already:
            return Answer(sentence(str(already)))
        except Refusal as refusal:
            self._note_refusal(line, person, str(refusal))
            return Answer(sentence(str(refusal)), exit=Exit.REFUSED)
        except StoreDown as error:
            return Answer(
                "The bot's memory does not answer, so nothing was done. Try again in a minute.",
                (str(error),),
                exit=Exit.FAILED,
            )
        except Exception:  # noqa: BLE001 - a person waits: they get an answer, with a name for the log
            name = uuid.uuid4().hex[:8]
            _log.exception("%s failed, told as %s", line.split(" ")[0], name)
            return Answer(
                f"Something broke while answering; it is in the bot's log as {name}.",
                ("`runs` and `incidents` show what was done, if anything.",),
                exit=Exit.FAILED,
            )

    def completions(self) -> tuple[tuple[str, str], ...]:
        """Line starts with a hint: the verbs, then what is at hand (open incidents, environments)."""
        lines = [(verb.usage, verb.help.split(". ")[0]) for verb in all_verbs().values()]
        lines += [
            (f"restore {name}", f"the newest verified backup into {place.title or name}")
            for name, place in self._desk.plan.environments.items()
            if place.database
        ]
        for incident in self._desk.incidents.open()[:10]:
            lines.append((f"incident {incident.ref}", f"{incident.severity.value} {incident.title}"))
        return tuple(lines)

    def _answer(self, line: str, person: Person, where: Where) -> Answer:
        words = take_apart(line)
        if not words.plain:
            words = replace(words, plain=("help",), ends=(0,))
        found = find_verb(words)
        if not person.known and not found.strangers:
            raise Refusal(self._not_theirs(found, person, where))
        check(found, words, all_verbs())
        length = len(found.name.split())
        said = Said(person, where, words.plain[length:], words.options, words, length)
        try:
            return found.do(self._desk, said)
        except UsageError as error:
            raise UsageError(_with_usage(str(error), to_say(found, words))) from error

    def _not_theirs(self, found: Verb, person: Person, where: Where) -> str:
        """Why a stranger may not say it. A shell tells whom it takes them for, and how to say otherwise."""
        on_call = self._desk.plan.people_with(("on-call",))
        if where.face != "shell":
            names = ", ".join(one.name for one in on_call)
            return f"the plan does not name you, so `{found.name}` is not yours to say. On call: {names}"
        names = ", ".join(f"{one.name} ({one.id})" for one in on_call)
        return (
            f"this shell takes you for {person.id!r}, whom the plan does not name, so `{found.name}` is not"
            " yours to say. Nothing was done. Say who you are with --as NAME, or once with"
            f" `export DR_PERSON=NAME`: your name in the plan's `people`. On call: {names}"
        )

    def _note_refusal(self, line: str, person: Person, why: str) -> None:
        verb = line.split(" ")[0][:40]
        entry = NewEntry("press-refused", person.id, {"verb": verb, "why": why[:500]})
        try:
            self._desk.store.write(lambda tx: append(tx, entry))
        except StoreDown:
            _log.error("a refusal of %s to %s could not be journalled", verb, person.id)


def _with_usage(said: str, usage: str) -> str:
    """The sentence, and what to say where it does not tell that itself."""
    if "`" in said or "say " in said or "did you mean" in said:
        return said
    return f"{said if said.endswith('?') else said.rstrip('.') + '.'} Say `{usage}`"


def find_verb(words: Words) -> Verb:
    """The verb that the line starts with, two words before one. Raises UsageError with what is near."""
    verbs = all_verbs()
    for length in (2, 1):
        found = verbs.get(" ".join(words.plain[:length]).lower())
        if found is not None:
            return found
    first = words.plain[0].lower()
    family = [name for name in verbs if name.startswith(f"{first} ")]
    if family:
        raise UsageError(_which_of(first, family, words.plain[1:2]))
    near = difflib.get_close_matches(first, list(verbs), n=1)
    hint = f"did you mean `{near[0]}`?" if near else "`help` lists what can be said"
    raise UsageError(f"there is no verb {words.plain[0][:40]!r}: {hint}")


def _which_of(first: str, family: Sequence[str], given: Sequence[str]) -> str:
    """What can follow a word that is no verb by itself, and what was near."""
    listed = ", ".join(f"`{name}`" for name in family)
    if not given:
        return f"`{first}` needs a word more, one of {listed}. `help {first}` tells what each does"
    near = difflib.get_close_matches(f"{first} {given[0].lower()}", family, n=1, cutoff=0.75)
    hint = f"did you mean `{near[0]}`? There are {listed}" if near else f"there are {listed}"
    return f"there is no verb {f'{first} {given[0][:40]}'!r}: {hint}"


def sentence(text: str) -> str:
    """The text with a capital first letter (a name keeps its own) and a full stop or a sign of its own."""
    text = text.strip()
    first = text.partition(" ")[0]
    if first.rstrip(":,;").isalpha():
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!", "`", "…")) else f"{text}."
