"""One guard, step or check, done within its time and tried again where it says that may help."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from actions.plan import Evidence, NotVerified, Refused, Step, Transient
from bot.engine.durable import Halted
from bot.runs.proposal import said_by

How: TypeAlias = Literal["done", "refused", "failed", "overran"]
BACKOFF_LIMIT_S = 15.0
_log = logging.getLogger(__name__)


class Abandoned(Exception):
    """Raised inside a step that overran when it next says how far it is: nobody waits for it any more."""


@dataclass(frozen=True)
class Done:
    """How a phase ended. `clean`: a refusal at the first touch, so nothing was changed by it."""

    how: How
    said: str
    evidence: Evidence | None = None
    clean: bool = False
    stray: Future[Evidence] | None = field(default=None, compare=False)


class Patience:
    """How long to wait between attempts, and the moment when nobody waits any longer."""

    def __init__(self, backoff_s: float = 0.5) -> None:
        self.halt: Future[None] = Future()
        self._backoff_s = backoff_s

    def pause(self, attempt: int) -> None:
        """Wait before the next attempt, longer each time. Raises Halted."""
        wait([self.halt], timeout=min(self._backoff_s * 2 ** (attempt - 1), BACKOFF_LIMIT_S))
        if self.halt.done():
            raise Halted


def perform(step: Step, do: Callable[[], Evidence], patience: Patience, repeated: bool) -> Done:
    """Do it: each attempt within `timeout_s`, Transient up to `attempts` times. Raises Halted only."""
    attempts = max(1, step.attempts)
    for attempt in range(1, attempts + 1):
        try:
            evidence = _bounded(do, step, patience)
        except Refused as error:
            return Done("refused", str(error), clean=attempt == 1 and not repeated)
        except Transient as error:
            if attempt == attempts:
                tried = f" (tried {attempts} times)" if attempts > 1 else ""
                return Done("failed", f"{error}{tried}")
            patience.pause(attempt)
        except NotVerified as error:
            return Done("failed", str(error))
        except _Overran as overran:
            return Done("overran", f"it did not end within {step.timeout_s:g} s", stray=overran.stray)
        except Exception as error:  # noqa: BLE001 - told as the run's outcome
            _log.exception("“%s” failed", step.title)
            return Done("failed", said_by(error))
        else:
            return Done("done", evidence.said, evidence)
    raise AssertionError("the last attempt always returns")


class _Overran(Exception):
    def __init__(self, stray: Future[Evidence]) -> None:
        self.stray = stray


def _bounded(do: Callable[[], Evidence], step: Step, patience: Patience) -> Evidence:
    """Run it in a thread of its own: a thread cannot be ended, but it need not be waited for."""
    future: Future[Evidence] = Future()

    def work() -> None:
        try:
            future.set_result(do())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(error)

    threading.Thread(target=work, name=f"step {step.title}"[:60], daemon=True).start()
    awaited: list[Future[Any]] = [future, patience.halt]
    wait(awaited, timeout=step.timeout_s, return_when=FIRST_COMPLETED)
    if future.done():
        return future.result()
    if patience.halt.done():
        raise Halted
    raise _Overran(future)
