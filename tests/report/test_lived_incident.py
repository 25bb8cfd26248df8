"""One incident lived through the store, and the report that a person would read of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.answer import UsageError
from bot.domain.severity import Severity
from bot.messages import of_incident
from bot.report import report_for, report_markdown
from bot.store.journal import of_incident as entries_of
from bot.timeline import timeline
from tests.report.lived import BIA, CHANNEL, NAMES, Life, live, open_incident

GOLDEN = Path(__file__).parent / "golden" / "lived_incident.md"


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    lived = live(tmp_path / "drbot.db")
    yield lived
    lived.store.close()


def test_the_report_reads_as_it_was_lived(life: Life) -> None:
    """Read the golden file as a person would: it is what the CTO gets."""
    assert report_markdown(life.store, 1, NAMES) == GOLDEN.read_text(encoding="utf-8")


def test_times_come_from_the_journal_and_from_people(life: Life) -> None:
    times = report_for(life.store, 1, NAMES).times
    told = {
        name: getattr(times, name)
        for name in ("started", "detected", "acknowledged", "identified", "mitigated", "resolved")
    }
    assert {name: f"{claim.at:%H:%M:%S}" for name, claim in told.items()} == {
        "started": "02:58:00",
        "detected": "03:02:10",
        "acknowledged": "03:04:00",
        "identified": "03:08:00",
        "mitigated": "03:09:25",
        "resolved": "03:21:00",
    }


def test_an_edit_a_deletion_and_a_mark_taken_away_change_the_report(life: Life) -> None:
    action, cause = (
        next(one for one in of_incident(life.store, 1) if word in one.text)
        for word in ("timeout for", "found it")
    )
    life.ears.edited(CHANNEL, action.ts, "statement_timeout for the report user, Bianca, by monday")
    life.ears.unmarked(CHANNEL, cause.ts, "mag", "bia")
    life.ears.deleted(CHANNEL, cause.ts)
    report = report_for(life.store, 1, NAMES)
    assert report.cause == ()
    assert [(one.owner, f"{one.due}") for one in report.follow_ups] == [("Bianca Mourelle", "2026-10-05")]
    assert "nightly report query" not in report_markdown(life.store, 1, NAMES)


def test_resolving_asks_for_the_draft_once_under_the_card(life: Life) -> None:
    asked = life.store.read(
        "SELECT kind, subject, parent, wanted FROM outbox WHERE key = 'incident:1:report'"
    )
    assert asked == [("report", 1, "incident:1:card", 1)]
    assert entries_of(life.store, 1)[-1].kind == "report-drafted"


def test_the_timeline_holds_every_moment_in_order_with_its_evidence(life: Life) -> None:
    moments = timeline(entries_of(life.store, 1), of_incident(life.store, 1), NAMES)
    assert [one.at for one in moments] == sorted(one.at for one in moments)
    told = {one.evidence: (one.who, one.what) for one in moments}
    assert told["e1"] == ("drbot", "the incident was opened as SEV-2: Connection pool exhausted")
    assert told["e2"] == ("alertmanager", "PoolExhausted fired: 98 of 100 connections used")
    assert any(what == "Rafa Tavolaro took a message back" for _, what in told.values())
    assert any(
        "severity SEV-2 → SEV-1 by Bianca Mourelle: no booking goes through" in what
        for _, what in told.values()
    )
    assert not any("Hunter22" in what for _, what in told.values())
    assert not [one for one in moments if not one.what or not one.evidence]


def test_an_incident_of_which_nothing_is_known_says_so(tmp_path: Path) -> None:
    quiet = Life(tmp_path / "quiet.db")
    open_incident(quiet)
    document = report_markdown(quiet.store, 1)
    quiet.store.close()
    for line in (
        "- not recorded - Investigation started",
        "- not recorded - Root cause identified",
        "- not recorded - Service restored",
        "- **Duration:** not recorded",
        "Not recorded: nobody stated or marked one.",
    ):
        assert line in document


def test_a_report_of_an_unknown_incident_says_what_to_ask(tmp_path: Path) -> None:
    quiet = Life(tmp_path / "quiet.db")
    with pytest.raises(UsageError, match="there is no INC-9"):
        report_for(quiet.store, 9)
    quiet.store.close()


def test_a_secret_in_a_title_a_note_or_a_reason_is_kept_nowhere(tmp_path: Path) -> None:
    quiet = Life(tmp_path / "quiet.db")
    secret = "hunter2" + "x9"
    quiet.incidents.declare(BIA, f"the pool password={secret} is refused", Severity.SEV3)
    quiet.incidents.note(BIA, 1, f"tried token={secret}")
    quiet.incidents.set_severity(BIA, 1, Severity.SEV1, f"password {secret} is known outside")
    kept = quiet.store.read("SELECT data FROM journal UNION ALL SELECT payload FROM outbox")
    assert [one for (one,) in kept if secret in one] == []
    assert secret not in quiet.incidents.get(1).title
    quiet.store.close()
