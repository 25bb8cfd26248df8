"""How long a post is on X."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.post_length import weighted_letters


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("", 0),
        ("Logins fail.", 12),
        ("Não é possível entrar — já estamos vendo “isso”…", 48 + 1),
        ("café", 4),
        ("cafe\u0301", 4),
        ("日本", 4),
        ("🔥", 2),
        ("https://status.belezza.com/incidents/2026/11/23/logins-fail", 23),
        ("See https://x.co.", 4 + 23 + 1),
        ("(https://status.belezza.com/7), thanks", 1 + 23 + 9),
        ("https://a.com https://b.com", 23 + 1 + 23),
        ("https://status.belezza.com/日", 23 + 2),
        ("status.belezza.com", 23),
        ("ana@belezza.com", 15),
        ("version 1.2.3", 13),
        ("http://localhost/7", 18),
    ],
)
def test_a_text_weighs(text: str, letters: int) -> None:
    assert weighted_letters(text) == letters


@given(st.text(max_size=300), st.text(max_size=300))
def test_two_texts_on_two_lines_weigh_what_each_does(one: str, other: str) -> None:
    assert weighted_letters(f"{one}\n\n{other}") == weighted_letters(one) + 2 + weighted_letters(other)
