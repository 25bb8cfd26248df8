"""The composition root: the only place that starts real things."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import uvloop

from bot.commands.console import Where
from bot.domain.answer import Answer, Exit, UsageError
from bot.domain.drill import DrillState
from bot.domain.person import Person
from bot.domain.run import Run, RunState
from bot.drills.advance import Drilling
from bot.house import House, build
from bot.messages import Ears
from bot.outbound import gauges as outbound_gauges
from bot.paging.names import own_pages
from bot.plan.load import PlanFaults
from bot.readiness import gauges as readiness_gauges
from bot.readiness.rehearsed import trends
from bot.runbooks import Runbooks
from bot.runbooks.conductor import Conductor
from bot.runbooks.view import rests
from bot.serving import listener
from bot.settings import Settings
from bot.slack.connect import SLACK, SlackFace, SlackParts, SlackSettings
from bot.status_page import StatusPage
from bot.store import drills as drill_rows
from bot.store import health
from bot.store.database import StoreDown
from bot.store.identity import identity
from bot.triage import VocabularyFault
from bot.web import create_web, refuse_open_listen, server

CHECK_TIMEOUT_S = 2.0
# Judging a storm must not hold up an answer: Python's own 5 ms between threads is a long time at 03:00.
SWITCH_S = 0.001
STOP_DRAIN_S = 5.0
SHELL_WAIT_S = 6 * 3600.0
WALK_LOOK_S = 0.1
_log = logging.getLogger("drbot")


def serve(settings: Settings) -> None:
    """Run the bot until SIGINT or SIGTERM. Exits 2 with a sentence where it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("slack_bolt").setLevel(logging.WARNING)
    try:
        port = settings.port
        refuse_open_listen(settings.host, settings.webhook_token)
        bound = listener(settings.host, port)
        house = build(settings)
    except (ValueError, PlanFaults, VocabularyFault, StoreDown) as error:
        sys.stderr.write(f"drbot cannot start: {error}\n")
        sys.exit(Exit.USAGE)
    sys.setswitchinterval(SWITCH_S)
    for name, said in house.off:
        _log.warning("%s is not set: %s", name, said)
    try:
        uvloop.run(_serve(house, bound))
    finally:
        bound.close()
        house.close()


async def _serve(house: House, bound: socket.socket) -> None:
    settings = house.settings
    face = _slack_face(house)
    checks = _checks(house, face, asyncio.get_running_loop())
    house.clockwork.mind(checks["slack"])
    house.clockwork.mind(checks["escalation"])
    app = create_web(
        house.intake,
        house.metrics,
        webhook_token=settings.webhook_token,
        pagerduty_secrets=tuple(filter(None, settings.pagerduty_webhook_secret.split(","))),
        checks=checks,
        slack_handler=face.asgi if face else None,
        status=_status_page(house),
        own_pages=own_pages(identity(house.store)),
    )
    house.correlator.start()
    await asyncio.to_thread(house.engine.start)
    house.conductor.start()
    house.readiness.start()
    house.clockwork.start()
    house.outside_clock.start()
    house.outbound.start()
    house.answers.start()
    house.escalation.start()
    if face:
        await face.start()
    web = server(app, settings.host, settings.port)
    _log.info("listening on http://%s:%d", settings.host, bound.getsockname()[1])
    try:
        await web.serve(sockets=[bound])
    finally:
        if face:
            await face.stop()
        await asyncio.to_thread(house.escalation.stop)
        await asyncio.to_thread(house.answers.stop)
        await asyncio.to_thread(house.outbound.stop)
        await asyncio.to_thread(house.outside_clock.stop)
        await asyncio.to_thread(house.clockwork.stop)
        house.correlator.stop()
        await asyncio.to_thread(house.readiness.stop)
        await asyncio.to_thread(house.conductor.stop)
        await asyncio.to_thread(house.engine.stop, STOP_DRAIN_S)


def _status_page(house: House) -> StatusPage:
    """The board on a wall, and its numbers among the metrics."""
    readiness_gauges.expose(house.metrics, house.readiness)
    outbound_gauges.expose(house.metrics, house.store)
    document = house.plan.document
    return StatusPage(
        lambda: house.readiness.board(patience_s=0.0),
        house.settings.status_token,
        document.title if document else "",
        lambda: trends(house.plan, house.store),
    )


def _slack_face(house: House) -> SlackFace | None:
    settings = house.settings
    if not settings.slack_bot_token:
        return None
    slack = SlackSettings(
        bot_token=settings.slack_bot_token,
        app_token=settings.slack_app_token,
        signing_secret=settings.slack_signing_secret,
        api_url=settings.slack_api_url or SLACK,
        home_channel=house.plan.communication.channel,
    )
    parts = SlackParts(
        house.console,
        house.scene,
        house.store,
        Ears(house.store),
        lambda trouble: _log.warning("%s", trouble),
    )
    return SlackFace(slack, parts)


def _checks(
    house: House, face: SlackFace | None, loop: asyncio.AbstractEventLoop
) -> Mapping[str, Callable[[], str]]:
    """What `/readyz` asks of each part; '' where it is well."""

    def engine() -> str:
        status = house.engine.status()
        return "" if status.ready else (status.problem or "no engine holds the lease")

    def slack() -> str:
        if face is None:
            return ""
        return asyncio.run_coroutine_threadsafe(face.health(), loop).result(CHECK_TIMEOUT_S)

    return {
        "store": lambda: health.check(house.store),
        "incidents": lambda: house.correlator.trouble,
        "engine": engine,
        "runbooks": lambda: house.conductor.trouble,
        "schedules": lambda: house.clockwork.trouble,
        "escalation": lambda: house.escalation.trouble,
        "outbound": lambda: house.outbound.trouble,
        "pager": lambda: house.answers.trouble,
        "outside": lambda: house.outside_clock.trouble,
        "heartbeat": lambda: house.clockwork.heart,
        "board": lambda: house.readiness.trouble,
        "slack": slack,
    }


@dataclass(frozen=True)
class Shell:
    """The console for a shell, without webhooks or Slack."""

    house: House

    def people(self) -> dict[str, Person]:
        """Everybody of the plan, by short name."""
        plan = self.house.plan
        return {name: person for name in plan.people if (person := plan.person(name)) is not None}

    def say(self, line: str, person: Person) -> Answer:
        """Say it and stay until the run or drill that it set going has ended; a runbook, until it rests."""
        answer = self.house.console.execute(line, person, Where("shell"))
        if answer.walk:
            return self._walk_on(answer, answer.walk, person)
        if answer.drill:
            return self._drill_on(answer, answer.drill, person)
        if not answer.run:
            return answer
        run = self.house.runs.get(answer.run)
        if run.state not in (RunState.APPROVED, RunState.RUNNING):
            return answer
        ended = self._see_through(run)
        told = self.house.console.execute(f"show {ended.ref}", person, Where("shell"))
        return replace(told, exit=told.exit if ended.state.ended else Exit.DONE)

    def _walk_on(self, answer: Answer, number: int, person: Person) -> Answer:
        """Stay until it waits for a person or is over; be engine and conductor where no bot is one."""
        house = self.house
        runbooks = Runbooks(house.store, house.plan, house.runs, house.actions)

        def resting() -> bool:
            return rests(runbooks.view(runbooks.get(number)))

        if resting():
            return answer
        self._conduct_until(resting)
        told = house.console.execute(f"runbook RB-{number}", person, Where("shell"))
        return replace(told, title=answer.title)

    def _drill_on(self, answer: Answer, number: int, person: Person) -> Answer:
        """Stay until it has ended, with its verdict as the exit code."""
        store = self.house.store

        def ended() -> bool:
            found = drill_rows.get(store, number)
            return found is None or found.state is not DrillState.UNDER_WAY

        if ended():
            return answer
        self._conduct_until(ended)
        return self.house.console.execute(f"drill DRILL-{number}", person, Where("shell"))

    def _conduct_until(self, holds: Callable[[], bool]) -> None:
        """Wait for it; be engine and conductor where no bot is one."""
        house = self.house
        ours = house.engine.start(standby=False)
        drilling = Drilling(house.store, house.plan, house.runs)
        conductor = Conductor(
            house.store, house.plan, house.runs, lambda: house.engine.ours, drilling=drilling
        )
        conductor.start()
        try:
            end = time.monotonic() + SHELL_WAIT_S
            while not holds() and time.monotonic() < end:
                time.sleep(WALK_LOOK_S)
        finally:
            conductor.stop()
            if ours:
                house.engine.stop()

    def _see_through(self, run: Run) -> Run:
        """Wait for the end; be the engine where no bot is one."""
        ours = self.house.engine.start(standby=False)
        try:
            return self.house.runs.wait(run.id, SHELL_WAIT_S)
        finally:
            if ours:
                self.house.engine.stop()


@contextmanager
def shell(settings: Settings) -> Iterator[Shell]:
    """The house for one command. Raises UsageError where it cannot be built, naming what to mend."""
    logging.basicConfig(level=logging.ERROR)
    try:
        house = build(settings)
    except (ValueError, PlanFaults, VocabularyFault, StoreDown) as error:
        raise UsageError(str(error)) from error
    try:
        yield Shell(house)
    finally:
        house.close()
