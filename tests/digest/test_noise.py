"""The noisiest alerts and a rule for each, from their rows; never one that hides what was grave."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.noise import Noise
from bot.digest.suggestion import suggestion
from bot.domain.matcher import Matcher
from bot.domain.severity import Severity
from bot.plan.models import DrPlan
from tests.digest.conftest import SECTIONS, World

DAYS = range(16, 22)


def noise(name: str = "HighLatency", **changed: object) -> Noise:
    told: dict[str, object] = {
        "name": name, "fired": 10, "incidents": 6, "ended": 10, "by_itself": 10, "touched": 0,
        "median_s": 120.0, "most_s": 240.0, "severity": Severity.SEV3,
    }  # fmt: skip
    return Noise(**(told | changed))  # type: ignore[arg-type]


def test_noise_is_reckoned_from_what_fired(world: World) -> None:
    for day in DAYS:
        incident = world.incident(f"2026-11-{day}T10:00:00", over_after=9, alerts=("HighLatency",))
        world.fired(incident, "HighLatency", 0, 4, "one")
        world.fired(incident, "HighLatency", 5, 2, "two")
    handled = world.incident("2026-11-22T10:00:00", answered_after=1, over_after=60)
    world.fired(handled, "HighLatency", 2, 30)
    world.fired(handled, "Rare", 2, 30)
    told = world.digest().figures.noisy
    assert [one.name for one in told] == ["HighLatency"], "one firing is no noise"
    (one,) = told
    assert (one.fired, one.incidents, one.ended, one.by_itself, one.touched) == (13, 7, 13, 12, 1)
    assert (one.median_s, one.severity, one.heeded) == (240.0, Severity.SEV3, False)
    said = suggestion(one)
    assert said.advice == "Raise its `for:` by 5 min: most of these would not have fired."
    assert said.because == (
        "12 of 13 firings ended with nobody doing anything, nine of ten of them within 5 min."
    )
    assert yaml.safe_load(said.yaml) == [{"alert": "HighLatency", "for": "5m"}]


def test_an_alert_that_follows_another_is_held_back_by_it(world: World) -> None:
    for day in DAYS:
        incident = world.incident(f"2026-11-{day}T10:00:00", answered_after=3, over_after=60)
        world.fired(incident, "DatabaseDown", 0, 50)
        world.fired(incident, "ApiErrors", 1, 40)
    database, api = sorted(world.digest().figures.noisy, key=lambda one: one.name, reverse=True)
    assert (api.after, database.after) == ("DatabaseDown", "")
    (rule,) = yaml.safe_load(suggestion(api).yaml)["inhibit_rules"]
    assert Matcher.parse(rule["source_matchers"][0]).matches({"alertname": "DatabaseDown"})
    assert Matcher.parse(rule["target_matchers"][0]).matches({"alertname": "ApiErrors"})
    assert suggestion(database).advice == "No rule: look at its cause."
    assert suggestion(database).because == "People did something in 6 of its 6 incidents."


def test_what_was_grave_and_acted_upon_is_never_hidden(world: World) -> None:
    """Whenever that was, and whatever became of its severity afterwards."""
    grave = world.incident("2026-06-01T10:00:00", Severity.SEV2, answered_after=3, over_after=60,
                           alerts=("HighLatency",))  # fmt: skip
    lowered = world.incident("2026-06-02T10:00:00", answered_after=3, over_after=60, alerts=("Lowered",))
    world.at(world.clock.now, "severity-changed", "ana", {"from": "SEV-1", "to": "SEV-3"}, lowered.id)
    ignored = world.incident("2026-06-03T10:00:00", Severity.SEV1, over_after=60, alerts=("Ignored",))
    assert grave.id < ignored.id
    for day in DAYS:
        for name in ("HighLatency", "Lowered", "Ignored"):
            incident = world.incident(f"2026-11-{day}T10:00:00", over_after=9, alerts=(name,))
            world.fired(incident, name, 0, 4)
    said = {one.name: suggestion(one) for one in world.digest().figures.noisy}
    for name in ("HighLatency", "Lowered"):
        assert (said[name].advice, said[name].yaml) == ("No rule: mend what makes it fire.", "")
    assert said["Ignored"].yaml, "nobody ever did anything about it"


@pytest.mark.parametrize(
    ("severity", "lower"),
    [(Severity.SEV2, "SEV-3"), (Severity.SEV3, "SEV-4"), (Severity.SEV4, "NONE")],
)
def test_what_fires_for_long_and_moves_nobody_is_lowered(severity: Severity, lower: str) -> None:
    said = suggestion(noise(severity=severity, median_s=3600.0, most_s=7200.0))
    plan = DrPlan.model_validate(SECTIONS | yaml.safe_load(said.yaml))
    (rule,) = plan.overrides
    assert (rule.severity.value, rule.match[0].matches({"alertname": "HighLatency"})) == (lower, True)
    assert "10 of 10 firings ended with nobody doing anything" in rule.because


def test_few_firings_say_nothing_yet() -> None:
    assert suggestion(noise(fired=4, by_itself=4)).advice == "No rule yet."


@given(st.text(min_size=1, max_size=300))
def test_a_rule_means_the_very_name_or_is_not_written(name: str) -> None:
    wait = suggestion(noise(name))
    lower = suggestion(noise(name, most_s=9_999.0))
    hold = suggestion(noise(name, by_itself=0, after=name + "x"))
    if not wait.yaml:
        assert len(name) > 200 or not name.isprintable()
        assert not (lower.yaml or hold.yaml) or len(name) == 200
        return
    assert yaml.safe_load(wait.yaml)[0]["alert"] == name
    (rule,) = DrPlan.model_validate(SECTIONS | yaml.safe_load(lower.yaml)).overrides
    assert rule.match[0].matches({"alertname": name})
    if hold.yaml:
        (held,) = yaml.safe_load(hold.yaml)["inhibit_rules"]
        assert Matcher.parse(held["target_matchers"][0]).matches({"alertname": name})
