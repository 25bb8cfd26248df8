"""Every fault that an action names, made to happen: it ends as its table of endings says, nothing is worse.

Walked from the registry and from each action's `endings`; a fault without a way to make it fails, and so does
one that the rig can make and the action is silent about.
"""

from __future__ import annotations

import pytest

from actions.plan import Ending, Fault, Risk
from actions.registry import all_actions
from tests.matrix.killing import Killer
from tests.matrix.rigging import KeptServers, all_rigs, missing
from tests.matrix.stage import Rig
from tests.matrix.striking import ASKED, Striker, unpromised
from tests.matrix.table import keep
from tests.matrix.toys import RIGS as TOY_RIGS
from tests.matrix.toys import TOYS
from tests.matrix.verdict import Case
from tests.matrix.zygote import Zygote

PROMISES = [
    pytest.param(name, ending, id=f"{name}-{ending.fault.name}-{ending.when}")
    for name, action in all_actions().items()
    for ending in action.endings
]
QUESTIONS = [
    pytest.param(name, fault, id=f"{name}-{fault.name}")
    for name, action in all_actions().items()
    for fault in ASKED
    if fault in {ending.fault for ending in action.endings}
]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="session")
def striker(warm: Zygote, servers: KeptServers, killer: Killer) -> Striker:
    return Striker(warm, servers, killer)


def rig_of(action: str) -> Rig:
    rig = all_rigs().get(action)
    if rig is None:
        pytest.fail(missing(action))
    return rig


def judged(request: pytest.FixtureRequest, action: str, case: Case) -> None:
    keep(request.node, "fault", action, [case])
    assert not case.wrong, f"{action}, {case.place}: {case.wrong}"


@pytest.mark.parametrize(("name", "ending"), PROMISES)
def test_it_ends_as_promised(
    request: pytest.FixtureRequest, striker: Striker, name: str, ending: Ending
) -> None:
    judged(request, name, striker.case(all_actions()[name], rig_of(name), ending))


@pytest.mark.parametrize(("name", "fault"), QUESTIONS)
def test_asking_is_answered_in_a_sentence(
    request: pytest.FixtureRequest, striker: Striker, name: str, fault: Fault
) -> None:
    judged(request, name, striker.asked(all_actions()[name], rig_of(name), fault))


@pytest.mark.parametrize("name", all_actions())
def test_nothing_that_can_strike_is_left_out(servers: KeptServers, name: str) -> None:
    with rig_of(name)(servers) as stage:
        left_out = unpromised(all_actions()[name], stage)
    assert not left_out, f"{name}: say in `endings` how it ends under {', '.join(left_out)}"


@pytest.mark.parametrize("name", ["toy-look", "toy-right", "toy-no-way-back"])
def test_the_matrix_passes_promises_that_are_kept(striker: Striker, name: str) -> None:
    cases = [striker.case(TOYS[name], TOY_RIGS[name], ending) for ending in TOYS[name].endings]
    assert [case.wrong for case in cases] == [""] * len(TOYS[name].endings)
    for fault in ASKED:
        case = striker.asked(TOYS[name], TOY_RIGS[name], fault)
        assert (case.state, case.wrong) == ("told", "")


def test_the_matrix_catches_a_promise_that_is_not_kept(striker: Striker) -> None:
    liar = TOYS["toy-liar"]
    promise = next(one for one in liar.endings if one.state == "verified")
    case = striker.case(liar, TOY_RIGS["toy-liar"], promise)
    assert "it is to end verified and ended stopped" in case.wrong


def test_the_matrix_catches_what_cannot_be_made_and_what_is_left_out(
    striker: Striker, servers: KeptServers
) -> None:
    toy = TOYS["toy-right"]
    case = striker.case(toy, TOY_RIGS["toy-right"], Ending(Fault.PARTIAL, "during", "undone", ""))
    assert "the rig cannot make it" in case.wrong
    with TOY_RIGS["toy-right"](servers) as stage:
        assert unpromised(toy, stage) == []
        assert unpromised(TOYS["toy-look"], stage) == ["CHANGED"]
    assert TOYS["toy-look"].risk is Risk.LOOK
