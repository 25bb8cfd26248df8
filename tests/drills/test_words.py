"""The verbs of drills, said as people say them, against the whole inside of the bot."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.answer import Exit
from bot.domain.drill import Drill, DrillState
from bot.store import drills as rows
from bot.store.database import iso, utc_now
from tests.drills.conftest import LOOK, House, ago, fresh

Make = Callable[..., House]


def test_a_drill_in_words(house: Make) -> None:
    made = house(fresh(), LOOK)
    begun = made.say("drill restore")
    assert begun.title == "DRILL-1 begins: Backup restore to staging."
    assert (begun.drill, begun.exit) == (1, Exit.DONE)
    assert "Promised: RTO 4 h, RPO 1 h." in begun.lines
    made.ended(made.drills.get(1))
    shown = made.say("drill DRILL-1")
    assert (shown.title, shown.exit) == ("DRILL-1 passed: Backup restore to staging.", Exit.DONE)
    assert shown.lines[0].startswith("✓ Rehearse a restore (RUN-1): ")
    assert shown.lines[1].startswith("✓ Look at the shelf (RUN-2): ")
    assert shown.lines[-2].startswith("Recovery worked, in ")
    assert shown.lines[-1] == "`certificate DRILL-1` prints the certificate."
    assert shown.data["state"] == "passed"
    assert made.say("drill DRILL-1", face="slack").lines == (), "its card says the rest"


def test_the_certificate_is_markdown_that_checks_against_the_journal(house: Make) -> None:
    made = house(fresh())
    made.ended(made.hold())
    answer = made.say("certificate DRILL-1", "nobody")
    paper = answer.document
    for said in (
        "# Certificate of recovery drill: Backup restore to staging",
        "**DRILL-1** · PASSED · ",
        "(plan section 5.1 and 5.2, monthly, owner DevOps)",
        "| Asked by | Ana Lima |",
        "| Recovered | yes |",
        "| Within RTO | yes |",
        "| Recovery Time Objective (RTO) | 4 h | ",
        "| Recovery Point Objective (RPO) | 1 h | 12 min",
        "| Rows | 8,231,904 in 9 tables |",
        "| Size restored | 1.9 GB |",
        "| server | PostgreSQL 16.4 \\| Debian |",
        "ab" * 32,
        "## Signed off",
    ):
        assert said in paper, f"{said}\n\n{paper}"
    journal = answer.data["journal"]
    assert isinstance(journal, dict)
    assert f"`dr journal verify head={journal['seq']}:{journal['hash']}`" in paper
    assert made.say(f"journal verify head={journal['seq']}:{journal['hash']}").exit is Exit.DONE
    assert json.loads(json.dumps(answer.data))["certificate"]["rehearsed"][0]["rows"] == 8231904


def test_a_certificate_that_was_changed_says_so(house: Make) -> None:
    made = house(fresh())
    ended = made.ended(made.hold())
    better = ended.certificate.replace("8231904", "9231904")
    made.store.write(lambda tx: rows.save(tx, replace(ended, certificate=better)))
    answer = made.say("certificate DRILL-1")
    assert answer.exit is Exit.FAILED
    assert "It does not stand as it was journalled: it says something else than entry" in answer.lines[0]
    assert "**This certificate does not stand as it was journalled" in answer.document
    made.store.write(
        lambda tx: tx.run(
            "UPDATE journal SET data = replace(data, '8231904', '9231904') WHERE kind = 'drill-passed'"
        )
    )
    assert "was changed after it was written" in made.say("certificate DRILL-1").lines[0]
    made.store.write(lambda tx: tx.run("DELETE FROM journal WHERE kind = 'drill-passed'"))
    assert "the journal has no entry" in made.say("certificate DRILL-1").lines[0]
    made.store.write(lambda tx: rows.save(tx, replace(ended, certificate='{"form": 2}')))
    assert "this version cannot read" in made.say("certificate DRILL-1").title


def held(number: int, days_ago: float, rto_s: float | None, state: DrillState = DrillState.PASSED) -> Drill:
    at = ago(days=days_ago)
    said = "Recovery worked." if rto_s is not None else "Recovery did not work."
    return Drill(
        number, "restore", "Backup restore to staging", state, "ana", at, at, (), rto_s, 700.0, said, "x"
    )


def test_the_record_of_drills(house: Make) -> None:
    made = house(fresh(), started=False)
    never = made.say("drills")
    assert never.table
    assert never.table.rows == (("restore", "never", "–", "–", "–", "now: it never passed", "–"),)
    assert never.title == "The plan has 1 drill, 1 due."
    assert "Full DR exercise (full) is held by people." in never.lines
    for past in (held(0, 70, 40.0), held(0, 36, 72.4), held(0, 2, None, DrillState.FAILED)):
        made.store.write(lambda tx, past=past: rows.insert(tx, past))  # type: ignore[misc]
    answer = made.say("drills", "nobody")
    assert answer.table
    (row,) = answer.table.rows
    due = row[5]
    assert row[1:5] == (
        ago(days=2)[:16].replace("T", " ") + " UTC",
        "failed",
        "56.2 s / 1 min 12 s",
        "11 min 40 s",
    )
    assert due.endswith(", 5 d overdue"), due
    assert row[6] == "▅█✗"
    one = made.say("drills restore")
    assert one.title == "Backup restore to staging: held 3 times."
    assert one.table
    assert [row[0] for row in one.table.rows] == ["DRILL-3", "DRILL-2", "DRILL-1"]
    assert one.table.rows[0][2:] == ("Ana Lima", "failed", "–", "11 min 40 s", "Recovery did not work.")
    assert one.lines[0] == "Promised: RTO 4 h, RPO 1 h."
    assert one.lines[1].startswith("Monthly, next due ")
    assert "▅█✗ 56.2 s / 1 min 12 s" in one.lines[2]
    running = Drill(0, "restore", "x", DrillState.UNDER_WAY, "ana", iso(utc_now()))
    made.store.write(lambda tx: rows.insert(tx, running))
    again = made.say("drills").table
    assert again
    assert again.rows[0][2] == "DRILL-4 under way"


@pytest.mark.parametrize("word", ["maybe", "dry", "2", ""])
def test_a_dry_run_of_neither_yes_nor_no_begins_nothing(house: Make, word: str) -> None:
    made = house(fresh(), LOOK, started=False)
    told = made.say(f"drill restore dry_run={word}")
    assert (told.exit, "says neither yes nor no" in told.title) == (Exit.USAGE, True)
    assert made.drills.recent() == []


@pytest.mark.parametrize("word", ["yes", "y", "on", "TRUE", "1"])
def test_a_dry_run_only_tells(house: Make, word: str) -> None:
    made = house(fresh(), LOOK, started=False)
    told = made.say(f"drill restore dry_run={word}")
    assert told.lines[0].startswith("1. rehearse-shelf: run rehearse-shelf place=hall")
    assert told.lines[-1] == "Nothing was stored and nothing will run."
    assert made.drills.recent() == []


def test_a_press_that_arrives_twice_is_one_drill(house: Make) -> None:
    made = house(fresh(), started=False)
    assert [made.say("drill restore", key="slack:1").drill for _ in range(2)] == [1, 1]
    assert made.say("drill restore", key="slack:2").exit is Exit.REFUSED


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("drill", Exit.USAGE, "which drill?"),
        ("drill restor", Exit.USAGE, "did you mean 'restore'?"),
        ("drill restore sev=1", Exit.USAGE, "takes no sev="),
        ("drill DRILL-9", Exit.USAGE, "there is no DRILL-9"),
        ("drill full", Exit.REFUSED, "is held by people"),
        ("drill Full DR exercise", Exit.REFUSED, "is held by people"),
        ("drills nothing", Exit.USAGE, "it has restore, full"),
        ("certificate", Exit.USAGE, "which drill?"),
        ("certificate RUN-1", Exit.USAGE, "say DRILL- and its number"),
        ("certificate DRILL-9", Exit.USAGE, "there is no DRILL-9"),
    ],
)
def test_what_cannot_be_done_says_what_can(house: Make, line: str, code: Exit, said: str) -> None:
    answer = house(fresh(), started=False).say(line)
    assert (answer.exit, said.lower() in answer.title.lower()) == (code, True), answer.title


def test_under_way_there_is_no_certificate_yet(house: Make) -> None:
    made = house(fresh(), started=False)
    made.hold()
    assert (
        "DRILL-1 is under way: its certificate is there when it has ended"
        in made.say("certificate DRILL-1").title
    )


def test_strangers_may_read_and_hold_nothing(house: Make) -> None:
    made = house(fresh(), started=False)
    assert made.say("drill restore", "nobody").exit is Exit.REFUSED
    assert made.say("drills", "nobody").exit is Exit.DONE
    assert made.say("drill restore", "leo").exit is Exit.REFUSED


def test_the_plan_is_shown_with_what_drills_measured(house: Make) -> None:
    made = house(fresh(), started=False)
    assert (
        "| Backup restore to staging | Monthly | DevOps | not measured yet |"
        in made.say("plan show").document
    )
    for past in (held(0, 36, 72.4), held(0, 2, 40.0)):
        made.store.write(lambda tx, past=past: rows.insert(tx, past))  # type: ignore[misc]
    shown = made.say("plan show").document
    assert f"| {ago(days=2)[:10]}, passed in 40 s (DRILL-2) |" in shown
    assert "| 4 hours | restore 56.2 s, at most 1 min 12 s in 2 drills | Critical systems |" in shown
    assert "| 1 hour | restore 11 min 40 s | Database |" in shown
