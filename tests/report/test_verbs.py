"""The report as people say it: print, edit, redraft, review, publish, export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.domain.answer import Answer, Exit
from bot.domain.person import Person
from bot.house import House, build
from bot.settings import Settings
from bot.store.journal import of_incident

SHELL = Where("shell")


class Desk:
    """The console of one plan, with an incident that was declared, taken and ended."""

    def __init__(self, house: House) -> None:
        self.house = house
        for line in (
            "declare checkout is slow sev=2",
            "ack INC-1",
            "note INC-1 pool is dry",
            "resolve INC-1",
        ):
            assert self.say(line).exit is Exit.DONE

    def say(self, line: str, who: str = "ana", where: Where = SHELL) -> Answer:
        person = self.house.plan.person(who) or Person("U0X", "Somebody", known=False)
        return self.house.console.execute(line, person, where)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    house = build(Settings(database_url=f"sqlite:///{tmp_path / 'drbot.db'}"))
    yield Desk(house)
    house.close()


def test_a_report_is_drafted_then_a_persons_then_published(desk: Desk) -> None:
    drafted = desk.say("report INC-1")
    assert drafted.title == "The report of INC-1: a draft, written from the record as it stands."
    assert drafted.document.startswith("# Incident Report: checkout is slow\n\n> **State:** A draft,")
    edited = desk.say(
        'report edit INC-1 section=Root-Cause text="The pool had 10 connections.\n\n- file=all of them"'
    )
    assert edited.title == "The report of INC-1 is changed: Root Cause. It is version 1 now."
    shown = desk.say("report INC-1")
    assert "version 1 is a draft since" in shown.title
    assert "## Root Cause\nThe pool had 10 connections.\n\n- file=all of them\n" in shown.document
    assert desk.say("report review INC-1", "bruno").title == "The report of INC-1 is in review, version 1."
    assert desk.say("report publish INC-1", "carla").title == "The report of INC-1 is published, version 1."
    late = desk.say("report publish INC-1")
    assert late.exit is Exit.REFUSED
    assert "published by Carla Dias" in late.title
    kinds = [one.kind for one in of_incident(desk.house.store, 1)]
    assert kinds[-3:] == ["report-edited", "report-reviewed", "report-published"]


def test_where_a_draft_of_now_says_otherwise_it_is_told(desk: Desk) -> None:
    assert desk.say("report diff INC-1").title.startswith("Nobody has changed the report of INC-1")
    desk.say("report edit INC-1 section=in-detail text=- 14:02 we looked at the pool")
    desk.say("note INC-1 the pool is back at 12 of 100", "bruno")
    shown = desk.say("report INC-1")
    assert any("A draft of now would say otherwise in In detail" in line for line in shown.lines)
    assert any("more lines: `report diff INC-1`" in line for line in shown.lines)
    difference = desk.say("report diff INC-1")
    assert "-- 14:02 we looked at the pool" in difference.document
    assert any(line.startswith("+") and "12 of 100" in line for line in difference.document.splitlines())
    done = desk.say("report redraft INC-1", "bruno")
    assert done.title.startswith("The report of INC-1 is drafted anew, as version 2")
    assert "- 14:02 we looked at the pool" in desk.say("report INC-1").document


def test_a_whole_file_goes_out_and_comes_back(desk: Desk, tmp_path: Path) -> None:
    done = desk.say(f"report export INC-1 as=md to={tmp_path / 'out'}")
    assert done.exit is Exit.DONE
    file = tmp_path / "out" / "inc-1-report.md"
    assert (tmp_path / "out" / "inc-1-report.png").exists()
    same = desk.say(f"report edit INC-1 file={file}")
    assert (same.exit, same.title) == (
        Exit.REFUSED, "That is what the report already says; nothing was changed."
    )  # fmt: skip
    file.write_text(
        file.read_text().replace("## Lessons Learned\n", "## Lessons Learned\nAlert on the pool.\n")
    )
    assert desk.say(f"report edit INC-1 file={file}").title.startswith(
        "The report of INC-1 is changed: Lessons Learned."
    )
    assert desk.say(f"report edit INC-1 file={tmp_path / 'none.md'}").exit is Exit.USAGE
    asked = desk.say(f"report export INC-1 as=pdf to={tmp_path}")
    assert asked.exit is Exit.USAGE
    assert "`report export INC-1 as=print` makes a page for it" in asked.title
    for kind in ("html", "print"):
        assert desk.say(f"report export INC-1 as={kind} to={tmp_path / 'out'}").exit is Exit.DONE


def test_a_file_that_lost_its_sections_asks_first_and_they_come_back(desk: Desk, tmp_path: Path) -> None:
    file, whole = tmp_path / "report.md", tmp_path / "whole.md"
    whole.write_text(desk.say("report INC-1").document)
    file.write_text("hello")
    asked = desk.say(f"report edit INC-1 file={file}")
    assert asked.exit is Exit.REFUSED
    assert "would take out Summary, Timeline, " in asked.title
    assert "`dr report INC-1 > report.md`" in asked.title
    assert desk.say(f"report edit INC-1 file={file} remove=yes").exit is Exit.DONE
    for line in ("report INC-1", "report diff INC-1"):
        assert any(told.startswith("People have taken out Summary, ") for told in desk.say(line).lines)
    assert desk.say("report edit INC-1").title == "The report of INC-1 has no sections left."
    assert desk.say("report redraft INC-1 removed=yes").exit is Exit.DONE
    assert "## Root Cause\n" in desk.say("report INC-1").document
    assert "the title" in desk.say(f"report edit INC-1 file={whole}").title
    assert desk.say("report INC-1").lines == (
        "A new draft would change nothing.",
        "It has 3 versions: `report versions INC-1` lists them.",
    )


def test_a_file_over_anothers_words_tells_where_both_stand(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    file.write_text(desk.say("report INC-1").document.replace("## Resolution\n", "## Resolution\nAna's.\n"))
    desk.say("report edit INC-1 section=Resolution text=Bruno's.", "bruno")
    (told,) = desk.say(f"report edit INC-1 file={file}").lines
    assert told.startswith("Somebody else changed Resolution since your copy was written: both texts stand")


def test_slack_hands_the_files_to_whoever_asks_and_writes_none(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    for kind, names in (
        ("md", ["inc-1-report.md", "inc-1-report.png"]),
        ("html", ["inc-1-report.html"]),
        ("print", ["inc-1-report-print.html"]),
    ):
        told = desk.say(f"report export INC-1 as={kind} to={tmp_path / 'out'}", where=Where("slack", "C1"))
        assert told.exit is Exit.DONE
        assert [name for name, _ in told.files] == names
        assert b"checkout is slow" in told.files[0][1]
        assert f"comes to you in a direct message: {names[0]}" in told.title
    assert set(tmp_path.iterdir()) == before


def test_slack_offers_its_sections_and_reads_no_files(desk: Desk) -> None:
    slack = Where("slack", "C1")
    offered = desk.say("report edit INC-1", where=slack)
    assert ("Root Cause", "report edit INC-1 section=Root-Cause", "report") in offered.forms
    assert desk.say("report edit INC-1 file=/etc/hostname", where=slack).exit is Exit.REFUSED
    assert desk.say("report edit INC-1").exit is Exit.USAGE


def test_strangers_may_read_and_not_write(desk: Desk) -> None:
    assert desk.say("report INC-1", "nobody").exit is Exit.DONE
    for line in ("edit INC-1 section=cause text=x", "review INC-1", "publish INC-1", "redraft INC-1"):
        assert desk.say(f"report {line}", "nobody").exit is Exit.REFUSED
