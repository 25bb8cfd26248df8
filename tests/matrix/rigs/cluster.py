"""Rigs for point-in-time recovery: one prepared cluster for all, each stage a running copy of it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec
import psycopg

from actions.clusters.moment import said
from actions.tools.clusters.kept import DOOMED, NOTE, Kept
from actions.tools.clusters.rehearsal import read_rehearsed
from actions.tools.postgres.server import url_of
from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.archived import Prepared, copied_cluster, new_cluster, prepared_cluster
from tests.real.backrest import DATABASE, ROWS, URL, RealCluster
from tests.real.postgres import PASSWORD
from tests.real.proxy import Proxy, proxy

ROLE = "drbot"


@dataclass(frozen=True)
class Room:
    """A stage's cluster, the proxy on the bot's way to it, and the bot's role."""

    prepared: Prepared
    made: RealCluster
    way: Proxy

    def worse(self) -> str:
        """How the live cluster is worse off than at the start."""
        try:
            rows = self.made.rows()
        except psycopg.Error as error:
            return f"the live cluster does not answer: {error}"
        return "" if rows in (ROWS, ROWS + 1) else f"usuarios has {rows} rows"

    def stage(self, effects: Callable[[], int], more: Mapping[Fault, Inject], **params: str) -> Stage:
        return Stage(
            params={"environment": "production", **params},
            environments={"production": self.made.plan()},
            variables={URL: url_of("127.0.0.1", self.way.port, ROLE, PASSWORD, DATABASE)},
            effects=effects,
            worse=self.worse,
            faults={
                Fault.GONE: self.way.refuse,
                Fault.TIMEOUT: self.way.hang,
                Fault.DENIED: self.another_password,
                **more,
            },
        )

    @contextlib.contextmanager
    def another_password(self) -> Iterator[None]:
        self.made.tell(f"alter role {ROLE} password 'another-password'")
        yield
        self.made.tell(f"alter role {ROLE} password '{PASSWORD}'")

    @contextlib.contextmanager
    def expired(self) -> Iterator[None]:
        """The backup that would be begun from is gone; a later one is left."""
        self.made.archiver(f"--set={self.prepared.first}", "expire")
        yield

    @contextlib.contextmanager
    def another_cluster(self, other: Prepared) -> Iterator[None]:
        """Another cluster runs in the same directory, at the same port, with the same data."""
        made = self.made
        made.stop("immediate")
        made.data.rename(made.root / "away")
        made.run("cp", "-a", other.root / "data", made.data)
        shutil.copy2(made.root / "away" / "own.conf", made.data / "own.conf")
        made.start()
        yield

    @contextlib.contextmanager
    def without_wal(self) -> Iterator[None]:
        """What was archived after the first backup is lost, so the moment cannot be reached."""
        needed = self.made.archiver("info", f"--set={self.prepared.first}", "--output=json")
        last = needed.split('"stop":"')[1].split('"')[0]
        for path in (self.made.root / "repository" / "archive").rglob("0000*-*"):
            if path.name.split("-")[0] > last:
                path.unlink()
        yield

    @contextlib.contextmanager
    def without_stanza(self) -> Iterator[None]:
        """The repository is not where it was, as after a wrong mount; it comes back later."""
        place = self.made.root / "repository"
        place.rename(place.with_name("repository-away"))
        yield
        place.with_name("repository-away").rename(place)


@contextlib.contextmanager
def _other() -> Iterator[Prepared]:
    """A cluster with the same tables, and another identifier."""
    with new_cluster() as made:
        made.tell(
            "create table usuarios as select n as id from generate_series(1, 20) n",
            "create table agendamentos as select n as id, now() as criado_em from generate_series(1, 20) n",
        )
        _with_role(made)
        now = made.moment()
        made.stop()
        yield Prepared(made.root, now, "", "")


def _with_role(made: RealCluster) -> None:
    made.tell(f"create role {ROLE} login superuser password '{PASSWORD}'")


@contextlib.contextmanager
def _room(servers: Servers) -> Iterator[Room]:
    prepared = cast(Prepared, servers.keep("prepared cluster", lambda: prepared_cluster(_with_role)))
    with copied_cluster(prepared) as made, proxy(("127.0.0.1", made.port)) as way:
        yield Room(prepared, made, way)


def _changes(servers: Servers, room: Room) -> dict[Fault, Inject]:
    other = cast(Prepared, servers.keep("other cluster", _other))
    return {Fault.VANISHED: room.expired, Fault.CHANGED: lambda: room.another_cluster(other)}


@contextlib.contextmanager
def restore_to_time(servers: Servers) -> Iterator[Stage]:
    """The live cluster has one row more than at the moment asked for."""
    with _room(servers) as room:
        more = {**_changes(servers, room), Fault.UNHEALTHY: room.without_wal}
        yield room.stage(lambda: _kept(room.made), more, at=said(room.prepared.at))


def _kept(made: RealCluster) -> int:
    return sum(name.startswith("data__old_") for name in made.beside())


@contextlib.contextmanager
def rehearse_to_time(servers: Servers) -> Iterator[Stage]:
    with _room(servers) as room:
        more = {**_changes(servers, room), Fault.UNHEALTHY: room.without_wal}

        def effects() -> int:
            left = sum("__dr_" in name for name in room.made.beside())
            return left + (read_rehearsed(room.made.cluster) is not None)

        yield room.stage(effects, more, at=said(room.prepared.at))


@contextlib.contextmanager
def back_up_cluster(servers: Servers) -> Iterator[Stage]:
    with _room(servers) as room:
        before = room.made.labels()
        more = {**_changes(servers, room), Fault.VANISHED: room.without_stanza}
        yield room.stage(lambda: len(room.made.labels() - before), more, kind="incr")


@contextlib.contextmanager
def look_at_archive(servers: Servers) -> Iterator[Stage]:
    with _room(servers) as room:
        yield room.stage(lambda: 0, {})


@contextlib.contextmanager
def drop_kept_clusters(servers: Servers) -> Iterator[Stage]:
    """One directory that a recovery put aside two days ago, and one of today that must stay."""
    with _room(servers) as room:
        root = room.made.root
        old, today = root / "data__old_41", root / "data__old_42"
        for path, run, ago in ((old, 41, timedelta(days=2)), (today, 42, timedelta(hours=2))):
            room.made.run("mkdir", "-m", "700", path)
            at = (datetime.now(UTC) - ago).isoformat(timespec="seconds")
            (path / NOTE).write_bytes(msgspec.json.encode(Kept(run, at)))
        moved = root / "elsewhere"

        def effects() -> int:
            return int(not any(path.exists() for path in (old, moved, root / f"{old.name}{DOOMED}")))

        @contextlib.contextmanager
        def gone() -> Iterator[None]:
            old.rename(moved)
            yield

        @contextlib.contextmanager
        def another() -> Iterator[None]:
            (old / NOTE).write_text("keep this")
            yield

        stage = room.stage(effects, {Fault.VANISHED: gone, Fault.CHANGED: another})
        yield replace(stage, worse=lambda: room.worse() or ("" if today.exists() else f"{today} is gone"))


RIGS: Mapping[str, Rig] = {
    "back-up-cluster": back_up_cluster,
    "drop-kept-clusters": drop_kept_clusters,
    "look-at-archive": look_at_archive,
    "rehearse-to-time": rehearse_to_time,
    "restore-to-time": restore_to_time,
}
