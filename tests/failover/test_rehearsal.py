"""A rehearsed failover: a drill record made, waited for, resolved, asked, removed; the live one only read."""

from __future__ import annotations

import pytest

from actions.failover.rehearsal import rehearse_failover
from actions.plan import Context, NotVerified, Refused
from tests.actions.running import planned, run, undo
from tests.failover.test_move import HERE, RUN
from tests.real.places import FIRST, SECOND, TwoPlaces
from tests.real.route53_wire import Rrset


def test_it_does_all_of_it_beside_the_live_record(places: TwoPlaces) -> None:
    tools = places.tools()
    places.front.sync_after_s = 0.5
    _, plan = planned(rehearse_failover, tools, **HERE)
    done = run(plan, tools, RUN, times=2)
    drill = f"drbot-drill-{RUN}.{places.domain}"
    assert [one.name for one in places.front.moves] == [drill], "made once"
    assert drill in places.dns.heard
    assert places.second.well_at > places.dns.heard[drill]
    assert places.drills_left() == []
    assert places.live() == [places.at(FIRST)]
    values = {name: value for one in done for name, value in one.values.items()}
    assert float(values["in sync"].removesuffix(" s")) >= 0.0
    assert {"in sync", "resolved", "asked", "clients follow within"} <= set(values)
    assert "would work" in done[-1].said


def test_it_refuses_what_a_failover_would_be_refused_for(places: TwoPlaces) -> None:
    places.second.healthy = False
    tools = places.tools()
    _, plan = planned(rehearse_failover, tools, **HERE)
    assert any("a failover would be refused now" in one for one in plan.warnings)
    assert plan.objections == (), "nobody breaks the glass for a rehearsal"
    with pytest.raises(Refused, match="is not healthy"):
        run(plan, tools, RUN)
    assert places.front.moves == []


def test_what_fails_midway_leaves_no_drill_record(places: TwoPlaces) -> None:
    tools = places.tools()
    _, plan = planned(rehearse_failover, tools, **HERE)
    context = Context(tools, RUN)
    for step in (*plan.before, *plan.steps[:3]):
        step.do(context)
    places.second.healthy = False
    with pytest.raises(NotVerified, match="answered 503"):
        plan.steps[3].do(context)
    assert places.drills_left()
    undo(plan, tools, RUN, times=2)
    assert places.drills_left() == []


def test_a_drill_record_of_somebody_else_is_left_alone(places: TwoPlaces) -> None:
    drill = Rrset(f"drbot-drill-{RUN}.{places.domain}", "A", 60, ("127.0.0.9",))
    places.front.put(places.zone, drill)
    tools = places.tools()
    _, plan = planned(rehearse_failover, tools, **HERE)
    with pytest.raises(Refused, match="did not make: remove it by hand"):
        run(plan, tools, RUN)
    with pytest.raises(Refused, match="did not make: remove it by hand"):
        undo(plan, tools, RUN)


def test_somebody_who_moves_the_live_record_meanwhile_is_told(places: TwoPlaces) -> None:
    tools = places.tools()
    _, plan = planned(rehearse_failover, tools, **HERE)
    context = Context(tools, RUN)
    for step in (*plan.before, *plan.steps):
        step.do(context)
    places.front.put(places.zone, places.at(SECOND))
    with pytest.raises(NotVerified, match="somebody else touched it"):
        plan.after[0].do(context)
