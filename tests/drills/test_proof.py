"""What an ended drill proves: a promise that the plan itself cannot keep is no news of the recovery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.drill import DrillState
from bot.drills.certificate import read_certificate, stored
from bot.drills.proof import missed_as_planned, newest_proof, proves_recovery
from bot.drills.trend import drill_records
from bot.store.database import utc_now
from tests.drills.conftest import HOURLY, LOOK, House, ago, plan_of, rehearse

DAILY = HOURLY.replace("0 * * * *", "0 2 * * *")
Make = Callable[..., House]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Make]:
    made: list[House] = []

    def make(*does: str, schedule: str = DAILY, **given: str) -> House:
        made.append(House(tmp_path, plan_of(*does, schedule=schedule, **given)).start())
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize(
    ("does", "given", "expected"),
    [
        ((rehearse(ago(hours=10)), LOOK), {}, True),
        ((rehearse(ago(hours=24.5)), LOOK), {}, True),
        ((rehearse(ago(hours=40)), LOOK), {}, False),
        ((rehearse(ago(hours=10)), LOOK), {"schedule": HOURLY}, False),
        ((rehearse("some day"), LOOK), {}, False),
        ((rehearse(ago(hours=10), how="fail-check"), LOOK), {}, False),
    ],
    ids=[
        "at noon",
        "just before the next",
        "older than the schedule",
        "hourly",
        "no time",
        "broken",
    ],
)
def test_only_an_rpo_that_no_backup_of_the_plan_could_keep_is_expected(
    house: Make, does: tuple[str, ...], given: dict[str, str], expected: bool
) -> None:
    made = house(*does, **given)
    ended = made.ended(made.hold())
    assert (ended.state, missed_as_planned(made.plan, ended)) == (DrillState.FAILED, expected)
    assert proves_recovery(made.plan, ended) is expected
    found = newest_proof(made.store, made.plan, "restore")
    assert (found.id if found else None) == (ended.id if expected else None)
    (record,) = drill_records(made.store, made.plan, utc_now())
    assert record.due.is_due is not expected, "nothing else puts the next one off"


def test_a_certificate_that_cannot_be_read_proves_nothing(house: Make) -> None:
    made = house(rehearse(ago(hours=10)), LOOK)
    ended = made.ended(made.hold())
    assert not missed_as_planned(made.plan, replace(ended, certificate="{}"))
    assert not missed_as_planned(made.plan, replace(ended, certificate=""))


def test_another_promise_that_was_missed_is_news(house: Make) -> None:
    made = house(rehearse(ago(hours=10)), LOOK)
    ended = made.ended(made.hold())
    told = read_certificate(ended.certificate)
    late = tuple(replace(one, kept=False) for one in told.objectives)
    assert not missed_as_planned(
        made.plan, replace(ended, certificate=stored(replace(told, objectives=late)))
    )
