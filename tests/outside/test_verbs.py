"""The verbs, as a shell says them: the same words in Slack."""

from __future__ import annotations

import pytest

from bot.commands.console import Where
from bot.commands.desk import Desk
from bot.commands.switchboard import Switchboard
from bot.domain.answer import Exit
from bot.domain.outbound import Never
from bot.domain.publication import PublicationState, Stage
from tests.outside.conftest import PAGE_ID, Room


def test_a_shell_tells_the_outside_from_the_first_word_to_the_last(room: Room) -> None:
    room.open()
    assert room.say("outside INC-1").title == (
        "The outside was told nothing of INC-1 yet; no update is promised."
    )
    drafted = room.say("draft INC-1 status")
    assert drafted.title == "PUB-1 is drafted (status page, investigating) and waits for Carla Dias."
    assert (
        "Belezza has been unavailable since 03:00 UTC on 23 November 2026. We are looking for the cause."
        in (drafted.lines)
    )
    assert "Next update: promised for 30m after its approval" in drafted.lines
    digest = str(drafted.data["digest"])[:8]
    assert drafted.lines[-1] == f"To let it out: publish PUB-1 digest={digest}"

    edited = room.say(
        'edit PUB-1 stage=identified next=15m subject="Bookings fail" We know why.\nWe mend it.'
    )
    assert "is changed" in edited.title
    one = room.outside.get(1)
    assert (one.stage, one.subject, one.text) == (
        Stage.IDENTIFIED,
        "Bookings fail",
        "We know why.\nWe mend it.",
    )
    assert room.say(f"publish PUB-1 digest={digest}", "carla").exit is Exit.REFUSED
    assert room.say("publish PUB-1", "carla").exit is Exit.USAGE
    whole = room.say("outside PUB-1")
    assert "We mend it." in whole.lines
    sent = room.say(f"publish PUB-1 digest={str(whole.data['digest'])[:8]}", "carla")
    assert sent.title == (
        "PUB-1 is approved by Carla Dias and on its way to the public status page, and whoever follows it."
    )
    assert sent.lines == ("The next update was promised by 03:15 UTC.",)
    told = room.say("outside INC-1")
    assert told.title == "The outside was told of INC-1 once; the next update is promised by 03:15 UTC."
    assert told.table is not None
    assert told.table.rows[0][:4] == (
        "PUB-1",
        "status page",
        "identified",
        "approved by Carla Dias, on its way",
    )


def test_a_draft_is_taken_back(room: Room) -> None:
    room.open()
    room.say("draft INC-1 social first")
    assert room.say("withdraw PUB-1").title == "PUB-1 is withdrawn; nothing was sent."
    assert room.say("withdraw PUB-1").exit is Exit.REFUSED
    assert room.outside.get(1).state is PublicationState.WITHDRAWN


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("draft INC-1 letter", "none of status, mail, social"),
        ("draft INC-1 mail resolved", "say one of first, update, over"),
        ("draft INC-1", "which kind: status, mail or social?"),
        ("draft INC-9 mail", "there is no INC-9"),
        ("draft PUB-1 mail", "is not an incident"),
        ("edit PUB-1", "the text is missing"),
        ("edit PUB-1 next=soon", "soon"),
        ("edit PUB-1 next=3d", "within a day"),
        ("edit PUB-1 stage=over", "no stage of a status page"),
        ("edit PUB-7 words", "There is no PUB-7"),
        ("edit INC-1 words", "say PUB- and its number"),
        ("publish PUB-7 digest=0123456789", "There is no PUB-7"),
        ("outside PUB-7", "There is no PUB-7"),
        ("edit PUB-1 " + "x" * 2_600, "may have 2500"),
        ("edit PUB-1 " + "x" * 10_000, "a line may have 3000"),
    ],
)
def test_what_cannot_be_read_changes_nothing_and_says_what_to_say(room: Room, line: str, says: str) -> None:
    room.open()
    room.say("draft INC-1 status")
    before = room.outside.get(1)
    answer = room.say(line, "carla")
    assert answer.exit is Exit.USAGE
    assert says.lower() in answer.title.lower()
    assert room.outside.get(1) == before


def test_the_text_is_not_read_for_options(room: Room) -> None:
    room.open()
    room.say("draft INC-1 status")
    room.say("edit PUB-1 Bookings with stage=resolved in their note fail next=none, we see.")
    one = room.outside.get(1)
    assert one.text == "Bookings with stage=resolved in their note fail next=none, we see."
    assert (one.stage, one.next_update_s) == (Stage.INVESTIGATING, 1800)
    room.say("edit PUB-1 stage=identified -- stage=resolved is what our page says wrongly")
    one = room.outside.get(1)
    assert (one.stage, one.text) == (Stage.IDENTIFIED, "stage=resolved is what our page says wrongly")


def test_words_that_came_too_late_are_given_back(room: Room) -> None:
    room.open()
    digest = str(room.say("draft INC-1 status").data["digest"])[:16]
    room.say("edit PUB-1 The words of Bruno.", "bruno")
    answer = room.say(f"edit PUB-1 seen={digest} My words,\non two lines.")
    assert answer.exit is Exit.REFUSED
    assert answer.lines == ("What you wrote:", "My words,", "on two lines.")
    assert room.outside.get(1).text == "The words of Bruno."


def test_in_slack_the_card_in_the_thread_says_the_rest(room: Room) -> None:
    room.open()
    answer = room.say("draft INC-1 mail", where=Where("slack", request_key="slack:1"))
    assert (answer.lines, answer.publication) == ((), 1)


def test_doubts_are_shown_to_who_approves(room: Room) -> None:
    room.open(environment="staging")
    room.say("draft INC-1 status resolved")
    room.say("edit PUB-1 PostgresDown on belezza-db-prod, ask Ana Souza. password=hunter2hunter2")
    doubts = [line for line in room.say("outside PUB-1").lines if line.startswith("!")]
    assert doubts == [
        "! It says that the trouble is over, and INC-1 is still open.",
        "! INC-1 is in staging, which customers do not use.",
        "! It names what only insiders know: PostgresDown, Ana Souza, belezza-db-prod.",
        "! It seems to hold a secret, an address or somebody's number.",
    ]


def test_the_pages_components_are_listed_for_the_plan(room: Room) -> None:
    assert room.say("outside components").exit is Exit.USAGE

    def asked() -> list[tuple[str, str, str]]:
        return [(PAGE_ID, "Database", "operational"), ("c2fp1xkh0mzq", "Booking", "partial_outage")]

    def refuses() -> list[tuple[str, str, str]]:
        raise Never("STATUSPAGE_API_KEY is not set")

    here = room.desk
    told = Switchboard(Desk(**(vars(here) | {"page_components": asked}))).execute(
        "outside components", room.person("ana"), Where("shell")
    )
    assert told.table is not None
    assert [row[3] for row in told.table.rows] == ["database", "–"]
    broken = Switchboard(Desk(**(vars(here) | {"page_components": refuses}))).execute(
        "outside components", room.person("ana"), Where("shell")
    )
    assert (broken.exit, broken.lines) == (Exit.FAILED, ("STATUSPAGE_API_KEY is not set",))


def test_a_text_may_be_named_as_the_report_names_it(room: Room) -> None:
    """Found at first: a misspelt `text=` became the whole text for customers, its name and all."""
    room.open()
    room.say("draft INC-1 status")
    before = room.outside.get(1)
    refused = room.say("edit PUB-1 txet=abc", "carla")
    assert refused.exit is Exit.USAGE
    assert "Did you mean `text=`?" in refused.title
    assert room.outside.get(1) == before
    assert room.say('edit PUB-1 text="Bookings work, code=ok"', "carla").exit is Exit.DONE
    assert room.outside.get(1).text == "Bookings work, code=ok"
    assert room.say("edit PUB-1 -- txet=abc is a word of mine", "carla").exit is Exit.DONE
    assert room.outside.get(1).text == "txet=abc is a word of mine"
