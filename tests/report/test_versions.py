"""Earlier versions: listed, shown as they were, and brought back; what was taken back stays away."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.answer import Exit, Refusal, UsageError
from bot.report import Reports, State
from bot.report.telling import handed
from tests.report.lived import BIA, CHANNEL, RAFA, Life
from tests.report.test_states import PLAN, life, reports
from tests.report.test_verbs import Desk, desk

__all__ = ["desk", "life", "reports"]


def test_an_earlier_version_is_shown_and_brought_back(desk: Desk, tmp_path: Path) -> None:
    assert desk.say("report versions INC-1").title.startswith("The report of INC-1 has no versions yet")
    desk.say("report edit INC-1 section=Root-Cause text=The pool was dry.")
    desk.say("report review INC-1")
    desk.say("report publish INC-1", "carla")
    told = desk.say("report edit INC-1 section=Root-Cause text=The pool was full.", "bruno")
    assert "Version 1 stays as it was published (`report INC-1 version=1` shows it)" in told.lines[0]

    shown = desk.say("report INC-1 version=1")
    assert shown.title.startswith("The report of INC-1: version 1, written by Ana Souza on ")
    assert shown.title.endswith(", as it was published (version 2 stands now).")
    assert shown.lines == (
        "`report edit INC-1 version=1` brings it back; `report versions INC-1` lists all.",
    )
    assert "## Root Cause\nThe pool was dry.\n" in shown.document
    assert shown.data["version"] == 1
    assert "The pool was full." in desk.say("report INC-1 version=2").document

    listed = desk.say("report versions INC-1")
    assert listed.title == "The report of INC-1 has 2 versions."
    assert listed.table is not None
    newest, first = listed.table.rows
    assert (newest[0], first[0]) == ("2", "1")
    assert newest[2] == "Bruno Lima edited the report: Root Cause"
    assert first[2] == (
        "Ana Souza edited the report: Root Cause; Ana Souza put the report to review;"
        " Carla Dias published the report, version 1"
    )
    done = desk.say("report edit INC-1 version=1")
    assert done.title == "The report of INC-1 is changed: Root Cause. It is version 3 now."
    assert "The pool was dry." in desk.say("report INC-1").document
    again = desk.say("report edit INC-1 version=1")
    assert (again.exit, again.title) == (
        Exit.REFUSED, "That is what the report already says; nothing was changed."
    )  # fmt: skip


def test_a_version_that_is_not_there_is_told_with_those_that_are(desk: Desk) -> None:
    asked = desk.say("report INC-1 version=1")
    assert asked.exit is Exit.USAGE
    assert "the report of inc-1 has no versions yet" in asked.title.lower()
    desk.say("report edit INC-1 section=Root-Cause text=The pool was dry.")
    for line in ("report INC-1 version=7", "report edit INC-1 version=0", "report INC-1 version=last"):
        asked = desk.say(line)
        assert asked.exit is Exit.USAGE
        assert "it has version 1" in asked.title.lower()


def test_an_earlier_version_holds_nothing_that_was_taken_back(life: Life, reports: Reports) -> None:
    ts = life.say("03:16:00", RAFA, "ACTION: ask the tenant Zeppelin why their export runs at night, friday")
    reports.edit_section(BIA, 1, "Lessons Learned", "Ours.")
    reports.edit_section(BIA, 1, "Lessons Learned", "Ours, too.")
    assert "tenant Zeppelin" in reports.shown(1, 1).text
    life.ears.deleted(CHANNEL, ts)
    assert "tenant Zeppelin" not in handed(reports.shown(1, 1), PLAN)
    reports.go_back(RAFA, 1, 1)
    assert "tenant Zeppelin" not in reports.shown(1).text


def test_going_back_from_what_is_published_is_a_new_version_in_review(reports: Reports) -> None:
    reports.edit_section(BIA, 1, "Lessons Learned", "First.")
    reports.edit(BIA, 1, "hello", remove=True)
    reports.review(BIA, 1)
    reports.publish(RAFA, 1)
    done = reports.go_back(RAFA, 1, 1)
    assert (done.standing.state, done.standing.version, done.standing.published) == (State.REVIEW, 3, 2)
    assert "First." in reports.shown(1).text
    assert reports.shown(1, 2).text == "hello\n"
    with pytest.raises(Refusal, match="already says"):
        reports.go_back(RAFA, 1, 3)
    with pytest.raises(UsageError, match="it has versions 1 to 3"):
        reports.go_back(RAFA, 1, 4)
