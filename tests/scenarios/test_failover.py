"""Section 3.4: no API in sa-east-1; a card, a second person, and the name answers elsewhere; then undone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from actions.tools.dns.resolving import NameServer
from bot.demo.story import Cast, cast_of
from bot.demo.world import World, running_world
from bot.workspace.seen import SeenMessage
from tests.real.alertmanager import Alertmanager, absent, real_alertmanager
from tests.real.aws import real_aws
from tests.real.places import FIRST, SECOND, TwoPlaces, two_places

pytestmark = [
    pytest.mark.xdist_group("night-failover"),
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(absent()), reason=absent()),
]
PATIENCE_S = 90.0
VERIFIED = "Done and verified"
FAIL_OVER = "Fail over the api"
LABELS = {
    "alertname": "ApiUnreachable",
    "job": "blackbox",
    "env": "production",
    "region": "sa-east-1",
    "severity": "critical",
}
ANNOTATIONS = {"summary": "API unreachable in sa-east-1", "description": "every probe of the region fails"}
RUNBOOK = {
    "title": "DNS Failover",
    "section": "3.4",
    "scenario": "Primary region unreachable",
    "component": "api",
    "words": ["unreachable", "region down"],
    "looks": [
        {
            "action": "look-at-failover",
            "environments": ["production"],
            "params": {"environment": "{environment}", "service": "api"},
        }
    ],
    "actions": [
        {
            "action": "fail-over-name",
            "label": FAIL_OVER,
            "environments": ["production"],
            "params": {"environment": "{environment}", "service": "api"},
        }
    ],
}


@dataclass(frozen=True)
class Night:
    world: World
    cast: Cast
    places: TwoPlaces
    monitor: Alertmanager

    def said(self, card: SeenMessage) -> str:
        return "\n---\n".join(one.words for one in self.cast.ana.thread(self.cast.home, card.ts))

    def in_thread(self, card: SeenMessage, words: str, button: str = "") -> SeenMessage:
        def look() -> SeenMessage | None:
            for message in reversed(self.cast.ana.thread(self.cast.home, card.ts)[1:]):
                if words in message.words and (not button or button in message.buttons):
                    return message
            return None

        try:
            return self.cast.ana.wait_for(look, PATIENCE_S)
        except TimeoutError as error:
            raise TimeoutError(
                f"no message of {words} with {button}; there is:\n{self.said(card)}"
            ) from error

    def answers(self) -> tuple[str, ...]:
        return NameServer(self.places.dns.place).ask(self.places.name).values


@pytest.fixture(scope="module")
def night() -> Iterator[Night]:
    with (
        real_aws() as aws,
        two_places(aws) as places,
        tempfile.TemporaryDirectory(prefix="drbot-failover-") as made,
    ):
        folder = Path(made)
        folder.chmod(0o755)

        def amend(plan: dict[str, Any]) -> None:
            for part in ("services", "cache", "monitoring", "hosts", "certificates", "secrets"):
                plan["environments"]["production"].pop(part, None)
            plan["failover"] = {"api": places.failover()}
            plan["runbooks"]["dns-failover"] = RUNBOOK

        with (
            running_world(
                folder, print, page_port=0, bot_port=0, amend=amend, more=_own(places.variables())
            ) as world,
            real_alertmanager(
                folder / "am", f"{world.bot_url}/webhooks/alertmanager", world.token
            ) as monitor,
        ):
            yield Night(world, cast_of(world), places, monitor)


def test_the_api_cannot_be_reached_and_answers_elsewhere(night: Night) -> None:
    cast, places = night.cast, night.places
    assert night.answers() == (FIRST,)
    places.first.healthy = False  # the region is gone
    night.monitor.alert(LABELS, ANNOTATIONS)
    card = cast.ana.wait_for(lambda: _card(night), PATIENCE_S)
    cast.ana.wait_for(lambda: _looked(night), PATIENCE_S)

    told = cast.ana.press(card, FAIL_OVER)
    assert told.ok, told
    plan = night.in_thread(card, "Fail over to another target", "Approve")
    for shown in (f"primary: A {FIRST}", f"secondary: A {SECOND}", "NOT healthy: answered 503", "within 1 s"):
        assert shown in plan.words, plan.words
    assert cast.bruno.press(plan, "Approve").ok
    done = night.in_thread(card, VERIFIED, "Undo")
    assert "through the name" in night.said(card)
    assert night.answers() == (SECOND,)
    assert requests.get(f"http://{SECOND}:{places.second.port}/", timeout=5).ok

    places.first.healthy = True
    assert cast.ana.press(done, "Undo").ok
    undo = night.in_thread(card, "Undo RUN-", "Approve")
    assert cast.bruno.press(undo, "Approve").ok
    cast.ana.wait_for(lambda: (night.answers() == (FIRST,)) or None, PATIENCE_S)
    assert places.live() == [places.at(FIRST)]


def _looked(night: Night) -> bool | None:
    """Whether the card says what drbot found by itself."""
    card = _card(night)
    said = card.words if card else ""
    return ("primary was NOT healthy" in said and "secondary was healthy" in said) or None


def _card(night: Night) -> SeenMessage | None:
    for message in reversed(night.cast.ana.channel(night.cast.home)):
        if ANNOTATIONS["summary"] in message.words and FAIL_OVER in message.buttons:
            return message
    return None


def _own(variables: dict[str, str]) -> dict[str, str]:
    """Only the way to Route 53: the keys are those of the world's S3, and moto takes any."""
    return {name: value for name, value in variables.items() if name.endswith("ROUTE_53")}
