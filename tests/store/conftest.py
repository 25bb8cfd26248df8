"""Both engines, each with a fresh store for every test."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from bot.store.database import Store
from bot.store.opening import open_store
from tests.real.postgres import embedded_programs, real_postgres

_numbers = itertools.count(1)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **kind: float) -> None:
        self.now += timedelta(**kind)


@dataclass(frozen=True)
class Opened:
    """A store, how to open it once more, and its clock."""

    store: Store
    url: str
    clock: Clock
    again: Callable[[], Store]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with real_postgres(embedded_programs()) as server:
        yield server.url()


@pytest.fixture(params=["sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """The store under contract; whatever a test opens beside it is closed too."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/drbot.db"
    else:
        server = request.getfixturevalue("postgres_url")
        name = f"store_{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(server, autocommit=True) as session:
            session.execute(f"CREATE DATABASE {name}".encode())
        url = server.rsplit("/", 1)[0] + f"/{name}"
    clock = Clock()
    others: list[Store] = []

    def again() -> Store:
        others.append(open_store(url, clock))
        return others[-1]

    store = open_store(url, clock)
    yield Opened(store, url, clock, again)
    for one in (store, *others):
        one.close()


@pytest.fixture
def store(opened: Opened) -> Store:
    return opened.store
