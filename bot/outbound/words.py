"""What is said of things sent outside: to the timeline, to the incident's thread, on `/readyz`."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.outbound import Job, Way
from bot.drills.words import span
from bot.store.database import from_iso

NAMES: Mapping[Way, str] = {
    Way.PAGERDUTY: "PagerDuty",
    Way.MAIL: "the mail server",
    Way.STATUS_PAGE: "the status page",
    Way.SOCIAL: "the social network",
}
LATE_S = 60.0


def late_by_s(job: Job) -> float:
    """From being asked for to its end, in seconds; 0 where the clock went back meanwhile."""
    return max(0.0, (from_iso(job.done_at) - from_iso(job.created_at)).total_seconds())


def sent(job: Job) -> str:
    """`page to Ana Souza: sent (accepted), 12 min late`."""
    late_s = late_by_s(job)
    answered = f" ({job.said})" if job.said else ""
    late = f", {span(late_s)} late" if late_s >= LATE_S else ""
    return f"{job.about}: sent{answered}{late}"


def refused(job: Job) -> str:
    """It will not be taken: why, and how it is sent once that is mended."""
    return f"{job.about}: not sent. {_sentence(job.said)} Once that is mended, {_again(job)}."


def unsure(job: Job) -> str:
    """Nobody can say whether it arrived: what a person does now."""
    return (
        f"{job.about}: nobody can say whether it arrived, and drbot does not send it twice by itself."
        f" {_sentence(job.said)} If it is missing there, {_again(job)}."
    )


def waits(job: Job, others: int, said: str) -> str:
    """The other end does not take it, and has not for a minute."""
    more = f" and {others} more wait" if others else " waits"
    return (
        f"{capital(NAMES[job.way])} does not take what drbot sends: “{job.about}”{more} since"
        f" {job.created_at[11:16]} UTC. {_sentence(said)} Nothing is lost, drbot goes on trying."
    )


def trouble(way: Way, failing_s: float, count: int, said: str) -> str:
    """For `/readyz` and the board."""
    wait = "1 job waits" if count == 1 else f"{count} jobs wait"
    return f"{NAMES[way]} takes nothing for {span(failing_s)}: {said}; {wait}, nothing is lost"


def capital(text: str) -> str:
    """With a capital letter; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def _sentence(said: str) -> str:
    said = capital(said.strip() or "no words came with it")
    return said if said[-1] in ".!?" else f"{said}."


def _again(job: Job) -> str:
    return f"`outbound retry {job.key}` sends it"
