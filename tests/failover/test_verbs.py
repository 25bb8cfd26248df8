"""`failover` and `failback` as people say them, and the glass: who may break it, what it leaves behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.answer import Exit, Refusal
from bot.domain.run import RunState
from bot.store.journal import of_run
from tests.failover.house import room
from tests.real.places import FIRST, SECOND, TwoPlaces

WHY = "primary is on fire, half a service is better than none"


def test_there_and_back(places: TwoPlaces, tmp_path: Path) -> None:
    with room(places, tmp_path) as here:
        asked = here.say("failover api")
        assert asked.exit is Exit.DONE, asked
        run = here.newest()
        assert (run.action, run.target, run.environment) == (
            "fail-over-name", "production/api-name", "production",
        )  # fmt: skip
        assert run.params["to"] == ""
        assert here.approve(run).state is RunState.VERIFIED, here.newest().outcome
        assert places.live() == [places.at(SECOND)]
        again = here.say("failover api to=secondary")
        assert again.exit is Exit.REFUSED
        assert "leads to secondary (127.0.0.3) already" in again.title

        back = here.say("failback api")
        assert back.exit is Exit.DONE, back
        assert here.newest().params["to"] == "primary"
        assert here.approve(here.newest()).state is RunState.VERIFIED, here.newest().outcome
        assert places.live() == [places.at(FIRST)]
        assert here.say("failback api").exit is Exit.REFUSED, "it is there"


def test_undo_puts_the_kept_record_back(places: TwoPlaces, tmp_path: Path) -> None:
    with room(places, tmp_path) as here:
        here.say("failover api to=secondary")
        run = here.approve(here.newest())
        assert run.undo_until
        assert any("before it was A 127.0.0.2 (TTL 1 s)" in one for one in run.evidence), run.evidence
        assert here.say(f"undo {run.ref}").exit is Exit.DONE
        assert here.approve(here.newest()).state is RunState.VERIFIED
        assert places.live() == [places.at(FIRST)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("failover", "Which service?"),
        ("failover web", "names no failover of 'web' (it has: api)"),
        ("failover api to=third", "has no target 'third': the plan has primary, secondary"),
        ("failover api secondary", "'secondary' is not key=value"),
        ("failback api to=secondary", "`failover api to=…` to another"),
        ("failover api environment=moon", "The name of api is production's, not of 'moon'"),
        ("failback api environment=staging", "The name of api is production's, not of 'staging'"),
        ("failover api sideways=yes", "has no parameter 'sideways'"),
    ],
)
def test_what_cannot_be_read(places: TwoPlaces, tmp_path: Path, line: str, said: str) -> None:
    with room(places, tmp_path) as here:
        answer = here.say(line)
        assert answer.exit is Exit.USAGE
        assert said in answer.title


FROZEN = {
    "title": "Black Friday",
    "from": "2020-11-20T00:00:00Z",
    "until": "2120-11-30T00:00:00Z",
    "environments": ["production"],
    "because": "the sale",
}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("failover api to=secondary", "Production is frozen"),
        ("failover api to=secondary environment=staging", "The name of api is production's"),
        ("run fail-over-name environment=staging service=api to=secondary", "is production's"),
        ("run rehearse-failover environment=staging service=api", "is production's"),
        ("run look-at-failover environment=staging service=api", "is production's"),
        ("run fail-over-name environment=production service=api to=secondary", "Production is frozen"),
    ],
)
def test_a_name_is_moved_under_the_rules_of_whose_it_is(
    places: TwoPlaces, tmp_path: Path, line: str, said: str
) -> None:
    """Nobody gets past production's freeze by calling it staging."""
    with room(places, tmp_path, sections={"freezes": [FROZEN]}) as here:
        answer = here.say(line)
        assert answer.exit is not Exit.DONE
        assert said in answer.title
        assert here.house.runs.recent(5) == []
        assert places.live() == [places.at(FIRST)]


def test_the_name_of_another_environment_is_that_ones(places: TwoPlaces, tmp_path: Path) -> None:
    with room(places, tmp_path, sections={"freezes": [FROZEN]}, environment="staging") as here:
        assert here.say("failover api").exit is Exit.DONE
        assert here.newest().target == "staging/api-name"


def test_where_nobody_says_whose_name_it_is_it_is_not_moved(places: TwoPlaces, tmp_path: Path) -> None:
    with room(places, tmp_path, customers=("production", "staging")) as here:
        answer = here.say("failover api")
        assert answer.exit is Exit.REFUSED
        assert "write failover.api.environment into it" in answer.title
        direct = here.say("run fail-over-name environment=production service=api to=secondary")
        assert direct.exit is Exit.REFUSED
        assert "the plan does not say whose" in direct.title


def test_a_dry_run_changes_and_stores_nothing(places: TwoPlaces, tmp_path: Path) -> None:
    with room(places, tmp_path) as here:
        answer = here.say("failover api dry_run=yes")
        assert answer.exit is Exit.DONE
        assert any(f"will point to: secondary: A {SECOND}" in line for line in answer.lines)
        assert here.house.runs.recent(5) == []


@pytest.mark.disaster("failover towards a target that is not healthy", "refused unless the glass is broken")
def test_an_unhealthy_target_needs_the_glass_and_its_role(places: TwoPlaces, tmp_path: Path) -> None:
    places.second.healthy = False
    with room(places, tmp_path) as here:
        refused = here.say("failover api")
        assert refused.exit is Exit.REFUSED
        assert "Secondary (127.0.0.3) is not healthy: it answered 503" in refused.title
        assert "may override" in refused.title
        shown = here.say("failover api dry_run=yes")
        assert any("Asked for now it would be refused" in line for line in shown.lines)

        for line in (
            f'failover api break_glass="{WHY}"',
            f'run fail-over-name environment=production service=api break_glass="{WHY}"',
        ):
            not_hers = here.say(line)
            assert not_hers.exit is Exit.REFUSED
            assert "The glass is broken by approver only" in not_hers.title
        assert here.house.runs.recent(5) == []
        in_disguise = here.say("run fail-over-name environment=production service=api objections=none")
        assert in_disguise.exit is Exit.USAGE, "no parameter opens it"

        broken = here.say(f'failover api break_glass="{WHY}"', "bruno")
        assert broken.exit is Exit.DONE, broken
        run = here.newest()
        assert run.plan.glass is not None
        assert (run.plan.glass.by, run.plan.glass.overrode) == ("bruno", ("target",))
        assert run.plan.warnings[0].endswith("It overrides the target's health.")
        assert "is not healthy" in run.plan.warnings[1]
        ended = here.approve(run, "ana")
        assert ended.state is RunState.VERIFIED, ended.outcome
        assert any("known, and overridden" in one for one in ended.evidence)
        assert "glass-broken" in [entry.kind for entry in of_run(here.house.store, run.id)]
        assert places.live() == [places.at(SECOND)]


def test_what_falls_ill_after_the_plan_was_shown_is_not_approved(places: TwoPlaces, tmp_path: Path) -> None:
    with room(places, tmp_path) as here:
        here.say("failover api")
        run = here.newest()
        places.second.healthy = False
        person = here.house.plan.person("bruno")
        assert person is not None
        with pytest.raises(Refusal, match="is not healthy"):
            here.house.runs.approve(person, run.id)
        assert here.newest().state is RunState.REFUSED
        assert places.live() == [places.at(FIRST)]
