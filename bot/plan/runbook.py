"""A runbook: its steps as the document has them, what works instead, and the buttons it offers."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from bot.domain.matcher import all_match
from bot.plan.fields import MatcherField, Part
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


class Runbook(Part):
    """One operational runbook of sections 3 and 7.

    It is offered where every matcher of one `match` line holds (no line: anywhere) and one of its `words`
    is said (no words: whatever is said). One with neither is never offered.
    """

    title: str
    section: str = ""
    scenario: str = ""
    component: str = ""
    prerequisites: tuple[str, ...] = ()
    steps: tuple[Instruction, ...] = ()
    match: tuple[tuple[MatcherField, ...], ...] = ()
    words: tuple[str, ...] = ()
    actions: tuple[OfferedAction, ...] = ()

    def is_for(self, labels: Mapping[str, str], text: str) -> bool:
        """Whether it is offered for these labels and words (text as `wording.normal` makes it)."""
        if not self.match and not self.words:
            return False
        matched = not self.match or any(all_match(line, labels) for line in self.match)
        return matched and (not self.words or any(phrase_in(text, word) for word in self.words))

    def offered_in(self, environment: str) -> Runbook:
        """The runbook with the buttons of this environment, their parameters filled in."""
        offers = tuple(
            offer.filled(environment)
            for offer in self.actions
            if not offer.environments or environment in offer.environments
        )
        return self if offers == self.actions else self.model_copy(update={"actions": offers})
