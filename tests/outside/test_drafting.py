"""drbot's first words: what customers notice, plainly, and nothing that only insiders know."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.incident import Incident, IncidentState
from bot.domain.post_length import POST_LETTERS, weighted_letters
from bot.domain.publication import STAGES, Kind, Stage, read_subject, read_text
from bot.domain.severity import Severity
from bot.outside.drafting import draft, promise_words
from tests.outside.conftest import plan_of

PLAN = plan_of()
EVERY = [(kind, stage) for kind in Kind for stage in STAGES[kind]]
LEVELS = list(Severity)


def an_incident(severity: Severity, over: bool = False, **changed: object) -> Incident:
    told: dict[str, object] = {
        "id": 7,
        "title": "belezza-db-prod:5432 refuses connections",
        "severity": severity,
        "state": IncidentState.RESOLVED if over else IncidentState.OPEN,
        "component": "database",
        "environment": "production",
        "correlation": "test/7",
        "opened_at": "2026-11-23T03:05:00.000000Z",
        "resolved_at": "2026-11-23T03:47:10.000000Z" if over else "",
    }
    return Incident(**(told | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(("severity", "kind", "stage"), [(a, *b) for a, b in product(LEVELS, EVERY)])
def test_each_draft_says_who_since_when_and_fits_its_way(
    severity: Severity, kind: Kind, stage: Stage
) -> None:
    made = draft(PLAN, an_incident(severity, stage.ends), kind, stage, 1800)
    assert "Belezza" in made.text
    assert read_text(kind, made.text) == made.text
    assert read_subject(kind, made.subject) == made.subject
    if kind is Kind.SOCIAL:
        assert weighted_letters(made.text) <= POST_LETTERS
    if stage.ends:
        assert "working normally again" in made.text
        assert "42 minutes" in made.text
    elif stage is not Stage.MONITORING:
        assert "03:05 UTC" in made.text
        assert "working normally" not in made.text
    promised = kind is Kind.STATUS and not stage.ends
    assert (promise_words(1800) in made.text) is promised


def test_the_words_are_as_bad_as_the_trouble_and_no_worse() -> None:
    said = [draft(PLAN, an_incident(one), Kind.STATUS, Stage.INVESTIGATING, 0) for one in LEVELS[:3]]
    assert [one.subject for one in said] == [
        "Belezza is unavailable",
        "Belezza is available only in part",
        "A problem with Belezza",
    ]
    assert said[0].text == (
        "Belezza has been unavailable since 03:05 UTC on 23 November 2026. We are looking for the cause."
    )
    assert "unavailable" not in said[1].text + said[2].text


def test_a_part_that_customers_know_by_name_is_called_by_it() -> None:
    made = draft(PLAN, an_incident(Severity.SEV3, component="images"), Kind.STATUS, Stage.IDENTIFIED, 0)
    assert "a part of Belezza's photo gallery" in made.text
    database = draft(PLAN, an_incident(Severity.SEV3), Kind.STATUS, Stage.IDENTIFIED, 0)
    assert "PostgreSQL" not in database.text


_INSIDE = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.:_", min_size=6, max_size=30).map(
    lambda one: f"zq{one}"
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(EVERY),
    st.sampled_from(LEVELS),
    st.booleans(),
    st.lists(_INSIDE, min_size=8, max_size=8),
    st.text(max_size=200),
)
def test_nothing_from_inside_can_get_into_a_draft(
    what: tuple[Kind, Stage], severity: Severity, over: bool, names: list[str], title: str
) -> None:
    title_of_it, alert, impact, why, who, correlation, channel, component = names
    incident = an_incident(
        severity,
        over,
        title=f"{title_of_it} {title}",
        alert_names=(alert,),
        impact=impact,
        why=(why,),
        acknowledged_by=who,
        resolved_by=who,
        correlation=correlation,
        channel=channel,
        component=component,
        environment=component,
    )
    made = draft(PLAN, incident, *what, 1800)
    said = f"{made.subject}\n{made.text}".casefold()
    for name in names:
        assert name.casefold() not in said
    plain = draft(PLAN, an_incident(severity, over, component=component), *what, 1800)
    assert (made.subject, made.text) == (plain.subject, plain.text)


def test_people_hosts_and_addresses_of_the_plan_are_never_named() -> None:
    inside = [person.name for person in PLAN.people.values()]
    for environment in PLAN.environments.values():
        inside += [*environment.containers.values(), *environment.addresses.values()]
    for severity, component in product(LEVELS, [*PLAN.components, ""]):
        for kind, stage in EVERY:
            made = draft(PLAN, an_incident(severity, stage.ends, component=component), kind, stage, 1800)
            said = f"{made.subject}\n{made.text}"
            assert not [name for name in inside if name in said]


def test_an_hour_is_an_hour_and_one_minute_is_one() -> None:
    assert promise_words(3600) == "The next update follows within 1 hour."
    assert promise_words(60) == "The next update follows within 1 minute."
    assert promise_words(0) == ""
