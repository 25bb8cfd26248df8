"""A look in a line: what alarms comes first, and nothing that is well alarms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.monitoring.matchers import read_matchers
from bot.domain.alert import Alert
from bot.domain.looked import Looked
from bot.domain.run import RunState
from bot.runbooks.findings import LINES_AT_MOST, alarms_by, findings
from bot.runbooks.silence import LONGEST, matchers_for, silenceable
from tests.runbooks.conftest import alert
from tests.runbooks.test_next_step import run

UNSURE = "the survey could not look just now: "


@pytest.mark.parametrize(
    "sentence",
    [
        "1 of 3 replicas is unhealthy",
        "belezza-api-1 exited with 137 four minutes ago",
        "14 of 20 sessions wait for a lock",
        "the pool is exhausted: 20 of 20",
        "disk / is 97 % full",
        "the engine did not answer",
        "the certificate expires in 6 days",
        "3 sessions are idle in transaction",
    ],
)
def test_what_alarms(sentence: str) -> None:
    assert alarms_by(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "3 of 3 replicas are healthy",
        "no replica is unhealthy",
        "nobody waits for a lock",
        "0 sessions wait",
        "disk / is 41 % used",
        "none of 20 connections is blocked",
    ],
)
def test_what_does_not(sentence: str) -> None:
    assert not alarms_by(sentence)


def a_look(number: int, *evidence: str, state: RunState = RunState.VERIFIED) -> tuple[Looked, object]:
    done = replace(run(number, state), evidence=evidence, outcome=evidence[-1] if evidence else "no words")
    return Looked(1, f"look {number}", f"Look {number}", number, "2026-03-01T03:02:00Z"), done


def test_the_alarming_look_and_sentence_come_first() -> None:
    looks = [a_look(1, "all is well"), a_look(2, "3 replicas", "1 of 3 replicas is unhealthy")]
    first, second = findings([one for one, _ in looks], {1: looks[0][1], 2: looks[1][1]})  # type: ignore[dict-item]
    assert (first.said, first.alarming) == ("1 of 3 replicas is unhealthy; 3 replicas", True)
    assert (second.said, second.alarming) == ("all is well", False)


def test_a_looks_own_light_counts_before_its_words() -> None:
    """`no standby is down` of red light alarms, `the last one failed` of green light does not."""
    calm, done = a_look(1, "the backup after the one that failed is whole", "3 of them")
    alarming, seen = a_look(2, "nothing follows the primary", "the pool is at 9 of 97")
    runs = {1: replace(done, lights=("green", "")), 2: replace(seen, lights=("red", "green"))}  # type: ignore[type-var]
    first, second = findings([calm, alarming], runs)  # type: ignore[arg-type]
    assert (first.said, first.alarming) == ("nothing follows the primary; the pool is at 9 of 97", True)
    assert (second.title, second.alarming) == ("Look 1", False)


def test_long_and_many_are_folded() -> None:
    looks = [a_look(number, *["word " * 60] * 9) for number in range(1, 12)]
    made = findings([one for one, _ in looks], {one.run: done for one, done in looks})  # type: ignore[misc]
    assert len(made) == LINES_AT_MOST
    assert all(len(one.said) < 260 and one.said.endswith(")") for one in made)


def test_a_look_that_failed_or_is_under_way() -> None:
    failed, done = a_look(1, "the engine does not answer", state=RunState.FAILED)
    going, on = a_look(2, state=RunState.RUNNING)
    first, second = findings([going, failed], {1: done, 2: on})  # type: ignore[dict-item]
    assert (first.said, first.alarming) == ("the engine does not answer", True)
    assert (second.said, second.done) == ("looking…", False)


@pytest.mark.parametrize(
    ("said", "shown", "alarming"),
    [
        ("the plan names no cache for x; nothing was changed", "the plan names no cache for x", False),
        (f"{UNSURE}no answer. Nothing was changed; try again in a moment.", "no answer", True),
        ("no container of belezza runs", "no container of belezza runs", True),
    ],
)
def test_a_survey_that_said_no_is_told_by_its_reason(said: str, shown: str, alarming: bool) -> None:
    (one,) = findings([Looked(1, "look", "Look", None, "2026-03-01T03:02:00Z", said=said)], {})
    assert (one.said, one.alarming) == (shown, alarming)


def fired(name: str = "Down", **labels: str) -> Alert:
    return alert(name, name, {"alertname": name, **labels})


def test_one_name_and_what_is_equal_in_all() -> None:
    said = matchers_for([fired(job="api", instance="a"), fired(job="api", instance="b")])
    assert said == 'alertname="Down",job="api"'


def test_several_names_are_one_expression() -> None:
    said = matchers_for([fired("Down"), fired("Slow.1"), fired("Up|")])
    assert said == r'alertname=~"Down|Slow\\.1|Up\\|"'


def test_only_what_alertmanager_fires() -> None:
    mine = alert("Paged", "p", {"alertname": "Paged"}, source="pagerduty")
    assert silenceable([mine]) == ()
    with pytest.raises(ValueError, match="nothing to silence"):
        matchers_for([mine])


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
names = st.lists(texts, min_size=1, max_size=3, unique=True)
values = st.dictionaries(st.sampled_from(["job", "instance", "env", "bad label"]), texts)


@given(names, values)
def test_whatever_the_labels_hold_the_matchers_match_them_and_no_other_name(
    named: list[str], labels: dict[str, str]
) -> None:
    """As the action reads them, which reads them as Alertmanager does."""
    firing = [fired(name, **labels) for name in named]
    said = matchers_for(firing)
    assert len(said) <= LONGEST
    read = {one.name: one for one in read_matchers(said)}
    for one in firing:
        assert all(matcher.allows(one.labels[label]) for label, matcher in read.items())
    assert not read["alertname"].allows("".join(named) + "x")


def test_too_many_names_for_one_silence() -> None:
    with pytest.raises(ValueError, match="too many for one silence"):
        matchers_for([fired(f"A{'x' * 30}{number}") for number in range(20)])
