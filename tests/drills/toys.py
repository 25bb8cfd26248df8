"""A rehearsal for tests: it brings a shelf back, counts its effects, and says what a real one would say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from actions.plan import Action, AnyAction, Context, Evidence, NotVerified, Plan, Refused, Risk, Step
from actions.rehearsal_values import BACKUP, BYTES, DATA_OF, NEWEST_ROW, ROWS, TABLES
from actions.tools.toolbox import Toolbox
from tests.engine.toys import ACTIONS as SHELVING
from tests.engine.toys import Shelf


@dataclass(frozen=True)
class Order:
    """`data_of` and `newest_row` are told as they are given; `how` makes something go wrong."""

    place: str
    how: str = ""
    data_of: str = ""
    newest_row: str = ""
    backup: str = "belezza_production_20261123_020000.sql.gz"


@dataclass(frozen=True)
class Seen:
    backup: str


def _shelf(context: Context) -> Shelf:
    return cast("Shelf", context.tools)


def _step(order: Order, title: str, name: str) -> Step:
    def do(context: Context) -> Evidence:
        shelf = _shelf(context)
        shelf.calls.append(name)
        if f"refuse-{name}" in order.how:
            raise Refused("the backup was overwritten after it was shown")
        shelf.put(context.run, name)
        shelf.mark(f"in {name}")
        if f"wait-{name}" in order.how:
            shelf.gate.wait(30)
        return Evidence(f"{name} is done", {"sha256": "ab" * 32} if name == "load" else {})

    return Step(title, do)


def _check(order: Order) -> Step:
    def do(context: Context) -> Evidence:
        _shelf(context).mark("in check")
        if "fail-check" in order.how:
            raise NotVerified("2 of 9 tables differ: public.clientes, public.servicos")
        values = {BACKUP: order.backup, ROWS: "8231904", TABLES: "9", BYTES: "1912000000"}
        times = {DATA_OF: order.data_of, NEWEST_ROW: order.newest_row}
        return Evidence("every row came back", values | {name: at for name, at in times.items() if at})

    return Step("Ask the rehearsed database for its tables", do)


def _plan(order: Order, seen: Seen) -> Plan:
    return Plan(
        before=(_step(order, "Check that the backup is unchanged", "guard"),),
        steps=(
            _step(order, "Load it into a database of its own", "load"),
            _step(order, "Verify it against its manifest, row for row", "verify"),
            _step(order, "Defuse it", "defuse"),
        ),
        after=(_check(order), _step(order, "Drop the rehearsed database", "drop")),
        undo=(_step(order, "Drop what is left of it", "leftovers"),),
        facts=(
            ("backup", f"{seen.backup}, 339 MB"),
            ("server", "PostgreSQL 16.4 | Debian"),
            ("sha256", "ab" * 32),
        ),
    )


def _survey(tools: Toolbox, order: Order) -> Seen:
    if "refuse-survey" in order.how:
        raise Refused("no backup of production can be proven whole: the newest has no manifest")
    return Seen(order.backup)


REHEARSE: AnyAction = Action(
    name="rehearse-shelf",
    title="Rehearse a restore",
    risk=Risk.LOW,
    params=Order,
    facts=Seen,
    environment=lambda order: "staging",
    target=lambda order: f"staging/rehearsal-{order.place}",
    survey=_survey,
    plan=_plan,
    permissions=(),
    example="run rehearse-shelf place=hall",
)
ACTIONS: Mapping[str, AnyAction] = {**SHELVING, REHEARSE.name: REHEARSE}
