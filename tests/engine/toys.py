"""Actions for tests: they put files on a shelf, so that every effect can be counted, and die when told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from actions.plan import (
    Action,
    AnyAction,
    Context,
    Evidence,
    NotVerified,
    Plan,
    Refused,
    Risk,
    Step,
    Transient,
)
from actions.tools.monitors.monitoring import Monitoring
from actions.tools.toolbox import Toolbox


@dataclass
class Shelf:
    """The toolbox of these tests. `mark` is called at each place where a process could be killed."""

    root: Path
    mark: Callable[[str], None] = lambda name: None
    looked: Callable[[], object] = lambda: None
    gate: threading.Event = field(default_factory=threading.Event)
    calls: list[str] = field(default_factory=list)
    prometheus: str = ""

    def monitoring(self, environment: str) -> Monitoring:
        return Monitoring(self.prometheus)

    def toolbox(self) -> Toolbox:
        return cast("Toolbox", self)

    def put(self, run: int, name: str) -> bool:
        """Put a file there; False where an earlier life had done it."""
        try:
            (self.root / f"{run}-{name}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def names(self, run: int) -> set[str]:
        return {path.name.split("-", 1)[1] for path in self.root.glob(f"{run}-*")}

    def items(self, place: str) -> int:
        return len(list(self.root.glob(f"item@{place}@*")))


@dataclass(frozen=True)
class Order:
    """`how` are words that make something go wrong: see `_plan`."""

    place: str
    how: str = ""
    pause_s: float = 0.0


@dataclass(frozen=True)
class Seen:
    items: int


def _shelf(context: Context) -> Shelf:
    return cast("Shelf", context.tools)


def _guard(order: Order, seen: Seen) -> Step:
    def do(context: Context) -> Evidence:
        _shelf(context).calls.append("guard")
        _shelf(context).mark("in guard")
        if "refuse-guard" in order.how:
            raise Refused("the shelf is full")
        if "crash-guard" in order.how:
            raise RuntimeError("the lamp is broken")
        return Evidence(f"found {seen.items} items", {"items": str(seen.items)})

    return Step("Look at the shelf", do)


def _step(order: Order, name: str) -> Step:
    def do(context: Context) -> Evidence:
        shelf = _shelf(context)
        shelf.calls.append(name)
        if f"refuse-{name}" in order.how:
            raise Refused("somebody else put something there")
        if f"again-{name}" in order.how and shelf.calls.count(name) < 3:
            raise Transient("the shelf is shaking")
        if f"never-{name}" in order.how:
            raise Transient("the shelf is shaking")
        shelf.put(context.run, f"{name}-left")
        context.progress("half of it is there")
        shelf.mark(f"in {name}")
        if f"slow-{name}" in order.how:
            _wait_for_gate(shelf, context)
        if f"break-{name}" in order.how:
            raise RuntimeError("the shelf broke")
        time.sleep(order.pause_s)
        shelf.put(context.run, f"{name}-right")
        return Evidence(f"put {name} there", {"name": name})

    return Step(f"Put {name} there", do, timeout_s=0.3 if "slow" in order.how else 20.0)


def _wait_for_gate(shelf: Shelf, context: Context) -> None:
    shelf.gate.wait(30)
    context.progress("still at it")
    shelf.put(context.run, "after-the-end")


def _check(order: Order) -> Step:
    def do(context: Context) -> Evidence:
        shelf = _shelf(context)
        shelf.calls.append("check")
        shelf.mark("in check")
        found = len(shelf.names(context.run))
        if "fail-check" in order.how or found != 4:
            raise NotVerified(f"found {found} pieces and they wobble")
        return Evidence(f"counted {found} pieces")

    return Step("Count the pieces", do)


def _away(order: Order, name: str) -> Step:
    def do(context: Context) -> Evidence:
        shelf = _shelf(context)
        shelf.calls.append(f"undo {name}")
        (shelf.root / f"{context.run}-{name}-left").unlink(missing_ok=True)
        shelf.mark(f"in undo {name}")
        if f"break-undo-{name}" in order.how:
            raise RuntimeError("it is stuck")
        (shelf.root / f"{context.run}-{name}-right").unlink(missing_ok=True)
        return Evidence(f"took {name} away")

    return Step(f"Take {name} away", do)


def _plan(order: Order, seen: Seen) -> Plan:
    return Plan(
        before=(_guard(order, seen),),
        steps=(_step(order, "books"), _step(order, "plants")),
        after=(_check(order),),
        undo=() if "no-undo" in order.how else (_away(order, "plants"), _away(order, "books")),
        facts=(("Items", str(seen.items)),),
        forecast_s=1.0,
        undo_keep_s=3600.0,
    )


def _look(order: Order, seen: Seen) -> Plan:
    return Plan(before=(), steps=(), after=(_guard(order, seen), *_judges(order)))


def _judges(order: Order) -> tuple[Step, ...]:
    """With `judge`: red while a file `broken` is on the shelf, told before what is well anyway."""

    def stands(context: Context) -> Evidence:
        broken = (_shelf(context).root / "broken").exists()
        return Evidence(
            "the shelf is broken" if broken else "the shelf stands", light="red" if broken else "green"
        )

    def well(context: Context) -> Evidence:
        return Evidence("the lamp is lit", light="green")

    return (
        (Step("See whether it stands", stands), Step("Look at the lamp", well))
        if "judge" in order.how
        else ()
    )


def _survey(tools: Toolbox, order: Order) -> Seen:
    shelf = cast("Shelf", tools)
    shelf.calls.append("survey")
    if "refuse-survey" in order.how:
        raise Refused("there is no such shelf")
    if (shelf.root / "dark").exists():
        raise Transient("it is dark")
    shelf.looked()
    return Seen(shelf.items(order.place))


def _shelve(risk: Risk, plan: Callable[[Order, Seen], Plan] = _plan) -> AnyAction:
    return Action(
        name=f"{risk.value}-shelve",
        title="Furnish the shelf",
        risk=risk,
        params=Order,
        facts=Seen,
        environment=lambda order: "staging",
        target=lambda order: f"staging/{order.place}",
        survey=_survey,
        plan=plan,
        permissions=(),
        example=f"run {risk.value}-shelve place=hall",
        confirm_word=(lambda order: order.place) if risk is Risk.DESTRUCTIVE else None,
    )


ACTIONS: Mapping[str, AnyAction] = {
    action.name: action
    for action in (
        _shelve(Risk.LOOK, _look),
        _shelve(Risk.LOW),
        _shelve(Risk.HIGH),
        _shelve(Risk.DESTRUCTIVE),
    )
}
ALL_PIECES = {"books-left", "books-right", "plants-left", "plants-right"}
