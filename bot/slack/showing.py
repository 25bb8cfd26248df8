"""One outbox row shown: rendered from the newest state, posted once, then edited in place."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import replace
from typing import TypeAlias, TypeVar

from slack_sdk.web.async_client import AsyncWebClient

from bot.announce import OWN, copy_key
from bot.domain.run import RunState
from bot.slack.adoption import find_posted, mark_of
from bot.slack.blocks import Card, section
from bot.slack.calls import Limited, Rejected, call
from bot.slack.cards.drill import drill_card
from bot.slack.cards.incident import incident_card
from bot.slack.cards.lists import digest_card
from bot.slack.cards.publication import publication_card
from bot.slack.cards.report import report_card
from bot.slack.cards.run import run_card
from bot.slack.cards.spoken import ALOUD, SPOKEN, handles_of, late_since, spoken_card
from bot.slack.cards.walk import walk_card
from bot.slack.rooms import Rooms, channel_topic
from bot.slack.scene import Scene
from bot.slack.text import clip
from bot.store import outbox
from bot.store.database import Store, Tx, iso, utc_now
from bot.store.outbox import Waiting, Wanted, want

_log = logging.getLogger(__name__)
T = TypeVar("T")
Lane: TypeAlias = "tuple[str, str]"
# Slack's refusals that mean: this message cannot be edited any more, post it anew.
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"})
# Slack's refusals of blocks that our guard let through: say it in plain words instead.
UNDRAWN = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments"})
# Slack's refusals that mean: nobody can be told anything in this channel any more.
CLOSED = frozenset({"is_archived", "channel_not_found", "not_in_channel"})
DOCUMENT_IN_PLACE = 9_000


class Showing:
    """Shows rows. Every way it can stop leaves the row so that the next try is right."""

    def __init__(
        self,
        store: Store,
        client: AsyncWebClient,
        scene: Scene,
        rooms: Rooms,
        home_channel: str,
        readers: Executor,
    ) -> None:
        self._store = store
        self._client = client
        self._scene = scene
        self._rooms = rooms
        self._home = home_channel
        self._readers = readers
        self.cards_waiting = 0

    def lane(self, row: Waiting) -> Lane:
        """The method and channel whose rate limit the row meets; the channel by its id once that is known."""
        method, channel = self.written_lane(row)
        return method, self._rooms.known(channel)

    def written_lane(self, row: Waiting) -> Lane:
        """The same with the channel as the row has it: what a call that is under way may be known by."""
        if row.kind == "incident-channel":
            return ("conversations.setTopic" if row.ts else "conversations.create"), ""
        return (
            "chat.update" if row.ts else "chat.postMessage"
        ), row.parent_channel or row.channel or self._home

    async def show(self, row: Waiting) -> None:
        """Bring Slack up to this row. Raises Limited, Unreachable, Rejected, StoreDown; safe twice."""
        if row.kind == "incident-channel":
            await self._show_channel(row)
            return
        if row.kind == "report":
            text = await self.reading(lambda: self._scene.report(row.subject))
            row = replace(row, payload=text)
        card = await self.reading(lambda: self._card(row))
        if card is None:
            await self.commit(lambda tx: outbox.forget(tx, row.key))
            return
        channel = await self._rooms.id_of(row.parent_channel or row.channel or self._home)
        row = await self._settle(row, channel)
        if row.kind in SPOKEN:
            card = spoken_card(row, await self._called(row), late_since(row, utc_now()))
        if row.ts:
            await self._edit(row, channel, card)
        else:
            await self._post(row, channel, card)

    async def reading(self, work: Callable[[], T]) -> T:
        """Read the store or the scene off the loop."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    async def commit(self, work: Callable[[Tx], T]) -> T:
        """Write, and wait until it is on disk, without blocking the loop."""
        return await asyncio.wrap_future(self._store.submit(work))

    def _card(self, row: Waiting) -> Card | None:
        scene = self._scene
        if row.kind == "incident-card":
            incident = scene.incident(row.subject)
            if incident is None:
                return None
            offers = scene.offers(incident) if incident.is_open else ()
            aid = scene.aid(incident)
            return incident_card(incident, scene.runs_of(incident.id), offers, scene.name, aid)
        if row.kind == "run-card":
            run = scene.run(row.subject)
            return run_card(run, scene.name, iso(utc_now())) if run else None
        if row.kind == "walk-card":
            shown = scene.walk(row.subject)
            return walk_card(shown, scene.name) if shown else None
        if row.kind == "drill-card":
            drill = scene.drill(row.subject)
            return drill_card(drill, scene.name) if drill else None
        if row.kind == "publication-card":
            publication = scene.publication(row.subject)
            return publication_card(publication, scene.name) if publication else None
        if row.kind == "digest":
            return digest_card(scene.open_incidents(), self.cards_waiting, scene.name)
        if row.kind in ("report", "summary"):
            state = scene.report_state(row.subject) if row.kind == "report" else ""
            return report_card(row.subject, row.payload, state)
        return spoken_card(row)

    async def _called(self, row: Waiting) -> list[str]:
        """Slack's ids of whom the row calls; where Slack will not tell, the words alone must do."""
        try:
            return await self._rooms.users(handles_of(row))
        except Rejected as refused:
            _log.warning("nobody is called by %s: %s", row.key, refused)
            return []

    async def _settle(self, row: Waiting, channel: str) -> Waiting:
        """Find out whether a post that was cut off arrived: then it is edited, never posted twice."""
        if row.ts or not row.sending:
            return row
        found = await find_posted(self._client, row, channel)
        if not found:
            return row
        await self.commit(lambda tx: outbox.mark_adopted(tx, row, channel, found))
        return replace(row, ts=found, sending=False)

    async def _post(self, row: Waiting, channel: str, card: Card) -> None:
        await self.commit(lambda tx: outbox.mark_sending(tx, row.key))
        where = await self.reading(lambda: self._thread(row))

        async def send(drawn: Card) -> str:
            answer = await call(
                self._client.chat_postMessage,
                channel=channel,
                text=drawn.text,
                blocks=drawn.blocks,
                metadata=mark_of(row),
                unfurl_links=False,
                unfurl_media=False,
                **where,
            )
            return str(answer["ts"])

        try:
            ts = await _or_in_words(send, card)
        except (Limited, Rejected) as refused:
            await self.commit(lambda tx: outbox.mark_not_sent(tx, row.key))
            if isinstance(refused, Rejected) and await self._moved(row, channel, refused):
                return
            raise
        await self.commit(lambda tx: outbox.mark_shown(tx, row, channel, ts))
        if row.kind == "report":
            await self._attach(row, channel, row.parent_ts or ts)

    async def _moved(self, row: Waiting, channel: str, refused: Rejected) -> bool:
        """What is said aloud goes to the home channel where its own is closed: there somebody reads it.

        What was said there already is not said again.
        """
        if refused.code not in CLOSED:
            return False
        if row.key.endswith(OWN):
            await self.commit(lambda tx: outbox.forget(tx, row.key))
            return True
        if row.kind not in ALOUD:
            return False
        if channel == await self._rooms.id_of(self._home):
            return False
        await self.commit(lambda tx: outbox.move(tx, row.key, self._home))
        return True

    def _thread(self, row: Waiting) -> dict[str, object]:
        """The thread it goes into; what waits for somebody, and what is said aloud, is in the channel too."""
        if not row.parent_ts:
            return {}
        asked = row.kind == "run-card" and not row.parent.startswith("drill:")
        run = self._scene.run(row.subject) if asked else None
        waits = run is not None and run.state is RunState.PROPOSED
        return {"thread_ts": row.parent_ts, "reply_broadcast": waits or row.kind in ALOUD}

    async def _edit(self, row: Waiting, channel: str, card: Card) -> None:
        async def send(drawn: Card) -> str:
            await call(
                self._client.chat_update,
                channel=channel,
                ts=row.ts,
                text=drawn.text,
                blocks=drawn.blocks,
                metadata=mark_of(row),
            )
            return row.ts

        try:
            await _or_in_words(send, card)
        except Rejected as refused:
            if refused.code not in GONE:
                raise
            await self.commit(lambda tx: outbox.mark_gone(tx, row.key))
            return
        await self.commit(lambda tx: outbox.mark_shown(tx, row, channel, row.ts))

    async def _attach(self, row: Waiting, channel: str, thread: str) -> None:
        """The chart beside the report, and the whole of it where a message does not hold it."""
        ref = f"INC-{row.subject}"
        chart = await self.reading(lambda: self._scene.report_chart(row.subject))
        files: list[dict[str, object]] = []
        if chart:
            about = "Alerts, people, presses and runs, and what was told outside, over time"
            title = f"{ref} over time"
            name = f"inc-{row.subject}-chart.png"
            files.append({"file": chart, "filename": name, "title": title, "alt_txt": about})
        if len(row.payload) > DOCUMENT_IN_PLACE:
            name = f"inc-{row.subject}-report.md"
            files.append({"content": row.payload, "filename": name, "title": f"{ref} report"})
        for file in files:
            try:
                await call(self._client.files_upload_v2, channel=channel, thread_ts=thread, **file)
            except Rejected as refused:
                _log.warning("%s could not be attached: %s", file["filename"], refused)

    async def _show_channel(self, row: Waiting) -> None:
        incident = await self.reading(lambda: self._scene.incident(row.subject))
        if incident is None:
            await self.commit(lambda tx: outbox.forget(tx, row.key))
            return
        channel = row.channel if row.ts else await self._rooms.own(incident)
        people = await self.reading(lambda: list(self._scene.responders(incident)))
        await self._rooms.furnish(channel, channel_topic(incident), people)
        copy = Wanted(copy_key(row.subject), "incident-card", row.subject, channel, rank=row.rank)

        def work(tx: Tx) -> None:
            outbox.mark_shown(tx, row, channel, row.ts or channel)
            if not row.ts:
                outbox.name_channel(tx, row.subject, channel)
                want(tx, copy)
                want(
                    tx,
                    Wanted(
                        f"incident:{row.subject}:card",
                        "incident-card",
                        row.subject,
                        self._home,
                        rank=row.rank,
                    ),
                )

        await self.commit(work)


async def _or_in_words(send: Callable[[Card], Awaitable[str]], card: Card) -> str:
    """Send the card; where Slack will not draw it, its words alone."""
    try:
        return await send(card)
    except Rejected as refused:
        if refused.code not in UNDRAWN:
            raise
        _log.error("Slack would not draw a card, its words were sent instead: %s", refused)
        return await send(Card(card.text, [section(clip(card.text, 2_900))]))
