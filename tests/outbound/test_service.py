"""The threads: woken by the bell, idle where another process is the engine, stopped at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from bot.domain.outbound import Way
from bot.outbound.wiring import outbound_of
from bot.store.opening import open_store
from bot.store.outbound import job_of, send_later
from tests.outbound.conftest import PLAN, Line
from tests.outbound.fake import FakeEnd
from tests.outbound.ways import mail_end
from tests.real.processes import wait_for


def test_what_is_asked_for_goes_out_at_once(line: Line, fake: FakeEnd) -> None:
    outbound = line.outbound()
    outbound.start()
    try:
        for number in range(1, 6):
            line.ask(fake.job(1, number))
        wait_for("the jobs", lambda: not line.open(), 10)
    finally:
        outbound.stop()
    assert fake.marks == [(1, number) for number in range(1, 6)]
    assert outbound.trouble == ""


def test_only_the_engine_sends(line: Line, fake: FakeEnd) -> None:
    ours = threading.Event()
    looked = threading.Event()

    def is_ours() -> bool:
        looked.set()
        return ours.is_set()

    outbound = line.outbound(is_ours)
    outbound.start()
    try:
        line.ask(fake.job(1, 1))
        assert looked.wait(10)
        assert fake.tries == []
        ours.set()
        line.ask(fake.job(1, 2))
        wait_for("the jobs", lambda: not line.open(), 10)
    finally:
        outbound.stop()
    ours.clear()
    line.ask(fake.job(1, 3))
    assert fake.marks == [(1, 1), (1, 2)]


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "SMTP_URL is not set: no mail was sent"),
        ({"SMTP_URL": "mail.example.org"}, "SMTP_URL cannot be read (write smtp://"),
    ],
)
def test_a_missing_setting_is_named(tmp_path: Path, environment: dict[str, str], told: str) -> None:
    store = open_store(f"sqlite:///{tmp_path}/drbot.db")
    with mail_end() as end:
        letter = end.job(1, 1)
    outbound = outbound_of(environment, store, PLAN, lambda: True)
    store.write(lambda tx: send_later(tx, letter))
    outbound.lanes[Way.MAIL].turn()
    job = job_of(store.read, letter.key)
    assert job is not None
    assert job.state.value == "refused"
    assert job.said.startswith(told)
    assert set(outbound.lanes) == set(Way)
    store.close()
