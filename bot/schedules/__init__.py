"""The clockwork: what the plan does by itself, when, and what drbot notices while nobody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.alarms import Alarms
from bot.domain.person import Person
from bot.domain.schedule import schedule_id
from bot.domain.standing import Board
from bot.drills import Drills
from bot.engine import Engine
from bot.intake import Intake
from bot.plan.models import DrPlan
from bot.readiness.own import Trouble
from bot.runs import Runs
from bot.schedules.answering import Answers, CopyItself, PostDigest
from bot.schedules.clockwork import Clockwork
from bot.schedules.heartbeat import Heartbeat
from bot.schedules.noticing import Notices
from bot.schedules.view import schedule_troubles
from bot.self_dr.noted import copy_troubles
from bot.store import health
from bot.store.database import Store, utc_now

__all__ = ["Clockwork", "clockwork_of", "heartbeat_of", "troubles_of"]


def clockwork_of(
    store: Store,
    plan: DrPlan,
    runs: Runs,
    drills: Drills,
    engine: Engine,
    intake: Intake,
    board: Callable[[], Board | None],
    copy_itself: CopyItself,
    heartbeat: Heartbeat | None,
    post_digest: PostDigest | None = None,
    slowly: Sequence[Callable[[], object]] = (),
) -> Clockwork:
    """The clockwork over the house's rooms. No thread of it runs before `start`."""

    def hold(drill: str, name: str, request_key: str) -> int:
        asks = schedule_id(name)
        return drills.hold(Person(asks, plan.called(asks)), drill, request_key).id

    alarms = Alarms(store, intake.accept)
    answers = Answers(store, plan, runs, utc_now, hold, copy_itself, post_digest=post_digest)
    notices = Notices(store, plan, alarms, utc_now, board)
    return Clockwork(store, answers, notices, lambda: engine.ours, heartbeat, slowly=slowly)


def heartbeat_of(
    plan: DrPlan,
    environment: Mapping[str, str],
    store: Store,
    engine: Engine,
    *others: Callable[[], str],
) -> Heartbeat | None:
    """The plan's heartbeat, None where it wants none. `others` say how the parts beside the engine are."""
    entry = plan.heartbeat
    if entry is None:
        return None

    def well() -> str:
        status = engine.status()
        engines = "" if status.ready else status.problem or "no engine works"
        return health.check(store) or engines or next(filter(None, (one() for one in others)), "")

    return Heartbeat(entry, environment.get(entry.url_env, ""), well)


def troubles_of(plan: DrPlan, store: Store, heartbeat: Heartbeat | None) -> Callable[[], list[Trouble]]:
    """What of schedules and heartbeat does not go as the plan says, for the readiness board."""

    def troubles() -> Iterator[Trouble]:
        yield from schedule_troubles(plan, store)
        yield from copy_troubles(plan, store)
        if heartbeat is not None and heartbeat.trouble:
            yield Trouble("Heartbeat", heartbeat.trouble)

    return lambda: list(troubles())
