"""A runbook: its steps as the document has them, what drbot does for each, and the buttons it offers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from bot.domain.matcher import all_match
from bot.plan.fields import MatcherField, Part
from bot.plan.source import Path
from bot.plan.wording import phrase_in

HERE = "{environment}"
"""In a parameter of an offered action: the environment of the alerts it is offered for."""


class Instruction(Part):
    """One step of a procedure. `command` is the document's own; where it cannot be kept, `instead` is
    what works and `because` says why (both are drbot's).
    """

    title: str
    command: str = ""
    instead: str = ""
    because: str = ""


class OfferedAction(Part):
    """One button of a runbook: an action with the parameters that the plan gives it.

    `environments` limits where it is offered (empty: everywhere).
    """

    action: str
    label: str = ""
    params: dict[str, str] = Field(default_factory=dict)
    environments: tuple[str, ...] = ()

    def filled(self, environment: str) -> OfferedAction:
        """The same with the environment's name where `{environment}` stands."""
        if HERE not in self.params.values():
            return self
        params = {name: environment if value == HERE else value for name, value in self.params.items()}
        return self.model_copy(update={"params": params})


class RunbookStep(Instruction):
    """One step of a runbook. `does` is what drbot runs for it, in order; without any a person does it.

    `only_if: failed` is taken only when the step before did not end well; a step without it only when all
    before it held. `added` is one that the document does not have.
    """

    does: tuple[OfferedAction, ...] = ()
    added: bool = False
    only_if: Literal["failed"] | None = None


class Runbook(Part):
    """One operational runbook of sections 3 and 7.

    It is offered where every matcher of one `match` line holds (no line: anywhere) and one of its `words`
    is said (no words: whatever is said). One with neither is never offered. `looks` change nothing and run
    by themselves when an alert of this runbook opens an incident. `objective` is the one of section 1.1 that
    a walk through it is measured against.
    """

    title: str
    objective: Literal["rto", "mttr"] | None = None
    section: str = ""
    scenario: str = ""
    component: str = ""
    prerequisites: tuple[str, ...] = ()
    steps: tuple[RunbookStep, ...] = ()
    match: tuple[tuple[MatcherField, ...], ...] = ()
    words: tuple[str, ...] = ()
    looks: tuple[OfferedAction, ...] = ()
    actions: tuple[OfferedAction, ...] = ()

    def is_for(self, labels: Mapping[str, str], text: str) -> bool:
        """Whether it is offered for these labels and words (text as `wording.normal` makes it)."""
        if not self.match and not self.words:
            return False
        matched = not self.match or any(all_match(line, labels) for line in self.match)
        return matched and (not self.words or any(phrase_in(text, word) for word in self.words))

    @property
    def is_walked(self) -> bool:
        """Whether drbot can take a person through it: one of its steps is an action."""
        return any(step.does for step in self.steps)

    def offered_in(self, environment: str) -> Runbook:
        """The runbook as it is in this environment, with the parameters of its actions filled in."""
        steps = tuple(
            step.model_copy(update={"does": _here(step.does, environment)}) if step.does else step
            for step in self.steps
        )
        return self.model_copy(
            update={
                "steps": steps,
                "looks": _here(self.looks, environment),
                "actions": _here(self.actions, environment),
            }
        )

    def offers(self) -> Iterator[tuple[Path, OfferedAction]]:
        """Every action that it names, with its place in the runbook."""
        for key, offers in (("looks", self.looks), ("actions", self.actions)):
            for number, offer in enumerate(offers):
                yield (key, number), offer
        for position, step in enumerate(self.steps):
            for number, offer in enumerate(step.does):
                yield ("steps", position, "does", number), offer


def _here(offers: tuple[OfferedAction, ...], environment: str) -> tuple[OfferedAction, ...]:
    return tuple(
        offer.filled(environment)
        for offer in offers
        if not offer.environments or environment in offer.environments
    )
