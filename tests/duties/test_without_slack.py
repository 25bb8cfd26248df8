"""Slack does not answer: every verb of an incident works in a shell, and Slack has it all afterwards."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.domain.answer import Exit
from bot.domain.person import Person
from bot.workspace.runner import LocalWorkspace
from tests.duties.house import SHIPPED, house_on, in_slack, say
from tests.slack.stage import wait_until

ROOT = Path(__file__).parents[2]
ALERTS = "belezza-alerts"


def closed_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


class Shell:
    """`dr …` as Ana types it, with Slack's tokens and nobody at Slack's address."""

    def __init__(self, database: Path) -> None:
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "DR_PLAN": str(SHIPPED),
            "DR_DATABASE_URL": f"sqlite:///{database}",
            "DR_SLACK_API_URL": f"http://127.0.0.1:{closed_port()}/api/",
            "SLACK_BOT_TOKEN": "local-token",
            "SLACK_APP_TOKEN": "local-token",
        }

    def __call__(self, *words: str, who: str = "ana") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", *words],
            env={**self._environment, "DR_PERSON": who},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout


@pytest.mark.slow
def test_an_incident_is_led_from_a_shell_and_slack_is_filled_in_order_when_it_answers(tmp_path: Path) -> None:
    database = tmp_path / "drbot.db"
    dr = Shell(database)
    assert "INC-1 is open as SEV-1" in dr("declare", "checkout is down", "sev=1")
    assert "INC-1 is yours, Ana Souza" in dr("ack", "INC-1")
    assert "INC-1 is SEV-2 now" in dr("sev", "INC-1", "2", "half of the salons")
    assert "Noted on INC-1" in dr("note", "INC-1", "the pool is full")
    assert "Ana Souza is the commander now" in dr("duty", "INC-1", "commander")
    told = json.loads(dr("handover", "INC-1", "to=@bruno", "--json"))
    assert told["lead"] == "Bruno Lima (commander), communications and operations: nobody"
    assert told["parts"]["Newest notes"][0].endswith("Ana Souza: the pool is full")
    assert "checkout is down" in dr("report", "INC-1")
    assert "INC-1 is resolved" in dr("resolve", "INC-1")

    with LocalWorkspace() as workspace, house_on(database) as house, in_slack(house, workspace):
        waiting = "SELECT COUNT(*) FROM outbox WHERE wanted > shown"
        wait_until(lambda: house.store.read(waiting)[0][0] == 0, 30)
        ana = workspace.person("ana")
        card = next(one for one in ana.channel(ALERTS) if "INC-1" in one.text)
        assert card.text.startswith("Resolved: SEV-2 INC-1"), "the card is the present"
        said = [one.words for one in ana.thread(card.channel, card.ts)[1:]]
    wanted = [
        "Ana Souza acknowledged",
        "Ana Souza set SEV-2 (was SEV-1)",
        "Ana Souza: the pool is full",
        "Ana Souza is the commander now",
        "Bruno Lima is the commander now",
        "INC-1: where things stand",
        "Ana Souza resolved the incident",
        "Incident Report",
    ]
    found = [next((n for n, one in enumerate(said) if words in one), -1) for words in wanted]
    assert -1 not in found, dict(zip(wanted, found, strict=True))
    assert found == sorted(found), said
    assert len(set(said)) == len(said), "each once"


def test_what_cannot_be_done_says_what_to_say_instead(tmp_path: Path) -> None:
    with house_on(tmp_path / "drbot.db") as house:
        say(house, "declare checkout is down sev=1")
        assert say(house, "handover INC-1").title == "INC-1: 4 things wait for a person."
        assert say(house, "duty INC-1 boss").title == (
            "'boss' is not a duty: say commander, communications or operations."
        )
        assert say(house, "handover INC-1 to=zoe").title.startswith("Nobody in the plan is called 'zoe'")
        assert say(house, "duty INC-1 commander none").title == "Nobody holds commander of INC-1."
        stranger = Person("U0STRANGER", "Somebody", known=False)
        read = house.console.execute("handover INC-1", stranger, Where("shell"))
        taken = house.console.execute("handover INC-1 to=bruno", stranger, Where("shell"))
        assert (read.exit, taken.exit) == (Exit.DONE, Exit.REFUSED)
        say(house, "resolve INC-1")
        assert say(house, "handover INC-1").title == "INC-1: nothing waits."
        assert "already resolved" in say(house, "handover INC-1 to=bruno").title
