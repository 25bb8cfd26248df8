"""Belezza on a real engine, a real Alertmanager, a real bot: a world for the scenarios of the plan."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from bot.demo.ports import free_port
from bot.demo.story import Cast, cast_of
from bot.demo.world import World, running_world
from bot.workspace.person import Person
from bot.workspace.seen import SeenMessage
from tests.real.alertmanager import Alertmanager, real_alertmanager
from tests.real.belezza.project import Belezza

PATIENCE_S = 60.0
VERIFIED = "Done and verified"
STOPPED = "Stopped half-way"
ENDS = (VERIFIED, STOPPED, "Failed, nothing changed", "Refused by a guard", "Undone")


@dataclass(frozen=True)
class Night:
    """The world, who is on call, the team's services, and the monitor that tells of them."""

    world: World
    cast: Cast
    belezza: Belezza
    monitor: Alertmanager

    def alert(self, name: str, summary: str, description: str = "", **labels: str) -> SeenMessage:
        """The monitor fires; the card that follows."""
        given = {"alertname": name, "severity": "critical", "env": "production", **labels}
        self.monitor.alert(given, {"summary": summary, "description": description})
        return self.cast.ana.wait_for(lambda: self.card(name), PATIENCE_S)

    def card(self, words: str) -> SeenMessage | None:
        """The newest open incident's card that carries these words."""
        for message in reversed(self.cast.ana.channel(self.cast.home)):
            if words in message.words and "Resolve" in message.buttons:
                return message
        return None

    def wait_for_words(self, card: SeenMessage, *words: str, within_s: float = PATIENCE_S) -> SeenMessage:
        """The card once it says all of this."""

        def look() -> SeenMessage | None:
            now = next(one for one in self.cast.ana.channel(self.cast.home) if one.ts == card.ts)
            return now if all(word in now.words for word in words) else None

        return self.cast.ana.wait_for(look, within_s)

    def in_thread(
        self, card: SeenMessage, *words: str, button: str = "", within_s: float = PATIENCE_S
    ) -> SeenMessage:
        """The newest message of the card's thread that says this and carries the button."""

        def look() -> SeenMessage | None:
            for message in reversed(self.cast.ana.thread(self.cast.home, card.ts)[1:]):
                if all(word in message.words for word in words) and (not button or button in message.buttons):
                    return message
            return None

        try:
            return self.cast.ana.wait_for(look, within_s)
        except TimeoutError as error:
            said = self.said(card)
            raise TimeoutError(
                f"no message of {words} with {button or 'any button'}; there is:\n{said}"
            ) from error

    def press(self, who: Person, where: SeenMessage, button: str) -> None:
        """Press it, and mean it. Raises AssertionError with what was told where it was refused."""
        told = who.press(where, button)
        assert told.ok, told

    def approve(self, card: SeenMessage, title: str, typed: str = "") -> SeenMessage:
        """Bruno reads the plan card of this title in the thread and approves it; the card, ended."""
        button = "Approve…" if typed else "Approve"
        plan = self.in_thread(card, title, button=button)
        self.press(self.cast.bruno, plan, button)
        if typed:
            modal = self.cast.bruno.wait_for_modal(timeout_s=PATIENCE_S)
            told = self.cast.bruno.submit(modal, {"typed": typed})
            assert told.ok, told
        return self.ended(card, plan)

    def ended(self, card: SeenMessage, plan: SeenMessage, within_s: float = 120.0) -> SeenMessage:
        """The run's card once the run has ended."""

        def look() -> SeenMessage | None:
            now = next(one for one in self.cast.ana.thread(self.cast.home, card.ts) if one.ts == plan.ts)
            return now if any(word in now.words for word in ENDS) else None

        try:
            return self.cast.ana.wait_for(look, within_s)
        except TimeoutError as error:
            raise TimeoutError(f"the run did not end; there is:\n{self.said(card)}") from error

    def said(self, card: SeenMessage) -> str:
        """Everything in the card's thread, for a person who wonders why a test failed."""
        return "\n---\n".join(one.words for one in self.cast.ana.thread(self.cast.home, card.ts))

    def serves(self) -> bool:
        """Whether a customer gets an answer at the edge."""
        try:
            return requests.get(self.belezza.url, timeout=5).ok
        except requests.RequestException:
            return False


@contextlib.contextmanager
def one_night(
    belezza: Belezza,
    production: Mapping[str, Any],
    variables: Mapping[str, str] | None = None,
    also: Callable[[dict[str, Any]], None] | None = None,
) -> Iterator[Night]:
    """The bot and its people around a project; `production` lies over the plan's environment of that name,
    and `also` changes anything else of the plan.
    """
    port = free_port()

    def amend(plan: dict[str, Any]) -> None:
        here = plan["environments"]["production"]
        here.pop("hosts")
        here.pop("certificates")
        here["services"] = belezza.place(order=["db", "redis", "api", "nginx"], writers=["api"])
        here["application"] = {"actuator": f"{belezza.url}/actuator", "service": "api"}
        here["monitoring"] = {"alertmanager": f"http://127.0.0.1:{port}"}
        here.update(production)
        if also:
            also(plan)

    with tempfile.TemporaryDirectory(prefix="drbot-night-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        more = {**belezza.variables(), **(variables or {})}
        with (
            running_world(folder, print, page_port=0, bot_port=0, amend=amend, more=more) as world,
            real_alertmanager(
                folder / "am", f"{world.bot_url}/webhooks/alertmanager", world.token, port
            ) as monitor,
        ):
            yield Night(world, cast_of(world), belezza, monitor)
