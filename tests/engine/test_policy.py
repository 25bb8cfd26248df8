"""The risk table as a truth table, on people and rules drawn at random."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.person import Person
from bot.domain.policy import (
    DEFAULT_RULES,
    DESTRUCTIVE,
    HIGH,
    LOOK,
    LOW,
    cannot_approve,
    cannot_ask,
    cannot_stop,
    names,
)

ROLES = st.frozensets(st.sampled_from(["on-call", "approver", "lead"]))
PEOPLE = st.builds(
    Person, st.sampled_from("abc"), st.sampled_from(["Ana", "Rui"]), ROLES, st.just(""), st.booleans()
)


@given(PEOPLE)
def test_a_stranger_may_nothing(person: Person) -> None:
    stranger = Person(person.id, person.name, person.roles, known=False)
    for rule in DEFAULT_RULES.values():
        assert cannot_ask(rule, stranger, "x", ())
        assert cannot_approve(rule, stranger, "z", (), True)
        assert cannot_stop(rule, stranger, stranger.id, ())


@given(PEOPLE, st.sampled_from("abc"), st.booleans())
def test_who_approves(person: Person, asked: str, incident_open: bool) -> None:
    def may(risk: str) -> bool:
        return cannot_approve(DEFAULT_RULES[risk], person, asked, (), incident_open) is None

    on_call, own = person.known and person.has("on-call"), person.id == asked
    assert may(LOW) == on_call
    assert may(HIGH) == (on_call and (incident_open or not own))
    assert may(DESTRUCTIVE) == (person.known and person.has("approver") and not own)
    assert not DEFAULT_RULES[LOOK].needs_approval


@given(PEOPLE, st.lists(PEOPLE, max_size=9))
def test_a_refusal_names_who_can(person: Person, able: list[Person]) -> None:
    for rule in DEFAULT_RULES.values():
        refusal = cannot_ask(rule, person, "restore staging", able)
        if refusal:
            assert names(able) in refusal if able else "names nobody" in refusal


def test_many_names_are_counted() -> None:
    people = [Person(str(number), f"P{number}") for number in range(9)]
    assert names(people, 2) == "P0, P1 or 7 more"
