"""What is read in an alert's words and numbers."""

from __future__ import annotations

import pytest

from bot.triage.words import plain, read


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("Não responde!", "nao responde ."),
        ("5xx > 5%", "5 xx > 5 %"),
        ("api.belezza.ai:443", "api belezza ai 443"),
        ("down, not up", "down . not up"),
        ("", ""),
    ],
)
def test_text_becomes_plain_words(given: str, words: str) -> None:
    assert plain(given) == words


@pytest.mark.parametrize(
    ("summary", "reading", "numbers"),
    [
        ("22% of requests, SLO is 99%", "percent", (22.0,)),
        ("p95 is 350 ms and 2 s", "seconds", (0.35, 2.0)),
        ("full within the next 24 hours", "ahead", (24.0,)),
        ("expira em 2 dias", "ahead", (48.0,)),
        ("expires in less than 3 weeks", "ahead", (504.0,)),
        ("valid for 28 days", "ahead", (672.0,)),
        ("36 hours left", "ahead", (36.0,)),
        ("2 GB left", "ahead", ()),
        ("for the last 15 minutes", "ahead", ()),
        ("14.4x burn", "times", (14.4,)),
    ],
)
def test_numbers_are_read_with_their_units(summary: str, reading: str, numbers: tuple[float, ...]) -> None:
    assert read("", summary, "", "", "").numbers[reading] == pytest.approx(numbers)


@pytest.mark.parametrize(
    ("summary", "share"),
    [
        ("1 of 3 replicas down", "some"),
        ("2 of 3 replicas down", "most"),
        ("3/3 replicas down", "all"),
        ("all three replicas are down", "all"),
        ("0 of 3 up", "none"),
        ("7 of 3", ""),
        ("replicas down", ""),
    ],
)
def test_shares_are_read(summary: str, share: str) -> None:
    assert read("", summary, "", "", "").share == share


def test_each_word_knows_its_field() -> None:
    wording = read("ApiDown", "second", "third", "job fourth", "")
    fields = [wording.field_of(wording.text.find(word)) for word in ("api", "second", "third", "fourth")]
    assert fields == ["name", "summary", "description", "labels"]
