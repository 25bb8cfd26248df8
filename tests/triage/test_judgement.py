"""Severity from impact, priority and environment; and what holds for every alert there can be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.severity import Severity
from bot.plan.models import DrPlan
from bot.triage import Triage, Vocabulary

from .alerts import alert
from .conftest import COMPONENTS, small_plan

PHRASES = (
    "down; no; not; errors; failing; all; requests; 100%; 5%; backup; missing; redis; prometheus; "
    "certificate expired; in 2 hours; 1 of 3; replicas; disk full; slow; "
    "p95 6 s; database; cosmetic; may; {{ }}; <!channel>"
)
WORDS = st.sampled_from(PHRASES.split("; "))
TEXTS = st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=25).map(" ".join))
LABELS = st.dictionaries(st.sampled_from(["severity", "job", "env", "instance", "service", "team"]), TEXTS)
JOBS = st.sampled_from([job for _, _, job in COMPONENTS.values()])


@pytest.mark.parametrize(
    ("summary", "labels", "severity"),
    [
        ("PostgreSQL is down", {"job": "db"}, "SEV-1"),
        ("PostgreSQL down, pg_up is 0 for db-1 and a replica also lagging", {"job": "db"}, "SEV-1"),
        ("Belezza API is down, no replica answers the load balancer", {"job": "api"}, "SEV-1"),
        ("belezza-api is unreachable, the backup region still serves images", {"job": "api"}, "SEV-1"),
        ("API replica is down, 2 others serve", {"job": "api"}, "SEV-3"),
        ("WhatsApp API is down, bookings continue", {"job": "api"}, "SEV-3"),
        ("Replica database is down, primary serves", {"job": "db"}, "SEV-3"),
        ("Redis is down", {"job": "redis"}, "SEV-2"),
        ("All requests fail", {}, "SEV-1"),
        ("12% of requests answer 5xx", {}, "SEV-2"),
        ("1.4% of requests answer 5xx, SLO is 1%", {}, "SEV-3"),
        ("1 of 3 replicas is down", {}, "SEV-3"),
        ("3 of 3 replicas are down", {}, "SEV-1"),
        ("Wrong colour of the button, cosmetic", {}, "SEV-4"),
        ("CPU load is > 80%", {"job": "host"}, "SEV-3"),
        ("Banco de dados fora do ar", {"job": "db"}, "SEV-1"),
        ("API lenta", {}, "SEV-3"),
        ("Erro ao enviar lembretes", {}, "SEV-3"),
        ("No backup for 26 hours, no customer effect", {"job": "db"}, "SEV-2"),
        ("Backup finished late, 500 MB", {"job": "db"}, "SEV-3"),
        ("Heap at 91%, no effect yet", {}, "SEV-3"),
        ("Deploy rolled back by itself, the old version serves", {}, "SEV-3"),
        ("Deploy rolled back, the API is down", {}, "SEV-1"),
        ("Certificate is valid for 28 days, renewal failed", {"job": "nginx"}, "SEV-4"),
        ("Cross-region copy of the backups is 2 days old", {"job": "s3"}, "SEV-3"),
        ("Table customers is missing", {"job": "db"}, "SEV-1"),
        ("redis_exporter stopped", {"job": "redis"}, "SEV-4"),
        ("Restore test failed", {"job": "db", "env": "staging"}, "SEV-3"),
        ("Qwfp zxcv", {"job": "monitoring", "severity": "critical"}, "SEV-3"),
        ("Qwfp zxcv", {"job": "monitoring", "severity": "warning"}, "SEV-4"),
        ("Alertmanager is not connected", {"job": "monitoring"}, "SEV-2"),
        ("Alertmanager is not connected", {"job": "monitoring", "env": "staging"}, "SEV-4"),
        ("The database is down", {"job": "db", "env": "staging"}, "SEV-3"),
        ("12% of requests answer 5xx", {"env": "staging"}, "SEV-4"),
        ("Qwfp zxcv", {"severity": "critical"}, "SEV-2"),
        ("Qwfp zxcv", {"job": "host", "severity": "critical"}, "SEV-3"),
        ("Qwfp zxcv", {"severity": "info"}, "SEV-4"),
        ("The dead man switch stopped arriving", {"job": "monitoring", "severity": "critical"}, "SEV-2"),
        ("Dead man switch", {"job": "monitoring", "severity": "none"}, "NONE"),
        ("Address lookup is unavailable", {"severity": "warning"}, "SEV-3"),
        ("Belezza API is unavailable", {"severity": "warning"}, "SEV-1"),
        ("A container has disappeared", {"job": "host"}, "SEV-2"),
        ("A container has disappeared", {"job": "host", "env": "staging"}, "SEV-4"),
        ("Clock not synchronising", {"job": "host"}, "SEV-4"),
        ("Clock is 2 s off", {"job": "host"}, "SEV-3"),
        ("api.belezza.ai: 25 days to expiry of the certificate", {"job": "nginx"}, "SEV-4"),
    ],
)
def test_reads_general_words(summary: str, labels: dict[str, str], severity: str, triage: Triage) -> None:
    judgement = triage.judge(alert("Anything", summary, **labels))
    assert judgement.severity.value == severity, judgement.why


@pytest.mark.parametrize(
    ("denied", "said"),
    [("no errors", "errors"), ("nothing is broken, not failing", "failing"), ("sem erros", "erros")],
)
def test_a_denied_trouble_is_no_trouble(denied: str, said: str, triage: Triage) -> None:
    quiet = triage.judge(alert("Deployed", denied, severity="info"))
    loud = triage.judge(alert("Deployed", said, severity="critical"))
    assert loud.severity.worse_than(quiet.severity)


def test_why_has_a_sentence_for_each_input_and_the_words_that_hit(triage: Triage) -> None:
    judgement = triage.judge(alert("Checkout", "Checkout error rate 22%", "22% of requests answer 5xx"))
    impact, component, environment, severity = judgement.why
    assert "partial" in impact
    assert "Rule many-requests-fail" in impact
    assert "“5xx” (description)" in impact
    assert "percent >= 5" in impact
    assert "Belezza API" in component
    assert 'job="api"' in component
    assert "production" in environment
    assert 'env="production"' in environment
    assert severity.startswith("SEV-2")
    assert (judgement.component, judgement.environment, judgement.impact) == ("api", "production", "partial")


def test_what_no_rule_knows_gets_the_stated_default(triage: Triage) -> None:
    judgement = triage.judge(alert("Qwfp", "zxcv", severity="warning", job="unheard of", env=""))
    assert judgement.severity is Severity.SEV3
    assert "no rule knows these words" in judgement.why[0]
    assert "unknown" in judgement.why[1]
    assert judgement.component == ""
    assert judgement.environment == "production"


def test_a_plan_rule_overrides_and_says_why(vocabulary: Vocabulary) -> None:
    rule = {"match": ['alertname="FooterTypo"'], "severity": "SEV-2", "because": "the footer is law here"}
    judgement = Triage(small_plan(overrides=[rule]), vocabulary).judge(alert("FooterTypo", "cosmetic"))
    assert judgement.severity is Severity.SEV2
    assert "the footer is law here" in judgement.why[-1]


def test_the_ceiling_of_the_plan_holds(vocabulary: Vocabulary) -> None:
    staging = {"staging": {"customers": True, "ceiling": "SEV-3", "match": ['env="staging"']}}
    triage = Triage(small_plan(environments=staging), vocabulary)
    judgement = triage.judge(alert("Any", "PostgreSQL is down", job="db", env="staging"))
    assert judgement.severity is Severity.SEV3
    assert "never rises above" in judgement.why[-1]


def test_an_override_does_not_pass_the_ceiling(vocabulary: Vocabulary) -> None:
    rule = {"match": ['job="db"'], "severity": "SEV-1", "because": "the database is everything"}
    judgement = Triage(small_plan(overrides=[rule]), vocabulary).judge(alert("Any", job="db", env="staging"))
    assert judgement.severity is Severity.SEV3
    assert "the database is everything" in judgement.why[-1]


def test_an_empty_plan_judges_as_if_customers_were_there(vocabulary: Vocabulary) -> None:
    judgement = Triage(DrPlan(), vocabulary).judge(alert("Any", "All requests fail"))
    assert judgement.severity is Severity.SEV1


@pytest.mark.parametrize(
    "hostile", ["a" * 100_000, "{{" * 50_000, "not " * 25_000, "1 of " * 20_000, "\0\ud800"]
)
def test_huge_and_broken_text_is_read_only_so_far(hostile: str, triage: Triage) -> None:
    judged = triage.judge(alert(hostile, hostile, hostile, severity=hostile, job=hostile, env=hostile))
    assert all(len(line) < 2_000 for line in judged.why)


@given(name=TEXTS, summary=TEXTS, description=TEXTS, labels=LABELS)
def test_every_alert_is_judged(
    triage: Triage, name: str, summary: str, description: str, labels: dict[str, str]
) -> None:
    judgement = triage.judge(replace(alert(name, summary, description), labels={"alertname": name, **labels}))
    assert isinstance(judgement.severity, Severity)
    assert len(judgement.why) == 4


@given(summary=TEXTS, description=TEXTS, job=JOBS, claim=st.sampled_from(["critical", "warning", "info", ""]))
def test_staging_never_passes_its_ceiling_nor_production(
    triage: Triage, summary: str, description: str, job: str, claim: str
) -> None:
    real = triage.judge(alert("Any", summary, description, job=job, severity=claim))
    rehearsal = triage.judge(alert("Any", summary, description, job=job, severity=claim, env="staging"))
    assert not rehearsal.severity.worse_than(Severity.SEV3)
    assert not rehearsal.severity.worse_than(real.severity)
    assert rehearsal.impact == real.impact


@given(summary=TEXTS, job=JOBS, claim=st.sampled_from(["critical", "page", "none", "info"]))
def test_what_always_fires_opens_nothing(triage: Triage, summary: str, job: str, claim: str) -> None:
    judged = triage.judge(alert("Deadman", summary, "This alert is always firing.", job=job, severity=claim))
    assert judged.severity is Severity.NONE


@given(summary=TEXTS, description=TEXTS)
def test_a_more_critical_component_is_never_rated_lower(
    triage: Triage, summary: str, description: str
) -> None:
    """Told apart by a label that no word is read from, so that only the priority differs."""
    plan = small_plan(
        components={
            name: {"title": name, "priority": name, "match": [f'tier="{name}"']}
            for name in ("critical", "high", "medium", "low")
        }
    )
    levels = [
        Triage(plan, triage.vocabulary)
        .judge(alert("Any", summary, description, job="", tier=tier))
        .severity.rank
        for tier in ("critical", "high", "medium", "low")
    ]
    assert levels == sorted(levels)
