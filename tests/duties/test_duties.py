"""Who leads, talks and works for an incident, on either engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.announce import about
from bot.beside import facts_beside, presses_beside
from bot.commands.duties import person_called
from bot.domain.answer import Already, Refusal, UsageError
from bot.domain.duty import Duty
from bot.domain.entry import Entry
from bot.domain.incident import Incident, IncidentState
from bot.domain.person import Person
from bot.domain.severity import Severity
from bot.duties import Duties
from bot.incidents import Incidents
from bot.plan.load import load_plan
from bot.plan.models import DrPlan
from bot.store import incidents as rows
from bot.store.database import Store
from bot.store.journal import of_incident, verify
from bot.timeline import timeline
from tests.store.conftest import Opened, opened, postgres_url, store  # noqa: F401 - fixtures

SHIPPED = Path(__file__).parents[2] / "data" / "belezza.yaml"
PLAN = load_plan(SHIPPED)
OURS = (
    "incident-declared",
    "incident-acknowledged",
    "incident-resolved",
    "duty-taken",
    "duty-left",
    "handed-over",
)
STRANGER = Person("U0STRANGER", "Somebody", known=False)


class World:
    """A store, the shipped plan, and its people's use cases."""

    def __init__(self, opened: Opened) -> None:  # noqa: F811
        self.store: Store = opened.store
        self.clock = opened.clock
        self.plan: DrPlan = PLAN
        self.incidents = Incidents(self.store, PLAN, lambda tx, incident: None)
        self.duties = Duties(self.store, PLAN, self.incidents)

    def person(self, name: str) -> Person:
        found = PLAN.person(name)
        assert found is not None
        return found

    def declare(self, severity: Severity = Severity.SEV1) -> Incident:
        return self.incidents.declare(self.person("bruno"), "database is down", severity)

    def row(self, number: int) -> Incident:
        found = rows.get(self.store, number)
        assert found is not None
        return found

    def kinds(self) -> list[str]:
        return [entry.kind for entry in of_incident(self.store, 1) if entry.kind in OURS]

    def last(self, kind: str) -> Entry:
        return next(one for one in reversed(of_incident(self.store, 1)) if one.kind == kind)

    def told(self) -> list[tuple[str, str]]:
        """What the thread is told of these entries, in order."""
        entries = {f"incident:1:note:{one.seq}": one.kind for one in of_incident(self.store, 1)}
        found = self.store.read(
            "SELECT key, kind, payload FROM outbox WHERE parent <> '' ORDER BY created_at, LENGTH(key), key"
        )
        return [(str(kind), str(payload)) for key, kind, payload in found if entries.get(key) in OURS]

    def lead(self, number: int = 1) -> str:
        return dict(facts_beside(self.store, PLAN, self.row(number))).get("Lead", "")

    def buttons(self, number: int = 1) -> list[tuple[str, str]]:
        found = presses_beside(self.store, PLAN, self.row(number))
        return [(one.label, one.line) for one in found if one.name in ("command", "handover")]


@pytest.fixture
def world(opened: Opened) -> World:  # noqa: F811
    return World(opened)


def test_who_takes_command_has_answered_and_the_card_says_who_leads(world: World) -> None:
    world.declare()
    assert world.lead() == "*nobody yet*"
    assert ("Take command", "duty INC-1 commander vacant=yes") in world.buttons()
    change = world.duties.take(world.person("ana"), 1, Duty.COMMANDER)
    assert change.said == "Ana Souza is the commander now"
    row = world.row(1)
    assert (row.state, row.acknowledged_by) == (IncidentState.ACKNOWLEDGED, "ana")
    assert world.kinds() == ["incident-declared", "incident-acknowledged", "duty-taken"]
    assert world.lead() == "Ana Souza (commander), communications and operations: nobody"
    assert "Take command" not in dict(world.buttons())
    assert world.told() == [
        ("incident-note", "Ana Souza acknowledged"),
        ("incident-note", "Ana Souza is the commander now"),
    ]


def test_naming_somebody_else_answers_for_the_one_who_spoke_and_calls_the_other(world: World) -> None:
    world.declare()
    world.duties.take(world.person("ana"), 1, Duty.COMMANDER, "carla")
    assert world.row(1).acknowledged_by == "ana", "carla has not said a word yet"
    assert world.told()[-1] == (
        "incident-call",
        f"@carla\n{about(world.row(1))}: Carla Dias is the commander now (said by Ana Souza)",
    )


def test_a_second_taker_replaces_the_first_and_both_are_told(world: World) -> None:
    world.declare()
    world.duties.take(world.person("ana"), 1, Duty.COMMANDER)
    world.clock.forward(minutes=10)
    world.duties.take(world.person("bruno"), 1, Duty.COMMANDER, "carla")
    (held,) = world.duties.of(1)
    assert (held.person, held.since[11:16]) == ("carla", "03:10")
    kind, said = world.told()[-1]
    assert kind == "incident-call"
    assert said.split("\n") == [
        "@carla @ana",
        f"{about(world.row(1))}: Carla Dias is the commander now, in place of Ana Souza (said by Bruno Lima)",
    ]
    assert world.last("duty-taken").data["before"] == "ana"
    assert world.row(1).acknowledged_by == "ana", "answering happens once"


def test_of_two_who_press_at_once_the_second_is_told_who_was_quicker(world: World) -> None:
    world.declare()
    world.duties.take(world.person("ana"), 1, Duty.COMMANDER, vacant=True)
    with pytest.raises(Refusal, match="Ana Souza has taken it a moment ago; `duty INC-1 commander` takes it"):
        world.duties.take(world.person("bruno"), 1, Duty.COMMANDER, vacant=True)
    (held,) = world.duties.of(1)
    assert held.person == "ana"


def test_talking_and_working_do_not_answer_the_incident(world: World) -> None:
    world.declare()
    world.duties.take(world.person("carla"), 1, Duty.COMMUNICATIONS)
    world.duties.take(world.person("ana"), 1, Duty.OPERATIONS)
    assert world.row(1).state is IncidentState.OPEN
    assert world.lead() == "Carla Dias (communications), Ana Souza (operations), commander: nobody"


def test_a_duty_is_laid_down_and_the_one_who_had_it_is_told(world: World) -> None:
    world.declare()
    world.duties.take(world.person("ana"), 1, Duty.COMMANDER)
    change = world.duties.leave(world.person("bruno"), 1, Duty.COMMANDER)
    assert change.said == "Ana Souza is no longer the commander: nobody is now (said by Bruno Lima)"
    assert world.duties.of(1) == ()
    assert world.told()[-1][0] == "incident-call"
    assert world.kinds()[-1] == "duty-left"
    with pytest.raises(Refusal, match="nobody holds commander of INC-1"):
        world.duties.leave(world.person("ana"), 1, Duty.COMMANDER)


def test_where_things_stand_is_written_for_oneself_too(world: World) -> None:
    world.declare()
    world.duties.take(world.person("ana"), 1, Duty.COMMANDER)
    change = world.duties.hand_over(world.person("ana"), 1, "ana", "text")
    assert change.said == "Ana Souza wrote down where things stand"


def test_what_is_refused_changes_nothing(world: World) -> None:
    world.declare()
    world.duties.take(world.person("ana"), 1, Duty.COMMANDER)
    before = world.kinds()
    with pytest.raises(Already, match="you are the commander of INC-1 already"):
        world.duties.take(world.person("ana"), 1, Duty.COMMANDER)
    with pytest.raises(Already, match="you are the commander of INC-1 already"):
        world.duties.take(world.person("ana"), 1, Duty.COMMANDER, vacant=True)
    with pytest.raises(Already, match="Ana Souza is the commander of INC-1 already"):
        world.duties.take(world.person("bruno"), 1, Duty.COMMANDER, "ana")
    with pytest.raises(Refusal, match="the plan does not name you"):
        world.duties.take(STRANGER, 1, Duty.OPERATIONS)
    with pytest.raises(UsageError, match="the plan names nobody 'zoe'"):
        world.duties.take(world.person("ana"), 1, Duty.OPERATIONS, "zoe")
    with pytest.raises(UsageError, match="there is no INC-9"):
        world.duties.take(world.person("ana"), 9, Duty.OPERATIONS)
    world.incidents.resolve(world.person("ana"), 1)
    with pytest.raises(Refusal, match="INC-1 is already resolved by Ana Souza"):
        world.duties.take(world.person("bruno"), 1, Duty.COMMANDER)
    with pytest.raises(Refusal, match="already resolved"):
        world.duties.hand_over(world.person("ana"), 1, "bruno", "# Where things stand")
    assert world.kinds() == [*before, "incident-resolved"]
    assert verify(world.store) is None


def test_handing_over_is_one_transaction_and_is_posted_in_the_thread(world: World) -> None:
    world.declare()
    world.duties.take(world.person("ana"), 1, Duty.COMMANDER)
    change = world.duties.hand_over(world.person("ana"), 1, "bruno", "## Where things stand")
    assert change.said == "Bruno Lima is the commander now, in place of Ana Souza (said by Ana Souza)"
    assert world.kinds()[-2:] == ["duty-taken", "handed-over"]
    assert world.told()[-2:] == [
        ("incident-call", f"@bruno\n{about(world.row(1))}: {change.said}"),
        ("handover", "## Where things stand"),
    ]
    assert world.last("duty-taken").at == world.last("handed-over").at
    again = world.duties.hand_over(world.person("ana"), 1, "bruno", "## Once more")
    assert again.said == "Ana Souza wrote down where things stand, for Bruno Lima"
    (held,) = world.duties.of(1)
    assert held.person == "bruno"


def test_the_timeline_tells_it_in_the_same_words(world: World) -> None:
    world.declare()
    world.duties.take(world.person("ana"), 1, Duty.COMMANDER)
    world.duties.hand_over(world.person("ana"), 1, "bruno", "text")
    said = [one.what for one in timeline(of_incident(world.store, 1), ())]
    assert "Ana Souza is the commander now" in said
    assert said[-1] == "Ana Souza wrote down where things stand, for Bruno Lima"


def test_a_small_incident_shows_duties_only_once_somebody_holds_one(world: World) -> None:
    world.declare(Severity.SEV3)
    assert (world.lead(), world.buttons()) == ("", [])
    world.duties.take(world.person("ana"), 1, Duty.OPERATIONS)
    assert world.lead() == "Ana Souza (operations), commander and communications: nobody"
    assert world.buttons() == [("Where things stand", "handover INC-1")]


@pytest.mark.parametrize("said", ["ana", "@ana", "ANA", "Ana", "Ana Souza", '"ana souza"', " @Ana "])
def test_a_person_is_read_as_people_write_them(said: str) -> None:
    assert person_called(PLAN, said) == "ana"


def test_me_is_whoever_speaks(world: World) -> None:
    assert person_called(PLAN, "me", world.person("bruno")) == "bruno"
    with pytest.raises(UsageError, match="nobody in the plan is called 'me'"):
        person_called(PLAN, "me", STRANGER)


def test_a_name_that_two_people_have_is_not_guessed() -> None:
    ana = PLAN.people["ana"]
    twice = PLAN.model_copy(update={"people": {"one": ana, "two": ana.model_copy(update={"slack": "@two"})}})
    with pytest.raises(UsageError, match="several people are called 'Ana Souza': say one of one, two"):
        person_called(twice, "Ana Souza")
    with pytest.raises(UsageError, match="nobody in the plan is called 'zoe'"):
        person_called(PLAN, "zoe")


@pytest.mark.parametrize(
    ("said", "duty"),
    [
        ("Commander", Duty.COMMANDER),
        ("IC", Duty.COMMANDER),
        ("comms", Duty.COMMUNICATIONS),
        ("ops", Duty.OPERATIONS),
    ],
)
def test_a_duty_is_read_as_people_write_it(said: str, duty: Duty) -> None:
    assert Duty.parse(said) is duty
    with pytest.raises(ValueError, match="'boss' is not a duty: say commander, communications or operations"):
        Duty.parse("boss")
