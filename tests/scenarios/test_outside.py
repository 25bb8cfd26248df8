"""The outside hears of an outage: drafted, edited, approved by the right person, and never by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.workspace.seen import SeenView
from tests.scenarios.outage import DATABASE, PATIENCE_S, Outage, one_outage

pytestmark = [pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def outage() -> Iterator[Outage]:
    with one_outage() as running:
        yield running


def test_an_outage_is_told_outside_from_the_first_word_to_the_last(outage: Outage) -> None:
    ana, bruno, carla = (outage.person(name) for name in ("ana", "bruno", "carla"))
    outage.alert()
    card = outage.card("SEV-1", "nothing told yet")

    assert ana.press(card, "Tell outside…").ok
    form = ana.wait_for_modal("Tell outside: INC-1", PATIENCE_S)
    assert ana.submit(form).ok
    draft = outage.thread("PUB-1", "Waits for Carla Dias")
    assert "Belezza has been unavailable since" in draft.words
    for inside in ("PostgresDown", "belezza-db-prod", "connections"):
        assert inside not in draft.words
    assert outage.page.incidents == []
    outage.thread("PUB-1 (status page) waits in this thread", f"<@{carla.id}>")

    assert bruno.press(draft, "Edit…").ok
    edit = bruno.wait_for_modal("Edit PUB-1", PATIENCE_S)
    words = (
        'Bookings fail for everybody, "stage=resolved" is not so.\n\nWe found the cause. *@channel* <!here>'
    )
    given = {"text": words, "stage": "identified", "next": "15m", "subject": 'Bookings "fail"'}
    assert bruno.submit(edit, given).ok
    draft = outage.thread("PUB-1", "Status page: identified", "edited by Bruno Lima")
    assert words in draft.words
    assert "Bookings 'fail'" in draft.words

    assert ana.press(draft, "Approve and send").ok
    outage.told("ana", "the plan leaves that to Carla Dias")
    assert outage.page.incidents == []

    assert carla.press(draft, "Approve and send").ok
    assert carla.press(draft, "Approve and send").ok
    outage.told("carla", "already approved by Carla Dias")
    outage.thread("PUB-1", "Posted", "approved by Carla Dias")
    (entry,) = outage.page.incidents
    assert (entry["name"], entry["status"], entry["impact"]) == ("Bookings 'fail'", "identified", "critical")
    assert outage.page.texts() == [("identified", words)]
    assert _state_of(outage, DATABASE) == "major_outage"
    outage.card("told", "(identified)", "next update due")

    home = ana.slash("/dr outside INC-1", outage.home)
    assert home.ok
    outage.told("ana", "The outside was told of INC-1 once")

    _tell_by(outage, "mail first", "customers@belezza.example")
    letters = [one.message for one in outage.mail.letters if one.message["To"] == "customers@belezza.example"]
    assert [letter["Subject"] for letter in letters] == ["Belezza is unavailable"]
    _tell_by(outage, "social first", "social account")
    assert len(outage.network.posts) == 1

    assert ana.slash("/dr resolve INC-1", outage.home).ok
    over = outage.card("INC-1 is over")
    outage.thread("the status page still says identified")
    assert over.buttons[2:5] == ["Status page: resolved", "Mail to customers: over", "Social post: over"]
    assert ana.press(over, "Status page: resolved").ok
    last = outage.thread("Status page: resolved", "Waits for Carla Dias")
    assert "working normally again" in last.words
    assert carla.press(last, "Approve and send").ok
    outage.thread("Status page: resolved", "Posted")
    assert [status for status, _ in outage.page.texts()] == ["identified", "resolved"]
    assert _state_of(outage, DATABASE) == "operational"
    carla.wait_for(lambda: "Status page: resolved" not in outage.card("is over").buttons or None, PATIENCE_S)


def _tell_by(outage: Outage, what: str, where: str) -> None:
    """Draft it with the card's form, approve it, and see that it went."""
    ana, carla = outage.person("ana"), outage.person("carla")
    assert ana.press(outage.card(), "Tell outside…").ok
    form: SeenView = ana.wait_for_modal("Tell outside: INC-1", PATIENCE_S)
    assert ana.submit(form, {"what": what}).ok
    draft = outage.thread(where, "Waits for Carla Dias")
    assert carla.press(draft, "Approve and send").ok
    outage.thread(where, "Posted", "approved by Carla Dias")


def _state_of(outage: Outage, component: str) -> str:
    return next(str(one["status"]) for one in outage.page.components if one["id"] == component)
