"""The digest posts itself: the plan's schedule, once a period, over restarts and two who post at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from bot.digest.posting import DigestPost
from bot.plan.check import check_plan
from bot.plan.load import load_plan
from bot.plan.recovery import ScheduleEntry
from bot.plan.show import show_plan
from bot.schedules.answering import Answers
from bot.schedules.view import shown
from bot.settings import Settings
from tests.digest.conftest import World, moment
from tests.schedules.conftest import World as Scheduled
from tests.schedules.conftest import build, plan_of  # noqa: F401 - a fixture

WEEKLY = {"title": "Weekly digest", "cron": "0 8 * * 1", "digest": "weekly", "catch_up": "5d"}


def posted(store: Any) -> list[tuple[str, str]]:
    rows = store.read("SELECT key, payload FROM outbox WHERE kind = 'summary' ORDER BY key")
    return [(key, payload) for key, payload in rows]


@pytest.fixture
def scheduled(build: Any) -> Scheduled:  # noqa: F811 - the fixture
    made: Scheduled = build(schedules={"weekly": WEEKLY})
    begin_anew(made)
    return made


def begin_anew(world: Scheduled) -> None:
    world.begin_anew()
    world.answers = Answers(
        world.store, world.plan, world.runs, world.clock, steady=lambda: world.steady_s,
        post_digest=DigestPost(world.store, world.plan, world.clock),
    )  # fmt: skip


def test_each_monday_the_week_before_is_posted_once(scheduled: Scheduled) -> None:
    scheduled.turn()  # first seen on Monday 23 November at noon
    assert posted(scheduled.store) == []
    scheduled.clock.to("2026-11-30T08:00:01")
    scheduled.turn()
    ((key, text),) = posted(scheduled.store)
    assert key == "summary:weekly:2026-W48"
    assert text.startswith("# Weekly digest, 23 to 29 November 2026\n\n**A quiet week: no incident.**")
    begin_anew(scheduled)
    for step in (timedelta(), timedelta(hours=-1), timedelta(hours=2), timedelta(days=1)):
        scheduled.clock.now += step
        scheduled.turn()
    assert len(posted(scheduled.store)) == 1
    answer = scheduled.answer("weekly")
    assert answer.outcome == "done"
    assert answer.said == "the digest of 2026-W48 was posted: A quiet week: no incident."
    kinds = scheduled.store.read("SELECT kind, actor FROM journal WHERE kind LIKE 'digest%'")
    assert kinds == [("digest-posted", "schedule:weekly")]
    assert not scheduled.store.read("SELECT 1 FROM journal WHERE kind = 'self-backup-made'")
    (row,) = shown(scheduled.plan, scheduled.store, scheduled.clock())
    assert (row.does, "was posted" in row.last) == ("digest weekly", True)


def test_what_was_missed_is_caught_up_as_the_week_that_was_due(scheduled: Scheduled) -> None:
    scheduled.turn()
    scheduled.clock.to("2026-12-03T12:00:00")
    scheduled.turn()
    assert [key for key, _ in posted(scheduled.store)] == ["summary:weekly:2026-W48"]


def test_killed_between_posting_and_noting_it_is_not_posted_again(scheduled: Scheduled) -> None:
    scheduled.turn()
    scheduled.clock.to("2026-11-30T08:00:01")
    DigestPost(scheduled.store, scheduled.plan, scheduled.clock)(
        "weekly", "2026-11-30T08:00:00.000000Z", "schedule:weekly"
    )
    scheduled.turn()
    assert scheduled.answer("weekly").said == "the digest of 2026-W48 was posted before"
    assert scheduled.store.read("SELECT wanted FROM outbox WHERE kind = 'summary'") == [(1,)]


def test_two_who_post_at_once_post_one(world: World) -> None:
    post = DigestPost(world.store, world.plan, world.clock)
    with ThreadPoolExecutor(4) as pool:
        due = "2026-11-23T08:00:00.000000Z"
        said = list(pool.map(lambda _: post("weekly", due, "schedule:weekly"), range(8)))
    assert len([one for one in said if "was posted: " in one]) == 1
    assert world.store.read("SELECT wanted FROM outbox WHERE kind = 'summary'") == [(1,)]
    assert world.store.read("SELECT COUNT(*) FROM journal WHERE kind = 'digest-posted'") == [(1,)]


def test_the_week_is_one_of_the_plans_own_clock(world: World) -> None:
    """In Auckland it is Monday already while in Greenwich the week goes on."""
    plan = world.plan.model_validate({"timezone": "Pacific/Auckland"})
    world.clock.now = moment("2026-11-22T19:00:00")
    said = DigestPost(world.store, plan, world.clock)("weekly", "2026-11-22T19:00:00.000000Z", "x")
    assert said.startswith("the digest of 2026-W47 was posted")


def test_the_demos_plan_posts_both_and_shows_it() -> None:
    plan = load_plan(Settings().plan)
    does = {name: entry.does for name, entry in plan.schedules.items() if entry.digest}
    assert does == {"weekly-digest": "digest weekly", "monthly-digest": "digest monthly"}
    assert "| Weekly digest | digest weekly | 0 8 \\* \\* 1 |".replace("\\*", "*") in show_plan(plan, None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"params": {"x": "y"}}, "a digest takes no parameters"),
        ({"cron": None, "after": "other"}, "nothing comes after digest monthly"),
    ],
)
def test_the_plans_check_knows_it(more: dict[str, Any], said: str) -> None:
    other = {"title": "Other", "cron": "0 8 1 * *", "digest": "monthly"}
    entry = {key: value for key, value in (WEEKLY | more).items() if value is not None}
    found = check_plan(plan_of({"schedules": {"weekly": entry, "other": other}}), {})
    assert any(said in one.message for one in found), found


@pytest.mark.parametrize("more", [{"action": "x"}, {"drill": "x"}, {"digest": "daily"}, {"digest": ""}])
def test_it_does_one_thing(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"name exactly one|weekly"):
        ScheduleEntry.model_validate(WEEKLY | more)
