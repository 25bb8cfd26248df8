"""Where every face brings what a person said: a line in, one answer out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.domain.answer import Answer
from bot.domain.person import Person


@dataclass(frozen=True)
class Where:
    """Where it was said. `request_key` makes a line that arrives twice one request (empty: each counts)."""

    face: str
    channel: str = ""
    thread: str = ""
    request_key: str = ""


class Console(Protocol):
    """A button's value is a line too, so a press and a typed verb are the same thing.

    Examples: `ack INC-7`, `sev INC-7 2 half of the salons`, `run end-long-queries
    environment=production incident=INC-7`, `approve RUN-12 digest=3f9a… typed=staging`, `undo RUN-12`.
    """

    def execute(self, line: str, person: Person, where: Where) -> Answer:
        """Do it and say what happened. Never raises: refusals and wrong usage are answers with their exit."""
        ...

    def completions(self) -> tuple[tuple[str, str], ...]:
        """Every line start that makes sense now, with a hint: `("restore staging", "newest verified …")`."""
        ...
