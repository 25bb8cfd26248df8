"""An outage told outside: the bot as it ships, a workspace that signs, and every other end strict."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bot.demo.plan import demo_plan
from bot.demo.ports import free_port
from bot.demo.seed import workspace_seed
from bot.demo.servers import Fleet
from bot.demo.world import ROOT, start_bot
from bot.plan.load import load_plan
from bot.workspace.person import Person
from bot.workspace.runner import LocalWorkspace
from bot.workspace.seen import SeenMessage
from tests.real.mail import MailServer, real_mail
from tests.real.social import Network, social
from tests.real.statuspage import StatusPage, status_page

HOME = "belezza-alerts"
TOKEN = "local-token"
DATABASE = "db0d6ad0b3cd"
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Outage:
    """The bot's people and what stands outside."""

    workspace: LocalWorkspace
    bot_url: str
    home: str
    page: StatusPage
    network: Network
    mail: MailServer

    def person(self, name: str) -> Person:
        return self.workspace.person(name)

    def alert(self, status: str = "firing") -> None:
        """The monitor says that production's database is down, or that it is over."""
        labels = {"alertname": "PostgresDown", "severity": "critical", "job": "db", "env": "production"}
        body = {
            "version": "4",
            "status": status,
            "receiver": "drbot",
            "groupKey": "{}",
            "alerts": [
                {
                    "status": status,
                    "labels": labels | {"instance": "belezza-db-prod:5432"},
                    "annotations": {"summary": "Database down: belezza-db-prod refuses connections"},
                    "startsAt": "2026-11-23T03:00:00Z",
                    "fingerprint": "0123456789abcdef",
                }
            ],
        }
        url, held = f"{self.bot_url}/webhooks/alertmanager", {"Authorization": f"Bearer {TOKEN}"}
        requests.post(url, json=body, headers=held, timeout=10).raise_for_status()

    def card(self, *words: str) -> SeenMessage:
        """The incident's card once it says all of this."""
        ana = self.person("ana")

        def look() -> SeenMessage | None:
            for message in ana.channel(self.home):
                in_thread = message.thread_ts not in ("", message.ts)  # also said in the channel
                if in_thread or message.private or "INC-1" not in message.words:
                    continue
                if all(word in message.words for word in words):
                    return message
            return None

        return ana.wait_for(look, PATIENCE_S)

    def thread(self, *words: str) -> SeenMessage:
        """The newest message of the incident's thread that says all of this."""
        ana, top = self.person("ana"), self.card()

        def look() -> SeenMessage | None:
            for message in reversed(ana.thread(self.home, top.ts)[1:]):
                if all(word in message.words for word in words):
                    return message
            return None

        return ana.wait_for(look, PATIENCE_S)

    def told(self, who: str, *words: str) -> SeenMessage:
        """What only this person was told."""
        person = self.person(who)

        def look() -> SeenMessage | None:
            places = [*person.channel(self.home), *person.thread(self.home, self.card().ts)]
            private = [one for one in places if one.private]
            return next((one for one in private if all(word in one.words for word in words)), None)

        return person.wait_for(look, PATIENCE_S)


@contextlib.contextmanager
def one_outage() -> Iterator[Outage]:
    """Everything up, nothing wrong yet. The bot listens for Slack's signed requests over HTTP."""
    fleet = Fleet()
    with (
        tempfile.TemporaryDirectory(prefix="drbot-outage-") as made,
        status_page() as page,
        social() as network,
        real_mail() as mail,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(made)
        plan = demo_plan(folder, "http://127.0.0.1:9", _amend)
        bot_url = f"http://127.0.0.1:{free_port()}"
        seed = workspace_seed(load_plan(plan))
        workspace = stack.enter_context(
            LocalWorkspace(seed=seed, request_url=f"{bot_url}/slack/events", ack_timeout_s=10.0)
        )
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "DR_PLAN": str(plan),
            "DR_DATABASE_URL": f"sqlite:///{folder / 'drbot.db'}",
            "DR_LISTEN": bot_url.removeprefix("http://"),
            "DR_WEBHOOK_TOKEN": TOKEN,
            "DR_SLACK_API_URL": workspace.api_url,
            "SLACK_BOT_TOKEN": workspace.bot_token,
            "SLACK_SIGNING_SECRET": workspace.signing_secret,
            "SMTP_URL": mail.url,
            "DR_SOCIAL_URL": network.mastodon_url,
            **page.environment,
        }
        stack.callback(fleet.stop)
        start_bot(fleet, folder, environment, bot_url)
        yield Outage(workspace, bot_url, workspace.channel_id(HOME), page, network, mail)


def _amend(plan: dict[str, Any]) -> None:
    plan["communication"]["outside"]["components"] = {"database": DATABASE}
    plan["schedules"] = {}
