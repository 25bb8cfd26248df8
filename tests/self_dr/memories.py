"""Memories of drbot with some life in them, of either engine, for the tests of its copies."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from bot.domain.run import Run, RunState
from bot.engine.lease import Holder, Lease
from bot.engine.ledger import Ledger
from bot.engine.phase import Patience
from bot.runs import Runs
from bot.self_dr import Restored, restore
from bot.store.database import Store
from bot.store.opening import open_store
from tests.engine.toys import ACTIONS, Shelf
from tests.policy.conftest import plan_of

_numbers = itertools.count(1)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CHANNEL = "#alerts"
ENGINES = ("sqlite", "postgres")
both = pytest.mark.parametrize("engine", ENGINES)


class Memory:
    """A store with some life in it."""

    def __init__(self, url: str, root: Path) -> None:
        self.url = url
        self.store: Store = open_store(url)
        shelf = Shelf(root / "shelf")
        shelf.root.mkdir(exist_ok=True)
        self.plan = plan_of({"communication": {"channel": CHANNEL}})
        self.runs = Runs(self.store, self.plan, shelf.toolbox(), ACTIONS)
        lease = Lease(self.store, Holder.here(), 60.0)
        self.ledger = Ledger(self.store, lease, CHANNEL, Patience(0.01))

    def ask(self, place: str = "hall", risk: str = "low") -> Run:
        ana = self.plan.person("ana")
        assert ana
        return self.runs.propose(ana, f"{risk}-shelve", {"place": place})

    def approve(self, run: Run) -> Run:
        rui = self.plan.person("rui")
        assert rui
        return self.runs.approve(rui, run.id, typed="hall")

    def verified(self, place: str = "hall") -> Run:
        run = self.approve(self.ask(place))
        assert self.ledger.begin(run.id)
        self.ledger.finish(run.id, RunState.VERIFIED, "done")
        return self.runs.get(run.id)

    def states(self) -> dict[str, RunState]:
        return {run.ref: run.state for run in self.runs.recent(50)}


class Memories:
    """Makes them, of one engine or the other, and closes them."""

    def __init__(self, root: Path, server: Callable[[], str]) -> None:
        self.folder = root
        self._server = server
        self._open: list[Memory] = []

    def url(self, engine: str) -> str:
        number = next(_numbers)
        if engine == "sqlite":
            return f"sqlite:///{self.folder}/memory-{number}/drbot.db"
        name = f"memory_{os.getpid()}_{number}"
        with psycopg.connect(self._server(), autocommit=True) as session:
            session.execute(f"CREATE DATABASE {name}".encode())
        return self._server().rsplit("/", 1)[0] + f"/{name}"

    def open(self, url: str) -> Memory:
        self._open.append(Memory(url, self.folder))
        return self._open[-1]

    def close(self) -> None:
        for one in self._open:
            one.store.close()


def bring_back(
    url: str, source: object, replace: bool = False, environment: Mapping[str, str] | None = None
) -> Restored:
    return restore(url, str(source), environment or {}, CHANNEL, "ana", replace)
