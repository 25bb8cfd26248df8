"""The status page: an entry is made once, updated and resolved, in time and in its limits."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests

from bot.domain.entry import Json
from bot.domain.outbound import Later, Never, NewJob, Sent
from bot.ways.statuspage import StatusPage
from tests.real import statuspage as real
from tests.ways.jobs_at_hand import TEXT, UP, creation, ending, taken_up, to_page, update


def changed(new: NewJob, **payload: Json) -> NewJob:
    return replace(new, payload={**new.payload, **payload})


def entry_of(page: real.StatusPage) -> dict[str, object]:
    assert len(page.incidents) == 1
    return page.incidents[0]


def test_an_incident_is_one_entry_from_its_creation_to_its_end(page: real.StatusPage) -> None:
    way = to_page(page)
    made = way.send(taken_up(creation()), "")
    entry = entry_of(page)
    assert (made.remote, made.said) == (entry["id"], f"on the status page: {entry['shortlink']}")
    assert (entry["name"], entry["status"], entry["impact"]) == ("Logins fail", "investigating", "major")
    assert page.components[0]["status"] == "partial_outage"
    assert [one["id"] for one in page.incidents[0]["components"]] == ["8kbf7d35c070"]
    assert entry["metadata"] == {
        "drbot": {"key": "outside:7:1", "asked_at": "2026-11-23T03:00:00.000000+00:00"}
    }

    way.send(taken_up(update("A fix is out.", "outside:7:2")), made.remote)
    way.send(taken_up(update("Logins work.", "outside:7:3", "resolved", UP)), made.remote)
    assert page.texts() == [
        ("investigating", TEXT), ("monitoring", "A fix is out."), ("resolved", "Logins work."),
    ]  # fmt: skip
    assert entry_of(page)["resolved_at"] is not None
    assert page.components[0]["status"] == "operational"


def test_a_title_that_somebody_mended_on_the_page_stays(page: real.StatusPage) -> None:
    way = to_page(page)
    made = way.send(taken_up(creation()), "")
    page.incidents[0]["name"] = "Logins fail for some"
    way.send(taken_up(update("More.", "outside:7:2")), made.remote)
    assert entry_of(page)["name"] == "Logins fail for some"


def test_an_entry_without_components_leaves_those_of_the_page_alone(page: real.StatusPage) -> None:
    to_page(page).send(taken_up(changed(creation(), components={})), "")
    assert {one["status"] for one in page.components} == {"operational"}
    assert entry_of(page)["components"] == []


def test_an_update_needs_an_entry(page: real.StatusPage) -> None:
    outcome = ending(to_page(page), taken_up(update("More.", "outside:7:2")))
    assert isinstance(outcome, Never)
    assert "has no entry on the status page" in str(outcome)
    assert page.requests == []


@pytest.mark.parametrize("missing", [("STATUSPAGE_API_KEY",), ("STATUSPAGE_API_KEY", "STATUSPAGE_PAGE_ID")])
def test_a_missing_setting_is_named(page: real.StatusPage, missing: tuple[str, ...]) -> None:
    way = to_page(page, dict.fromkeys(missing, ""))
    outcome = ending(way, taken_up(creation()))
    assert isinstance(outcome, Never)
    assert str(outcome).startswith(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set")
    with pytest.raises(Later):  # what is in doubt stays in doubt until it can be looked for
        way.find(taken_up(creation()), "")


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("DR_STATUSPAGE_API_URL", "status.example", "DR_STATUSPAGE_API_URL holds no address"),
        ("STATUSPAGE_API_KEY", "local\ntoken", "STATUSPAGE_API_KEY holds what no key holds"),
    ],
)
def test_a_setting_that_cannot_be_right_is_refused(
    page: real.StatusPage, setting: str, value: str, said: str
) -> None:
    outcome = ending(to_page(page, {setting: value}), taken_up(creation()))
    assert isinstance(outcome, Never)
    assert said in str(outcome)


@pytest.mark.parametrize(
    ("wrong", "words", "hint"),
    [
        ({"STATUSPAGE_API_KEY": "other-token"}, "401 (Could not authenticate)", "check STATUSPAGE_API_KEY"),
        ({"STATUSPAGE_PAGE_ID": "nowhere/at all"}, "404 (Not Found)", "check STATUSPAGE_PAGE_ID"),
    ],
)
def test_a_refusal_is_final_and_says_what_to_check(
    page: real.StatusPage, wrong: dict[str, str], words: str, hint: str
) -> None:
    outcome = ending(to_page(page, wrong), taken_up(creation()))
    assert isinstance(outcome, Never)
    assert words in str(outcome)
    assert hint in str(outcome)
    assert page.incidents == []


def test_what_the_page_does_not_take_is_refused_in_its_own_words(page: real.StatusPage) -> None:
    outcome = ending(to_page(page), taken_up(changed(creation(), status="burning", title=" ")))
    assert isinstance(outcome, Never)
    assert "422 (Status is not included in the list; Name can't be blank)" in str(outcome)


@pytest.mark.parametrize(("title", "text"), [("x" * 256, TEXT), ("Logins fail", "x" * 25_001)])
def test_an_approved_text_is_never_cut(page: real.StatusPage, title: str, text: str) -> None:
    outcome = ending(to_page(page), taken_up(creation(text, title=title)))
    assert isinstance(outcome, Never)
    assert page.requests == []


def test_one_request_a_second(page: real.StatusPage) -> None:
    now_s, pauses = 100.0, list[float]()

    def pause(for_s: float) -> None:
        nonlocal now_s
        pauses.append(for_s)
        now_s += for_s

    way = StatusPage(page.environment, now_s=lambda: now_s, pause=pause)
    for number in range(3):
        way.send(taken_up(creation(key=f"outside:{number}:1")), "")
        now_s += 0.25
    assert pauses == [0.0, 0.75, 0.75]


@pytest.mark.parametrize("status", [420, 429])
def test_too_many_requests_wait_as_long_as_the_page_says(page: real.StatusPage, status: int) -> None:
    page.faults.next(status=status, headers={"Retry-After": "7"})
    page.faults.next(status=status)
    way = to_page(page)
    first, second = ending(way, taken_up(creation())), ending(way, taken_up(creation()))
    assert isinstance(first, Later)
    assert isinstance(second, Later)
    assert (first.after_s, second.after_s) == (7.0, 60.0)


def test_the_window_of_the_page_is_kept_by_the_page(page: real.StatusPage) -> None:
    page.limit(2, 60.0)
    way = to_page(page)
    outcomes = [ending(way, taken_up(creation(key=f"outside:{number}:1"))) for number in range(3)]
    assert [type(one) for one in outcomes] == [Sent, Sent, Later]


def test_where_nobody_listens_nothing_was_taken(page: real.StatusPage) -> None:
    outcome = ending(to_page(page, {"DR_STATUSPAGE_API_URL": "http://127.0.0.1:9"}), taken_up(creation()))
    assert isinstance(outcome, Later)
    assert "cannot be reached" in str(outcome)


def test_the_components_of_the_page_are_told_for_the_plan(page: real.StatusPage) -> None:
    page.components += [
        {**page.components[0], "id": f"more{number:03}", "name": f"More {number}", "group": number == 0}
        for number in range(120)
    ]
    found = to_page(page).components()
    assert [(one.id, one.name) for one in found[:3]] == list(real.COMPONENTS.items())
    assert len(found) == 3 + 119
    with pytest.raises(Never, match="check STATUSPAGE_PAGE_ID"):
        to_page(page, {"STATUSPAGE_PAGE_ID": "another"}).components()


def test_the_strict_page_takes_no_field_that_is_not_published(page: real.StatusPage) -> None:
    url = f"{page.environment['DR_STATUSPAGE_API_URL']}/pages/{real.PAGE_ID}/incidents"
    asked = {"incident": {"name": "x", "severity": "high", "components": {"nobody": "burning"}}}
    answer = requests.post(url, json=asked, headers={"Authorization": f"OAuth {real.KEY}"}, timeout=5)
    assert (answer.status_code, answer.json()) == (
        422, {"error": ["severity is not a field of an incident"]},
    )  # fmt: skip
    del asked["incident"]["severity"]
    answer = requests.post(url, json=asked, headers={"Authorization": f"OAuth {real.KEY}"}, timeout=5)
    assert answer.json() == {
        "error": ["Component nobody does not exist", "Component status is not included in the list"]
    }


def test_people_see_what_was_said(page: real.StatusPage) -> None:
    assert "All systems operational" in requests.get(page.url, timeout=5).text
    to_page(page).send(taken_up(creation("Logins <b>fail</b>.")), "")
    seen = requests.get(page.url, timeout=5).text
    assert "Logins &lt;b&gt;fail&lt;/b&gt;." in seen
    assert "Partial outage" in seen
