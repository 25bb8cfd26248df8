"""Takes what people say to the console and brings the answer back. Every press is answered."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.console import Console, Where
from bot.domain.answer import Answer, Exit
from bot.domain.run import Run
from bot.slack.asked import Asked
from bot.slack.blocks import Block, Card, actions, button
from bot.slack.cards.answer import answer_card, is_long
from bot.slack.cards.board import board_card
from bot.slack.cards.drill import drill_card
from bot.slack.cards.incident import incident_card
from bot.slack.cards.items import items_card
from bot.slack.cards.lists import home
from bot.slack.cards.publication import publication_card
from bot.slack.cards.run import EVIDENCE_SHOWN, run_card
from bot.slack.cards.walk import walk_card
from bot.slack.ears import Ears, Marked, Unwritten, Written
from bot.slack.people import People
from bot.slack.replies import Replies
from bot.slack.scene import Scene
from bot.store.database import Store, iso, utc_now
from bot.store.seen import first_time

_log = logging.getLogger(__name__)
T = TypeVar("T")
AT_ONCE = 8
QUICK_AT_ONCE = 4
WAITING = 200
PATIENCE_S = 5.0
# Verbs that ask to see one thing get its card, buttons and all, beside the words.
_SHOWING = frozenset({"incident", "show"})


class Reception:
    """Works on what was acknowledged, a few at a time, so that presses stay quick in a storm."""

    def __init__(
        self, console: Console, scene: Scene, store: Store, ears: Ears, client: AsyncWebClient
    ) -> None:
        self._console = console
        self._scene = scene
        self._store = store
        self._ears = ears
        self.replies = Replies(client)
        self._people = People(scene, client)
        self._slow = ThreadPoolExecutor(AT_ONCE, "press")
        self._quick = ThreadPoolExecutor(QUICK_AT_ONCE, "slack-read")
        self._tasks: set[asyncio.Task[None]] = set()
        self._ear_lock = asyncio.Lock()

    def begin(self, work: Coroutine[object, object, None]) -> None:
        """Go on with it after the acknowledgement."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    @property
    def waiting(self) -> int:
        """How many are being answered now."""
        return len(self._tasks)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("something asked in Slack broke", exc_info=error)

    async def close(self) -> None:
        """Let what is being answered end, at most five seconds."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=5)
            for task in late:
                task.cancel()
        self._slow.shutdown(wait=False)
        self._quick.shutdown(wait=False)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run what takes milliseconds, beside the pool where the console works: forms open in time."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, work)

    async def answer(self, asked: Asked) -> None:
        """Say the line at the console, once however often it was delivered, and bring the answer."""
        if len(self._tasks) > WAITING:
            busy = Answer("Too much at once: nothing was run. Try again in a moment.", exit=Exit.FAILED)
            await self.replies.bring(asked, answer_card(busy))
            return
        saying = asyncio.ensure_future(self._said(asked))
        try:
            await self._ask_for_patience(asked, saying)
            said = await saying
        except Exception as error:  # noqa: BLE001 - a person waits: they get an answer, with a name for the log
            said = _broken(asked, error)
        finally:
            saying.cancel()
        if said is None:
            return
        await self.replies.bring(asked, await self.in_thread(lambda: self._told(asked, said)))
        if is_long(said):
            await self.replies.send_document(asked, said.title, said.document)
        if said.files and (trouble := await self.replies.send_files(asked, said.files)):
            await self.replies.bring(replace(asked, view="", trigger=""), answer_card(_unsent(trouble)))
        if asked.view == "home":
            await self.show_home(asked.user)

    async def _ask_for_patience(self, asked: Asked, saying: asyncio.Future[Answer | None]) -> None:
        """Whatever hangs, silence would make people press again: say that it is being worked on."""
        ready, _ = await asyncio.wait({saying}, timeout=PATIENCE_S)
        if not ready:
            verb = asked.line.split(" ")[0][:40] or "help"
            slow = Answer(
                f"Still at `{verb}`: something it asks is slow. No need to press again; the answer follows."
            )
            await self.replies.bring(replace(asked, view="", trigger=""), answer_card(slow))

    async def _said(self, asked: Asked) -> Answer | None:
        key = f"slack:{asked.key}"
        if asked.key and not await self.in_thread(lambda: first_time(self._store, key)):
            return None
        person = await self._people.person(asked.user, asked.handle)
        where = Where("slack", asked.channel, asked.thread, key if asked.key else "")
        line = asked.line if asked.is_form else await self._people.named(asked.line)
        return await asyncio.get_running_loop().run_in_executor(
            self._slow, self._console.execute, line, person, where
        )

    def _told(self, asked: Asked, said: Answer) -> Card:
        """The answer as a card. A run's plan is on its own card, so the words beside it stay few."""
        if said.board is not None:
            return board_card(said.board)
        if said.items or (said.presses and not said.document):
            return items_card(said)
        scene = self._scene
        line = asked.line.lower()
        showing = line.split(" ")[0] in _SHOWING or line.startswith(("runbook rb-", "drill drill-"))
        run = scene.run(said.run) if said.run is not None else None
        if run and showing:
            return answer_card(replace(said, lines=()), run_card(run, scene.name, iso(utc_now())))
        if run:
            look = actions(button(f"Show {run.ref}", f"show {run.ref}", "show"))
            return answer_card(replace(said, lines=_ending(run)), Card("", [look]))
        walk = scene.walk(said.walk) if said.walk is not None and showing else None
        if walk:
            return answer_card(replace(said, lines=()), walk_card(walk, scene.name))
        if said.walk is not None:
            look = actions(button(f"Show RB-{said.walk}", f"runbook RB-{said.walk}", "show"))
            return answer_card(said, Card("", [look]))
        if said.drill is not None:
            return self._told_drill(said, showing)
        if said.publication is not None:
            return self._told_publication(said, line.startswith("outside"))
        incident = scene.incident(said.incident) if said.incident is not None and showing else None
        if incident is None:
            return answer_card(said)
        offers = scene.offers(incident) if incident.is_open else ()
        aid = scene.aid(incident)
        card = incident_card(incident, scene.runs_of(incident.id), offers, scene.name, aid)
        return answer_card(replace(said, lines=()), card)

    def _told_drill(self, said: Answer, showing: bool) -> Card:
        drill = self._scene.drill(said.drill or 0) if showing else None
        if drill:
            return answer_card(replace(said, lines=()), drill_card(drill, self._scene.name))
        look = actions(button(f"Show DRILL-{said.drill}", f"drill DRILL-{said.drill}", "show"))
        return answer_card(said, Card("", [look]))

    def _told_publication(self, said: Answer, showing: bool) -> Card:
        view = self._scene.publication(said.publication or 0) if showing else None
        if view:
            return answer_card(replace(said, lines=()), publication_card(view, self._scene.name))
        look = actions(button(f"Show PUB-{said.publication}", f"outside PUB-{said.publication}", "show"))
        return answer_card(said, Card("", [look]))

    async def open(self, asked: Asked, draw: Callable[[], Block]) -> None:
        """Open the form that `draw` makes; where it cannot be made, say so."""
        try:
            view = await self.in_thread(draw)
        except Exception as error:  # noqa: BLE001 - a person waits: they get an answer, with a name for the log
            await self.replies.bring(replace(asked, view="", trigger=""), answer_card(_broken(asked, error)))
            return
        await self.replies.open(asked, view)

    async def show_home(self, user: str) -> None:
        """Publish App Home for this person."""
        scene = self._scene
        view = await self.in_thread(
            lambda: home(scene.open_incidents(), scene.waiting_runs(), scene.disabled(), scene.name)
        )
        await self.replies.publish(user, view)

    async def hear(self, event: Written | Unwritten | Marked) -> None:
        """Keep what a person wrote or marked, in order. Raises StoreDown: Slack then delivers again."""
        async with self._ear_lock:
            if isinstance(event, Unwritten):
                await self.in_thread(lambda: self._ears.deleted(event.channel, event.ts, event.thread_ts))
                return
            person = await self._people.person(event.user)
            if isinstance(event, Marked):
                await self.in_thread(lambda: self._mark(event, person.id))
            else:
                written = replace(event, text=await self._people.labelled(event.text))
                await self.in_thread(lambda: self._write(written, person.id, person.name))

    def _mark(self, event: Marked, by: str) -> None:
        if event.gone:
            self._ears.unmarked(event.channel, event.ts, event.mark, by)
        else:
            self._ears.marked(event.channel, event.ts, event.mark, by, event.at)

    def _write(self, event: Written, author: str, name: str) -> None:
        if event.edited:
            self._ears.edited(event.channel, event.ts, event.text, event.thread_ts, author, name)
        else:
            self._ears.posted(event.channel, event.ts, event.thread_ts, author, name, event.text)


def _unsent(trouble: str) -> Answer:
    return Answer(
        f"Slack did not take the file ({trouble}).",
        ("Nothing else is changed: say it once more, or the same line in a shell, which writes it there.",),
        exit=Exit.FAILED,
    )


def _ending(run: Run) -> tuple[str, ...]:
    if not run.state.ended:
        return ()
    return (*run.evidence[-EVIDENCE_SHOWN:], *((run.outcome,) if run.outcome else ()))


def _broken(asked: Asked, error: Exception) -> Answer:
    name = uuid.uuid4().hex[:8]
    verb = asked.line.split(" ")[0][:40]
    _log.error("%s of %s broke, told as %s", verb, asked.user, name, exc_info=error)
    what = str(error) if type(error).__name__ == "StoreDown" else type(error).__name__
    return Answer(
        f"Something broke: {what}. It is in the log as {name}.",
        ("Nothing was run if no card says so: ask with `/dr runs`.",),
        exit=Exit.FAILED,
    )
