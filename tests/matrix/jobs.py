"""What the matrices ask of a mortal process, and what it tells: plain records that pass as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Moment: TypeAlias = Literal["begins", "middle call", "last call", "unrecorded"]
HELD, GO, TOLD = "held", "go", "told.json"
MOMENTS: tuple[Moment, ...] = ("begins", "middle call", "last call", "unrecorded")


@dataclass(frozen=True)
class Kill:
    """Where a process dies: at a guard, step or check (`steps-1`, `undo-0`), at one moment of it.

    `begins`: before its work; `middle call` and `last call`: when the `call`-th answer of the world is there
    and nobody has read it; `unrecorded`: after its work, before the engine knows.
    """

    place: str
    moment: Moment
    call: int = 0

    def __str__(self) -> str:
        return f"{self.place} {self.moment}" + (f" ({self.call})" if self.call else "")


@dataclass(frozen=True)
class Job:
    """One life of a process in the directory `home`, where the store is.

    `live` proposes, approves and runs; `back` does so and takes it back then; `resume` only ends what is
    left; `ask` only proposes. `hold`: where it waits for the file `go` (it writes `held`): `approved`, or a
    place, before its first call. `hurry` divides every time limit, so that a fault that is waited for takes
    less of a test's time. `sections` are the plan file's.
    """

    task: Literal["live", "back", "resume", "ask"]
    home: str
    action: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    kill: Kill | None = None
    hold: str = ""
    hurry: float = 1.0
    limit_s: float = 120.0


@dataclass(frozen=True)
class Told:
    """What a process that lived to its end saw in the store.

    `state` of the newest run, '' where there is none; `calls` of each place, of this life; `twice` are the
    phases that the journal holds more than once; `called` is the note that calls a person; `refusal` what a
    proposal was answered; `undo` how many steps the way back has.
    """

    state: str = ""
    outcome: str = ""
    calls: Mapping[str, int] = field(default_factory=dict)
    twice: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    called: str = ""
    refusal: str = ""
    undo: int = 0
    undoable: bool = False
    first: str = ""
