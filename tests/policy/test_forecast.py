"""How long a run will take: what runs like it took, scaled to its amount."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.forecast import ALIKE, Took, forecast


def test_without_a_past_nothing_is_foretold() -> None:
    assert forecast([], 1e9) is None


def test_the_median_scaled_to_the_amount() -> None:
    past = [Took(10.0, 1e9), Took(12.0, 1e9), Took(60.0, 1e9)]
    found = forecast(past, 2e9)
    assert found is not None
    assert (found.seconds, found.longest_s, found.runs) == (24.0, 120.0, 3)


def test_runs_on_the_same_target_come_before_runs_elsewhere() -> None:
    past = [Took(10.0, 1.0), Took(30.0, 1.0, same_target=True)]
    found = forecast(past, 1.0)
    assert found is not None
    assert (found.seconds, found.runs) == (30.0, 1)


def test_a_toy_database_says_nothing_of_a_large_one() -> None:
    assert forecast([Took(2.0, 1e6)], 1e9) is None


@given(
    st.lists(st.builds(Took, st.floats(0.1, 1e5), st.floats(0, 1e12), st.booleans()), max_size=10),
    st.floats(0, 1e12),
)
def test_it_lies_within_what_was_seen(past: list[Took], amount: float) -> None:
    found = forecast(past, amount)
    if found is None:
        return
    rates = [one.seconds / one.amount for one in past if one.amount > 0]
    assert found.seconds <= found.longest_s
    assert min(rates) * amount / 1.01 - 0.1 <= found.seconds <= max(one.seconds for one in past) * ALIKE + 0.1
