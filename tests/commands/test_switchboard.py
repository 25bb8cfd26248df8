"""Every verb, said as people say it, against the whole inside of the bot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.commands.console import Where
from bot.commands.verbs import all_verbs
from bot.domain.answer import Answer, Exit
from bot.domain.person import Person
from bot.house import House, build
from bot.settings import Settings
from bot.store.journal import of_incident

STRANGER = Person("U0STRANGER", "Somebody", known=False)
SHELL = Where("shell")


class Desk:
    """The console with the plan's people before it."""

    def __init__(self, house: House) -> None:
        self.house = house

    def say(self, line: str, who: str = "ana") -> Answer:
        person = self.house.plan.person(who) or STRANGER
        return self.house.console.execute(line, person, SHELL)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    house = build(
        Settings(plan=without_far_looks(tmp_path), database_url=f"sqlite:///{tmp_path / 'drbot.db'}")
    )
    yield Desk(house)
    house.close()


def without_far_looks(folder: Path) -> Path:
    """The plan, whose board asks nobody out there: neither AWS nor the servers of a real name."""
    plan = yaml.safe_load(Settings().plan.read_text())
    for component in plan["components"].values():
        component["looks"] = [
            one for one in component.get("looks", ()) if one["action"] == "look-at-database"
        ]
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False))
    return path


def test_the_life_of_an_incident_in_words(desk: Desk) -> None:
    opened = desk.say("declare checkout is slow sev=2")
    assert opened.title == "INC-1 is open as SEV-2."
    assert desk.say("ack INC-1").title == "INC-1 is yours, Ana Souza."
    mine = desk.say("ack INC-1")
    assert (mine.exit, mine.title[:30]) == (Exit.DONE, "You have INC-1 already, since ")
    again = desk.say("ack INC-1", "bruno")
    assert (again.exit, again.title) == (Exit.REFUSED, "INC-1 is already acknowledged by Ana Souza.")
    assert desk.say("sev INC-1 1 half of the salons").exit is Exit.DONE
    assert desk.say('note INC-1 pool size=10, "back" to normal').exit is Exit.DONE
    assert "Ana Souza set SEV-1 (was SEV-2): half of the salons" in desk.say("why INC-1").lines[0]
    assert desk.say("resolve INC-1").title.startswith("INC-1 is resolved.")
    twice = desk.say("resolve INC-1")
    assert (twice.exit, twice.title[:31]) == (Exit.DONE, "You have resolved INC-1 already")
    late = desk.say("resolve INC-1", "bruno")
    assert late.exit is Exit.REFUSED
    assert "already resolved by Ana Souza" in late.title
    kinds = [entry.kind for entry in of_incident(desk.house.store, 1)]
    begun = ["incident-declared", "clock-started", "escalated"]
    assert kinds[:5] == [*begun, "incident-acknowledged", "clock-stopped"]
    assert {"severity-changed", "note-added", "incident-resolved", "report-drafted"} <= set(kinds)


def test_a_note_keeps_its_own_words(desk: Desk) -> None:
    desk.say("declare something")
    desk.say("note INC-1 pool size=10,  it's fine")
    notes = [entry for entry in of_incident(desk.house.store, 1) if entry.kind == "note-added"]
    assert notes[0].data["text"] == "pool size=10,  it's fine"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("declare disk usage=95% on db sev=2", "disk usage=95% on db"),
        ("declare sev=1 checkout is down", "checkout is down"),
        ("declare “checkout is down” sev=1", "checkout is down"),
    ],
)
def test_a_title_keeps_its_own_words(desk: Desk, line: str, title: str) -> None:
    desk.say(line)
    assert desk.house.incidents.get(1).title == title


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("incidnets", "did you mean `incidents`"),
        ("item", "`item add`, `item done`, `item drop`, `item reopen`, `item owner`, `item due`"),
        ("item dnoe AI-1", "did you mean `item done`"),
        ("plan", "`plan check`, `plan show`"),
        ("note INC-1", "`note INC-1 TEXT`"),
        ("ack", "Which incident? Say `ack INC-…`"),
        ("ack INC-x", "is not an incident"),
        ("ack INC-99", "there is no INC-99"),
        ("sev INC-1 9", "is not a severity"),
        ("declare", "needs a title"),
        ("run", "which action?"),
        ("run no-such-action", "there is no action"),
        ("approve RUN-77", "there is no RUN-77"),
        ("restore staging at=2026-11-22T21:55:00Z", "point in time"),
        (
            "run end-long-queries environment=production break_glass=customers cannot pay",
            "'cannot' is not key",
        ),
        ("restore staging latest typed", "'typed' is not key=value"),
        ("silence INC-1 2h", "'2h' is not key=value"),
        ("restore staging from_env=staging", "has no parameter 'from_env'"),
        ("restore staging expect=<1", "says nothing without watch="),
        ("help nonsense", "there is no verb"),
        ("x" * 4_000, "a line may have"),
    ],
)
def test_wrong_words_are_told_what_would_be_right(desk: Desk, line: str, told: str) -> None:
    desk.say("declare something")
    answer = desk.say(line)
    assert answer.exit is Exit.USAGE
    assert told.lower() in answer.title.lower()


def test_a_stranger_may_look_and_not_touch(desk: Desk) -> None:
    desk.say("declare something")
    assert desk.say("incidents", "nobody").exit is Exit.DONE
    refused = desk.say("ack INC-1", "nobody")
    assert refused.exit is Exit.REFUSED
    assert "takes you for 'U0STRANGER'" in refused.title
    assert "--as NAME" in refused.title
    assert "DR_PERSON" in refused.title
    assert "Ana Souza (ana)" in refused.title
    rows = desk.house.store.read("SELECT data FROM journal WHERE kind = 'press-refused'")
    assert '"verb":"ack"' in rows[0][0]


def test_help_names_every_verb_and_each_has_help(desk: Desk) -> None:
    table = desk.say("help").table
    assert table is not None
    assert {row[0] for row in table.rows} == {verb.usage for verb in all_verbs().values()}
    assert all(row[1] for row in table.rows)


def test_status_says_what_cannot_be_reached_and_what_is_off(desk: Desk) -> None:
    board = desk.say("status")
    assert board.exit is Exit.DONE
    assert any("SLACK_BOT_TOKEN is not set" in line for line in board.lines)
    assert board.table is not None
    assert any("PostgreSQL" in row[1] for row in board.table.rows)


def test_an_action_whose_database_is_not_set_is_refused_by_the_variables_name(desk: Desk) -> None:
    answer = desk.say("run look-at-activity environment=production")
    assert answer.exit is Exit.REFUSED
    assert "DR_PRODUCTION_DATABASE_URL" in answer.title


def test_every_verb_that_only_looks_answers(desk: Desk) -> None:
    desk.say("declare something")
    lines = ["incidents", "incident INC-1", "why INC-1", "actions", "runs", "timeline INC-1", "report INC-1"]
    lines += ["oncall", "plan check", "plan show", "journal verify", "status"]
    for line in lines:
        assert desk.say(line).exit is Exit.DONE, line


def test_completions_offer_what_is_at_hand(desk: Desk) -> None:
    desk.say("declare checkout is slow sev=2")
    offered = dict(desk.house.console.completions())
    assert "restore staging" in offered
    assert offered["incident INC-1"] == "SEV-2 checkout is slow"


@pytest.mark.parametrize("word", ["dry_run=", "watch=", "expect=", "break_glass="])
def test_help_names_the_words_that_every_run_takes(desk: Desk, word: str) -> None:
    assert word in desk.say("help run").lines[0]
