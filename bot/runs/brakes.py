"""What stands in the way of a run beside people: freezes, limits, breakers, an action's objections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.domain import glass as breaking
from bot.domain.answer import Refusal
from bot.domain.breaker import CLOSERS, interrupted
from bot.domain.freeze import frozen
from bot.domain.glass import Glass
from bot.domain.limits import HOUR, over_limit
from bot.domain.person import Person
from bot.domain.policy import LOOK, names
from bot.domain.restraint import Block, Rule, Subject, no_incident_open, objected, say_all
from bot.domain.run import Run
from bot.plan.models import DrPlan
from bot.runs.rules import Rules
from bot.store.breakers import open_breakers
from bot.store.database import Read, from_iso, iso
from bot.store.history import started_since

NOT_NEEDED = "The glass was not broken: no rule stands in the way of this run."
_OVERRIDDEN: Mapping[Rule, str] = {
    "freeze": "a freeze",
    "limit": "the limits an hour",
    "breaker": "an open circuit breaker",
    "incident": "the need of an open incident",
    "target": "the target's health",
}


class Brakes:
    """Asked before the world is surveyed, when a proposal is stored, and again when it is approved."""

    def __init__(self, plan: DrPlan, rules: Rules) -> None:
        self._rules = rules
        self._freezes = tuple(
            replace(entry.rule, contact=rules.name(entry.contact) if entry.contact else "")
            for entry in plan.freezes
        )
        self._limits = plan.limits.rule
        self._roles = plan.break_glass.roles
        self._served = frozenset(name for name, place in plan.environments.items() if place.customers)

    def blocks(self, read: Read, now: str, subject: Subject) -> tuple[Block, ...]:
        """Every rule that stands in the way now. Looks pass, and so does taking back."""
        if subject.risk == LOOK or subject.is_undo:
            return ()
        return tuple(self._blocks(read, now, subject))

    def release(self, read: Read, now: str, run: Run, person: Person, reason: str) -> Run:
        """The proposal as it may be stored: as it is, or with the glass broken and sealed in its digest.

        `reason` is why this person overrides the rules ('' where they do not). Raises Refusal.
        """
        blocks = self.blocks(read, now, subject_of(run))
        if not blocks:
            return _warned(run, NOT_NEEDED) if reason else run
        able = self._rules.people(self._roles)
        if not reason:
            raise Refusal(breaking.refusal(blocks, able))
        refused = breaking.cannot_break(self._rules.seated(person), self._roles, able, reason)
        if refused:
            raise Refusal(f"{say_all(blocks)} {refused[:1].upper()}{refused[1:]}")
        overrode = tuple(dict.fromkeys(block.rule for block in blocks))
        return _broken(run, blocks, Glass(person.id, reason, overrode), person)

    def holding(self, read: Read, now: str, run: Run) -> str:
        """Every rule that holds back what the plan itself asks for, as sentences; '' where none does."""
        blocks = self.blocks(read, now, subject_of(run))
        return say_all(blocks) if blocks else ""

    def approving(self, read: Read, now: str, run: Run) -> None:
        """Raises Refusal where a rule stands in the way that the proposal did not override."""
        blocks = self.blocks(read, now, subject_of(run))
        standing = breaking.standing(blocks, run.plan.glass)
        if standing:
            able = self._rules.people(self._roles)
            raise Refusal(breaking.refusal(standing, able, ask_again=True))

    def _blocks(self, read: Read, now: str, subject: Subject) -> Iterator[Block]:
        moment = from_iso(now)
        found = frozen(self._freezes, subject, moment)
        if found:
            yield found
        found = interrupted(open_breakers(read), subject, names(self._rules.people(CLOSERS)) or "nobody")
        if found:
            yield found
        found = over_limit(self._limits, subject, started_since(read, _hour_before(now)), moment)
        if found:
            yield found
        serves = subject.environment in self._served
        found = no_incident_open(subject, serves, not serves or _any_open(read))
        if found:
            yield found
        yield from objected(subject)


def subject_of(run: Run) -> Subject:
    """What the rules know of a run."""
    return Subject(run.risk, run.target, run.environment, run.undo_of is not None, run.plan.objections)


def clean_reason(text: str) -> str:
    """A reason on one line, of bounded length."""
    return " ".join(text.split())[: breaking.REASON_LIMIT]


def _broken(run: Run, blocks: tuple[Block, ...], glass: Glass, person: Person) -> Run:
    overrode = ", ".join(_OVERRIDDEN[rule] for rule in dict.fromkeys(block.rule for block in blocks))
    said = f"Break-glass by {person.name}: “{glass.reason}”. It overrides {overrode}."
    warned = _warned(run, said, *(block.said[:1].upper() + block.said[1:] for block in blocks))
    return replace(warned, plan=replace(warned.plan, glass=glass), digest=breaking.seal(run.digest, glass))


def _warned(run: Run, *said: str) -> Run:
    return replace(run, plan=replace(run.plan, warnings=(*said, *run.plan.warnings)))


def _hour_before(now: str) -> str:
    return iso(from_iso(now) - HOUR)


def _any_open(read: Read) -> bool:
    return bool(read("SELECT 1 FROM incidents WHERE state <> 'resolved' LIMIT 1", ()))
