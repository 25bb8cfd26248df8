"""Draft, review, published: who did what, and that no word of a person is ever lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.answer import Refusal, UsageError
from bot.domain.person import Person
from bot.plan.models import DrPlan
from bot.report import Reports, State, follow_ups_of, report_markdown
from bot.report.keeping import version
from bot.report.telling import handed
from bot.store.journal import of_incident as entries_of
from tests.report.lived import BIA, CHANNEL, RAFA, Life, live

PLAN = DrPlan.model_validate(
    {
        "people": {"bia": {"name": "Bianca Mourelle"}, "rafa": {"name": "Rafa Tavolaro"}},
        "severities": {"SEV-2": {"description": "Partial outage", "response": "1m"}},
        "objectives": {"mttr": {"title": "Mean time to recovery", "target": "2h", "priority": "Critical"}},
    }
)
STRANGER = Person("u0x", "Nobody Known", known=False)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    lived = live(tmp_path / "drbot.db")
    yield lived
    lived.store.close()


@pytest.fixture
def reports(life: Life) -> Reports:
    return Reports(life.store, PLAN)


def kinds(life: Life) -> list[str]:
    return [one.kind for one in entries_of(life.store, 1) if one.kind.startswith("report-")]


def test_a_report_goes_from_draft_over_review_to_published(life: Life, reports: Reports) -> None:
    assert reports.shown(1).standing is None
    assert reports.review(BIA, 1).standing.state is State.REVIEW
    assert reports.publish(RAFA, 1).standing.state is State.PUBLISHED
    shown = reports.shown(1)
    assert shown.standing is not None
    assert (shown.standing.by, shown.standing.version, shown.standing.published) == ("rafa", 1, 1)
    assert kinds(life) == ["report-drafted", "report-reviewed", "report-published"]
    said = [one.data.get("said") for one in entries_of(life.store, 1)][-2:]
    assert said == [
        "Bianca Mourelle put the report to review",
        "Rafa Tavolaro published the report, version 1",
    ]


def test_a_second_change_of_state_is_refused_with_who_did_it(reports: Reports) -> None:
    with pytest.raises(Refusal, match="is a draft that nobody put to review"):
        reports.publish(BIA, 1)
    reports.review(BIA, 1)
    with pytest.raises(Refusal, match="in review since 2026-09-30 03:21 UTC, by Bianca Mourelle"):
        reports.review(RAFA, 1)
    reports.publish(RAFA, 1)
    with pytest.raises(Refusal, match="published by Rafa Tavolaro on 2026-09-30"):
        reports.publish(BIA, 1)
    with pytest.raises(Refusal, match="begins a new version"):
        reports.review(BIA, 1, back=True)


def test_a_review_can_be_taken_back(reports: Reports) -> None:
    reports.review(BIA, 1)
    assert reports.review(RAFA, 1, back=True).standing.state is State.DRAFT
    with pytest.raises(Refusal, match="version 1 is a draft since"):
        reports.review(RAFA, 1, back=True)


def test_what_is_published_is_frozen_and_an_edit_begins_a_new_version(life: Life, reports: Reports) -> None:
    reports.review(BIA, 1)
    reports.publish(RAFA, 1)
    published = reports.shown(1).text
    done = reports.edit_section(BIA, 1, "lessons-learned", "Test the report on real data.")
    assert (done.standing.state, done.standing.version, done.standing.published) == (State.REVIEW, 2, 1)
    first = version(life.store.read, 1, 1)
    assert first is not None
    assert first.text == published
    assert "Test the report on real data." in reports.shown(1).text


def test_a_new_draft_keeps_a_persons_words_and_renews_the_rest(life: Life, reports: Reports) -> None:
    reports.edit_section(BIA, 1, "Root Cause", "The nightly report ran without a limit. **We** let it. [m5]")
    life.at("03:30:00").say("03:30:00", RAFA, "action: alert on sessions older than 5 min, Bianca, by monday")
    before = reports.shown(1)
    assert before.merged is not None
    assert "Action Items" in before.merged.renewed
    assert "alert on sessions" not in before.text
    done = reports.redraft(RAFA, 1)
    after = reports.shown(1).text
    assert "Action Items" in done.changed
    assert "alert on sessions older than 5 min" in after
    assert "The nightly report ran without a limit. **We** let it. [m5]" in after
    assert 'Rafa Tavolaro: "found it' not in after.split("## Root Cause")[1].split("## Resolution")[0]
    with pytest.raises(Refusal, match="nothing new"):
        reports.redraft(RAFA, 1)


def test_the_difference_is_told_where_a_draft_would_say_otherwise(life: Life, reports: Reports) -> None:
    reports.edit_section(BIA, 1, "Action Items", "- [ ] limit the report user")
    life.say("03:30:00", RAFA, "action: alert on sessions older than 5 min, Bianca, by monday")
    merged = reports.shown(1).merged
    assert merged is not None
    assert [one.title for one in merged.kept] == ["Action Items"]
    assert "-- [ ] limit the report user" in merged.kept[0].lines
    assert any(line.startswith("+- [ ] alert on sessions") for line in merged.kept[0].lines)


def test_two_people_at_one_section_lose_nothing(reports: Reports) -> None:
    seen, title, _ = reports.section(1, "Lessons-Learned")
    assert (seen, title) == (0, "Lessons Learned")
    reports.edit_section(BIA, 1, "Lessons-Learned", "Bianca's lesson.", seen)
    reports.edit_section(RAFA, 1, "Lessons-Learned", "Rafa's lesson.", seen)
    assert reports.section(1, "lessons")[2] == "Bianca's lesson.\n\nRafa's lesson."


def test_a_file_from_before_anothers_edit_takes_nothing_from_them(reports: Reports) -> None:
    out = handed(reports.shown(1), PLAN)
    reports.edit_section(BIA, 1, "Lessons Learned", "Bianca's lesson.")
    reports.edit(RAFA, 1, out.replace("## Resolution\n", "## Resolution\nRafa ended it.\n"))
    text = reports.shown(1).text
    assert "Bianca's lesson." in text
    assert "Rafa ended it." in text
    reports.edit(BIA, 1, handed(reports.shown(1), PLAN).replace("Rafa ended it.\n", ""))
    assert "Rafa ended it." not in reports.shown(1).text


def test_a_whole_text_comes_back_as_a_version(reports: Reports) -> None:
    text = reports.shown(1).text.replace("Connection pool exhausted", "The night of the report", 1)
    done = reports.edit(BIA, 1, text + "\n## Thanks\nTo all who got up.\n")
    assert done.changed == ("the title", "Thanks")
    assert reports.shown(1).text.startswith("# Incident Report: The night of the report\n")
    with pytest.raises(Refusal, match="already says"):
        reports.edit(BIA, 1, reports.shown(1).text)
    with pytest.raises(UsageError, match="no text"):
        reports.edit(BIA, 1, " \n ")


def test_secrets_are_taken_out_of_a_persons_text_and_strangers_may_not_write(reports: Reports) -> None:
    token = "xox" + "b-12345678-abcdefgh"
    done = reports.edit_section(BIA, 1, "Resolution", f"rotated {token}")
    assert done.hidden
    assert token not in reports.shown(1).text
    with pytest.raises(Refusal, match="does not name you"):
        reports.edit_section(STRANGER, 1, "Resolution", "mine")
    with pytest.raises(UsageError, match="no section 'Nonsense'"):
        reports.edit_section(BIA, 1, "Nonsense", "x")


def test_a_label_leads_to_the_same_message_whatever_is_taken_back_before_it(
    life: Life, reports: Reports
) -> None:
    before = [line for line in reports.shown(1).text.splitlines() if "found it: the nightly" in line]
    wrong = life.store.read("SELECT ts FROM messages WHERE text LIKE '%agenda release%'")[0][0]
    life.ears.deleted("C0INC1", str(wrong))
    after = [line for line in reports.shown(1).text.splitlines() if "found it: the nightly" in line]
    assert before == after
    cited = re.findall(r"\[(m\d+)\] ", reports.shown(1).text.split("## Appendix C")[1])
    assert len(cited) == len(set(cited)) >= 5


def test_times_are_held_against_the_plan(reports: Reports) -> None:
    text = reports.shown(1).text
    kept = text.split("## Times against objectives")[1].split("##")[0]
    assert (
        "MTTA, from its opening to its acknowledgement: 1 min 50 s of 1 min (the response time of SEV-2)"
        in kept
    )
    assert "missed by 50 s" in kept
    assert "11 min 25 s of 2 h (Mean time to recovery, Critical): kept" in kept
    well = text.split("## What went well")[1].split("##")[0]
    badly = text.split("## What went badly")[1].split("##")[0]
    assert "kept" in well
    assert "missed by 50 s" in badly


def test_the_follow_ups_are_there_for_whoever_keeps_them(life: Life) -> None:
    found = follow_ups_of(life.store, PLAN, 1)
    assert [(one.text, one.owner, f"{one.due}") for one in found] == [
        ("statement_timeout for the report user", "Rafa Tavolaro", "2026-10-02")
    ]


def test_a_team_with_its_own_template_gets_its_own(life: Life) -> None:
    template = {
        "title": "Postmortem of [what]",
        "summary": {"When": "", "Who was hurt": "", "Budget code": ""},
        "timeline": ["We noticed", "We closed it"],
        "sections": {
            "How we fixed it": "",
            "Why it broke": "",
            "Our next steps": [],
            "Legal": "[does it matter?]",
        },
    }
    plan = DrPlan.model_validate(PLAN.model_dump() | {"incident_template": template})
    text = report_markdown(life.store, 1, plan=plan)
    titles = [line[3:] for line in text.splitlines() if line.startswith("## ")]
    assert titles[:7] == [
        "Summary", "Timeline", "In detail (UTC)", "How we fixed it", "Why it broke", "Our next steps", "Legal"
    ]  # fmt: skip
    assert text.startswith("# Postmortem of Connection pool exhausted\n")
    assert "- **When:** 2026-09-30 02:58 UTC" in text
    assert "- **Budget code:** not recorded" in text
    assert "found it: the nightly" in text.split("## Why it broke")[1].split("##")[0]
    assert "- **Who was hurt:** Connection pool exhausted: 02:58 to 03:09 UTC" in text
    assert text.split("## Legal")[1].split("##")[0].strip() == (
        "Not recorded; for a person to write: does it matter?"
    )


def test_words_taken_back_are_in_no_version(life: Life, reports: Reports) -> None:
    ts = life.say("03:16:00", RAFA, "ACTION: ask the tenant Zeppelin why their export runs at night, friday")
    reports.edit_section(BIA, 1, "Lessons Learned", "Zeppelins are ours to name.")
    reports.review(BIA, 1)
    reports.publish(RAFA, 1)
    assert "tenant Zeppelin" in reports.shown(1).text
    before = reports.shown(1).text

    life.ears.deleted(CHANNEL, ts)
    after = reports.shown(1)
    assert "tenant Zeppelin" not in after.text + handed(after, PLAN) + report_markdown(life.store, 1)
    assert "Zeppelins are ours to name." in after.text, "a person's own words stay"
    assert "- [ ] [taken back] [m" in after.text
    kept = [line for line in before.split("\n") if "tenant Zeppelin" not in line]
    assert [line for line in kept if line not in after.text.split("\n")] == []
    assert after.standing is not None
    assert after.standing.state is State.PUBLISHED

    reports.edit_section(BIA, 1, "Where we got lucky", "It was night.")
    assert "Action Items" in reports.redraft(BIA, 1).changed, "what drbot drafted is still drbot's"
    assert "taken back" not in reports.section(1, "Action Items")[2]
