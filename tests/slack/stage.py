"""drbot's Slack face on a thread of its own, with a real store and real incidents."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from bot.announce import show_incident
from bot.commands.console import Where
from bot.domain.answer import Answer, Exit, Refusal, Table
from bot.domain.incident import Incident, IncidentState, parse_incident_ref
from bot.domain.person import Person
from bot.domain.run import PlanText, Run, RunState, parse_run_ref
from bot.domain.severity import Severity
from bot.drills.view import DrillView
from bot.incidents import Incidents
from bot.messages import Ears
from bot.outside.standing import Standing, standing
from bot.outside.view import PublicationView, publication_view
from bot.plan.models import Communication, DrPlan, OfferedAction, PersonEntry
from bot.runbooks.view import WalkView
from bot.slack.connect import SlackFace, SlackParts, SlackSettings
from bot.slack.scene import Aid
from bot.store import incidents as rows
from bot.store.database import Clock, Tx, utc_now
from bot.store.outbox import Wanted, want
from bot.store.sqlite import SqliteStore
from bot.workspace.runner import LocalWorkspace

T = TypeVar("T")
PLAN = DrPlan(
    people={
        "ana": PersonEntry(name="Ana Souza", slack="@ana", roles=("on-call",)),
        "bruno": PersonEntry(name="Bruno Lima", slack="@bruno", roles=("on-call", "approver")),
    },
    communication=Communication(channel="#belezza-alerts"),
)
OFFER = OfferedAction(
    action="end-long-queries", label="End long queries", params={"environment": "production"}
)


def a_run(number: int = 12, **changed: Any) -> Run:
    """A restore that waits for its approval, or what the test makes of it."""
    told: dict[str, Any] = {
        "id": number,
        "action": "restore-database",
        "title": "Restore staging from the newest production backup",
        "risk": "destructive",
        "target": "staging/database",
        "environment": "staging",
        "params": {},
        "facts": {},
        "plan": PlanText(
            before=("The backup is whole and of this server's version", "Disk has room for two copies"),
            steps=("Load the backup into a shadow database", "Swap the names in one transaction"),
            after=("Row counts match the manifest", "The smoke tables answer"),
            undo=("Swap the names back",),
            facts=(("Backup", "belezza_production_20260301_020000.sql.gz, 42 MB"), ("Age", "1 h 12 min")),
            warnings=("Everything written to staging since the backup is replaced.",),
            forecast_s=95.0,
        ),
        "digest": "3f9a21c07d" * 6 + "beef",
        "state": RunState.PROPOSED,
        "requested_by": "ana",
        "requested_at": "2026-03-01T03:12:09.000000Z",
        "expires_at": "2026-03-01T03:27:09.000000Z",
    }
    return Run(**(told | changed))


class Stage:
    """What the cards read: incidents from the store, runs that the test puts here."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.runs: dict[int, Run] = {}
        self.offered: tuple[OfferedAction, ...] = (OFFER,)
        self.aids: dict[int, Aid] = {}
        self.walks: dict[int, WalkView] = {}
        self.drills: dict[int, DrillView] = {}

    def incident(self, number: int) -> Incident | None:
        return rows.get(self.store, number)

    def open_incidents(self) -> Sequence[Incident]:
        return rows.open_incidents(self.store)

    def run(self, number: int) -> Run | None:
        return self.runs.get(number)

    def runs_of(self, incident: int) -> Sequence[Run]:
        return [run for run in self.runs.values() if run.incident == incident]

    def waiting_runs(self) -> Sequence[Run]:
        return [run for run in self.runs.values() if run.state is RunState.PROPOSED]

    def offers(self, incident: Incident) -> Sequence[OfferedAction]:
        return self.offered

    def aid(self, incident: Incident) -> Aid:
        return self.aids.get(incident.id, Aid())

    def walk(self, number: int) -> WalkView | None:
        return self.walks.get(number)

    def drill(self, number: int) -> DrillView | None:
        return self.drills.get(number)

    def publication(self, number: int) -> PublicationView | None:
        return publication_view(self.store, PLAN, number)

    def outside(self, incident: int) -> Standing | None:
        found = self.incident(incident)
        return standing(self.store.read, found) if found else None

    def confirm_word(self, run: Run) -> str:
        return run.environment

    def name(self, person_id: str) -> str:
        person = PLAN.person(person_id)
        return person.name if person else person_id

    def responders(self, incident: Incident) -> Sequence[str]:
        return [person.slack_id for person in PLAN.people_with(("on-call",))]

    def person_by_slack(self, slack_id: str, handle: str) -> Person | None:
        return PLAN.person_by_slack(slack_id, handle)

    def report(self, incident: int) -> str:
        return f"# Incident Report: INC-{incident}"

    def report_state(self, incident: int) -> str:
        return "draft"

    def report_chart(self, incident: int) -> bytes:
        return b""

    def report_section(self, incident: int, title: str) -> tuple[int, str, str]:
        return 0, title, f"of INC-{incident}"

    def disabled(self) -> Sequence[str]:
        return ["PAGERDUTY_WEBHOOK_SECRET is not set: PagerDuty webhooks are refused"]


class Speaker:
    """A console over real incidents that remembers each line it was told."""

    def __init__(self, incidents: Incidents) -> None:
        self.incidents = incidents
        self.lines: list[tuple[str, str, Where]] = []
        self.gate = threading.Event()
        self.gate.set()

    def execute(self, line: str, person: Person, where: Where) -> Answer:
        self.lines.append((line, person.id, where))
        self.gate.wait(20)
        if not person.known:
            return Answer("The plan does not name you: ask Ana Souza.", exit=Exit.REFUSED)
        verb, _, rest = line.partition(" ")
        try:
            return self._do(verb, rest, person)
        except Refusal as refusal:
            return Answer(str(refusal), exit=Exit.REFUSED)

    def _do(self, verb: str, rest: str, person: Person) -> Answer:
        word, _, text = rest.partition(" ")
        if verb == "boom":
            raise RuntimeError("secret detail")
        if verb == "status":
            return Answer("Ready", table=Table(("component", "age"), (("database", "1 h"), ("redis", ""))))
        if verb == "report":
            return Answer("Draft", document="# Report\n\n" + "- a line\n" * 2_000)
        if verb in ("approve", "deny", "show"):
            return Answer(f"{verb} {word}: noted", run=parse_run_ref(word))
        if verb in ("ack", "sev", "note", "resolve", "incident"):
            found = self._incident(verb, parse_incident_ref(word), text, person)
            return Answer(f"{found.ref}: {verb} done", incident=found.id)
        return Answer(f"heard {line_of(verb, rest)}")

    def _incident(self, verb: str, number: int, text: str, person: Person) -> Incident:
        if verb == "ack":
            return self.incidents.acknowledge(person, number)
        if verb == "sev":
            level, _, reason = text.partition(" ")
            return self.incidents.set_severity(person, number, Severity.parse(level), reason)
        if verb == "note":
            return self.incidents.note(person, number, text)
        if verb == "resolve":
            return self.incidents.resolve(person, number)
        return self.incidents.get(number)

    def completions(self) -> tuple[tuple[str, str], ...]:
        return ()


def line_of(verb: str, rest: str) -> str:
    return f"{verb} {rest}".strip()


class Bot:
    """`with Bot(ws, path) as bot:` the face runs in a thread, as it does in the bot's own process."""

    def __init__(
        self, workspace: LocalWorkspace, path: Path, *, http: bool = False, api_url: str = "",
        clock: Clock = utc_now,
    ) -> None:  # fmt: skip
        self.workspace = workspace
        self.store = SqliteStore(path, clock)
        self.incidents = Incidents(self.store, PLAN, lambda tx, incident: None)
        self.scene = Stage(self.store)
        self.console = Speaker(self.incidents)
        self.troubles: list[str] = []
        settings = SlackSettings(
            bot_token=workspace.bot_token,
            app_token="" if http else workspace.app_token,
            signing_secret=workspace.signing_secret if http else "",
            api_url=api_url or workspace.api_url,
        )
        parts = SlackParts(self.console, self.scene, self.store, Ears(self.store), self.troubles.append)
        self.face = SlackFace(settings, parts)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="bot", daemon=True)

    def __enter__(self) -> Bot:
        self._thread.start()
        self.on_loop(self.face.start())
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.on_loop(self.face.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.store.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it on the face's loop."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return future.result(30)

    def on_loop_for_long(self, work: Coroutine[Any, Any, T]) -> T:
        """The same for a server that runs until it is told to stop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def connected(self) -> Bot:
        """Once Slack's socket is there."""
        wait_until(lambda: self.workspace.connected() and not self.on_loop(self.face.health()))
        return self

    def open_incident(self, **changed: Any) -> Incident:
        """An incident as alerts would have opened it, with its card wanted."""

        def work(tx: Tx) -> Incident:
            incident = an_incident(rows.next_id(tx), opened_at=tx.now, **changed)
            rows.save(tx, incident, tx.now)
            show_incident(tx, PLAN, incident)
            return incident

        return self.store.write(work)

    def want(self, wanted: Wanted) -> None:
        """Ask the announcer to show it."""
        self.store.write(lambda tx: want(tx, wanted))

    def backlog(self) -> int:
        """How many rows Slack does not show yet."""
        return int(self.store.read("SELECT COUNT(*) FROM outbox WHERE wanted > shown")[0][0])

    def settled(self, timeout_s: float = 10.0) -> None:
        """Once everything wanted is shown."""
        wait_until(lambda: self.backlog() == 0, timeout_s)


def an_incident(number: int, **changed: Any) -> Incident:
    """A SEV-3 incident of the database, or what the test makes of it."""
    told: dict[str, Any] = {
        "id": number,
        "title": "Connection pool of the booking API is exhausted",
        "severity": Severity.SEV3,
        "state": IncidentState.OPEN,
        "component": "database",
        "environment": "production",
        "correlation": f"test/{number}",
        "opened_at": "2026-03-01T03:12:09.000000Z",
        "why": ("impact partial: “pool exhausted” in the summary", "database is critical", "production"),
        "alerts_firing": 3,
        "alerts_total": 5,
        "alert_names": ("HikariPoolExhausted", "HighLatency"),
    }
    return Incident(**(told | changed))


def wait_until(holds: Callable[[], object], timeout_s: float = 10.0) -> None:
    """Return as soon as it holds. Raises AssertionError when the time is up."""
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.01)):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError(f"did not come true within {timeout_s} s")
