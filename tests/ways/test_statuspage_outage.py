"""An hour without the status page, and drbot killed in the middle: nothing lost, nothing there twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.outbound import JobState
from bot.store.outbound import job_of
from tests.real.processes import wait_for
from tests.real.statuspage import StatusPage
from tests.ways.jobs_at_hand import UP, creation, to_page, update
from tests.ways.turning import Turning

ROOT = Path(__file__).parents[2]
TWO = (
    creation("Logins fail.", "outside:7:1", 7, "Logins"),
    creation("Bookings fail.", "outside:8:1", 8, "Bookings"),
    update("Logins: we see why.", "outside:7:2", "identified", incident=7),
    update("Bookings work.", "outside:8:2", "resolved", UP, incident=8),
    update("Logins work.", "outside:7:3", "resolved", UP, incident=7),
)
SEVEN = [
    ("investigating", "Logins fail."), ("identified", "Logins: we see why."), ("resolved", "Logins work."),
]  # fmt: skip
EIGHT = [("investigating", "Bookings fail."), ("resolved", "Bookings work.")]


def _takes_one(page: StatusPage) -> None:
    page.faults.next("cut", after=True)
    page.faults.always(status=500)


OUTAGES: dict[str, Callable[[StatusPage], None]] = {
    "answers 503": lambda page: page.faults.always(status=503),
    "answers 429": lambda page: page.faults.always(status=429),
    "cuts every connection": lambda page: page.faults.always("cut"),
    "took one, then answers 500": _takes_one,
}


@pytest.mark.parametrize("how", OUTAGES)
def test_an_hours_outage_loses_nothing_doubles_nothing_and_keeps_the_order(
    how: str, page: StatusPage, tmp_path: Path
) -> None:
    turning = Turning(f"sqlite:///{tmp_path}/drbot.db", to_page(page, read_s=0.3))
    OUTAGES[how](page)
    turning.ask(*TWO)
    turning.turn_for(3600)
    assert page.texts() in ([], SEVEN[:1])
    assert "takes nothing for" in turning.lane.trouble
    page.faults.well()
    turning.turn_out()
    assert told_of(page, "Logins") == SEVEN
    assert told_of(page, "Bookings") == EIGHT
    assert turning.lane.trouble == ""
    assert turning.now_s < 3600 + 120
    turning.store.close()


@pytest.mark.parametrize("after", [True, False], ids=["taken", "not taken"])
def test_a_kill_between_the_request_and_its_row_leaves_one_entry(
    after: bool, page: StatusPage, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/drbot.db"
    page.faults.next("hang", after=after)
    process = subprocess.Popen([sys.executable, "-m", "tests.ways.dying", url, page.url], cwd=ROOT)
    try:
        wait_for("the request", lambda: page.faults.hanging == 1)
    finally:
        process.kill()
        process.wait(10)
    page.faults.well()
    assert len(page.incidents) == (1 if after else 0)

    turning = Turning(url, to_page(page, read_s=0.3))
    job = job_of(turning.store.read, "outside:7:1")
    assert job is not None
    assert job.state is JobState.SENDING
    turning.ask(update("Logins work.", "outside:7:2", "resolved", UP))
    turning.turn_out()
    assert page.texts() == [("investigating", "Logins fail."), ("resolved", "Logins work.")]
    assert len(page.incidents) == 1
    turning.store.close()


def told_of(page: StatusPage, name: str) -> list[tuple[str, str]]:
    """(status, text) of the one entry of this name, the oldest first."""
    entries = [one for one in page.incidents if one["name"] == name]
    assert len(entries) == 1
    return [(one["status"], one["body"]) for one in reversed(entries[0]["incident_updates"])]
