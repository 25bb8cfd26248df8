"""When the heartbeat is silent: whatever drbot cannot do, and could not tell anybody, ends it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bot.house import build as build_the_house
from bot.schedules.clockwork import Clockwork
from bot.settings import read_settings
from tests.schedules.conftest import Build, at_night, until
from tests.schedules.test_heartbeat import beating, listening


def test_it_is_silent_while_no_schedule_is_kept(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks each turn raises no alarm: whoever watches the URL is the only one left to tell."""
    world = build().start()
    with listening() as (url, asked):
        heart, now = beating(url)
        clockwork = Clockwork(world.store, world.answers, world.notices, lambda: True, heart)
        clockwork.turn()
        assert len(asked) == 1

        def broken() -> None:
            raise KeyError("due_at")

        with monkeypatch.context() as patch:
            patch.setattr(world.answers, "due", broken)
            for _ in range(4):
                now[0] += 61
                with pytest.raises(KeyError):
                    clockwork.turn()
        assert len(asked) == 2, "the first of them did not know it yet"
        assert clockwork.heart == "no heartbeat is sent: the clockwork's last turn broke"
        now[0] += 61
        clockwork.turn()
        now[0] += 61
        clockwork.turn()
        assert (len(asked), clockwork.heart) == (3, "")


def test_it_is_silent_while_one_schedule_cannot_be_answered(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = at_night(build())
    with listening() as (url, asked):
        heart, now = beating(url)
        clockwork = Clockwork(world.store, world.answers, world.notices, lambda: True, heart)

        def broken(_: object) -> None:
            raise KeyError("due_at")

        with monkeypatch.context() as patch:
            patch.setattr(world.answers, "answer", broken)
            clockwork.turn()
            until(lambda: clockwork.trouble)
            now[0] += 61
            clockwork.turn()
            assert (len(asked), "the schedule nightly is not kept" in clockwork.heart) == (1, True)
        clockwork.stop()


def test_it_is_silent_while_an_answer_never_comes(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    world, gate = at_night(build()), threading.Event()
    with listening() as (url, asked), monkeypatch.context() as patch:
        heart, now = beating(url)
        clockwork = Clockwork(world.store, world.answers, world.notices, lambda: True, heart, hangs_s=0.0)
        patch.setattr(world.answers, "answer", lambda _: gate.wait(30))
        try:
            clockwork.turn()
            now[0] += 61
            clockwork.turn()
            said = "the schedule nightly was asked for, and nothing has come of it"
            assert (len(asked), said in clockwork.heart, said in clockwork.trouble) == (1, True, True)
        finally:
            gate.set()
        until(lambda: not clockwork.trouble)
        clockwork.stop()


def test_a_clock_that_is_not_trusted_is_told_and_ends_no_beat(build: Build) -> None:
    world = build()
    world.turn()
    world.clock.forward(days=-3)
    with listening() as (url, asked):
        heart, now = beating(url)
        clockwork = Clockwork(world.store, world.answers, world.notices, lambda: True, heart)
        for _ in range(3):
            assert "Nightly shelf" in clockwork.turn()
            now[0] += 61
    assert len(asked) == 3
    world.fold()
    assert [one.alert_names for one in world.open()] == [("DrbotClockBehind",)]


def test_a_part_that_is_ill_for_five_minutes_ends_it_and_for_a_moment_does_not() -> None:
    ill = [""]

    def slack() -> str:
        if ill[0] == "mute":
            raise TimeoutError
        return ill[0]

    with listening() as (url, asked):
        heart, now = beating(url)
        heart.mind(slack)
        beats = []
        for said in ("", "away", "", "away", "away", "mute", "away", "away", "mute", "away", ""):
            ill[0] = said
            heart.turn()
            beats.append(len(asked))
            now[0] += 60
    assert beats == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 9]


@pytest.mark.parametrize("minded", [True, False])
def test_a_check_that_breaks_is_no_beat_and_never_raises(minded: bool) -> None:
    def broken() -> str:
        raise KeyError("status")

    def well() -> str:
        return ""

    with listening() as (url, asked):
        heart, _ = beating(url, well if minded else broken)
        heart.mind(broken if minded else well)
        heart.turn()
    assert (asked, heart.trouble.startswith("no heartbeat is sent: ")) == ([], True)


def test_drills_and_runbooks_that_do_not_go_on_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plan.yaml").write_text("heartbeat: {url_env: DR_HEARTBEAT_URL, every: 1m}\n")
    with listening() as (url, asked):
        environment = {
            "DR_PLAN": str(tmp_path / "plan.yaml"),
            "DR_DATABASE_URL": f"sqlite:///{tmp_path}/drbot.db",
            "DR_HEARTBEAT_URL": url,
        }
        house = build_the_house(read_settings(environment, Path("no-such-file")))
        house.engine.start()
        try:
            monkeypatch.setattr(house.conductor, "_trouble", "runbooks do not go on: a bug")
            house.clockwork.turn()
            assert (asked, house.clockwork.heart) == (
                [],
                "no heartbeat is sent: runbooks do not go on: a bug",
            )
        finally:
            house.engine.stop()
            house.close()
