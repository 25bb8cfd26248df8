"""One of each card, to look at: `python -m tests.slack.gallery DIRECTORY` saves pictures."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bot.domain.incident import IncidentState
from bot.domain.run import RunState
from bot.domain.severity import Severity
from bot.domain.walk import Doing, StepState, Walk, WalkState, WalkStep
from bot.runbooks.findings import Finding
from bot.runbooks.view import WalkView
from bot.slack.scene import Aid
from bot.store import incidents as rows
from bot.store.database import iso, utc_now
from bot.store.outbox import Wanted
from bot.workspace.runner import LocalWorkspace
from tests.real.browser import look_at
from tests.slack.stage import PLAN, Bot, a_run, an_incident, wait_until

ALERTS = "belezza-alerts"
CHROMIUM = "/usr/bin/chromium"


def fill(bot: Bot) -> None:
    """Incidents of each severity and state, and a run in each of its states."""
    now = iso(utc_now())
    resolved = an_incident(
        1,
        title="Certificate of api.belezza.ai expires in 6 days",
        severity=Severity.SEV4,
        state=IncidentState.RESOLVED,
        component="certificates",
        opened_at="2026-03-01T02:12:09.000000Z",
        resolved_at="2026-03-01T03:02:09.000000Z",
        resolved_by="bruno",
        alerts_total=1,
        alerts_firing=0,
    )
    bot.store.write(lambda tx: rows.save(tx, resolved, now))
    bot.want(Wanted("incident:1:card", "incident-card", 1, "#" + ALERTS, rank=4))
    bot.settled()
    bot.open_incident(
        title="Restore drill of staging is overdue", severity=Severity.SEV3, alerts_total=1, alerts_firing=1
    )
    bot.settled()
    bot.open_incident(severity=Severity.SEV2, impact="Bookings fail for about half of the salons")
    bot.settled()
    ana = PLAN.person("ana")
    assert ana
    bot.incidents.acknowledge(ana, 3)
    parent = "incident:3:card"
    bot.scene.runs[10] = a_run(
        10,
        incident=3,
        title="End long-running queries",
        risk="high",
        target="production/database",
        state=RunState.VERIFIED,
        started_at="2026-03-01T03:13:00Z",
        ended_at="2026-03-01T03:13:04Z",
        outcome="4 of 4 sessions ended; the pool has 16 free connections",
        evidence=(
            "no session of ours, a superuser's or replication's among them",
            "4 sessions ended in 0.3 s",
        ),
        undo_until="",
    )
    bot.scene.runs[11] = a_run(
        11, incident=3, state=RunState.RUNNING, position=3, current="Swap the names", approved_by="bruno"
    )
    bot.scene.runs[12] = a_run(12)
    for number in (10, 11):
        bot.want(Wanted(f"run:{number}:card", "run-card", number, "#" + ALERTS, parent, 2))
    bot.want(Wanted("run:12:card", "run-card", 12, "#" + ALERTS, rank=2))
    bot.want(Wanted(parent, "incident-card", 3, "#" + ALERTS, rank=2))
    bot.settled()
    show_runbooks(bot)


def show_runbooks(bot: Bot) -> None:
    """An incident that drbot looked at by itself, with a runbook at each place where it can stand."""
    at = iso(utc_now())
    bot.open_incident(
        title="api is not responding", severity=Severity.SEV1, component="api", alert_names=("ApiDown",)
    )
    looks = (
        Finding(
            "Look at containers",
            "1 of 3 replicas exited with 137 four minutes ago; 2 are healthy",
            True,
            5,
            at,
        ),
        Finding(
            "Look at the application", "health is DOWN: db; 20 of 20 connections are in use", True, 6, at
        ),
        Finding("Look at the servers", "disk 41 %, memory 62 %, load 0.7", False, 7, at),
    )
    steps = (
        WalkStep("Check container status", does=(Doing("look-at-containers"),)),
        WalkStep("Restart container", does=(Doing("restart-service"),)),
        WalkStep("If restart fails, redeploy", does=(Doing("redeploy-service"),), only_if_failed=True),
        WalkStep(
            "Tell the salons", command="curl -X POST https://status.belezza.ai/notices \\\n  -d @notice.json"
        ),
    )
    waiting = a_run(14, action="restart-service", title="Restart api, one replica at a time", incident=4)
    bot.scene.runs |= {
        13: a_run(
            13,
            title="Look at containers",
            risk="look",
            state=RunState.VERIFIED,
            outcome="3 of 3 run",
            incident=4,
        ),
        14: waiting,
        15: replace(waiting, id=15, state=RunState.UNDONE, outcome="replica 2 never got healthy; taken back"),
        16: replace(
            waiting,
            id=16,
            title="Redeploy api",
            state=RunState.VERIFIED,
            outcome="3 replicas healthy on sha256:9f2c",
        ),
    }
    held = replace(steps[0], state=StepState.HELD, runs=(13,))
    failed = replace(steps[1], state=StepState.FAILED, runs=(15,), said="RUN-15 undone: it did not hold")
    stands = {
        1: (held, replace(steps[1], state=StepState.DOING, runs=(14,)), *steps[2:]),
        2: (
            held,
            replace(steps[1], state=StepState.REFUSED, said="no replica of api runs in production"),
            *steps[2:],
        ),
        3: (
            held,
            failed,
            replace(steps[2], state=StepState.HELD, runs=(16,)),
            replace(steps[3], state=StepState.BY_HAND),
        ),
        4: (held, failed, *steps[3:]),
    }
    for number, stood in stands.items():
        walk = Walk(
            number, "application-recovery", "Application Recovery", "production", "ana", at, stood, incident=4
        )
        waits = (
            "RUN-14 waits for approval by Ana Souza, Bruno Lima."
            if number == 1
            else "It stands at step 2, Restart container."
        )
        bot.scene.walks[number] = WalkView(walk, bot.scene.runs, waits)
    done = replace(
        bot.scene.walks[3].walk,
        id=5,
        state=WalkState.DONE,
        said="3 of 4 steps held, 1 failed and what follows held",
    )
    bot.scene.walks[5] = WalkView(done, bot.scene.runs, "")
    bot.scene.aids[4] = Aid(
        (("full-system-recovery", "Full System Recovery"),), (bot.scene.walks[1].walk,), looks, silence=True
    )
    bot.want(Wanted("incident:4:card", "incident-card", 4, "#" + ALERTS, rank=1))
    for number in bot.scene.walks:
        bot.want(Wanted(f"walk:{number}:card", "walk-card", number, "#" + ALERTS, "incident:4:card", 1))
    bot.settled()


def take(page: Page, workspace: LocalWorkspace, bot: Bot, to: Path) -> None:
    """Pictures of the channel, a thread, a form and App Home."""
    ana = workspace.person("ana")
    channel = workspace.channel_id(ALERTS)
    ana.slash("/dr status", channel)
    ana.wait_for_message("Ready", ALERTS)
    look_at(page, f"{workspace.page_url}?as={ana.id}#/{channel}")
    page.get_by_text("Ready").first.wait_for()
    page.screenshot(path=to / "channel.png")
    card = ana.wait_for_message("End long-running queries", ALERTS)
    look_at(page, f"{workspace.page_url}?as={ana.id}#/{channel}/t{card.ts}")
    page.get_by_text("Swap the names").first.wait_for()
    page.screenshot(path=to / "thread.png")
    run = ana.wait_for_message("RUN-12", ALERTS)
    ana.press(run, "Approve…")
    ana.wait_for_modal("Approve")
    page.get_by_text("Type staging").first.wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=to / "form.png")
    ana.close(ana.wait_for_modal("Approve"))
    shoot_runbooks(page, workspace, to)
    ana.open_home()
    wait_until(ana.home)
    look_at(page, f"{workspace.page_url}?as={ana.id}#/home")
    page.wait_for_timeout(800)
    page.screenshot(path=to / "home.png")


def shoot_runbooks(page: Page, workspace: LocalWorkspace, to: Path) -> None:
    """The incident that was looked at, and its runbooks."""
    ana = workspace.person("ana")
    channel = workspace.channel_id(ALERTS)
    card = ana.wait_for_message("not responding", ALERTS)
    look_at(page, f"{workspace.page_url}?as={ana.id}#/{channel}/t{card.ts}")
    page.get_by_text("Do by hand").first.wait_for()
    page.set_viewport_size({"width": 1280, "height": 2600})
    page.wait_for_timeout(800)
    page.screenshot(path=to / "runbooks.png")
    page.set_viewport_size({"width": 1280, "height": 1700})


def main() -> None:
    to = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    to.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as var,
        LocalWorkspace() as workspace,
        Bot(workspace, Path(var) / "bot.db") as bot,
        sync_playwright() as browsers,
    ):
        bot.connected()
        fill(bot)
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1700})
        take(page, workspace, bot, to)
        browser.close()
    sys.stdout.write(f"{to}\n")


if __name__ == "__main__":
    main()
