"""Remembering by likeness never changes what is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.triage import Vocabulary, load_vocabulary
from bot.triage.likeness import LikeReader
from bot.triage.vocabulary import read_impact
from bot.triage.words import read

WORDS = (
    "disk is 5xx 4xx 503 full down slow errors error rate above below of replicas all no not expires in days"
)
WORDS += (
    " hours left connections pool memory cpu latency p99 > < % x requests fail failing backup hosts 1 2 of 3"
)
NUMBERS = st.sampled_from(
    ["0", "1", "2", "3", "5", "7", "14.4", "50", "80", "89.9", "90", "95", "99", "100", "503"]
)
SAID = st.lists(st.one_of(st.sampled_from(WORDS.split()), NUMBERS, st.text(max_size=6)), max_size=14)


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(Path(__file__).parents[2] / "data" / "triage.yaml")


@pytest.fixture(scope="module")
def reader(vocabulary: Vocabulary) -> LikeReader:
    return LikeReader(vocabulary)


@given(said=SAID, told=SAID, claim=st.sampled_from(["critical", "warning", "info", ""]))
@example(said=["disk", "89.9", "%"], told=["disk", "90", "%"], claim="warning")
def test_it_reads_what_it_would_have_read_without_remembering(
    vocabulary: Vocabulary, reader: LikeReader, said: list[str], told: list[str], claim: str
) -> None:
    for words in (said, told, [*said, *told]):
        wording = read("Bench", " ".join(words), " ".join(reversed(words)), "", claim)
        assert reader.read(wording) == read_impact(vocabulary, wording)
