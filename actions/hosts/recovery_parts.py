"""The parts of the preflight, each within its own time; what cannot be asked is told, never hidden."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong

from actions.failures import NotVerified, Refused, Transient, Unplanned
from actions.images.bucket_findings import worst
from actions.plan import AnyAction, Context, Evidence

PART_S = 20.0


def within(look: Callable[[], Evidence], limit_s: float = PART_S) -> Evidence:
    """What it found; or, with its light, why it could not be looked at. Never raises for the world's faults.

    A thread cannot be ended, so one that hangs is left to its own time limits.
    """
    future: Future[Evidence] = Future()

    def work() -> None:
        try:
            future.set_result(look())
        except BaseException as error:  # noqa: BLE001 - handed to the one who waits
            future.set_exception(error)

    threading.Thread(target=work, name="preflight", daemon=True).start()
    try:
        return future.result(limit_s)
    except TookTooLong:
        return Evidence(f"could not be looked at: no answer within {limit_s:g} s", light="red")
    except Unplanned as unplanned:
        return Evidence(f"could not be looked at: {unplanned}"[:400], light="amber")
    except (Refused, Transient, NotVerified) as error:
        return Evidence(f"not well: {error}"[:400], light="red")


def looked(action: AnyAction, context: Context, **given: str) -> Evidence:
    """What another look says, its last sentence with the worst of its lights. Raises as that one does."""
    params = action.read_params(given)
    plan = action.plan(params, action.survey(context.tools, params))
    found = [step.do(context) for step in (*plan.before, *plan.after)]
    judged = [one for one in found if one.light] or found
    light = worst([one.light for one in judged])
    told = next(one for one in reversed(judged) if one.light == light)
    return Evidence(told.said, told.values, light)
