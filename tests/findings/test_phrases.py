"""Words grouped by their first letter find what they found in their order: of two that fit, the first."""

from __future__ import annotations

import pytest

from bot.findings.phrases import Phrases


@pytest.mark.parametrize(
    ("expressions", "text", "hit"),
    [
        (["down", "slow"], "all DOWN here", "down"),
        (["back up", "broken", "back"], "it is back up", "back up"),
        (["back", "broken", "back up"], "it is back up", "back"),
        (["(?:like|as) before", "lost"], "just as before", "as before"),
        (["e?-?mails?", "errors"], "no mails", "mails"),
        ([r"\w+ again", "again"], "dead again", "dead again"),
        (["lost", r"\d+ of \d+", "late"], "2 of 6 late", "2 of 6"),
        (["(?:re)?enviad[oa]", "erro"], "reenviado", "reenviado"),
        (["pin(?:g|k)", "pi"], "pi", "pi"),
    ],
)
def test_a_choice_is_found_in_its_order(expressions: list[str], text: str, hit: str) -> None:
    found = Phrases(expressions).search(text)
    assert found is not None
    assert found[0] == hit


@pytest.mark.parametrize("text", ["downtown", "countdown", "slowly", ""])
def test_a_part_of_a_word_is_no_word(text: str) -> None:
    assert Phrases(["down", "(?:slow|late) day", "slow"]).search(text) is None
