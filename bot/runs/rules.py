"""The plan's risk table, with the people it names: the policy's questions asked of a plan."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain import policy
from bot.domain.answer import Refusal
from bot.domain.person import Person
from bot.domain.policy import Rule
from bot.domain.run import Run, RunState
from bot.plan.models import DrPlan


class Rules:
    """Answers by raising: a Refusal names the rule and who can."""

    def __init__(self, plan: DrPlan) -> None:
        self._plan = plan
        self._rules = dict(policy.DEFAULT_RULES)
        for risk, row in plan.risks.items():
            self._rules[risk] = Rule(risk, row.ask, row.approve, row.second_person, row.lives)

    def of(self, risk: str) -> Rule:
        return self._rules[risk]

    def asking(self, person: Person, risk: str, title: str) -> None:
        rule = self._rules[risk]
        _raise(policy.cannot_ask(rule, person, title, self._people(rule.ask)))

    def approving(self, person: Person, run: Run, incident_open: bool) -> None:
        rule = self._rules[run.risk]
        able = self._people(rule.may_approve)
        _raise(policy.cannot_approve(rule, person, run.requested_by, able, incident_open))

    def stopping(self, person: Person, run: Run) -> None:
        rule = self._rules[run.risk]
        able = self._people((*rule.ask, *rule.may_approve))
        _raise(policy.cannot_stop(rule, person, run.requested_by, able))

    def looking(self, person: Person) -> None:
        _raise(policy.stranger(person, "ask for a plan", self._plan.people_with(("on-call",))))

    def approvers(self, run: Run) -> Sequence[Person]:
        """Who could approve this run (the plan's order), the one who asked left out where they may not."""
        rule = self._rules[run.risk]
        able = self._people(rule.may_approve)
        return [person for person in able if not (rule.never_alone and person.id == run.requested_by)]

    def name(self, person_id: str) -> str:
        """A person of the plan by name, others by what they are called."""
        person = self._plan.person(person_id)
        return person.name if person else person_id or "nobody"

    def still_proposed(self, run: Run) -> None:
        """A press on a decided run says by whom it was decided, and when."""
        if run.state is not RunState.PROPOSED:
            raise Refusal(f"{run.ref} {self.decided(run)}. Nothing more was done.")

    def decided(self, run: Run) -> str:
        """`was already approved by Ana Lima at 03:12:09 UTC and is running`."""
        by = f"by {self.name(run.approved_by)} at {_clock(run.approved_at)}" if run.approved_by else ""
        approved = f"was already approved {by}" if by else "needed no approval"
        ended = _clock(run.ended_at) if run.ended_at else ""
        words = {
            RunState.APPROVED: f"{approved} and starts now",
            RunState.RUNNING: f"{approved} and is running",
            RunState.DENIED: f"was {run.outcome} at {ended}",
            RunState.CANCELLED: f"was {run.outcome} at {ended}",
            RunState.EXPIRED: f"expired at {ended}: nobody approved it in time; ask again",
        }
        if run.state in words:
            return words[run.state]
        return f"{approved + ' and ' if by else ''}ended {run.state.value} at {ended}: {run.outcome}"

    def _people(self, roles: Sequence[str]) -> tuple[Person, ...]:
        return self._plan.people_with(tuple(roles) or ("on-call",))


def _clock(moment: str) -> str:
    return f"{moment[11:19]} UTC"


def _raise(refusal: str | None) -> None:
    if refusal:
        raise Refusal(refusal)
