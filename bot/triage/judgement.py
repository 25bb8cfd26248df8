"""How bad an alert is, and why: severity = f(impact, component priority, environment)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bot.domain.alert import Alert
from bot.domain.severity import Severity
from bot.plan.models import DrPlan, Override
from bot.triage.likeness import LikeReader
from bot.triage.place import ComponentPlace, EnvironmentPlace, Placer
from bot.triage.vocabulary import Reading, Vocabulary
from bot.triage.words import pieces_of, read

WORDINGS_KEPT = 2_048
"""How many different wordings are remembered: a storm says the same thing thousands of times."""


@dataclass(frozen=True)
class Judgement:
    """How bad one alert is.

    `component` and `environment` are the plan's ids (empty where the plan knows none). `why` has one plain
    sentence an input: impact, component, environment, then how they make the severity.
    """

    severity: Severity
    impact: str
    component: str
    environment: str
    why: tuple[str, ...]


class Triage:
    """Judges alerts by a plan and a vocabulary. Pure: the same alert gets the same judgement, safe from
    several threads, and whatever the alert holds it gets one."""

    def __init__(self, plan: DrPlan, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._placer = Placer(plan, vocabulary.unknown_priority)
        self._like = LikeReader(vocabulary)
        self._read = lru_cache(maxsize=WORDINGS_KEPT)(self._read_wording)

    def judge(self, alert: Alert) -> Judgement:
        """Impact from the words, component and environment from the plan, severity from the three."""
        pieces = pieces_of(alert)
        reading = self._read(*pieces)
        component = self._placer.component(alert.labels, " ".join(pieces[:3]))
        environment = self._placer.environment(alert.labels)
        override = self._placer.override(alert.labels)
        if override is None:
            severity, how = self._severity(reading, component, environment)
        else:
            severity, how = _overridden(override)
        if environment.ceiling is not None and severity.worse_than(environment.ceiling):
            severity = environment.ceiling
            how = f"{severity.value}: {environment.name} never rises above it (was {how})"
        impact_line = f"Impact {reading.impact}: {_because(reading, alert)}"
        return Judgement(
            severity,
            reading.impact,
            component.name,
            environment.name,
            (impact_line, component.line, environment.line, how),
        )

    def _read_wording(self, name: str, summary: str, description: str, kind: str, claim: str) -> Reading:
        return self._like.read(read(name, summary, description, kind, claim))

    def _severity(
        self, reading: Reading, component: ComponentPlace, environment: EnvironmentPlace
    ) -> tuple[Severity, str]:
        """The severity by the tables, and the sentence that tells how it came about."""
        if environment.customers:
            priority = reading.rule.priority if reading.rule and reading.rule.priority else component.priority
            severity = self.vocabulary.severities[reading.impact][priority]
            how = f"{severity.value}: {reading.impact} of a component of {priority} priority"
            if priority != component.priority:
                how += " (the words weigh more than the component that reports them)"
        else:
            severity = self.vocabulary.without_customers[reading.impact]
            how = f"{severity.value}: {reading.impact} where no customer is served"
        return severity, how


def _overridden(override: Override) -> tuple[Severity, str]:
    rule = " and ".join(map(str, override.match))
    return override.severity, f"{override.severity.value}: the plan says so for {rule} ({override.because})"


def _because(reading: Reading, alert: Alert) -> str:
    if reading.rule is None:
        claim = _bounded_claim(alert)
        return f"no rule knows these words, so the default for {claim} holds"
    said = ", ".join(reading.hits)
    return f"{reading.rule.because}. Rule {reading.rule.name}" + (f": {said}" if said else "")


def _bounded_claim(alert: Alert) -> str:
    claim = str(alert.labels.get("severity", ""))[:20]
    return f"its own label severity=“{claim}”" if claim else "an alert without a severity label"
