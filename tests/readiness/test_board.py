"""What the board decides from lights and sentences. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.plan import Evidence
from bot.domain.standing import Board, Light
from bot.readiness.board import Look, decided, of_evidence, short
from bot.readiness.whole import STALE_S, aged, verdict
from tests.readiness.boards import AT, BAD_NIGHT, GOOD_DAY, standing

lights = st.sampled_from(["", "green", "amber", "red"])
evidences = st.lists(st.builds(Evidence, said=st.text(max_size=20), light=lights), max_size=8)
RANK = ["red", "amber", "green"]
NAMES = {"red": Light.RED, "amber": Light.AMBER, "green": Light.GREEN}


@given(evidences)
def test_a_look_is_as_bad_as_the_worst_that_it_judged(found: list[Evidence]) -> None:
    look = of_evidence(found)
    judged = [one.light for one in found if one.light]
    if not judged:
        assert look.light is Light.UNKNOWN
        return
    worst = min(judged, key=RANK.index)
    assert look.light is NAMES[worst]
    assert look.said == [one.said for one in found if one.light == worst][-1]


@given(st.lists(st.sampled_from(Light), min_size=1, max_size=6))
def test_a_component_is_as_bad_as_the_worst_that_was_measured(found: list[Light]) -> None:
    look = decided([Look(light, light.name) for light in found])
    seen = [light for light in (Light.RED, Light.AMBER, Light.GREEN) if light in found]
    in_part = bool(seen) and Light.UNKNOWN in found
    worst = seen[0] if seen else Light.UNKNOWN
    assert look.light is (Light.AMBER if in_part and worst is Light.GREEN else worst)
    assert ("not measured: UNKNOWN" in look.said) == look.partly == in_part


@given(st.text(min_size=300, max_size=400), st.sampled_from([Light.GREEN, Light.AMBER, Light.RED]))
def test_that_it_was_measured_in_part_is_never_cut_off(long: str, light: Light) -> None:
    look = decided([Look(light, long), Look(Light.UNKNOWN, "DR_X_URL is not set")])
    assert "not measured: DR_X_URL is not set" in short(look.said)


@pytest.mark.parametrize(
    ("board", "said"),
    [
        (BAD_NIGHT, "2 of 9 would fail now; 1 is not measured."),
        (GOOD_DAY, "Nothing would fail now (all 9 measured)."),
        (Board(()), "The plan names nothing to measure."),
        (Board((standing(light=Light.UNKNOWN),)), "Nothing has been measured yet."),
        (Board((standing(light=Light.UNKNOWN),), AT), "None of 1 is measured."),
        (
            Board((standing(light=Light.UNKNOWN), standing("a", Light.AMBER), standing("b")), AT),
            "Nothing would fail now; 1 of 3 wants a look (2 of 3 measured).",
        ),
        (
            Board((standing("a", Light.AMBER, partly=True),), AT),
            "Nothing would fail now; 1 of 1 wants a look (0 of 1 measured, 1 in part).",
        ),
        (
            Board((standing("a", Light.RED, partly=True), standing("b")), AT),
            "1 of 2 would fail now; 1 is measured in part.",
        ),
        (
            Board((standing("a", Light.RED, partly=True), standing("b", Light.UNKNOWN)), AT),
            "1 of 2 would fail now; 1 is not measured, 1 in part.",
        ),
        (
            Board((standing(place="watch", light=Light.RED), standing("b")), AT),
            "Nothing would fail now (all 1 measured).",
        ),
    ],
)
def test_the_verdict(board: Board, said: str) -> None:
    assert verdict(board) == said


@given(st.lists(st.sampled_from(Light), max_size=9))
def test_nothing_is_called_well_while_anything_is_red(found: list[Light]) -> None:
    board = Board(tuple(standing(f"c{number}", light) for number, light in enumerate(found)), AT)
    assert ("Nothing would" in verdict(board)) <= (Light.RED not in found)
    assert (" would fail now" in verdict(board).replace("Nothing", "")) >= (Light.RED in found)
    assert (board.worst is Light.GREEN) <= (not {Light.RED, Light.AMBER} & set(found))


def test_what_is_beside_the_board_is_not_in_its_verdict() -> None:
    quiet = replace(BAD_NIGHT, standings=tuple(one for one in BAD_NIGHT.standings if one.place != "watch"))
    assert verdict(quiet) == verdict(BAD_NIGHT)
    assert {one.key for one in BAD_NIGHT.watched} == {"people-and-seats", "incidents", "engine"}


def test_the_age_of_the_measurement() -> None:
    assert BAD_NIGHT.age_s(datetime(2026, 11, 23, 3, 12, 41, tzinfo=UTC)) == 41
    assert BAD_NIGHT.age_s(datetime(2026, 11, 23, 3, 11, tzinfo=UTC)) == 0
    assert Board(()).age_s(datetime.now(UTC)) is None


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("no answer. Nothing was changed; try again in a moment.", "no answer"),
        ("the plan names no cache for x; nothing was changed", "the plan names no cache for x"),
        ("a\n\n b ;", "a b"),
        ("postgresql://u:local-word@h/db is gone", "postgresql://[redacted]@h/db is gone"),
    ],
)
def test_a_sentence_is_one_line_without_assurance_or_secret(said: str, shown: str) -> None:
    assert short(said) == shown


@given(st.text(max_size=3_000), st.integers(1, 300))
def test_a_sentence_is_never_too_long(said: str, limit: int) -> None:
    made = short(said, limit)
    assert len(made) <= limit
    assert "\n" not in made


LATER = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)


def test_what_was_well_six_hours_ago_is_not_known_to_be() -> None:
    board = aged(GOOD_DAY, LATER)
    assert verdict(board) == "Not measured since 03:12 UTC."
    assert board.worst is Light.UNKNOWN
    first = board.standings[0]
    assert (first.light, first.why) == (Light.UNKNOWN, "it was ready at 03:12 UTC: as promised")


def test_bad_news_does_not_get_better_by_nobody_looking() -> None:
    board = aged(BAD_NIGHT, LATER)
    assert verdict(board) == "Not measured since 03:12 UTC; 2 of 9 would have failed then."
    assert board.worst is Light.RED
    assert board.standings[0].light is Light.RED
    assert board.standings[0].why.startswith("at 03:12 UTC: belezza_production_20261122")
    assert board.standings[0].helps == BAD_NIGHT.standings[0].helps


def test_the_day_is_said_where_it_was_another() -> None:
    board = aged(GOOD_DAY, datetime(2026, 11, 25, 3, 0, tzinfo=UTC))
    assert verdict(board) == "Not measured since 2026-11-23 03:12 UTC."


@given(
    st.lists(st.sampled_from(Light), max_size=9), st.floats(0, 1e6), st.sampled_from(["component", "proof"])
)
def test_a_board_that_is_too_old_is_never_called_well(found: list[Light], age_s: float, place: str) -> None:
    board = Board(tuple(standing(f"c{n}", light, place=place) for n, light in enumerate(found)), AT)
    at = datetime.fromisoformat(AT) + timedelta(seconds=age_s)
    old = aged(board, at)
    assert aged(old, at) == old
    if age_s <= STALE_S:
        assert old == board
        return
    assert old.worst in (Light.RED, Light.UNKNOWN)
    assert "Nothing would fail" not in verdict(old)
    assert len(old.of(Light.RED)) == found.count(Light.RED)
    if place == "component":
        assert not old.of(Light.GREEN)
