"""One look for the board: in-process and bounded, and no run stored.

A look changes nothing, so nothing of it has to survive a crash; a run every five minutes would bury the
journal.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, TypeVar

import msgspec

from actions.failures import NotVerified, Refused, Transient, Unplanned
from actions.plan import AnyAction, Context, Evidence, Risk, Step
from actions.tools.toolbox import Toolbox
from bot.plan.fields import say_duration
from bot.plan.models import OfferedAction
from bot.readiness.board import Light, Look, of_evidence

LOOK_S = 20.0
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Looking:
    """Runs looks, each within `look_s` seconds; one that hangs is not asked again until it has answered."""

    def __init__(self, toolbox: Toolbox, actions: Mapping[str, AnyAction], look_s: float = LOOK_S) -> None:
        self._toolbox = toolbox
        self._actions = actions
        self._look_s = look_s
        self._halt: Future[None] = Future()
        self._guard = threading.Lock()
        self._strays: dict[str, Future[Look]] = {}

    def stop(self) -> None:
        """Wait for no look any longer. Safe to call twice."""
        with self._guard:
            if not self._halt.done():
                self._halt.set_result(None)

    def look(self, offer: OfferedAction) -> Look:
        """What it found. Never raises: whatever goes wrong is a sentence with a light.

        A thread cannot be ended, but it need not be waited for, nor doubled.
        """
        name = f"{offer.action} {sorted(offer.params.items())}"
        with self._guard:
            stray = self._strays.get(name)
        if stray is not None and not stray.done():
            return Look(Light.RED, f"{offer.action} has not answered since it was last asked")
        future = _begun(lambda: self._looked(offer), name)
        awaited: list[Future[Any]] = [future, self._halt]
        wait(awaited, timeout=self._look_s, return_when=FIRST_COMPLETED)
        if future.done():
            return future.result()
        if self._halt.done():
            return Look(Light.UNKNOWN, "drbot was stopped while it looked")
        with self._guard:
            self._strays[name] = future
        return Look(Light.RED, f"{offer.action} did not answer within {say_duration(self._look_s)}")

    def _looked(self, offer: OfferedAction) -> Look:
        """Its guards and checks, one after the other. Every way it can fail is a sentence."""
        action = self._actions.get(offer.action)
        if action is None:
            return Look(Light.UNKNOWN, f"there is no action {offer.action}: `actions` lists them")
        if action.risk is not Risk.LOOK:
            return Look(Light.UNKNOWN, f"{offer.action} changes something: the board only looks")
        try:
            return of_evidence(self._evidence(action, offer.params))
        except Unplanned as error:
            return Look(Light.UNKNOWN, str(error))
        except (Refused, Transient, NotVerified) as error:
            return Look(Light.RED, str(error))
        except Exception as error:  # noqa: BLE001 - one look that breaks must not darken the board
            _log.exception("%s broke on the readiness board", offer.action)
            return Look(Light.AMBER, f"{offer.action} broke ({type(error).__name__}): see the bot's log")

    def _evidence(self, action: AnyAction, given: Mapping[str, str]) -> list[Evidence]:
        try:
            params = action.read_params(given)
        except msgspec.ValidationError as error:
            raise Unplanned(f"the plan's {action.name} cannot be read: {error}") from error
        facts = _twice(lambda: action.survey(self._toolbox, params))
        plan = action.plan(params, facts)
        context = Context(self._toolbox, run=0)
        return [_twice(_doing(step, context)) for step in (*plan.before, *plan.after)]


def _doing(step: Step, context: Context) -> Callable[[], Evidence]:
    return lambda: step.do(context)


def _twice(do: Callable[[], T]) -> T:
    """What failed for now is tried once more: one lost packet must not turn a wall red."""
    try:
        return do()
    except Transient:
        return do()


def _begun(work: Callable[[], Look], name: str) -> Future[Look]:
    future: Future[Look] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(error)

    threading.Thread(target=run, name=f"look {name}"[:60], daemon=True).start()
    return future
