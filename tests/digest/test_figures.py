"""The figures against a small world that was reckoned by hand, over the real rows of both stores."""

from __future__ import annotations

from bot.digest.figures import Helped, LateAnswer, Times
from bot.domain.run import RunState
from bot.domain.severity import Severity
from tests.digest.conftest import World, moment


def test_a_week_that_was_reckoned_by_hand(world: World) -> None:
    """Six incidents of the week, one of the week before that ended in it, one of the week after."""
    one = Severity.SEV1
    world.incident("2026-11-14T12:00:00", answered_after=10, over_after=48 * 60)  # INC-1: before; 2 days
    world.incident("2026-11-16T00:00:00", one, answered_after=5, over_after=30, by="ana")
    world.incident("2026-11-17T10:00:00", one, answered_after=20, over_after=100, by="ana", title="Late one")
    world.incident("2026-11-18T10:00:00", one, over_after=10)  # over before an answer was due
    world.incident("2026-11-19T10:00:00", answered_after=60, over_after=150, by="ana")
    world.incident("2026-11-20T10:00:00", over_after=300)  # never answered, promised within 4 h
    world.incident("2026-11-22T23:59:59")  # still open; its answer is not due when the week ends
    world.incident("2026-11-23T00:00:00", one, answered_after=50, over_after=60)  # of the next week

    told = world.digest().figures
    assert (told.opened, told.opened_before, told.open_now) == (6, 1, 1)
    sev1, sev3 = told.by_severity
    assert (sev1.severity, sev1.opened) == (one, 3)
    assert sev1.answers == Times(2, 750.0, 1200.0, "INC-3", 900.0, kept=1, missed=1)
    assert (sev3.severity, sev3.opened) == (Severity.SEV3, 3)
    assert sev3.answers == Times(1, 3600.0, 3600.0, "INC-5", 14400.0, kept=1, missed=1)
    # 30, 100, 10, 150, 300 min and two days: three of six within two hours.
    assert told.recovery == Times(6, 125 * 60.0, 48 * 3600.0, "INC-1", 7200.0, kept=3, missed=3)
    assert told.late == (
        LateAnswer("INC-3", "Late one", one, 1200.0, 900.0, answered=True),
        LateAnswer("INC-6", "The pool is exhausted", Severity.SEV3, 18000.0, 14400.0, answered=False),
    )
    assert told.late_more == 0


def test_an_incident_that_still_waits_is_late_once_its_time_is_over(world: World) -> None:
    world.incident("2026-11-20T10:00:00", Severity.SEV1)
    early = world.digest(now="2026-11-20T10:14:59").figures
    assert (early.late, early.open_now) == ((), 1)
    (late,) = world.digest(now="2026-11-20T10:16:00").figures.late
    assert (late.after_s, late.answered) == (960.0, False)


def test_an_incident_that_came_back_is_as_late_as_its_slowest_answer(world: World) -> None:
    """Opened at 10:00 and answered in 2 s; back at 10:05, answered at 10:25: not 25 minutes, but 20."""
    made = world.incident("2026-11-20T10:00:00", Severity.SEV1, answered_after=25, over_after=30)
    for at, after_s in (("2026-11-20T10:00:02", 2.0), ("2026-11-20T10:25:00", 1200.0)):
        world.at(moment(at), "clock-stopped", "ana", {"outcome": "answered", "after_s": after_s}, made.id)
    told = world.digest().figures
    assert [one.after_s for one in told.late] == [1200.0]
    assert told.by_severity[0].answers.worst_s == 1200.0


def test_buttons_by_what_came_of_them(world: World) -> None:
    soon = world.incident("2026-11-18T10:00:00", over_after=30)
    slow = world.incident("2026-11-19T10:00:00", over_after=90)
    world.run("2026-11-18T10:05:00", soon.id)  # over 24 min after it ended
    world.run("2026-11-18T10:06:00", soon.id, state=RunState.FAILED)
    world.run("2026-11-19T10:05:00", slow.id)  # 84 min after
    world.run("2026-11-19T11:05:00", slow.id, action="flush-cache", title="Flush the cache")  # 24 min after
    world.run("2026-11-19T11:06:00", slow.id, action="flush-cache", undone_by=9)  # taken back
    world.run("2026-11-19T11:40:00", slow.id)  # it was over already
    world.run("2026-11-20T10:00:00", requested_by="drbot", action="look-at-containers")
    world.run("2026-11-20T10:00:00", requested_by="schedule:daily-backup", action="back-up-database")
    world.run("2026-11-20T10:30:00", action="rehearse-restore")  # it served no incident
    world.run("2026-11-23T10:00:00", soon.id, action="next-week")
    assert world.digest().figures.presses == (
        Helped("restart-service", "Restart api", pressed=4, verified=3, helped=1),
        Helped("flush-cache", "Flush the cache", pressed=2, verified=1, helped=1),
    )


def test_one_recovery_is_told_of_that_one(world: World) -> None:
    world.incident("2026-11-18T10:00:00", over_after=27)
    told = world.digest().markdown
    assert "Recovery: INC-1 was over after 27 min. Promised 2 h: kept 1 of 1.\n" in told
    world.incident("2026-11-19T10:00:00", over_after=33)
    told = world.digest().markdown
    assert (
        "Recovery: half of 2 incidents were over within 30 min; the longest, INC-2, took 33 min."
        " Promised 2 h: kept 2 of 2.\n" in told
    )


def test_a_month_and_the_one_before(world: World) -> None:
    world.incident("2026-10-31T23:59:59", over_after=10)
    world.incident("2026-11-01T00:00:00", over_after=10)
    world.incident("2026-11-30T23:59:59", over_after=10)
    told = world.digest("2026-11", now="2026-12-01T08:00:00")
    assert (told.figures.opened, told.figures.opened_before) == (2, 1)
    assert told.title == "2 incidents, 1 the month before."


def test_an_empty_world(world: World) -> None:
    told = world.digest()
    assert told.title == "A quiet week: no incident."
    assert told.markdown == (
        "# Weekly digest, 16 to 22 November 2026\n\n**A quiet week: no incident.**\n\n"
        "Nothing is overdue: 0 action items open, no drill due.\n"
    )
