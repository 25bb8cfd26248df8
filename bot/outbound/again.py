"""A person has something sent that was refused, or that nobody can say whether it arrived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from bot.announce import show_incident, tell_thread
from bot.domain.answer import Refusal, UsageError
from bot.domain.entry import Json, NewEntry
from bot.domain.outbound import Job, JobState
from bot.domain.person import Person
from bot.oncall import ROLE, Roster, people_with, seated
from bot.plan.models import DrPlan
from bot.store import incidents
from bot.store.database import Store, Tx
from bot.store.journal import append
from bot.store.outbound import ask_again, job_of

Check: TypeAlias = "Callable[[Tx, DrPlan, Person, Job], None]"


def send_again(
    store: Store, plan: DrPlan, roster: Roster, person: Person, key: str, checks: Sequence[Check] = ()
) -> Job:
    """Put it back in line, journalled; the job as it was. Nobody's text is changed by it.

    For people on call and whoever may approve texts for the outside. `checks` are the rooms' own: one that
    raises Refusal leaves everything as it is. Raises Refusal, UsageError.
    """
    able = (ROLE, *plan.communication.outside.approve)
    if not person.known or not seated(person, roster).roles & set(able):
        named = ", ".join(one.name for one in people_with(plan, roster, able)) or "nobody yet"
        raise Refusal(f"what was not sent is sent again by {' or '.join(able)} only. Ask {named}.")

    def work(tx: Tx) -> Job:
        job = job_of(tx.all, key)
        if job is None:
            raise UsageError(f"nothing of the key {key[:80]!r} goes outside: `outbound` lists what does")
        if job.state not in (JobState.REFUSED, JobState.UNSURE):
            raise Refusal(_as_it_is(job))
        for check in checks:
            check(tx, plan, person, job)
        ask_again(tx, job)
        was = "it was refused" if job.state is JobState.REFUSED else "nobody could say whether it arrived"
        said = f"{job.about}: {person.name} has it sent again ({was})"
        data: dict[str, Json] = {"key": job.key, "way": job.way.value, "was": job.state.value, "said": said}
        seq = append(tx, NewEntry("outbound-retried", person.id, data, job.incident))[-1].seq
        found = incidents.find(tx, job.incident) if job.incident is not None else None
        if found is not None:
            show_incident(tx, plan, found.incident)
            tell_thread(tx, plan, found.incident, seq, said)
        return job

    return store.write(work)


def _as_it_is(job: Job) -> str:
    if job.state is JobState.DONE:
        return f"{job.about}: that arrived at {job.done_at[11:16]} UTC. It is not sent twice."
    return f"{job.about}: that is in line already and is tried by itself. Nothing was changed."
