"""Strategies for domain records as an attacker, or a very bad day, would fill them."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.domain.answer import Answer, Exit, Table
from bot.domain.incident import Incident, IncidentState
from bot.domain.run import PlanText, Run, RunState
from bot.domain.severity import Severity
from bot.domain.walk import Doing, StepState, Walk, WalkState, WalkStep
from bot.plan.models import OfferedAction
from bot.runbooks.findings import Finding
from bot.runbooks.view import WalkView
from bot.slack.scene import Aid

PAYLOADS = (
    "<!channel>",
    "<!here|here>",
    "<@U123>",
    "<!subteam^S1>",
    "@channel @here @everyone",
    "{{ }} {0.__class__} %s",
    "a & b < c > d",
    "\x00\x1b[31m",
    "\u202egnp.exe",
    "```" * 9,
    "*_~`|",
    "<http://evil|click>",
    "\n" * 50,
    "x" * 5_000,
    "&" * 3_500,
    "🔥" * 2_500,
    "\ud800",
    "",
)
texts = st.one_of(st.sampled_from(PAYLOADS), st.text(max_size=60), st.text("<>&@!|*`~_ \nab", max_size=400))
times = st.one_of(st.just(""), st.just("2026-03-01T03:12:09.000000Z"), texts)
many = st.lists(texts, max_size=30).map(tuple)
counts = st.integers(0, 10**9)
pairs = st.lists(st.tuples(texts, texts), max_size=25).map(tuple)

incidents = st.builds(
    Incident,
    id=st.integers(1, 10**9),
    title=texts,
    severity=st.sampled_from(Severity),
    state=st.sampled_from(IncidentState),
    component=texts,
    environment=texts,
    correlation=texts,
    opened_at=times,
    severity_held=st.booleans(),
    why=many,
    impact=texts,
    acknowledged_at=times,
    acknowledged_by=texts,
    resolved_at=times,
    resolved_by=texts,
    alerts_firing=counts,
    alerts_total=counts,
    alert_names=many,
    truncated=counts,
)
plans = st.builds(
    PlanText,
    before=many,
    steps=many,
    after=many,
    undo=many,
    facts=pairs,
    warnings=many,
    forecast_s=st.one_of(st.none(), st.floats(0, 10**7)),
)
runs = st.builds(
    Run,
    id=st.integers(1, 10**9),
    action=texts,
    title=texts,
    risk=st.one_of(st.sampled_from(["look", "low", "high", "destructive"]), texts),
    target=texts,
    environment=texts,
    params=st.just({}),
    facts=st.just({}),
    plan=plans,
    digest=texts,
    state=st.sampled_from(RunState),
    requested_by=texts,
    requested_at=times,
    expires_at=times,
    approved_by=texts,
    started_at=times,
    ended_at=times,
    position=st.integers(0, 100),
    current=texts,
    outcome=texts,
    undo_until=times,
    evidence=many,
)
offers = st.builds(
    OfferedAction,
    action=texts,
    label=texts,
    params=st.dictionaries(texts, texts, max_size=4),
)
doings = st.builds(Doing, action=texts, label=texts)
steps = st.builds(
    WalkStep,
    title=texts,
    command=texts,
    does=st.lists(doings, max_size=2).map(tuple),
    only_if_failed=st.booleans(),
    state=st.sampled_from(StepState),
    runs=st.lists(st.integers(1, 9), max_size=3).map(tuple),
    said=texts,
)
walks = st.builds(
    Walk,
    id=st.integers(1, 10**9),
    runbook=texts,
    title=texts,
    environment=texts,
    started_by=texts,
    started_at=times,
    steps=st.lists(steps, min_size=1, max_size=30).map(tuple),
    state=st.sampled_from(WalkState),
    incident=st.one_of(st.none(), st.integers(1, 10**9)),
    said=texts,
)
views = st.builds(
    WalkView, walk=walks, runs=st.dictionaries(st.integers(1, 9), runs, max_size=5), waits=texts
)
found = st.builds(
    Finding,
    title=texts,
    said=texts,
    alarming=st.booleans(),
    run=st.one_of(st.none(), st.integers(1, 10**9)),
    at=times,
    done=st.booleans(),
)
aids = st.builds(
    Aid,
    runbooks=st.lists(st.tuples(texts, texts), max_size=5).map(tuple),
    walks=st.lists(walks, max_size=4).map(tuple),
    findings=st.lists(found, max_size=6).map(tuple),
    silence=st.booleans(),
)
tables = st.builds(Table, columns=many, rows=st.lists(many, max_size=150).map(tuple))
answers = st.builds(
    Answer,
    title=texts,
    lines=st.lists(texts, max_size=60).map(tuple),
    table=st.one_of(st.none(), tables),
    document=st.lists(
        st.one_of(texts, texts.map(lambda text: "# " + text), texts.map(lambda text: f"| {text} | b |")),
        max_size=80,
    ).map("\n".join),
    exit=st.sampled_from(Exit),
)
