"""The plan's risk table, with the people it names: the policy's questions asked of a plan."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain import policy
from bot.domain.answer import Refusal
from bot.domain.person import Person
from bot.domain.policy import LOOK, LOW, Rule
from bot.domain.run import Run, RunState
from bot.domain.schedule import schedule_id
from bot.oncall import ROLE, OnCall, PlanOnCall, Roster, people_with, say, seated
from bot.plan.models import DrPlan


class Rules:
    """Answers by raising: a Refusal names the rule and who can."""

    def __init__(self, plan: DrPlan, on_call: OnCall | None = None) -> None:
        self._plan = plan
        self._on_call = on_call or PlanOnCall(plan)
        self._rules = dict(policy.DEFAULT_RULES)
        for risk, row in plan.risks.items():
            self._rules[risk] = Rule(risk, row.ask, row.approve, row.second_person, row.lives)

    def of(self, risk: str) -> Rule:
        return self._rules[risk]

    def roster(self) -> Roster:
        """Who is on call now. May ask over the network: never from inside a transaction."""
        return self._on_call.look()

    def seated(self, person: Person) -> Person:
        """The person with the roles that they hold now."""
        return seated(person, self._on_call.last())

    def people(self, roles: Sequence[str]) -> tuple[Person, ...]:
        """Everybody who holds one of these roles now."""
        return people_with(self._plan, self._on_call.last(), tuple(roles))

    def asking(self, person: Person, risk: str, title: str) -> None:
        rule = self._rules[risk]
        if person.is_the_bot:
            self._bot_looks(risk, title)
            return
        refused = policy.cannot_ask(rule, self.seated(person), title, self._people(rule.ask))
        self._raise(person, refused)

    def scheduling(self, name: str, action: str, risk: str, title: str) -> Person:
        """Who asks where the plan's schedule of this name does: the plan, for what it schedules alone."""
        entry = self._plan.schedules.get(name)
        if entry is None:
            raise Refusal(f"the plan has no schedule {name[:80]!r}, so nothing is asked for in its name.")
        if risk not in (LOOK, LOW):
            raise Refusal(
                f"a schedule starts look and low risk only, and “{title}” is {risk} risk:"
                " a person asks for it."
            )
        tests = self._plan.testing.tests if self._plan.testing else {}
        drill = tests.get(entry.drill)
        named = {entry.action} if entry.action else {one.action for one in (drill.does if drill else ())}
        if action not in named:
            raise Refusal(
                f"the plan's schedule “{entry.title}” does not name {action}: a person asks for it."
            )
        return Person(schedule_id(name), self.name(schedule_id(name)))

    def approving(self, person: Person, run: Run, incident_open: bool) -> None:
        rule = self._rules[run.risk]
        if person.is_the_bot:
            raise Refusal("a person approves, never the bot.")
        able = self._people(rule.may_approve)
        refused = policy.cannot_approve(rule, self.seated(person), run.requested_by, able, incident_open)
        self._raise(person, refused)

    def stopping(self, person: Person, run: Run) -> None:
        rule = self._rules[run.risk]
        able = self._people((*rule.ask, *rule.may_approve))
        self._raise(person, policy.cannot_stop(rule, self.seated(person), run.requested_by, able))

    def looking(self, person: Person) -> None:
        self._raise(person, policy.stranger(person, "ask for a plan", self.people((ROLE,))))

    def approvers(self, run: Run) -> Sequence[Person]:
        """Who could approve this run (the plan's order), the one who asked left out where they may not."""
        rule = self._rules[run.risk]
        able = self._people(rule.may_approve)
        return [person for person in able if not (rule.never_alone and person.id == run.requested_by)]

    def name(self, person_id: str) -> str:
        """A person of the plan by name, a schedule by its title, others by what they are called."""
        return self._plan.called(person_id) or "nobody"

    def still_proposed(self, run: Run) -> None:
        """A press on a decided run says by whom it was decided, and when."""
        if run.state is not RunState.PROPOSED:
            raise Refusal(f"{run.ref} {self.decided(run)}. Nothing more was done.")

    def asked(self, run: Run) -> str:
        """`was already asked for by Ana Lima at 03:12:09 UTC and waits for approval by Rui Costa`."""
        said = f"was already asked for by {self.name(run.requested_by)} at {_clock(run.requested_at)}"
        if run.state is RunState.PROPOSED:
            able = policy.names(self.approvers(run)) or "nobody of the plan"
            return f"{said} and waits for approval by {able}"
        return f"{said}; it {self.decided(run)}"

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
        return self.people(tuple(roles) or (ROLE,))

    def _raise(self, person: Person, refusal: str | None) -> None:
        """The refusal; whoever has the plan's role and is not on call now is told who is."""
        if not refusal:
            return
        roster = self._on_call.last()
        if person.has(ROLE) and not self.seated(person).has(ROLE):
            refusal += f" You are not on call now; {roster.source} has {say(self._plan, roster)}."
        raise Refusal(refusal)

    def _bot_looks(self, risk: str, title: str) -> None:
        if risk != LOOK:
            raise Refusal(
                f"the bot only looks by itself, and “{title}” is {risk} risk: a person asks for it."
            )


def _clock(moment: str) -> str:
    return f"{moment[11:19]} UTC"
