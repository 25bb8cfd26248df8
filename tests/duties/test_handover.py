"""Where an incident stands: each sentence repeats a record, and what waits for a person comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.breaker import Breaker
from bot.domain.duty import Duty, Held
from bot.domain.entry import Entry, Json
from bot.domain.incident import Incident, IncidentState
from bot.domain.outbound import Job, JobState, Way
from bot.domain.run import RunState
from bot.domain.severity import Severity
from bot.domain.walk import StepState, Walk, WalkState, WalkStep
from bot.duties.facts import Facts, Firing, Line, Text
from bot.duties.handover import handover_json, handover_markdown
from bot.duties.questions import open_questions
from bot.duties.standing import Standing, standing
from bot.duties.times import length
from bot.findings.records import Meaning, Said
from bot.runbooks.findings import Finding
from bot.runbooks.view import WalkView
from bot.store.runs import Lock
from tests.slack.stage import a_run, an_incident

NOW = "2026-03-01T03:42:09.000000Z"
VACANT = "Nobody has communications or operations: `duty INC-7 communications`"
PEOPLE = {"ana": "Ana Souza", "bruno": "Bruno Lima", "carla": "Carla Dias"}


def called(who: str) -> str:
    return PEOPLE.get(who, who)


def grave(**changed: object) -> Incident:
    told: dict[str, object] = {
        "severity": Severity.SEV1,
        "state": IncidentState.ACKNOWLEDGED,
        "acknowledged_by": "ana",
        "acknowledged_at": "2026-03-01T03:14:00.000000Z",
    }
    return an_incident(7, **{**told, **changed})


def entry(kind: str, at: str, data: dict[str, Json], actor: str = "ana") -> Entry:
    return Entry(1, f"2026-03-01T{at}:00.000000Z", kind, actor, data, 7, None, "", "")


def stands(**facts: object) -> Standing:
    told: dict[str, object] = {"incident": grave(), "now": NOW, "called": called}
    return standing(Facts(**{**told, **facts}))  # type: ignore[arg-type]  # a test names only what it is about


def part(one: Standing, title: str) -> tuple[str, ...]:
    return next((part.lines for part in one.parts if part.title == title), ())


def test_an_incident_that_nobody_touched_says_so_and_nothing_else() -> None:
    one = stands(incident=an_incident(7, severity=Severity.SEV1, alerts_total=0, alerts_firing=0))
    assert one.headline == "SEV-1 since 03:12 UTC, for 30 min; nobody has acknowledged it"
    assert one.lead == "nobody yet"
    assert one.needs == (
        "Nobody has acknowledged it: `ack INC-7`",
        "Nobody leads it: `duty INC-7 commander`",
        VACANT,
    )
    assert one.parts == ()


def test_the_severity_is_dated_from_when_it_became_what_it_is() -> None:
    changes = [
        entry("severity-changed", "03:15", {"from": "SEV-3", "to": "SEV-1"}),
        entry("severity-changed", "03:20", {"from": "SEV-1", "to": "SEV-2"}),
        entry("severity-changed", "03:30", {"from": "SEV-2", "to": "SEV-1"}),
    ]
    one = stands(entries=changes)
    assert one.headline == "SEV-1 since 03:30 UTC, for 12 min; acknowledged by Ana Souza at 03:14 UTC"


def test_a_resolved_one_says_by_whom_and_how_long_it_took() -> None:
    over = grave(state=IncidentState.RESOLVED, resolved_by="bruno", resolved_at="2026-03-01T03:40:09.000000Z")
    one = stands(incident=over)
    assert part(one, "Alerts") == ("3 of 5 alerts still fire",)
    assert one.headline == "SEV-1, resolved by Bruno Lima at 03:40 UTC after 28 min"
    assert one.needs == ()


def test_runs_that_wait_or_stopped_come_first_and_the_others_by_what_became_of_them() -> None:
    runs = [
        a_run(12),
        a_run(13, state=RunState.STOPPED, ended_at="2026-03-01T03:30:00.000000Z", outcome="the swap broke"),
        a_run(
            14, state=RunState.RUNNING, started_at="2026-03-01T03:40:09.000000Z", current="Load the backup"
        ),
        a_run(15, state=RunState.VERIFIED, ended_at="2026-03-01T03:20:00.000000Z", outcome="it answers"),
        a_run(16, state=RunState.FAILED, ended_at="2026-03-01T03:21:00.000000Z", outcome="no disk"),
        a_run(17, state=RunState.VERIFIED, requested_by="drbot"),
    ]
    held = (Held(Duty.COMMANDER, "ana", "2026-03-01T03:14:00.000000Z"),)
    one = stands(runs=runs, approvers=lambda _run: "Carla Dias or Davi Rocha", held=held)
    title = "Restore staging from the newest production backup"
    assert one.needs == (
        "3 of 5 alerts still fire",
        f"RUN-13 {title}: stopped half-way at 03:30 UTC: the swap broke",
        VACANT,
        f"RUN-12 waits for approval by Carla Dias or Davi Rocha until 03:27 UTC: {title}",
    )
    assert part(one, "Runs") == (
        f"RUN-14 {title}: running since 03:40 UTC, for 2 min: Load the backup",
        f"RUN-16 {title}: failed, nothing changed at 03:21 UTC: no disk",
        f"RUN-15 {title}: done and verified at 03:20 UTC: it answers",
    )


def a_walk(state: WalkState, *steps: StepState, ended_at: str = "") -> WalkView:
    made = tuple(WalkStep(f"Step {number}", "do it", state=one) for number, one in enumerate(steps, 1))
    walk = Walk(3, "db", "Database down", "production", "ana", NOW, made, state, 7, ended_at)
    return WalkView(walk, {}, "A person is needed for step 2, Step 2.")


def test_a_runbook_says_its_step_and_whether_a_person_is_needed() -> None:
    held, hand, todo = StepState.HELD, StepState.BY_HAND, StepState.TODO
    one = stands(walks=[a_walk(WalkState.UNDER_WAY, held, hand, todo)])
    assert "RB-3 Database down: A person is needed for step 2, Step 2." in one.needs
    assert part(one, "Runbooks") == ("RB-3 Database down: step 2 of 3, Step 2",)
    failed = stands(walks=[a_walk(WalkState.UNDER_WAY, held, StepState.FAILED, todo)])
    assert part(failed, "Runbooks") == ("RB-3 Database down: step 2 of 3, Step 2",)
    done = stands(walks=[a_walk(WalkState.DONE, held, held, ended_at="2026-03-01T03:30:00.000000Z")])
    assert part(done, "Runbooks") == ("RB-3 Database down: done at 03:30 UTC",)
    stopped = stands(walks=[a_walk(WalkState.STOPPED, held, todo, ended_at="2026-03-01T03:30:00.000000Z")])
    assert part(stopped, "Runbooks") == ("RB-3 Database down: stopped after 1 of 2 steps at 03:30 UTC",)


def test_what_the_outside_was_told_and_what_it_was_promised() -> None:
    texts = [
        Text(1, "status", "investigating", "approved", "carla", "2026-03-01T03:20:00.000000Z", "done"),
        Text(2, "mail", "first", "approved", "carla", "2026-03-01T03:25:00.000000Z", "waiting"),
        Text(3, "status", "identified", "draft", "", "2026-03-01T03:30:00.000000Z"),
        Text(4, "social", "first", "withdrawn", "carla", "2026-03-01T03:31:00.000000Z"),
    ]
    one = stands(texts=texts, next_update_at="2026-03-01T03:52:09.000000Z")
    assert part(one, "Told outside") == (
        "Status page (investigating): approved by Carla Dias at 03:20 UTC",
        "Mail to customers (first): approved by Carla Dias at 03:25 UTC, on its way",
        "Next update due at 03:52 UTC, in 10 min",
    )
    assert "PUB-3, status page (identified), waits for approval since 03:30 UTC" in one.needs
    late = stands(next_update_at="2026-03-01T03:32:09.000000Z")
    assert "The next update outside was due at 03:32 UTC, 10 min ago" in late.needs


def test_what_did_not_reach_the_outside_waits_for_a_person() -> None:
    def job(state: JobState, said: str = "") -> Job:
        return Job("k", Way.MAIL, "k", "send", "mail to Davi Rocha", {}, 7, state, said=said)

    one = stands(jobs=[job(JobState.REFUSED, "no such user"), job(JobState.UNSURE), job(JobState.DONE)])
    assert one.needs[-2:] == (
        "Mail to Davi Rocha was refused: no such user",
        "Mail to Davi Rocha may not have arrived",
    )


def test_alerts_findings_notes_and_what_is_held() -> None:
    one = stands(
        firing=[
            Firing("PoolExhausted", "2026-03-01T03:12:00.000000Z", 2),
            Firing("Slow", "2026-02-28T23:50:00.000000Z"),
        ],
        findings=[
            Finding("Database activity", "34 sessions wait", True, 4, NOW),
            Finding("Disk", "looking…", False, 5, NOW, done=False),
        ],
        entries=[entry("note-added", f"03:3{n}", {"text": f"note {n}"}) for n in range(5)],
        locks=[Lock("production/database", 14, "2026-03-01T03:40:09.000000Z")],
        breakers=[Breaker("production/api", "2026-03-01T03:41:00.000000Z", ("RUN-1",))],
    )
    assert one.needs[0] == (
        "3 of 5 alerts still fire: PoolExhausted (2) since 03:12 UTC, Slow since 2026-02-28 23:50 UTC"
    )
    assert part(one, "Found by drbot") == ("Database activity, 03:42 UTC: 34 sessions wait",)
    assert part(one, "Newest notes") == tuple(f"03:3{n} UTC Ana Souza: note {n}" for n in (2, 3, 4))
    assert part(one, "Held or blocked") == (
        "production/database is held by RUN-14 since 03:40 UTC, for 2 min",
        "The circuit breaker of production/api is open since 03:41 UTC: nothing new begins there",
    )
    quiet = stands(incident=grave(alerts_firing=0))
    assert part(quiet, "Alerts") == ("None of its 5 fires any more",)


def test_who_takes_over_reads_themselves_as_the_lead() -> None:
    facts = Facts(an_incident(7, severity=Severity.SEV1), NOW, held=(Held(Duty.OPERATIONS, "carla", NOW),))
    one = standing(replace(facts.led_by("ana", "bruno"), called=called))
    assert one.lead == "Bruno Lima (commander), Carla Dias (operations), communications: nobody"
    assert one.headline.endswith("acknowledged by Ana Souza at 03:42 UTC")
    assert one.needs == (
        "3 of 5 alerts still fire",
        "Nobody has communications: `duty INC-7 communications`",
    )


def test_in_the_middle_of_a_sev_1_something_always_waits() -> None:
    lines = [
        Line("On-call engineer", "2026-03-01T03:12:00.000000Z", told=True),
        Line("Engineering lead", "2026-03-01T03:27:00.000000Z", told=True, vacant=True),
        Line("CTO", "2026-03-01T03:45:00.000000Z"),
    ]
    one = stands(
        incident=an_incident(7, severity=Severity.SEV1),
        answer_by="2026-03-01T03:27:00.000000Z",
        lines=lines,
        tells_outside=True,
    )
    assert one.needs == (
        "3 of 5 alerts still fire",
        "Nobody has acknowledged it, overdue since 03:27 UTC, CTO is told next at 03:45 UTC: `ack INC-7`",
        "Nobody leads it: `duty INC-7 commander`",
        VACANT,
        "Nothing is told outside, and the plan wants it told: `draft INC-7 status`",
    )
    assert part(one, "Told inside") == (
        "Told: On-call engineer at 03:12 UTC, Engineering lead at 03:27 UTC (reached nobody)",
        "While nobody answers: CTO at 03:45 UTC",
    )


def test_the_end_of_the_table_and_a_worse_severity_are_said() -> None:
    told = [Line("CTO", "2026-03-01T03:30:00.000000Z", told=True)]
    due = "2026-03-01T03:50:00.000000Z"
    worse = stands(incident=grave(), answer_by=due, lines=told)
    assert worse.needs[1] == (
        "It grew worse, and nobody has answered that, due by 03:50 UTC, nobody is left to be told:"
        " `ack INC-7`"
    )


@pytest.mark.parametrize(
    ("state", "job_state", "untold"),
    [
        ("draft", "", False),
        ("approved", "waiting", False),
        ("approved", "refused", True),
        ("withdrawn", "", True),
    ],
)
def test_what_is_drafted_or_on_its_way_is_no_silence(state: str, job_state: str, untold: bool) -> None:
    texts = [Text(1, "status", "investigating", state, "carla", NOW, job_state)]
    needs = stands(texts=texts, tells_outside=True).needs
    assert any("Nothing is told outside" in line for line in needs) is untold


def test_what_was_over_meanwhile_is_said() -> None:
    back = [entry("incident-resolved", "03:20", {}), entry("incident-reopened", "03:25", {})]
    assert stands(entries=back).headline == (
        "SEV-1 since 03:12 UTC, for 30 min, but over from 03:20 UTC to 03:25 UTC;"
        " acknowledged by Ana Souza at 03:14 UTC"
    )
    twice = [*back, entry("incident-resolved", "03:30", {}), entry("incident-reopened", "03:31", {})]
    assert "but over from 03:30 UTC to 03:31 UTC (the newest of 2 times);" in stands(entries=twice).headline


START = datetime(2026, 3, 1, 3, 20, tzinfo=UTC)


def say(minute: float, who: str, text: str, **more: object) -> Said:
    told: dict[str, object] = {
        "ref": "m",
        "place": f"C1/{minute}",
        "at": START + timedelta(minutes=minute),
        "author": who,
        "who": called(who),
        "text": text,
    }
    return Said(**{**told, **more})  # type: ignore[arg-type]  # a test names only what it is about


@pytest.mark.parametrize(
    "answer",
    [
        say(3, "bruno", "yes, since four"),
        say(40, "bruno", "found it: the replica of the database was never promoted"),
        say(40, "bruno", "on it", mentions=("ana",)),
        say(3, "bruno", "no idea", thread="0"),
    ],
)
def test_a_question_with_a_likely_answer_is_not_open(answer: Said) -> None:
    assert open_questions([say(0, "ana", "Who promoted the database replica?"), answer]) == ()


@pytest.mark.parametrize(
    "after",
    [
        (),
        (say(1, "ana", "anyone"),),
        (say(1, "bruno", "what happened to the salons?", thread="9"),),
        (say(40, "bruno", "lunch is here"),),
        (say(1, "bruno", "thanks all", thread="another"),),
        (say(1, "drbot", "RUN-3 verified the replica of the database", by_bot=True),),
    ],
)
def test_a_question_without_one_is_told_as_asked(after: tuple[Said, ...]) -> None:
    one = stands(said=[say(0, "ana", "Pool is full. Who promoted the database replica?"), *after])
    assert (
        part(one, "No answer seen")[0] == "Ana Souza asked at 03:20 UTC: “Who promoted the database replica?”"
    )


def test_a_mark_answers_and_only_the_newest_three_are_shown() -> None:
    marked = say(0, "ana", "Did it work?", marks={Meaning.FIXED: ("Bruno",)})
    many = [say(number, "ana", f"Is {number} right?") for number in range(10)]
    assert open_questions([marked]) == ()
    assert [one.text for one in open_questions(many)] == ["Is 7 right?", "Is 8 right?", "Is 9 right?"]


def test_the_page_is_short_and_what_waits_stands_first() -> None:
    page = handover_markdown(stands(runs=[a_run(12)], entries=[entry("note-added", "03:30", {"text": "hi"})]))
    assert page.split("\n") == [
        "## INC-7: where things stand at 03:42 UTC",
        "",
        "**Connection pool of the booking API is exhausted**  ",
        "SEV-1 since 03:12 UTC, for 30 min; acknowledged by Ana Souza at 03:14 UTC.  ",
        "Lead: nobody yet.",
        "",
        "**Waits for a person**",
        "- 3 of 5 alerts still fire",
        "- Nobody leads it: `duty INC-7 commander`",
        f"- {VACANT}",
        "- RUN-12 waits for approval until 03:27 UTC: Restore staging from the newest production backup",
        "",
        "## So far",
        "",
        "**Newest notes**",
        "- 03:30 UTC Ana Souza: hi",
        "",
    ]


HOSTILE = st.text(max_size=400) | st.sampled_from(
    [
        "<!channel> @here",
        "# Title\n\n- forged",
        "](https://evil.example)",
        "password=hunter2secret",
        "**",
        "`",
    ]
)


@given(HOSTILE, HOSTILE)
def test_whatever_people_and_alerts_write_stays_in_its_place(text: str, title: str) -> None:
    one = stands(
        incident=grave(title=title),
        entries=[entry("note-added", "03:30", {"text": text})] * 9,
        firing=[Firing(text, NOW)] * 30,
        runs=[a_run(n, title=text, outcome=text, state=RunState.VERIFIED, ended_at=NOW) for n in range(60)],
        said=[say(number, "ana", f"{text}?") for number in range(40)],
    )
    page = handover_markdown(one)
    headings = [line for line in page.split("\n") if line.startswith("#")]
    assert headings == ["## INC-7: where things stand at 03:42 UTC", "## So far"]
    assert "<!" not in page
    assert "hunter2secret" not in page
    assert "hunter2secret" not in str(handover_json(one))
    assert len(page) < 9_000
    assert page.count("\n") < 60


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59, "59 s"), (125, "2 min"), (3600 * 2 + 310, "2 h 5 min")]
)
def test_lengths_are_by_the_minute(seconds: int, said: str) -> None:
    since = datetime(2026, 3, 1, tzinfo=UTC)
    assert length(since.isoformat(), (since + timedelta(seconds=seconds)).isoformat()) == said
