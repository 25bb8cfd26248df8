"""One run as a sentence of a handover."""

from __future__ import annotations

from bot.domain.run import Run, RunState
from bot.duties.times import at, since

ENDED = {
    RunState.VERIFIED: "done and verified",
    RunState.DENIED: "denied",
    RunState.CANCELLED: "taken back",
    RunState.EXPIRED: "expired, nobody approved",
    RunState.REFUSED: "refused by a guard, nothing changed",
    RunState.FAILED: "failed, nothing changed",
    RunState.UNDONE: "undone",
    RunState.STOPPED: "stopped half-way",
}
OUTCOME = 160


def run_line(run: Run, now: str) -> str:
    """`RUN-12 Restart the api: done and verified at 03:20 UTC: it answers in 40 ms`."""
    named = f"{run.ref} {run.title}"
    if run.state is RunState.RUNNING:
        doing = f": {run.current}" if run.current else ""
        return f"{named}: running {since(run.started_at or run.requested_at, now)}{doing}"
    if run.state is RunState.APPROVED:
        return f"{named}: approved at {at(run.approved_at, now)}, starting"
    if run.state is RunState.PROPOSED:
        return f"{named}: waits for approval"
    ended = f" at {at(run.ended_at, now)}" if run.ended_at else ""
    outcome = " ".join(run.outcome.split())
    outcome = outcome if len(outcome) <= OUTCOME else f"{outcome[: OUTCOME - 1].rstrip()}…"
    return f"{named}: {ENDED[run.state]}{ended}{f': {outcome}' if outcome else ''}"
