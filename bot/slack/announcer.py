"""Closes the gap between what Slack should show and what it shows: the worst first, within Slack's limits."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import Limited, Rejected, Unreachable
from bot.slack.pace import Pace
from bot.slack.rooms import Rooms
from bot.slack.scene import Scene
from bot.slack.showing import Lane, Showing
from bot.store import outbox
from bot.store.database import Store, StoreDown, iso, utc_now
from bot.store.outbox import Waiting, Wanted, want

_log = logging.getLogger(__name__)
AT_ONCE = 6
LOOK_AGAIN_S = 5.0
REFUSED_AGAIN = timedelta(seconds=60)
DOWN_FIRST_S = 0.5
DOWN_LONGEST_S = 30.0
DIGEST_FROM_CARDS = 5
DIGEST_EVERY_S = 5.0

# Told what went wrong (`limited`, `down`, `refused`, `broken`), for the metrics.
OnTrouble = Callable[[str], None]


def _unheard(trouble: str) -> None:
    del trouble


class Announcer:
    """One task for as long as the bot runs. Woken by the store; everything it knows is in its rows."""

    def __init__(
        self,
        store: Store,
        client: AsyncWebClient,
        scene: Scene,
        home_channel: str,
        on_trouble: OnTrouble = _unheard,
    ) -> None:
        self._store = store
        self._readers = ThreadPoolExecutor(2, "announcer")
        self._pace = Pace()
        self._showing = Showing(store, client, scene, Rooms(client), home_channel, self._readers)
        self._on_trouble = on_trouble
        self._busy: dict[Lane, asyncio.Task[None]] = {}
        self._bell = asyncio.Event()
        self._stopping = False
        self._down_until_s = 0.0
        self._down_pause_s = 0.0
        self._digest_at_s = -DIGEST_EVERY_S  # a digest of before the start is closed too

    @property
    def is_down(self) -> bool:
        """Whether Slack did not answer the last call."""
        return self._down_pause_s > 0

    async def run(self) -> None:
        """Show what is wanted until `stop`. Trouble with Slack or the store is waited out, never raised."""
        loop = asyncio.get_running_loop()

        def heard() -> None:
            if not self._stopping and not loop.is_closed():
                loop.call_soon_threadsafe(self._bell.set)

        self._store.listen("outbox", heard)
        try:
            while not self._stopping:
                self._bell.clear()
                pause_s = await self._round()
                try:
                    await asyncio.wait_for(self._bell.wait(), pause_s)
                except TimeoutError:
                    continue
        finally:
            self._stopping = True
            await self._finish()

    def stop(self) -> None:
        """Begin nothing more; `run` returns once what is in flight has ended."""
        self._stopping = True
        self._bell.set()

    async def _finish(self) -> None:
        if self._busy:
            _, late = await asyncio.wait(self._busy.values(), timeout=5)
            for task in late:
                task.cancel()  # the row says `sending`: the next start looks the message up
        self._readers.shutdown(wait=False)

    async def _round(self) -> float:
        """Start what can be sent now; the seconds until something else could."""
        left = self._down_until_s - time.monotonic()
        if left > 0:
            return left
        try:
            now = iso(utc_now())
            rows = await self._showing.reading(lambda: outbox.due(self._store, now))
            await self._mind_digest(rows)
        except StoreDown as error:
            _log.error("the outbox cannot be read, again in %s s: %s", LOOK_AGAIN_S, error)
            return LOOK_AGAIN_S
        return self._start(rows)

    def _start(self, rows: Sequence[Waiting]) -> float:
        pause_s = LOOK_AGAIN_S
        for row in rows:
            method, channel = lane = self._showing.lane(row)
            if lane in self._busy or self._showing.written_lane(row) in self._busy:
                continue
            wait_s = self._pace.wait_s(method, channel, row.key)
            if wait_s > 0:
                pause_s = min(pause_s, wait_s)
            elif len(self._busy) < AT_ONCE:
                self._busy[lane] = asyncio.create_task(self._show(row, lane))
        return pause_s

    async def _show(self, row: Waiting, lane: Lane) -> None:
        try:
            await self._showing.show(row)
            self._pace.called(*self._showing.lane(row), row.key)
            self._down_pause_s = 0.0
        except Limited as limited:
            for named in {lane, self._showing.lane(row)}:  # its channel's id may be known only now
                self._pace.limited(*named, limited.retry_after_s)
            self._on_trouble("limited")
        except Unreachable as unreachable:
            self._wait_out(unreachable)
        except Rejected as refused:
            await self._set_aside(row, str(refused), "refused")
        except StoreDown as error:
            _log.error("the outbox cannot be written: %s", error)
            self._down_until_s = time.monotonic() + 1.0
        except Exception as error:  # noqa: BLE001 - one row that breaks must not stop the others; it is told
            _log.exception("showing %s failed", row.key)
            await self._set_aside(row, f"drbot: {type(error).__name__}", "broken")
        finally:
            self._busy.pop(lane, None)
            self._bell.set()

    def _wait_out(self, unreachable: Unreachable) -> None:
        now = time.monotonic()
        if now < self._down_until_s:
            return  # another call of the same round has said so already
        self._down_pause_s = min(max(self._down_pause_s * 2, DOWN_FIRST_S), DOWN_LONGEST_S)
        self._down_until_s = now + self._down_pause_s
        self._on_trouble("down")
        _log.warning("%s; nothing is lost, again in %.1f s", unreachable, self._down_pause_s)

    async def _set_aside(self, row: Waiting, error: str, trouble: str) -> None:
        self._on_trouble(trouble)
        _log.error("%s is not shown: %s", row.key, error)
        again = iso(utc_now() + REFUSED_AGAIN)
        try:
            await self._showing.commit(lambda tx: outbox.mark_failed(tx, row.key, error, again))
        except StoreDown as down:
            _log.error("the outbox cannot be written: %s", down)
            self._down_until_s = time.monotonic() + 1.0

    async def _mind_digest(self, rows: Sequence[Waiting]) -> None:
        """Many cards behind the rate limit: one message names all open incidents meanwhile."""
        fresh = [row for row in rows if row.kind == "incident-card" and not row.ts]
        self._showing.cards_waiting = len(fresh)
        now = time.monotonic()
        if len(fresh) >= DIGEST_FROM_CARDS:
            channel = self._showing.lane(fresh[-1])[1]
            if self._pace.is_limited(channel) and now - self._digest_at_s >= DIGEST_EVERY_S:
                self._digest_at_s = now
                await self._showing.commit(
                    lambda tx: want(tx, Wanted(f"digest:{channel}", "digest", 0, channel, rank=0))
                )
                rows = ()
        elif not fresh and self._digest_at_s:
            self._digest_at_s = 0.0
            await self._showing.commit(outbox.close_digests)
