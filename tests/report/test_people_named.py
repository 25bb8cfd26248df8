"""People who are named in a conversation and never spoke in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.report import report_for
from tests.report.lived import CHANNEL, NAMES, Life, live

MARKED_AT = "2026-10-01T03:20:00.000000Z"


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    lived = live(tmp_path / "drbot.db")
    yield lived
    lived.store.close()


def test_an_action_item_is_whose_it_was_said_to_be_though_they_were_asleep(life: Life) -> None:
    ts = "1790824800.000100"
    said = "todo: <@U0QUIET01|Quirina Paz> keeps a standby of the database ready, by 2026-12-11"
    life.ears.posted(CHANNEL, ts, "", "rafa", "Rafa Tavolaro", said)
    life.ears.marked(CHANNEL, ts, "memo", "bia", MARKED_AT)
    found = next(one for one in report_for(life.store, 1, NAMES).follow_ups if "standby" in one.text)
    assert (found.owner, str(found.due)) == ("Quirina Paz", "2026-12-11")
    assert "somebody" not in found.text
