"""Section 3.2, application container failure: look, restart, where that fails redeploy, to healthy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from bot.workspace.seen import SeenMessage
from tests.real import alertmanager
from tests.real.docker import absent, belezza_project
from tests.scenarios.night import STOPPED, VERIFIED, Night, one_night

ABSENT = absent() or alertmanager.absent()
pytestmark = [
    pytest.mark.xdist_group("night-application"),
    pytest.mark.timeout(300),
    pytest.mark.skipif(bool(ABSENT), reason=ABSENT),
]
RUNBOOK = "Runbook: Application Recovery"


@pytest.fixture(scope="module")
def night() -> Iterator[Night]:
    with belezza_project(replicas=1, services=("api", "nginx")) as belezza:
        place = belezza.place(order=["api", "nginx"], writers=["api"], healthy_within="25s")
        with one_night(belezza, {"services": place}) as made:
            yield made


def test_a_restart_cures_it(night: Night) -> None:
    requests.post(f"{night.belezza.api_url()}/test/health?status=DOWN", timeout=5).raise_for_status()
    night.cast.ana.wait_for(lambda: night.belezza.health(night.belezza.replica("api")) == "unhealthy", 30)

    card = _fires(night, "BelezzaApiUnhealthy")
    card = night.wait_for_words(card, "Looked by itself", "unhealthy")
    night.press(night.cast.ana, card, RUNBOOK)
    restarted = night.approve(card, "Restart")
    assert VERIFIED in restarted.words
    walk = night.in_thread(card, RUNBOOK, "✓  2.", "–  3.", "1 not needed")  # the card is edited step by step
    assert "2 of 3 steps held" in walk.words
    assert night.serves()

    _is_over(night, card, "BelezzaApiUnhealthy")
    night.in_thread(card, "Incident Report", "Restart")


def test_where_a_restart_does_not_help_it_is_redeployed(night: Night) -> None:
    night.belezza.spoil(1)
    before = night.belezza.replica("api").id

    card = _fires(night, "BelezzaApiCrashed")
    night.press(night.cast.ana, card, RUNBOOK)
    restarted = night.approve(card, "Restart")
    assert STOPPED in restarted.words
    assert "person" in restarted.words  # called, and the runbook goes on to what the plan says for it
    redeployed = night.approve(card, "Redeploy")
    assert VERIFIED in redeployed.words
    night.in_thread(card, RUNBOOK, "✗  2.", "✓  3.", "1 failed and what follows held")
    assert night.belezza.replica("api").id != before
    night.belezza.wait_healthy()
    assert night.serves()
    _is_over(night, card, "BelezzaApiCrashed")


def _fires(night: Night, name: str) -> SeenMessage:
    return night.alert(name, "Belezza API is down", "its health check fails", job="api", instance="api:8080")


def _is_over(night: Night, card: SeenMessage, name: str) -> None:
    labels = {"severity": "critical", "env": "production", "job": "api", "instance": "api:8080"}
    night.monitor.resolve({"alertname": name, **labels})

    def over() -> bool:
        now = next(one for one in night.cast.ana.channel(night.cast.home) if one.ts == card.ts)
        return "is over" in now.words

    assert night.cast.ana.wait_for(over, 60)
