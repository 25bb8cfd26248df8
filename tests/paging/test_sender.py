"""The way to PagerDuty over the wire: what arrives there, and what each of its answers means."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.entry import Json
from bot.domain.outbound import Job, JobState, Later, Never, Unknown, Way
from bot.ways.pagerduty import LOOKED_FOR_MOST, PagerDuty
from tests.paging.desk import ANA
from tests.real.pagerduty import API_KEY, ROUTING_KEY, PagerDutyThere

KEY = "drbot-1a2b3c4d-INC-7"
TRIGGER: Mapping[str, Json] = {
    "dedup_key": KEY,
    "summary": "INC-7 SEV-1: checkout is down",
    "source": "drbot",
    "severity": "critical",
    "component": "checkout",
    "group": "production",
    "custom_details": {"why": ["everything is red"], "alerts firing": 3},
    "links": [{"href": "https://alerts.example/1", "text": "HighErrorRate"}],
}
PAGE: Mapping[str, Json] = {"dedup_key": KEY, "from": ANA}


def job(action: str, payload: Mapping[str, Json] = PAGE, **more: object) -> Job:
    made = Job(
        f"page:7:{action}", Way.PAGERDUTY, "pagerduty:7", action, "a page", payload, 7, JobState.SENDING
    )
    return replace(made, **more)  # type: ignore[arg-type]


def sender(there: PagerDutyThere, key: str = API_KEY, routing_key: str = ROUTING_KEY) -> PagerDuty:
    return PagerDuty(routing_key, key, there.url, there.url, timeout_s=0.5)


def test_a_page_is_triggered_acknowledged_and_resolved(there: PagerDutyThere) -> None:
    way = sender(there)
    sent = way.send(job("trigger", TRIGGER), "")
    assert (sent.remote, sent.said) == (KEY, "PagerDuty has taken it")
    incident = there.account.only()
    assert (incident.title, incident.key, incident.severities) == (TRIGGER["summary"], KEY, ["critical"])
    assert incident.details["custom_details"] == TRIGGER["custom_details"]
    way.send(job("acknowledge"), KEY)
    assert incident.status == "acknowledged"
    way.send(job("resolve"), KEY)
    assert incident.status == "resolved"
    assert [one.path for one in there.requests] == ["/v2/enqueue"] * 3


def test_sent_twice_it_is_one_incident(there: PagerDutyThere) -> None:
    way = sender(there)
    for action in ("trigger", "acknowledge", "resolve"):
        payload = TRIGGER if action == "trigger" else PAGE
        there.misbehave("cut-after")
        with pytest.raises(Later, match="broke before its answer"):
            way.send(job(action, payload), "")
        assert way.find(job(action, payload), "") is None
        way.send(job(action, payload), "")
    assert there.account.only().log == ["trigger", "trigger", "acknowledged", "resolved"]


def test_a_note_is_looked_for_before_it_is_sent_again(there: PagerDutyThere) -> None:
    way = sender(there)
    way.send(job("trigger", TRIGGER), "")
    note = job("note", {**PAGE, "text": "Ana: on it"})
    there.misbehave("cut-after", path="/incidents/")
    with pytest.raises(Unknown):
        way.send(note, "")
    found = way.find(note, "")
    assert found is not None
    assert found.remote == "PNOTE0"
    assert way.find(job("note", {**PAGE, "text": "Ana: on"}), "") is None
    assert [one["content"] for one in there.account.only().notes] == ["Ana: on it"]
    assert there.account.only().notes[0]["user"]["summary"] == "Ana Souza"


def test_priorities_are_named_by_the_account(there: PagerDutyThere) -> None:
    way = sender(there)
    way.send(job("trigger", TRIGGER), "")
    sent = way.send(job("priority", {**PAGE, "priority": "P1"}), "")
    assert sent.said == "its priority is P1"
    assert (there.account.only().priority or {})["summary"] == "P1"
    with pytest.raises(Never, match="no priority 'P9'"):
        way.send(job("priority", {**PAGE, "priority": "P9"}), "")
    there.rest.has_priorities = False
    with pytest.raises(Never, match="does not have the priorities ability"):
        sender(there).send(job("priority", {**PAGE, "priority": "P1"}), "")


def test_its_own_incident_is_changed_by_its_id(there: PagerDutyThere) -> None:
    theirs = there.account.raise_incident("Probe fails", "probe")
    way = sender(there, routing_key="")
    page: Mapping[str, Json] = {"page": theirs.id, "from": ANA}
    way.send(job("acknowledge", page), "")
    way.send(job("acknowledge", page), "")
    assert theirs.log == ["acknowledged"]
    way.send(job("resolve", page), "")
    assert theirs.status == "resolved"
    with pytest.raises(Never, match="e-mail of one of its users"):
        way.send(job("resolve", {"page": theirs.id}), "")
    with pytest.raises(Never, match="Requester User Not Found"):
        way.send(job("resolve", {"page": theirs.id, "from": "nobody@example.org"}), "")
    with pytest.raises(Never, match="Not Found"):
        way.send(job("resolve", {"page": "QGONE", "from": ANA}), "")


def test_a_page_that_is_not_there_yet_is_waited_for_and_not_for_ever(there: PagerDutyThere) -> None:
    way = sender(there)
    with pytest.raises(Later, match="has no incident"):
        way.send(job("note", {**PAGE, "text": "x"}, attempts=1), "")
    with pytest.raises(Never, match="of one account"):
        way.send(job("note", {**PAGE, "text": "x"}, attempts=LOOKED_FOR_MOST), "")


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ({"severity": "SEV-1"}, "'payload.severity' is invalid"),
        ({"summary": " "}, "'payload.summary' is missing"),
        ({"summary": "x" * 1025}, "longer than 1024"),
        ({"dedup_key": "x" * 256}, "'dedup_key' must be"),
        ({"links": [{"href": "javascript:1"}]}, "'links' must have"),
    ],
)
def test_what_it_refuses_is_never_sent_again_and_its_words_are_kept(
    there: PagerDutyThere, payload: Mapping[str, Json], words: str
) -> None:
    with pytest.raises(Never, match="PagerDuty refuses it") as raised:
        sender(there).send(job("trigger", {**TRIGGER, **payload}), "")
    assert words in str(raised.value)
    assert there.account.incidents == {}


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_it_is_asked_once_and_again_when_it_says(there: PagerDutyThere, status: int) -> None:
    way = sender(there)
    there.misbehave(status, 2)
    there.headers = {"Retry-After": "7"}
    with pytest.raises(Later, match="told to fail") as raised:
        way.send(job("trigger", TRIGGER), "")
    assert raised.value.after_s == 7.0
    there.headers = {"ratelimit-reset": str(int((datetime.now(UTC) + timedelta(seconds=40)).timestamp()))}
    with pytest.raises(Later) as raised:
        way.send(job("trigger", TRIGGER), "")
    assert 30 < raised.value.after_s <= 40
    assert len(there.requests) == 2, "the library repeated it by itself"


@pytest.mark.parametrize("how", ["hang", "cut"])
def test_without_an_answer_a_note_is_in_doubt_and_a_page_is_sent_again(
    there: PagerDutyThere, how: str
) -> None:
    way = sender(there)
    way.send(job("trigger", TRIGGER), "")
    there.misbehave(how, path="/v2/")
    with pytest.raises(Later):
        way.send(job("acknowledge"), "")
    there.misbehave(how, path="/incidents/")
    with pytest.raises(Unknown):
        way.send(job("note", {**PAGE, "text": "x"}), "")
    assert way.find(job("note", {**PAGE, "text": "x"}), "") is None


def test_nobody_there(there: PagerDutyThere) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        way = PagerDuty(ROUTING_KEY, API_KEY, url, url)
        for action in ("trigger", "note", "priority"):
            with pytest.raises(Later, match="cannot be reached"):
                way.send(job(action, {**TRIGGER, **PAGE, "page": "Q1", "text": "x", "priority": "P1"}), "")


def test_missing_and_wrong_keys_are_said_and_never_shown(there: PagerDutyThere) -> None:
    with pytest.raises(Never, match="PAGERDUTY_ROUTING_KEY is not set"):
        sender(there, routing_key="").send(job("trigger", TRIGGER), "")
    with pytest.raises(Never, match="PAGERDUTY_API_KEY is not set"):
        sender(there, key="").send(job("note", {**PAGE, "text": "x"}), "")
    with pytest.raises(Never, match="refuses the key") as raised:
        sender(there, key="another-local-key").send(job("note", {**PAGE, "page": "Q1", "text": "x"}), "")
    assert "local-key" not in str(raised.value)
    with pytest.raises(Never, match="'routing_key' is missing or wrong") as raised:
        sender(there, routing_key="wrong-local-key").send(job("trigger", TRIGGER), "")
    assert "local-key" not in str(raised.value)


@pytest.mark.parametrize("key", ["local-key\n", "local\r\nkey", "local-\u043a\u043b\u044e\u0447"])
def test_a_key_that_no_request_can_hold_is_said_by_its_name_and_never_shown(
    there: PagerDutyThere, key: str
) -> None:
    with pytest.raises(Later, match="PAGERDUTY_API_KEY holds what no key holds") as raised:
        sender(there, key=key).send(job("note", {**PAGE, "page": "Q1", "text": "x"}), "")
    assert "local" not in str(raised.value)
    assert there.requests == []


def test_what_drbot_does_not_know_is_not_sent(there: PagerDutyThere) -> None:
    for wrong in (
        job("snooze"),
        job("acknowledge", {}),
        job("note", {"page": "Q1", "from": ANA}),
        job("priority", {"page": "Q1", "from": ANA}),
    ):
        with pytest.raises(Never, match="nothing was sent"):
            sender(there).send(wrong, "")
    assert there.writes == []
