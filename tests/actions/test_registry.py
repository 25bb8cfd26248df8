"""What holds for every action: it says all that people must know, and each step is safe to run twice."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import msgspec
import pytest

from actions.plan import AnyAction, Fault, Risk, digest
from actions.registry import all_actions
from actions.tools.toolbox import Toolbox
from bot.plan.models import DrPlan
from bot.toolbox import PlanToolbox
from tests.actions.running import planned, run, undo
from tests.matrix.rigging import KeptServers, all_rigs, missing
from tests.matrix.stage import Stage

EVERY = pytest.mark.parametrize("action", all_actions().values(), ids=all_actions().keys())
LOOKED_AT = (Fault.GONE,)
CHANGED_BY = (Fault.GONE, Fault.TIMEOUT, Fault.DENIED, Fault.VANISHED, Fault.CHANGED)
AWS_WORDS = ("AWS", "S3:", "s3:", "ACM:", "acm:", "Secrets Manager", "secretsmanager:")
RUN = 90


@pytest.fixture(scope="session")
def servers() -> Iterator[KeptServers]:
    with KeptServers() as kept:
        yield kept


def toolbox(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Toolbox:
    """The tools that the bot itself would build for this stage."""
    for name, value in stage.variables.items():
        monkeypatch.setenv(name, value)
    return PlanToolbox(DrPlan.model_validate(stage.sections), stage.variables)


@EVERY
def test_it_says_what_people_must_know(action: AnyAction) -> None:
    assert action.title, f"{action.name}: give it a title, as a button says it"
    assert action.description, f"{action.name}: say in `description` what it does"
    assert action.permissions, f"{action.name}: say in `permissions` what it needs to work"
    assert action.reach, f"{action.name}: say in `reach` the most that it can touch, in one sentence"
    if action.risk is Risk.DESTRUCTIVE:
        assert action.confirm_word, (
            f"{action.name}: it can lose data, so give it a `confirm_word` to be typed"
        )


@EVERY
def test_its_example_can_be_run(action: AnyAction) -> None:
    assert action.example.startswith(f"run {action.name} "), f"{action.name}: `example` is a full command"
    words = dict(word.split("=", 1) for word in action.example.split()[2:])
    params = action.read_params(words)
    assert action.environment(params) == words["environment"]
    assert action.target(params).startswith(f"{words['environment']}/")
    if action.confirm_word is not None:
        assert action.confirm_word(params)
    with pytest.raises(msgspec.ValidationError, match="has no parameter"):
        action.read_params({**words, "nonsense": "1"})


@EVERY
def test_it_says_how_it_ends_under_each_fault(action: AnyAction) -> None:
    before = {ending.fault for ending in action.endings if ending.when == "before"}
    needed = LOOKED_AT if action.risk is Risk.LOOK else CHANGED_BY
    silent = [fault.name for fault in needed if fault not in before]
    assert not silent, (
        f"{action.name}: say in `endings` how it ends `before` its first step under {', '.join(silent)}"
    )
    if action.risk is not Risk.LOOK:
        assert any(ending.when == "during" for ending in action.endings), (
            f"{action.name}: say in `endings` how it ends when a fault strikes `during` its steps"
        )
    told = [(ending.fault, ending.when) for ending in action.endings]
    assert len(told) == len(set(told)), f"{action.name}: one ending for a fault and a moment"
    changed = [
        one.fault.name
        for one in action.endings
        if one.when == "before" and one.state in ("undone", "stopped")
    ]
    assert not changed, (
        f"{action.name}: nothing can be undone or stopped before it began: {', '.join(changed)}"
    )
    assert all(ending.then.strip() for ending in action.endings), f"{action.name}: say what is left (`then`)"


@EVERY
def test_an_action_that_needs_aws_states_its_policy(action: AnyAction) -> None:
    asks = any(word in permission for permission in action.permissions for word in AWS_WORDS)
    assert not asks or action.iam, f"{action.name}: its permissions name AWS, so give it `iam` statements"
    for statement in action.iam:
        assert statement.actions, f"{action.name}: an IAM statement without actions"
        assert all(":" in name and "*" not in name for name in statement.actions), (
            f"{action.name}: name each IAM action in full, never with a star"
        )
        assert statement.resources, f"{action.name}: an IAM statement needs resources"


@EVERY
def test_its_first_parameter_is_the_environment(action: AnyAction) -> None:
    first = next(iter(inspect.signature(action.params).parameters))
    assert first == "environment", f"{action.name}: `environment` is the first parameter, not {first!r}"


@EVERY
def test_it_has_a_rig(action: AnyAction) -> None:
    assert action.name in all_rigs(), missing(action.name)


@pytest.mark.slow
@pytest.mark.timeout(300)
@EVERY
def test_every_step_is_safe_to_run_twice(
    servers: KeptServers, monkeypatch: pytest.MonkeyPatch, action: AnyAction
) -> None:
    rig = all_rigs().get(action.name)
    if rig is None:
        pytest.fail(missing(action.name))
    with rig(servers) as stage:
        tools = toolbox(stage, monkeypatch)
        facts, plan = planned(action, tools, **stage.params)
        assert plan.after, f"{action.name}: verify in `after` what the steps did, or looked at"
        assert bool(plan.steps) is (action.risk is not Risk.LOOK), f"{action.name}: steps are what changes"
        done = run(plan, tools, RUN, times=2)
        assert all(evidence.said for evidence in done)
        assert stage.effects() == (action.risk is not Risk.LOOK), (
            f"{action.name}: done twice, it is to do it once"
        )
        undo(plan, tools, RUN, times=2)
        if plan.undo_keep_s:  # else the way back only clears away what failed, as of a rehearsal
            assert stage.effects() == 0, f"{action.name}: taken back, nothing of it is to be left"
        assert stage.worse() == ""
    params = action.read_params(stage.params)
    assert digest(action, params, facts, plan) == digest(action, params, facts, action.plan(params, facts))
