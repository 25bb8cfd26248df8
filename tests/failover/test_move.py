"""Moving a name: what is shown; done once; proven by DNS and a request; put back; and each refusal."""

from __future__ import annotations

import pytest

from actions.failover.fail_over import fail_over_name
from actions.failover.look import look_at_failover
from actions.failover.survey import FailoverFacts
from actions.plan import Context, Plan, Refused
from actions.tools.toolbox import Toolbox
from tests.actions.running import planned, run, undo
from tests.real.places import FIRST, SECOND, TTL_S, TwoPlaces
from tests.real.route53_wire import Rrset

RUN = 12
HERE = {"environment": "staging", "service": "api"}


def test_it_moves_the_name_proves_it_and_puts_it_back(places: TwoPlaces) -> None:
    tools = places.tools()
    facts, plan = planned(fail_over_name, tools, **HERE)
    shown = dict(plan.facts)
    assert shown["points to"] == f"primary: A {FIRST} (TTL {TTL_S} s)"
    assert shown["will point to"] == f"secondary: A {SECOND} (TTL {TTL_S} s)"
    assert shown[f"secondary ({SECOND})"].startswith("healthy: answered 200")
    assert f"answers {FIRST}" in shown["DNS answers now"]
    assert shown["clients move"].startswith(f"within {TTL_S} s")
    assert any("primary still answers as healthy" in one for one in plan.warnings)
    assert any("is not known" in one for one in plan.warnings), "no database of its own: said so"
    assert plan.objections == ()

    done = run(plan, tools, RUN, times=2)
    assert places.live() == [places.at(SECOND)]
    assert places.moved() == 1, "done twice, it was moved once"
    assert done[4].values["previous record"] == str(facts.record)
    assert "through the name" in done[-1].said
    assert places.second.hosts[-1] == places.name

    undo(plan, tools, RUN, times=2)
    assert places.live() == [places.at(FIRST)], "the kept record, to the last field"
    assert places.moved() == 0


def test_it_waits_until_name_servers_and_kept_answers_have_it(places: TwoPlaces) -> None:
    tools = places.tools()
    _, plan = planned(fail_over_name, tools, **HERE)
    places.front.sync_after_s = 1.0
    said = [one.said for one in run(plan, tools, RUN)]
    waited, resolved = said[3], said[4]
    assert waited.startswith("every name server of Route 53 had it after 1.")
    assert f"answers {SECOND}" in resolved


def test_a_life_that_begins_after_the_change_states_it_again_and_waits(places: TwoPlaces) -> None:
    """Killed between the change and its waiting: the change's id is lost, and it is PENDING still."""
    tools = places.tools()
    facts, plan = planned(fail_over_name, tools, **HERE)
    run_only(plan, tools, "Point")
    again = fail_over_name.plan(fail_over_name.read_params(HERE), facts)
    places.front.sync_after_s = 0.3
    said = run_only(again, tools, "Wait until")
    assert said.startswith("every name server of Route 53 had it")
    assert places.moved() == 1
    assert places.live() == [places.at(SECOND)]


def run_only(plan: Plan, tools: Toolbox, title: str) -> str:
    step = next(one for one in plan.steps if one.title.startswith(title))
    return step.do(Context(tools, RUN)).said


def test_the_other_kind_of_record_takes_its_place(places: TwoPlaces) -> None:
    places.front.put(places.zone, Rrset(f"elsewhere.{places.domain}", "A", 60, (SECOND,)))
    targets = {"primary": {"address": FIRST}, "secondary": {"address": f"elsewhere.{places.domain}"}}
    tools = places.tools(targets=targets)
    _, plan = planned(fail_over_name, tools, **HERE)
    run(plan, tools, RUN)
    assert [(one.kind, one.values) for one in places.live()] == [("CNAME", (f"elsewhere.{places.domain}",))]
    undo(plan, tools, RUN)
    assert places.live() == [places.at(FIRST)]


def test_a_target_with_a_health_of_its_own_is_asked_there(places: TwoPlaces) -> None:
    port = places.first.port
    targets = {
        "primary": {"address": FIRST},
        "secondary": {"address": SECOND, "health": f"http://{FIRST}:{port}/secondary"},
    }
    planned(fail_over_name, places.tools(targets=targets), **HERE)
    assert sorted(places.first.hosts) == sorted([places.name, FIRST]), "the URL says where"
    targets["secondary"]["health"] = f"http://{places.name}:{port}/health"
    planned(fail_over_name, places.tools(targets=targets), **HERE)
    assert places.second.hosts == [places.name], "under the service's name, at the target's address"


def test_a_record_that_leads_elsewhere_is_kept_and_warned_of(places: TwoPlaces) -> None:
    places.front.put(places.zone, places.at("127.0.0.9", ttl_s=300))
    tools = places.tools()
    with pytest.raises(Refused, match=r"leads to none of the plan's targets: say where to, to=primary\|sec"):
        planned(fail_over_name, tools, **HERE)
    facts, plan = planned(fail_over_name, tools, **HERE, to="secondary")
    assert isinstance(facts, FailoverFacts)
    assert facts.record.values == ("127.0.0.9",)
    assert any("moved it by hand" in one for one in plan.warnings)
    assert any("promises a TTL of 1 s and Route 53 has 300 s" in one for one in plan.warnings)


def test_where_it_is_already_nothing_is_done(places: TwoPlaces) -> None:
    with pytest.raises(Refused, match=r"leads to primary \(127.0.0.2\) already: nothing to do"):
        planned(fail_over_name, places.tools(), **HERE, to="primary")


def test_a_target_that_the_plan_has_not(places: TwoPlaces) -> None:
    with pytest.raises(Refused, match="has no target 'third'; the plan has primary, secondary"):
        planned(fail_over_name, places.tools(), **HERE, to="third")


def test_no_zone_no_record_and_a_zone_of_another_domain(places: TwoPlaces) -> None:
    with pytest.raises(Refused, match=r"names no hosted zone for .*\(failover\.api\.zone\)"):
        planned(fail_over_name, places.tools(zone=""), **HERE)
    places.front.delete(places.zone, places.at())
    with pytest.raises(Refused, match="has no record in Route 53's zone"):
        planned(fail_over_name, places.tools(), **HERE)
    zone, _ = places.front.zone()
    with pytest.raises(Refused, match="has no record"):
        planned(fail_over_name, places.tools(zone=zone), **HERE)


def test_a_zones_own_name_cannot_be_a_cname(places: TwoPlaces) -> None:
    places.front.put(places.zone, Rrset(places.domain, "A", 60, (FIRST,)))
    targets = {"primary": {"address": FIRST}, "secondary": {"address": "lb.example"}}
    with pytest.raises(Refused, match="is its zone's own name, which cannot be a CNAME"):
        planned(fail_over_name, places.tools(targets=targets, record=places.domain), **HERE)


@pytest.mark.disaster("the record changed since the plan was shown", "refused before anything is changed")
def test_a_changed_record_is_drift_and_stops_guard_and_step(places: TwoPlaces) -> None:
    tools = places.tools()
    facts, plan = planned(fail_over_name, tools, **HERE)
    places.front.put(places.zone, places.at("127.0.0.9"))
    now, _ = planned(fail_over_name, tools, **HERE, to="secondary")
    assert "is A 127.0.0.9 (TTL 1 s) now, and was A 127.0.0.2" in (fail_over_name.drift(facts, now) or "")
    with pytest.raises(Refused, match="Nothing was changed; ask again"):
        run(plan, tools, RUN)
    with pytest.raises(Refused, match="Nothing was changed; ask again"):
        run_only(plan, tools, "Point")
    assert places.live() == [places.at("127.0.0.9")]


@pytest.mark.disaster("somebody changed the record after a failover", "the way back leaves theirs alone")
def test_the_way_back_leaves_what_somebody_else_made(places: TwoPlaces) -> None:
    tools = places.tools()
    _, plan = planned(fail_over_name, tools, **HERE)
    run(plan, tools, RUN)
    places.front.put(places.zone, places.at("127.0.0.9"))
    with pytest.raises(
        Refused, match=r"which this run did not make: it is left alone.*before: A 127\.0\.0\.2"
    ):
        undo(plan, tools, RUN)
    assert places.live() == [places.at("127.0.0.9")]


def test_the_same_facts_are_no_drift(places: TwoPlaces) -> None:
    tools = places.tools()
    facts, _ = planned(fail_over_name, tools, **HERE)
    now, _ = planned(fail_over_name, tools, **HERE)
    assert fail_over_name.drift(facts, now) is None


@pytest.mark.disaster("Route 53 protects the record from changes", "told when asked, not at 03:00 midway")
def test_a_protected_record_is_refused_and_red(places: TwoPlaces) -> None:
    tools = places.tools()
    _, before = planned(fail_over_name, tools, **HERE)
    places.front.protected[places.name, "A"] = "board decision 12"
    with pytest.raises(Refused, match=r"cannot be moved: its A records are protected: board decision 12\."):
        planned(fail_over_name, tools, **HERE)
    with pytest.raises(Refused, match="but it is protected"):
        run_only(before, tools, "Point")
    _, look = planned(look_at_failover, tools, **HERE)
    seen = run(look, tools, RUN)[1]
    assert seen.light == "red"
    assert "rejects every change" in seen.said
    assert places.live() == [places.at(FIRST)]


def test_without_the_right_to_read_protections_it_is_said_and_goes_on(places: TwoPlaces) -> None:
    with places.front.refusing("AccessDenied", only="rrsetprotection"):
        _, plan = planned(fail_over_name, places.tools(), **HERE)
    assert any("could not be read: the change tells" in one for one in plan.warnings)
