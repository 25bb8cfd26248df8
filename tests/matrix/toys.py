"""Actions whose right verdicts are known, and their rigs: the matrices are tried on these first.

Their world is a counter behind HTTP, found where the plan names the application's actuator.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias, cast

import requests

from actions.plan import (
    Action,
    AnyAction,
    Context,
    Ending,
    Evidence,
    Fault,
    NotVerified,
    Plan,
    Refused,
    Risk,
    Step,
    Transient,
)
from actions.promises import State
from actions.tools.toolbox import Toolbox
from tests.matrix.stage import Rig, Servers, Stage
from tests.real.proxy import proxy


@dataclass(frozen=True)
class CountParams:
    environment: str


@dataclass(frozen=True)
class CountFacts:
    seen: int


PlanOf: TypeAlias = Callable[[CountParams, CountFacts], Plan]


def _url(tools: Toolbox) -> str:
    return tools.application("staging").actuator


def _ask(tools: Toolbox, verb: str, path: str) -> int:
    try:
        answer = requests.request(verb, f"{_url(tools)}/{path}", timeout=_timeout_s(tools))
    except requests.RequestException as error:
        raise Transient(f"the counter does not answer ({type(error).__name__})") from error
    if answer.status_code == 403:
        raise Refused("the counter refuses drbot: give it a right to count")
    return int(answer.text)


def _timeout_s(tools: Toolbox) -> float:
    return tools.application("staging").timeout_s


def _look(context: Context) -> Evidence:
    return Evidence(f"found {_ask(context.tools, 'GET', 'count')}")


def _same(facts: CountFacts, context: Context) -> Evidence:
    seen = _ask(context.tools, "GET", "count")
    if seen != facts.seen:
        raise Refused(f"it counts {seen} and not {facts.seen} any more")
    return Evidence(f"still {seen}")


def _prepare(context: Context) -> Evidence:
    for _ in range(3):
        _ask(context.tools, "GET", "count")
    return Evidence("asked three times")


def _add(facts: CountFacts, context: Context) -> Evidence:
    """Right: it looks whether an earlier life did it."""
    if _ask(context.tools, "GET", "count") == facts.seen:
        _ask(context.tools, "POST", "add")
    return Evidence("added one")


def _add_blindly(facts: CountFacts, context: Context) -> Evidence:
    """Wrong: repeated, it adds one more."""
    _ask(context.tools, "GET", "count")
    _ask(context.tools, "POST", "add")
    return Evidence("added one")


def _check(facts: CountFacts, context: Context) -> Evidence:
    seen = _ask(context.tools, "GET", "count")
    if seen <= facts.seen:
        raise NotVerified(f"it still counts {seen}")
    return Evidence(f"it counts {seen}")


def _take_back(facts: CountFacts, context: Context) -> Evidence:
    if _ask(context.tools, "GET", "count") > facts.seen:
        _ask(context.tools, "POST", "take")
    return Evidence("took one away")


def _survey(tools: Toolbox, params: CountParams) -> CountFacts:
    return CountFacts(_ask(tools, "GET", "count"))


def _plan(add: Callable[[CountFacts, Context], Evidence], undo: bool) -> PlanOf:
    def plan(params: CountParams, facts: CountFacts) -> Plan:
        back = (Step("Take one away", lambda context: _take_back(facts, context)),)
        return Plan(
            before=(Step("Look whether it counts the same", lambda context: _same(facts, context)),),
            steps=(
                Step("Ask three times", _prepare),
                Step("Add one", lambda context: add(facts, context)),
            ),
            after=(Step("Look whether it counts one more", lambda context: _check(facts, context)),),
            undo=back if undo else (),
            undo_keep_s=3600.0 if undo else 0.0,
        )

    return plan


def _endings(gone_during: State = "stopped") -> tuple[Ending, ...]:
    return (
        Ending(Fault.GONE, "before", "failed", "Nothing was changed."),
        Ending(Fault.GONE, "during", gone_during, "A person is called."),
        Ending(Fault.TIMEOUT, "before", "failed", "Nothing was changed."),
        Ending(Fault.DENIED, "before", "refused", "Nothing was changed."),
        Ending(Fault.CHANGED, "before", "refused", "Nothing was changed."),
    )


def _toy(name: str, risk: Risk, plan: PlanOf, endings: tuple[Ending, ...]) -> AnyAction:
    return Action(
        name=name,
        title="Count",
        risk=risk,
        params=CountParams,
        facts=CountFacts,
        environment=lambda params: params.environment,
        target=lambda params: f"{params.environment}/counter",
        survey=_survey,
        plan=plan,
        permissions=("Counter: may count",),
        example=f"run {name} environment=staging",
        endings=endings,
    )


def _look_plan(params: CountParams, facts: CountFacts) -> Plan:
    return Plan(before=(), steps=(), after=(Step("Look", _look),))


_LOOK_ENDINGS = tuple(one for one in _endings() if one.when == "before")[:3]
TOYS: Mapping[str, AnyAction] = {
    toy.name: toy
    for toy in (
        _toy("toy-look", Risk.LOOK, _look_plan, _LOOK_ENDINGS),
        _toy("toy-right", Risk.LOW, _plan(_add, undo=True), _endings()),
        _toy("toy-no-way-back", Risk.LOW, _plan(_add, undo=False), _endings()),
        _toy("toy-doubled", Risk.LOW, _plan(_add_blindly, undo=False), _endings()),
        _toy("toy-liar", Risk.LOW, _plan(_add, undo=False), _endings("verified")),
    )
}


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news."""


class Counter:
    """The world of the toys: `GET count`, `POST add`, `POST take`, each answered with the count."""

    def __init__(self) -> None:
        self.count = 10
        self.denied = False
        outer = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.say()

            def do_POST(self) -> None:
                outer.count += 1 if self.path.endswith("add") else -1
                self.say()

            def say(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(str(outer.count).encode())

            def log_message(self, format: str, *args: object) -> None:
                """Tests are quiet."""

        self.server = _Server(("127.0.0.1", 0), Answers)
        self.port = self.server.server_address[1]


@contextlib.contextmanager
def counter() -> Iterator[Counter]:
    made = Counter()
    serving = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    serving.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        serving.join()
        made.server.server_close()


@contextlib.contextmanager
def toy_stage(servers: Servers) -> Iterator[Stage]:
    """A counter at ten behind a proxy."""
    world = cast("Counter", servers.keep("toy counter", counter))
    world.count = 10

    @contextlib.contextmanager
    def changed() -> Iterator[None]:
        world.count += 5
        yield
        world.count -= 5

    with proxy(("127.0.0.1", world.port)) as way:
        yield Stage(
            params={"environment": "staging"},
            environments={"staging": {"application": {"actuator": way.url}}},
            variables={},
            effects=lambda: world.count - 10,
            worse=lambda: "" if world.count >= 10 else f"it counts {world.count}",
            faults={
                Fault.GONE: way.refuse,
                Fault.TIMEOUT: way.hang,
                Fault.DENIED: lambda: way.answer(403),
                Fault.CHANGED: changed,
            },
        )


@contextlib.contextmanager
def look_stage(servers: Servers) -> Iterator[Stage]:
    with toy_stage(servers) as stage:
        yield replace(
            stage, faults={fault: way for fault, way in stage.faults.items() if fault is not Fault.CHANGED}
        )


RIGS: Mapping[str, Rig] = {
    name: toy_stage if toy.risk is not Risk.LOOK else look_stage for name, toy in TOYS.items()
}
