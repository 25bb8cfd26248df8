"""Whether a drill passed: did recovery work, and were the promises kept. Three answers, never mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.drill import DrillPart, PartState
from bot.drills.measure import Measured, Rehearsed
from bot.drills.words import clock, span

FOUND_SAID = 2


@dataclass(frozen=True)
class Promises:
    """What the plan promises, in seconds; None where it promises nothing."""

    rto_s: float | None = None
    rpo_s: float | None = None


@dataclass(frozen=True)
class Verdict:
    """`recovered` says whether everything was done and verified. `within_…` are None where the plan promises
    nothing, or the drill has nothing to hold against it. `said` is all of it in a sentence or two.
    """

    recovered: bool
    within_rto: bool | None
    within_rpo: bool | None
    rto_s: float | None
    rpo_s: float | None
    said: str

    @property
    def passed(self) -> bool:
        """Recovered, and no promise missed."""
        return self.recovered and self.within_rto is not False and self.within_rpo is not False


def judge(parts: Sequence[DrillPart], measured: Measured, declared_at: str, promises: Promises) -> Verdict:
    """Pure. What cannot be measured is not kept: a rehearsal that cannot say of when its data is misses the
    RPO, one during which the clock was set back the RTO. Where every part only looks, nothing was recovered.
    """
    rehearsing = any(not part.only_looks for part in parts)
    recovered = rehearsing and all(part.state is PartState.HELD for part in parts)
    rto_s = measured.recovered_s if recovered else None
    worst = _worst(measured.rehearsed, declared_at)
    rpo_s = worst.lost_s(declared_at) if worst else None
    unproven = worst is not None and rpo_s is None
    set_back = recovered and measured.set_back_s > 0
    within_rto = _within(rto_s, promises.rto_s, set_back)
    within_rpo = _within(rpo_s, promises.rpo_s, unproven)
    said = [_recovery(parts, recovered, rto_s)]
    if recovered:
        why = f": drbot's clock was set back by {span(measured.set_back_s)} meanwhile" if set_back else ""
        said += _against("RTO", rto_s, promises.rto_s, within_rto, why)
    said += _against("RPO", rpo_s, promises.rpo_s, within_rpo, _why(worst, declared_at, unproven))
    said += _found(measured)
    return Verdict(recovered, within_rto, within_rpo, rto_s, rpo_s, " ".join(said))


def _worst(rehearsed: Sequence[Rehearsed], declared_at: str) -> Rehearsed | None:
    """The one of which a loss would have cost most; one that does not say is worse than any."""

    def lost(one: Rehearsed) -> float:
        lost_s = one.lost_s(declared_at)
        return float("inf") if lost_s is None else lost_s

    return max(rehearsed, key=lost, default=None)


def _within(measured_s: float | None, promised_s: float | None, unproven: bool) -> bool | None:
    if promised_s is None:
        return None
    if unproven:
        return False
    return None if measured_s is None else measured_s <= promised_s


def _recovery(parts: Sequence[DrillPart], recovered: bool, rto_s: float | None) -> str:
    if recovered:
        return f"Recovery worked{f', in {span(rto_s)}' if rto_s is not None else ''}."
    broken = next((part for part in parts if part.state is PartState.FAILED), None)
    if broken is None:
        why = "every part of this drill only looks" if parts else "nothing was run"
        return f"Recovery was not rehearsed: {why}."
    how = "did not work" if broken.run else "was not rehearsed"
    return f"Recovery {how}: {broken.doing.title}: {broken.said.rstrip('. ') or 'it failed'}."


def _against(
    name: str, measured_s: float | None, promised_s: float | None, within: bool | None, why: str
) -> list[str]:
    if promised_s is None or within is None:
        return []
    if measured_s is None:
        return [f"{name} {span(promised_s)} promised, not measured{why}."]
    if within:
        return [
            f"{name} {span(promised_s)} promised and kept{f': {span(measured_s)}' if name == 'RPO' else ''}."
        ]
    return [f"{name} {span(promised_s)} promised, {span(measured_s)} measured{why}."]


def _found(measured: Measured) -> list[str]:
    """What the drill's looks found that would fail now; it is told, and no verdict on the recovery itself."""
    red = [" ".join(phase.said.split()).rstrip(". ") for phase in measured.phases if phase.light == "red"]
    more = f" And {len(red) - FOUND_SAID} more." if len(red) > FOUND_SAID else ""
    return [f"Its looks found: {'; '.join(red[:FOUND_SAID])}.{more}"] if red else []


def _why(one: Rehearsed | None, declared_at: str, unproven: bool) -> str:
    if one is None:
        return ""
    if unproven and one.of:
        ahead = span(one.ahead_s(declared_at))
        return f": the data of {one.run} is of {ahead} later than it was measured, so a clock is wrong"
    if unproven:
        return f": {one.run} did not say of when its data is"
    at = clock(one.data_of or one.newest_row, declared_at)
    if not one.data_of:
        return f": the newest row that came back is from {at}"
    return f": the backup is from {at}" if one.backup else f": the copy that takes over held the data of {at}"
