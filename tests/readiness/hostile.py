"""Boards as an attacker, or a very bad day, would fill them."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.domain.standing import Board, Light, Standing
from tests.slack.hostile import texts

standings = st.builds(
    Standing,
    component=texts,
    light=st.sampled_from(Light),
    why=texts,
    helps=texts,
    key=texts,
    promised=texts,
    measured=texts,
    label=texts,
    overdue=st.booleans(),
    place=st.sampled_from(["component", "proof", "watch"]),
)
boards = st.builds(
    Board,
    standings=st.lists(standings, max_size=60).map(tuple),
    measured_at=st.just("") | st.just("2026-11-23T03:12:00.000000Z"),
    measuring=st.booleans(),
)
