"""A whole file is the truth: what it says the report says, and nothing leaves the report unasked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.answer import Refusal
from bot.printable import printable
from bot.report import Reports
from bot.report.paper import read_paper
from bot.report.telling import handed
from tests.report.lived import BIA, RAFA, Life, live
from tests.report.test_states import PLAN


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    lived = live(tmp_path / "drbot.db")
    yield lived
    lived.store.close()


@pytest.fixture
def reports(life: Life) -> Reports:
    return Reports(life.store, PLAN)


def copy(reports: Reports) -> str:
    return handed(reports.shown(1), PLAN)


def titles(reports: Reports) -> list[str]:
    return [one.title for one in read_paper(reports.shown(1).text).sections]


def test_a_copy_that_its_author_loads_again_is_the_truth_again(reports: Reports) -> None:
    lessons = "## Lessons Learned\n"
    out = copy(reports).replace(lessons, f"{lessons}Test it.\nAlert on it.\n")
    reports.edit(BIA, 1, out)
    assert reports.edit(BIA, 1, out.replace("Test it.\n", "")).changed == ("Lessons Learned",)
    text = reports.section(1, "Lessons Learned")[2]
    assert "Test it." not in text
    assert text.count("Alert on it.") == 1


def test_a_heading_written_otherwise_is_a_change(reports: Reports) -> None:
    out = copy(reports).replace("## Root Cause\n", "## Rootcause\n")
    assert reports.edit(BIA, 1, out).changed == ("Rootcause",)
    assert "\n## Rootcause\n" in reports.shown(1).text
    reports.edit_section(BIA, 1, "Lessons Learned", "Mine.")
    again = out.replace("## Lessons Learned\n", "## Lessons Learned\nOf the file.\n")
    assert reports.edit(BIA, 1, again).changed == ("Lessons Learned",)
    assert "Of the file." in reports.section(1, "Lessons Learned")[2]


def test_sections_in_another_order_are_a_change(reports: Reports) -> None:
    lesson = "\n## Lessons Learned\n"
    head, _, rest = copy(reports).partition("\n## Summary\n")
    before, _, after = rest.partition(lesson)
    body, mark, left = after.partition("\n## ")
    moved = f"{head}{lesson}{body}\n## Summary\n{before}{mark}{left}"
    assert reports.edit(BIA, 1, moved).changed == ("the order of the sections",)
    assert titles(reports)[:2] == ["Lessons Learned", "Summary"]


def test_a_file_without_its_sections_is_refused_until_it_is_meant(reports: Reports) -> None:
    with pytest.raises(Refusal, match=r"would take out Summary, Timeline, .*Nothing was changed.*remove=yes"):
        reports.edit(BIA, 1, "hello")
    assert reports.shown(1).standing is None
    out = copy(reports)
    without = out.replace("## Resolution\n", "### Resolution\n")
    with pytest.raises(Refusal, match="would take out Resolution:"):
        reports.edit(BIA, 1, without)
    assert reports.edit(BIA, 1, without, remove=True).changed[-1] == "Resolution (taken out)"


def test_a_section_that_was_taken_out_comes_back_with_the_whole_file(reports: Reports) -> None:
    out, before = copy(reports), titles(reports)
    reports.edit(BIA, 1, "hello", remove=True)
    assert titles(reports) == []
    reports.edit(BIA, 1, out)
    assert titles(reports) == before


def test_a_section_that_was_taken_out_comes_back_with_a_draft_that_is_asked_for_it(reports: Reports) -> None:
    out, before = copy(reports), titles(reports)
    reports.edit_section(RAFA, 1, "Root Cause", "The nightly report.")
    without = copy(reports).replace("## Resolution\n", "### Resolution\n")
    reports.edit(BIA, 1, without, remove=True)
    merged = reports.shown(1).merged
    assert merged is not None
    assert merged.left_out == ("Resolution",)
    with pytest.raises(Refusal, match=r"taken out Resolution.*removed=yes"):
        reports.redraft(RAFA, 1)
    done = reports.redraft(RAFA, 1, removed=True)
    assert done.changed == ("Resolution",)
    assert titles(reports) == before
    assert reports.section(1, "Root Cause")[2].startswith("The nightly report.")
    assert reports.section(1, "Resolution")[2] == read_paper(out).body("Resolution")


def test_only_where_another_wrote_meanwhile_both_texts_stand_and_it_is_told(reports: Reports) -> None:
    out = copy(reports)
    reports.edit_section(RAFA, 1, "Lessons Learned", "Rafa's lesson.")
    reports.edit_section(BIA, 1, "Resolution", "Bianca's first words.")
    mine = out.replace("## Lessons Learned\n", "## Lessons Learned\nBianca's lesson.\n")
    done = reports.edit(BIA, 1, mine.replace("## Resolution\n", "## Resolution\nBianca's last words.\n"))
    assert done.beside == ("Lessons Learned",)
    lessons = reports.section(1, "Lessons Learned")[2]
    assert lessons.startswith("Rafa's lesson.\n\nBianca's lesson.")
    assert "Bianca's first words." not in reports.section(1, "Resolution")[2]
    with pytest.raises(Refusal, match="already says"):
        reports.edit(BIA, 1, mine.replace("## Resolution\n", "## Resolution\nBianca's last words.\n"))


def test_what_another_took_out_or_put_in_meanwhile_stays_so(reports: Reports) -> None:
    out = copy(reports)
    theirs = out.replace("## Resolution\n", "### Resolution\n") + "\n## Thanks\nTo all.\n"
    reports.edit(RAFA, 1, theirs, remove=True)
    done = reports.edit(BIA, 1, out.replace("## Lessons Learned\n", "## Lessons Learned\nOurs.\n"))
    assert done.changed == ("Lessons Learned",)
    assert "Resolution" not in titles(reports)
    assert "Thanks" in titles(reports)


def test_signs_that_a_shell_does_not_print_are_nobodys_change(reports: Reports) -> None:
    reports.edit_section(BIA, 1, "Lessons Learned", "Never trust \u202egnp.exe")
    with pytest.raises(Refusal, match="already says"):
        reports.edit(BIA, 1, printable(copy(reports)))
