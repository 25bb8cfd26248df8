"""Whether the newest good backup is older than the plan allows: the absence of one that should have come.

And whether the WAL archive stands still; each against its own promise, for the one hides the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isinf

from actions.board_values import ARCHIVE, BACKUP
from bot.alarms import Alarm, Alarms
from bot.domain.standing import Board
from bot.plan.fields import say_duration
from bot.plan.models import DrPlan
from bot.schedules.promised_age import Allowed, archive_allowed, backups_allowed

BACKUP_TOO_OLD = "DrbotBackupTooOld"
ARCHIVE_LATE = "DrbotArchiveLate"
UNSEEN = "DrbotBackupsUnseen"
UNSEEN_AFTER_S = 900.0
"""Three measurements of the board: a look that is slow once wakes nobody."""


@dataclass(frozen=True)
class _Watch:
    """One thing that ages. `what` is its name among the board's ages, and part of the looks' names."""

    what: str
    alarm: str
    subject: str
    trouble: str
    none: str
    unseen: str
    allowed: Callable[[DrPlan], Allowed | None]


_WATCHES = (
    _Watch(
        BACKUP,
        BACKUP_TOO_OLD,
        "backups",
        "No good backup for longer than the plan allows: the newest good one {seen}is {age} old",
        "No good backup for longer than the plan allows: there is none that can be proven",
        "Whether there is a good backup is not known",
        backups_allowed,
    ),
    _Watch(
        ARCHIVE,
        ARCHIVE_LATE,
        "archive",
        "The WAL archive of the database stands still: {age} of the newest work {seen}is in no archive",
        "The WAL archive of the database stands still: nothing is archived",
        "Whether the database's WAL is archived is not known",
        archive_allowed,
    ),
)


@dataclass(frozen=True)
class _Sight:
    """What was seen last, and when by a clock that never jumps. No age: nothing was seen since then."""

    at_s: float
    age_s: float | None = None
    measured_at: str = ""


class Freshness:
    """Goes by the readiness board's own measures. What was seen is not forgotten: it only gets older."""

    def __init__(self, plan: DrPlan, alarms: Alarms, steady: Callable[[], float]) -> None:
        self._plan = plan
        self._alarms = alarms
        self._steady = steady
        self._sights: dict[str, _Sight] = {}

    def turn(self, board: Board | None) -> None:
        """Judge what the plan looks at. Safe to repeat; raises StoreDown."""
        now_s = self._steady()
        for watch in _WATCHES:
            looking = self._looking(watch)
            if looking:
                sight = self._seen(watch, board, now_s)
                self._judge_age(watch, board, sight, now_s, looking)
                self._judge_sight(watch, board, sight, now_s, looking)

    def _looking(self, watch: _Watch) -> str:
        """The first component that the plan has looked at for it, '' for none."""
        named = (
            key
            for key, one in self._plan.components.items()
            for look in one.looks
            if watch.what in look.action
        )
        return next(named, "")

    def _seen(self, watch: _Watch, board: Board | None, now_s: float) -> _Sight:
        sight = self._sights.setdefault(watch.what, _Sight(now_s))
        if board is None or board.measured_at in ("", sight.measured_at):
            return sight
        age_s = board.ages_s.get(watch.what)
        if age_s is not None:
            sight = self._sights[watch.what] = _Sight(now_s, age_s, board.measured_at)
        return sight

    def _judge_age(
        self, watch: _Watch, board: Board | None, sight: _Sight, now_s: float, component: str
    ) -> None:
        if sight.age_s is None:
            return
        age_s, allowed = sight.age_s + now_s - sight.at_s, watch.allowed(self._plan)
        if allowed is None or age_s <= allowed.most_s:
            self._alarms.clear(watch.alarm, watch.subject)
            return
        seen = "" if board is not None and board.measured_at == sight.measured_at else "that was seen "
        said = watch.none if isinf(age_s) else watch.trouble.format(seen=seen, age=_span(age_s))
        does = "A loss now would cost more data than anybody reckons with."
        self._raise(watch.alarm, watch, f"{said}, and {allowed.why}", does, board, component)

    def _judge_sight(
        self, watch: _Watch, board: Board | None, sight: _Sight, now_s: float, component: str
    ) -> None:
        blind_s = now_s - sight.at_s
        if blind_s <= UNSEEN_AFTER_S:
            if sight.age_s is not None:
                self._alarms.clear(UNSEEN, watch.subject)
            return
        said = f"{watch.unseen}: nothing could be seen of it for {say_duration(UNSEEN_AFTER_S)}"
        does = "Look with `status now=yes`: it says what each look needs."
        self._raise(UNSEEN, watch, said, does, board, component)

    def _raise(
        self, name: str, watch: _Watch, said: str, does: str, board: Board | None, component: str
    ) -> None:
        lines = board.standings if board else ()
        line = next((one for one in lines if one.place == "component" and one.key == component), None)
        if line is not None and line.why:
            does += f" The board says of {line.component}: {line.why}."
        if line is not None and line.helps:
            does += f" It is helped by `{line.helps}`."
        here = next((key for key, one in self._plan.environments.items() if one.customers), "")
        self._alarms.raise_alarm(Alarm(name, watch.subject, said, does, component, here))


def _span(seconds: float) -> str:
    return say_duration(round(seconds)) if seconds < 120 else say_duration(round(seconds / 60) * 60.0)
