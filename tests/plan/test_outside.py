"""What keeps a text from the outside is found before there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.outbound import Way
from bot.plan.check import check_plan
from bot.plan.load import PlanFaults, read_plan
from bot.plan.outside import unset_outside, way_of
from bot.plan.people import Told

BELEZZA = (Path(__file__).parents[2] / "data" / "belezza.yaml").read_text(encoding="utf-8")
SET = dict.fromkeys(("STATUSPAGE_API_KEY", "STATUSPAGE_PAGE_ID", "DR_SOCIAL_URL"), "local-token")

COMPONENTS = "communication.outside.components"


def told(text: str) -> list[tuple[int, str]]:
    """(line, words) of what is found about the outside, but for the page's components."""
    found = check_plan(read_plan(text), ())
    return [
        (one.line, one.message)
        for one in found
        if one.where.startswith(("communication.outside", "communication.external"))
        and one.where != COMPONENTS
    ]


def changed(*swaps: tuple[str, str]) -> str:
    text = BELEZZA
    for old, new in swaps:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_a_page_that_stays_green_is_told_once_until_its_components_are_named() -> None:
    def green(text: str) -> list[int]:
        return [one.line for one in check_plan(read_plan(text), ()) if one.where == COMPONENTS]

    line = next(n for n, words in enumerate(BELEZZA.splitlines(), 1) if "components: {}" in words)
    assert green(BELEZZA) == [line]
    assert green(changed(("components: {}", "components: {database: 8kbf7d35c070}"))) == []
    assert green(changed(("- {tell: Status page update, via: statuspage.io}", ""))) == []


def test_belezza_can_tell_the_outside() -> None:
    assert told(BELEZZA) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "approve: [communications]",
            "approve: [press]",
            "nobody has the role press: no text can go outside",
        ),
        ("approve: [communications]", "approve: []", "nobody has the role (none is named)"),
        ("customers: customers@belezza.example", "customers: our customers", "is no mail address"),
        ("mail_from: drbot@belezza.example", "mail_from: drbot@belezza", "is no mail address"),
        ("mail_from: drbot@belezza.example", "mail_from: a@b.com, c@d.com", "is no mail address"),
    ],
)
def test_what_keeps_a_text_back_is_told_at_its_line(old: str, new: str, said: str) -> None:
    text = changed((old, new))
    found = told(text)
    assert len(found) == 1
    line, words = found[0]
    assert said in words
    assert text.splitlines()[line - 1].strip().startswith(new[:20])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("components: {}", "components: {databse: 8kbf7d35c070}", "did you mean 'database'?"),
        ("called: {images: Belezza's", "called: {image: Belezza's", "did you mean 'images'?"),
    ],
)
def test_a_component_that_is_not_in_the_plan_is_no_plan(old: str, new: str, said: str) -> None:
    with pytest.raises(PlanFaults) as faults:
        read_plan(changed((old, new)))
    assert said in str(faults.value)


@pytest.mark.parametrize("key", ["customers", "mail_from"])
def test_a_promised_letter_needs_two_addresses(key: str) -> None:
    was = {"customers": "customers@belezza.example", "mail_from": "drbot@belezza.example"}[key]
    text = changed((f"    {key}: {was}\n", ""))
    ((line, words),) = told(text)
    assert "Email to affected customers" in text.splitlines()[line - 1]
    assert f"`{key}` under `outside`" in words


def test_a_plan_without_an_outside_needs_nothing() -> None:
    start, end = BELEZZA.index("  external:\n"), BELEZZA.index("  outside: ")
    assert (
        told((BELEZZA[:start] + BELEZZA[end:]).replace("approve: [communications]", "approve: [press]")) == []
    )


@pytest.mark.parametrize(
    ("tell", "via", "way"),
    [
        ("Status page update", "statuspage.io", Way.STATUS_PAGE),
        ("Update for everybody", "statuspage.io", Way.STATUS_PAGE),
        ("Twitter/Social media update", "", Way.SOCIAL),
        ("A post on X", "", Way.SOCIAL),
        ("Email to affected customers", "", Way.MAIL),
        ("E-mail newsletter", "", Way.MAIL),
        ("Call the regulator", "phone", None),
        ("Explain to partners", "", None),
    ],
)
def test_a_line_is_read_as_people_mean_it(tell: str, via: str, way: Way | None) -> None:
    assert way_of(Told(tell=tell, via=via)) is way


def test_each_setting_that_a_line_needs_is_named() -> None:
    plan = read_plan(BELEZZA)
    assert list(unset_outside(plan, SET)) == []
    off = dict(unset_outside(plan, {"STATUSPAGE_PAGE_ID": "p"}))
    assert list(off) == ["STATUSPAGE_API_KEY", "DR_SOCIAL_URL"]
    assert off["DR_SOCIAL_URL"].startswith("nothing can be posted on the social account")


def test_a_setting_that_no_line_needs_is_not_missed() -> None:
    plan = read_plan(changed(("    - {tell: Twitter/Social media update}\n", "")))
    assert "DR_SOCIAL_URL" not in dict(unset_outside(plan, {}))
