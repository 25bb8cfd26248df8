"""A world with an outside: PagerDuty, status page, social network and mail server, all on loopback."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from bot.demo.plan import leave_out_what_is_not_there
from bot.demo.story import Cast, cast_of
from bot.demo.world import World, running_world
from tests.real.belezza.project import Belezza
from tests.real.mail import MailServer, real_mail
from tests.real.pagerduty import API_KEY, ROUTING_KEY, PagerDutyThere, pagerduty
from tests.real.social import Network, social
from tests.real.statuspage import COMPONENTS, StatusPage, status_page

RESPONSE = "5s"
SERVICES = frozenset({"stop-service", "start-service", "look-at-containers"})
LABELS = {"alertname": "PostgresqlDown", "job": "db", "env": "production", "severity": "critical"}
ANNOTATIONS = {
    "summary": "PostgreSQL is down on belezza-db-prod",
    "description": "the database does not answer; every booking fails",
}


@dataclass(frozen=True)
class Outside:
    """The world, its people, and everybody outside it."""

    world: World
    cast: Cast
    pager: PagerDutyThere
    page: StatusPage
    network: Network
    post: MailServer

    def alert(self, status: str) -> None:
        """The monitor says that the database is down, or up again."""
        body = {
            "version": "4",
            "receiver": "drbot",
            "status": status,
            "groupKey": "{}",
            "alerts": [
                {
                    "status": status,
                    "labels": LABELS,
                    "annotations": ANNOTATIONS,
                    "startsAt": _SINCE,
                    "endsAt": datetime.now(UTC).isoformat() if status == "resolved" else _NEVER,
                    "fingerprint": "da7aba5e00000001",
                }
            ],
        }
        token = {"Authorization": f"Bearer {self.world.token}"}
        requests.post(
            f"{self.world.bot_url}/webhooks/alertmanager", json=body, headers=token, timeout=10
        ).raise_for_status()


_SINCE = datetime.now(UTC).isoformat()
_NEVER = "0001-01-01T00:00:00Z"


@contextlib.contextmanager
def world_with_an_outside(
    belezza: Belezza, response: str = RESPONSE, tell: Callable[[str], None] = print
) -> Iterator[Outside]:
    """The demo's world around a real project, with a bot that knows the four servers.

    A SEV-1 waits `response` for its answer.
    """

    def amend(plan: dict[str, Any]) -> None:
        leave_out_what_is_not_there(plan, SERVICES)
        production = plan["environments"]["production"]
        production["addresses"]["health"] = f"{belezza.url}/actuator/health"
        production["services"] = belezza.place(order=["api", "nginx"], writers=["api"])
        plan["severities"]["SEV-1"]["response"] = response
        ids = dict(zip(("api", "database"), COMPONENTS, strict=False))
        plan["communication"]["outside"]["components"] = ids

    with contextlib.ExitStack() as stack:
        pager = stack.enter_context(pagerduty())
        page = stack.enter_context(status_page())
        network = stack.enter_context(social())
        post = stack.enter_context(real_mail())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="drbot-people-")))
        folder.chmod(0o755)
        more = {
            **belezza.variables(),
            **page.environment,
            "PAGERDUTY_ROUTING_KEY": ROUTING_KEY,
            "PAGERDUTY_API_KEY": API_KEY,
            "DR_PAGERDUTY_EVENTS_URL": pager.url,
            "DR_PAGERDUTY_API_URL": pager.url,
            "DR_SOCIAL_URL": network.mastodon_url,
            "SMTP_URL": post.url,
        }
        running = running_world(folder, tell, page_port=0, bot_port=0, amend=amend, more=more)
        world = stack.enter_context(running)
        yield Outside(world, cast_of(world), pager, page, network, post)
