"""What people wait for, measured on the whole bot with a workspace: cards, acks, starts, approvals."""

from __future__ import annotations

import statistics
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bot.demo.story import cast_of
from bot.demo.world import running_world
from bot.workspace import LocalWorkspace
from bot.workspace.person import Person
from tests.bench.app import TOKEN
from tests.bench.cases import STORM_ALERTS, STORM_GROUPS, Line, load
from tests.bench.served import Served, served

CARDS = 300
RESTORES = 5
STARTS = 3
PATIENCE_S = 60.0
PACE_S = 0.05


def live(directory: Path, only: str = "") -> Iterator[Line]:
    """Every measure whose name holds `only`."""
    measures: dict[str, Callable[[Path], Sequence[Line]]] = {
        "cold start": cold_start,
        "alert to card": alert_to_card,
        "storm in slack": storm_in_slack,
        "acks in the storm": acks_in_storm,
        "storm with limits": storm_with_limits,
        "approval to first step": approval_to_first_step,
    }
    for name, measure in measures.items():
        if only in name:
            yield from measure(directory)


def cold_start(directory: Path) -> Sequence[Line]:
    """From the command to ready, with Slack."""
    took: list[float] = []
    with LocalWorkspace() as workspace:
        for _ in range(STARTS):
            began = time.monotonic()
            with served("serve", directory, _slack(workspace)) as server:
                _wait(lambda server=server: _ready(server))  # type: ignore[misc]  # bound now, not later
                took.append(time.monotonic() - began)
    median_s = statistics.median(took)
    return [Line("cold start to ready", {"note": f"{median_s:.2f} s"}, "≤ 3 s", median_s <= 3)]


def alert_to_card(directory: Path) -> Sequence[Line]:
    """One new incident at a time: from the POST to the moment the workspace stamped its card."""
    with LocalWorkspace() as workspace, served("serve", directory, _slack(workspace)) as server:
        _wait(lambda: _ready(server))
        ana, home = workspace.person("ana"), workspace.channel_id("belezza-alerts")
        waited_ms: list[float] = []
        for number in range(CARDS):
            name = f"BenchCard{number:04d}"
            began = time.time()
            _post(server, name)
            card = ana.wait_for_message(name, home, PATIENCE_S)
            waited_ms.append((float(card.ts) - began) * 1000)
        slash = _slashes(ana, home, lambda: len(waited_ms) > 0, 200)
    return [_timed("alert to card, idle", waited_ms, 100), _timed("slash to ack, idle", slash, 50)]


def storm_in_slack(directory: Path) -> Sequence[Line]:
    """The storm with Slack's limits off: until every alert is judged and every card says so."""
    with LocalWorkspace() as workspace, served("serve", directory, _slack(workspace)) as server:
        _wait(lambda: _ready(server))
        loaded = load(server, STORM_GROUPS, STORM_ALERTS // STORM_GROUPS, 16, groups=STORM_GROUPS)
        accepted = time.monotonic()
        _wait(lambda: _settled(server))
        true_s = loaded.elapsed_s + time.monotonic() - accepted
        incidents = int(server.read("SELECT COUNT(*) FROM incidents")[0][0])
        calls = sum(workspace.calls().values())
        peak_mb = server.peak_mb()
    note = f"{incidents} incidents, cards true after {true_s:.2f} s, {calls} Slack calls, {peak_mb:.0f} MB"
    kept = true_s <= 3 and incidents <= STORM_GROUPS and peak_mb <= 200
    return [Line("storm, every card true", {"note": note}, "≤ 3 s, ≤ 200 incidents, ≤ 200 MB", kept)]


def acks_in_storm(directory: Path) -> Sequence[Line]:
    """The same storm while somebody says a verb twenty times a second."""
    with LocalWorkspace() as workspace, served("serve", directory, _slack(workspace)) as server:
        _wait(lambda: _ready(server))
        ana, home = workspace.person("ana"), workspace.channel_id("belezza-alerts")
        over = threading.Event()
        acks: list[float] = []
        pressing = threading.Thread(target=lambda: acks.extend(_slashes(ana, home, over.is_set)))
        pressing.start()
        load(server, STORM_GROUPS, STORM_ALERTS // STORM_GROUPS, 16, groups=STORM_GROUPS)
        _wait(lambda: _settled(server))
        over.set()
        pressing.join(PATIENCE_S)
    return [_timed("slash to ack, during the storm", acks, 50)]


def storm_with_limits(directory: Path) -> Sequence[Line]:
    """The storm with Slack's limits on: when the digest is there."""
    with (
        LocalWorkspace(rate_limits=True) as workspace,
        served("serve", directory, _slack(workspace)) as server,
    ):
        _wait(lambda: _ready(server))
        began = time.time()
        load(server, STORM_GROUPS, STORM_ALERTS // STORM_GROUPS, 16, groups=STORM_GROUPS)
        _wait(lambda: bool(_digest(server)))
        took_s = float(_digest(server)) - began
    return [
        Line(
            "storm, limits on: digest", {"note": f"{took_s:.2f} s after the first POST"}, "≤ 5 s", took_s <= 5
        )
    ]


def approval_to_first_step(directory: Path) -> Sequence[Line]:
    """Restores in the demo's world: from the approval to the first guard passed, by the journal."""
    with running_world(directory / "world", lambda _: None, page_port=0, bot_port=0) as world:
        cast = cast_of(world)
        url = world.environment["DR_DATABASE_URL"]
        server = Served(0, url, world.bot.process.pid)
        for number in range(1, RESTORES + 1):
            cast.ana.slash("/dr restore staging", cast.home)
            _wait(lambda n=number: _runs(server, n, ("proposed",)))  # type: ignore[misc]
            cast.bruno.slash(f"/dr approve RUN-{number} typed=staging", cast.home)
            _wait(lambda n=number: _runs(server, n, ("verified",)))  # type: ignore[misc]
        gaps = server.read(
            "SELECT (julianday(MIN(g.at)) - julianday(a.at)) * 86400000.0 FROM journal a JOIN journal g"
            " ON g.run = a.run AND g.kind = 'guard-passed' WHERE a.kind = 'run-approved' GROUP BY a.run"
        )
    return [_timed("approval to first step", [float(gap[0]) for gap in gaps], 1_000)]


def _slack(workspace: LocalWorkspace) -> dict[str, str]:
    return {
        "DR_SLACK_API_URL": workspace.api_url,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
    }


def _ready(server: Served) -> bool:
    try:
        return bool(server.get("/readyz"))
    except OSError:
        return False


def _post(server: Served, name: str) -> None:
    body = (
        '{"version":"4","status":"firing","groupKey":"{}","alerts":[{"status":"firing",'
        f'"labels":{{"alertname":"{name}","severity":"warning"}},'
        f'"annotations":{{"summary":"{name} is slow"}},'
        f'"startsAt":"2026-11-22T03:00:00Z","fingerprint":"{name}"}}]}}'
    )
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}/webhooks/alertmanager",
        body.encode(),
        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()


def _slashes(ana: Person, home: str, over: Callable[[], bool], at_least: int = 50) -> list[float]:
    took: list[float] = []
    while len(took) < at_least or not over():
        began = time.monotonic()
        ana.slash("/dr oncall", home)
        took.append((time.monotonic() - began) * 1000)
        time.sleep(PACE_S)
    return took


def _settled(server: Served) -> bool:
    waiting = server.read("SELECT COUNT(*) FROM alerts WHERE judged = 0")[0][0]
    unshown = server.read("SELECT COUNT(*) FROM outbox WHERE wanted > shown")[0][0]
    return not waiting and not unshown


def _digest(server: Served) -> str:
    rows = server.read("SELECT ts FROM outbox WHERE kind = 'digest' AND shown > 0")
    return str(rows[0][0]) if rows else ""


def _runs(server: Served, number: int, states: tuple[str, ...]) -> bool:
    rows = server.read(f"SELECT state FROM runs WHERE id = {number}")
    return bool(rows) and rows[0][0] in states


def _timed(what: str, took_ms: Sequence[float], reach_ms: float) -> Line:
    ordered = sorted(took_ms)
    p50, p99 = statistics.median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    values = {"p50 ms": f"{p50:.1f}", "p99 ms": f"{p99:.1f}", "note": f"{len(ordered)} times"}
    return Line(what, values, f"p99 ≤ {reach_ms:,.0f} ms", p99 <= reach_ms)


def _wait(ready: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not ready():
        if time.monotonic() > ends:
            raise TimeoutError(f"nothing of the kind within {PATIENCE_S:.0f} s")
        time.sleep(0.01)
