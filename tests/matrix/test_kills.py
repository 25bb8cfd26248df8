"""kill -9 at every boundary of every guard, step and check of every action, and inside each; then restart.

Walked from the registry: an action without a rig fails here. Kills between phases fall on one run in turn.
The engine's own commits are killed around in tests/engine/test_kills.py; here it is the actions' work.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from actions.plan import Risk
from actions.registry import all_actions
from tests.matrix.jobs import MOMENTS, Moment
from tests.matrix.killing import Killer, kills, middle, way_back
from tests.matrix.rigging import all_rigs, missing
from tests.matrix.stage import Rig
from tests.matrix.table import keep
from tests.matrix.toys import RIGS as TOY_RIGS
from tests.matrix.toys import TOYS
from tests.matrix.verdict import Case

LOOKS = [name for name, action in all_actions().items() if action.risk is Risk.LOOK]
CHANGES = [name for name, action in all_actions().items() if action.risk is not Risk.LOOK]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def proven(request: pytest.FixtureRequest, action: str, cases: Sequence[Case]) -> None:
    """Keep the rows, then fail with every one that is wrong."""
    keep(request.node, "kill", action, cases)
    wrong = [f"killed at {case.place}: {case.wrong}" for case in cases if case.wrong]
    assert not wrong, f"{action}:\n" + "\n".join(wrong)


def rig_of(action: str) -> Rig:
    rig = all_rigs().get(action)
    if rig is None:
        pytest.fail(missing(action))
    return rig


@pytest.mark.disaster(61)
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("name", CHANGES)
def test_killed(request: pytest.FixtureRequest, killer: Killer, name: str, moment: Moment) -> None:
    action, rig = all_actions()[name], rig_of(name)
    places = list(kills(killer.walk(action, rig), moment))
    proven(request, name, killer.cases(action, rig, places))


@pytest.mark.disaster(61)
@pytest.mark.parametrize("name", CHANGES)
def test_killed_on_the_way_back(request: pytest.FixtureRequest, killer: Killer, name: str) -> None:
    action, rig = all_actions()[name], rig_of(name)
    if not killer.walk(action, rig).undoable:
        return  # it has none, or none that a person could ask for
    places = list(way_back(killer.walk(action, rig, back=True)))
    assert places
    proven(request, name, killer.cases(action, rig, places, back=True))


@pytest.mark.parametrize("name", LOOKS)
def test_killed_while_it_looks(request: pytest.FixtureRequest, killer: Killer, name: str) -> None:
    action, rig = all_actions()[name], rig_of(name)
    proven(request, name, killer.cases(action, rig, middle(killer.walk(action, rig))))


def toy_cases(killer: Killer, name: str, back: bool = False) -> list[Case]:
    action, rig = TOYS[name], TOY_RIGS[name]
    walk = killer.walk(action, rig, back)
    places = way_back(walk) if back else (kill for moment in MOMENTS for kill in kills(walk, moment))
    return killer.cases(action, rig, list(places), back)


def test_the_matrix_passes_an_action_that_is_right(killer: Killer) -> None:
    cases = toy_cases(killer, "toy-right")
    assert [case.wrong for case in cases] == [""] * 12
    assert {case.state for case in cases} == {"verified"}
    back = toy_cases(killer, "toy-right", back=True)
    assert [(case.state, case.wrong) for case in back] == [("verified", "")] * 4


def test_the_matrix_catches_an_action_that_does_its_work_twice(killer: Killer) -> None:
    cases = toy_cases(killer, "toy-doubled")
    doubled = {case.place for case in cases if case.effects == 2}
    assert doubled == {"steps-1 last call (2)", "steps-1 unrecorded"}
    assert all("took effect 2 times" in case.wrong for case in cases if case.place in doubled)
