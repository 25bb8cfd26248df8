"""Whether the newest good backup is older than the plan allows: the absence of one that should have come."""

from __future__ import annotations

from math import isinf

from bot.alarms import Alarm, Alarms
from bot.domain.standing import Board, Light, Standing
from bot.plan.fields import say_duration
from bot.plan.models import DrPlan
from bot.plan.rpo import least_gap

BACKUP_TOO_OLD = "DrbotBackupTooOld"
BACKUP_AGE = "backup"
A_BACKUP_TAKES_S = 3600.0


class Freshness:
    """Goes by the readiness board's own measure. Safe to repeat."""

    def __init__(self, plan: DrPlan, alarms: Alarms) -> None:
        self._plan = plan
        self._alarms = alarms

    def turn(self, board: Board) -> None:
        """One alarm for the newest good backup: the board's own measure, against what the plan allows."""
        age_s = board.ages_s.get(BACKUP_AGE)
        lines = [one for one in board.standings if self._looks_at_backups(one)]
        line = lines[0] if lines else None
        allowed = self._allowed()
        if age_s is not None and allowed is not None:
            late = age_s > allowed[0]
            said = f"the newest good one is {_span(age_s)} old, and {allowed[1]}"
        elif line is not None and line.light is not Light.UNKNOWN:
            late, said = line.light is Light.RED and age_s is None, line.why
        else:
            return
        if not late:
            self._alarms.clear(BACKUP_TOO_OLD, "backups")
            return
        helps = f" It is helped by `{line.helps}`." if line and line.helps else ""
        alarm = Alarm(
            BACKUP_TOO_OLD,
            "backups",
            f"No good backup for longer than the plan allows: {said}",
            f"A loss now would cost more data than anybody reckons with.{helps}",
            line.key if line else "",
            next((name for name, one in self._plan.environments.items() if one.customers), ""),
        )
        self._alarms.raise_alarm(alarm)

    def _allowed(self) -> tuple[float, str] | None:
        """How old the newest good backup may be, in seconds, and why.

        The RPO; where the plan's own backups cannot keep it, what lies between two of them: that the promise
        is broken is the plan check's and the board's to say, every day, and no news at night.
        """
        objective, gap = self._plan.objectives.get("rpo"), least_gap(self._plan)
        if objective is None and gap is None:
            return None
        rpo_s = objective.target if objective else 0.0
        said = f"the RPO is {say_duration(rpo_s)}" if objective else "the plan has no RPO"
        if gap is None or gap.most_s < rpo_s or isinf(gap.most_s):
            return (rpo_s, said) if objective else None
        longest_s = gap.most_s + A_BACKUP_TAKES_S
        return longest_s, f"{gap.way} should have made one every {say_duration(gap.most_s)} ({said})"

    def _looks_at_backups(self, one: Standing) -> bool:
        component = self._plan.components.get(one.key) if one.place == "component" else None
        return component is not None and any("backup" in look.action for look in component.looks)


def _span(seconds: float) -> str:
    return say_duration(round(seconds)) if seconds < 120 else say_duration(round(seconds / 60) * 60.0)
