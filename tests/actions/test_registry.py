"""What holds for every action there is: found, described, digested alike, and each step safe to run twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import msgspec
import psycopg
import pytest

from actions.plan import AnyAction, Risk, digest
from actions.registry import all_actions
from tests.actions.conftest import World
from tests.actions.running import planned, run, undo
from tests.real.processes import wait_for

GIVEN: dict[str, dict[str, object]] = {
    "restore-database": {"environment": "staging"},
    "look-at-activity": {"environment": "staging"},
    "end-long-queries": {"environment": "staging", "older_than": "1s"},
}


@pytest.fixture
def busy(world: World) -> Iterator[World]:
    """A world in which every action finds something to do: a query that has run for more than a second."""
    hog = psycopg.connect(world.pg.url(world.staging.database, "belezza"), autocommit=True)

    def work() -> None:
        with pytest.raises(psycopg.OperationalError):  # cancelled, or cut by the swap
            hog.execute("select pg_sleep(100)")

    sleeping = threading.Thread(target=work, daemon=True)
    sleeping.start()
    aged = (
        "select count(*) from pg_stat_activity where pid = %s and clock_timestamp() - query_start > '1.1 s'"
    )
    with world.pg.connect() as session:
        wait_for("an old query", lambda: session.execute(aged, [hog.info.backend_pid]).fetchone() == (1,))
    yield world
    with world.pg.connect() as session:
        session.execute("select pg_terminate_backend(%s)", [hog.info.backend_pid])
    sleeping.join(10)
    hog.close()


@pytest.mark.parametrize("action", all_actions().values(), ids=all_actions().keys())
def test_every_step_is_safe_to_run_twice(busy: World, action: AnyAction) -> None:
    if action.name not in GIVEN:
        pytest.fail(f"say in GIVEN how {action.name} is run twice")
    facts, plan = planned(action, busy.tools, **GIVEN[action.name])
    done = run(plan, busy.tools, 90, times=2)
    assert all(evidence.said for evidence in done)
    undo(plan, busy.tools, 90, times=2)
    params = action.read_params(GIVEN[action.name])
    assert digest(action, params, facts, plan) == digest(action, params, facts, action.plan(params, facts))


@pytest.mark.parametrize("action", all_actions().values(), ids=all_actions().keys())
def test_every_action_describes_itself(action: AnyAction) -> None:
    assert action.title
    assert action.description
    assert action.permissions
    assert action.example.startswith(f"run {action.name} ")
    words = dict(word.split("=") for word in action.example.split()[2:])
    params = action.read_params(words)
    assert action.environment(params) == words["environment"]
    assert action.target(params).startswith(words["environment"])
    if action.risk is Risk.DESTRUCTIVE:
        assert action.confirm_word is not None
        assert action.confirm_word(params)
    with pytest.raises(msgspec.ValidationError, match="has no parameter"):
        action.read_params({**words, "nonsense": "1"})
