"""Faults around a failover: Route 53 that throttles, denies or stays PENDING; targets and DNS that fail."""

from __future__ import annotations

import pytest

import actions.failover.record_moves as moves
from actions.failover.fail_over import fail_over_name
from actions.plan import Context, NotVerified, Refused, Transient
from tests.actions.running import planned, run, undo
from tests.failover.test_move import HERE, RUN
from tests.real.places import FIRST, SECOND, TwoPlaces


@pytest.mark.disaster("a change of DNS stays PENDING", "not verified; the record is put back and people told")
def test_a_change_that_stays_pending_is_not_proven(
    places: TwoPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "SYNC_WITHIN_S", 1.0)
    tools = places.tools()
    _, plan = planned(fail_over_name, tools, **HERE)
    told: list[str] = []
    with places.front.stuck(), pytest.raises(NotVerified, match="still PENDING"):
        run(plan, tools, RUN, tell=told.append)
    assert any(said.startswith("PENDING for") for said in told), "its waiting can be watched"
    assert places.live() == [places.at(SECOND)]
    undo(plan, tools, RUN)
    assert places.live() == [places.at(FIRST)]


@pytest.mark.disaster("Route 53 throttles", "tried again, within bounds")
def test_throttled_while_it_waits_is_tried_again(places: TwoPlaces) -> None:
    tools = places.tools()
    _, plan = planned(fail_over_name, tools, **HERE)
    context = Context(tools, RUN)
    plan.steps[0].do(context)
    with places.front.refusing("Throttling", only="/change/"), pytest.raises(Transient, match="too often"):
        plan.steps[1].do(context)
    assert plan.steps[1].attempts >= 3
    assert "every name server" in plan.steps[1].do(context).said


@pytest.mark.disaster("the answer to a change is lost on the way", "seen to be done; it is not done twice")
def test_an_answer_that_was_lost_is_found_out(places: TwoPlaces) -> None:
    tools = places.tools()
    _, plan = planned(fail_over_name, tools, **HERE)
    context = Context(tools, RUN)
    places.front.lose_next_answer()
    said = plan.steps[0].do(context).said  # botocore asks again, and is refused: it is there already
    assert "was pointed to" in said
    assert places.moved() == 1
    assert "every name server" in plan.steps[1].do(context).said


@pytest.mark.disaster(
    "AWS denies the change of a record", "refused, told which rights are needed; nothing changed"
)
def test_denied_to_change_is_refused_before_anything(places: TwoPlaces) -> None:
    tools = places.tools()
    _, plan = planned(fail_over_name, tools, **HERE)
    with (
        places.front.refusing("AccessDenied", only="POST"),
        pytest.raises(Refused, match=r"drbot needs .*ChangeResourceRecordSets.*Nothing was changed"),
    ):
        run(plan, tools, RUN)
    assert places.live() == [places.at(FIRST)]


@pytest.mark.disaster("the new target dies after the name was moved", "not verified; the name is put back")
def test_a_target_that_dies_midway_is_found_by_the_probe(
    places: TwoPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "PROBE_AGAIN_S", 0.05)
    tools = places.tools()
    _, plan = planned(fail_over_name, tools, **HERE)
    context = Context(tools, RUN)
    for step in (*plan.before, *plan.steps, plan.after[0]):
        step.do(context)
    places.second.healthy = False
    with pytest.raises(NotVerified, match="through the name answered 503"):
        plan.after[1].do(context)


@pytest.mark.disaster("DNS here never gives the new answer", "not verified after TTL and a margin; put back")
def test_a_name_that_never_resolves_anew_is_not_proven(
    places: TwoPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "RESOLVE_MARGIN_S", 0.5)
    tools = places.tools()
    _, plan = planned(fail_over_name, tools, **HERE)
    context = Context(tools, RUN)
    places.dns.answers = lambda name, kind: places.at(FIRST)
    plan.steps[0].do(context)
    with pytest.raises(
        NotVerified, match=r"does not resolve to A 127\.0\.0\.3 .* here: .*answers 127\.0\.0\.2"
    ):
        plan.after[0].do(context)


@pytest.mark.disaster("failover towards a target that is not healthy", "refused unless the glass is broken")
def test_the_guard_refuses_a_target_that_fell_ill_since(places: TwoPlaces) -> None:
    tools = places.tools()
    facts, plan = planned(fail_over_name, tools, **HERE)
    places.second.healthy = False
    with pytest.raises(Refused, match=r"secondary .* is not healthy: it answered 503.* Nothing was changed"):
        run(plan, tools, RUN)
    now, _ = planned(fail_over_name, tools, **HERE)
    assert "is not healthy" in (fail_over_name.drift(facts, now) or "")
    assert places.live() == [places.at(FIRST)]


def test_what_was_known_when_it_was_approved_does_not_stop_it(
    places: TwoPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "PROBE_AGAIN_S", 0.05)
    places.second.healthy = False
    tools = places.tools()
    facts, plan = planned(fail_over_name, tools, **HERE)
    assert len(plan.objections) == 1
    assert fail_over_name.drift(facts, planned(fail_over_name, tools, **HERE)[0]) is None
    done = run(plan, tools, RUN)
    assert "known, and overridden" in done[1].said
    assert "it is not well" in done[-1].said
    assert places.live() == [places.at(SECOND)]


def test_a_silent_resolver_is_shown_and_proves_nothing(
    places: TwoPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moves, "RESOLVE_MARGIN_S", 0.5)
    tools = places.tools(resolver="127.0.0.1:1")
    _, plan = planned(fail_over_name, tools, **HERE)
    assert "did not answer" in dict(plan.facts)["DNS answers now"]
    with pytest.raises(NotVerified, match="did not answer"):
        run(plan, tools, RUN)
