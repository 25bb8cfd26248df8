"""The lease: one engine at a time among all processes that share a store."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from bot.store.database import Store, Tx, from_iso, iso

NAME = "engine"
LEASE_S = 15.0


@dataclass(frozen=True)
class Holder:
    """A process, told apart from one that reuses its number. Text: `host/namespace/pid/nonce`."""

    host: str
    namespace: str
    pid: int
    nonce: str

    def __str__(self) -> str:
        return f"{self.host}/{self.namespace}/{self.pid}/{self.nonce}"

    @classmethod
    def parse(cls, text: str) -> Holder:
        host, namespace, pid, nonce = text.rsplit("/", 3)
        return cls(host, namespace, int(pid), nonce)

    @classmethod
    def here(cls) -> Holder:
        """This process: the same for every engine in it, another after a restart."""
        return cls(socket.gethostname(), _namespace(), os.getpid(), _nonce(os.getpid()))

    def surely_dead(self, seen_by: Holder) -> bool:
        """Whether a process of the same machine can see that this one is gone."""
        if (self.host, self.namespace) != (seen_by.host, seen_by.namespace) or not self.namespace:
            return False
        if self.pid == seen_by.pid:
            return True  # our number, another nonce: it went before we came
        return not Path(f"/proc/{self.pid}").exists()


class Lease:
    """Taken, renewed and given back in the store's own time."""

    def __init__(self, store: Store, holder: Holder, lease_s: float = LEASE_S, name: str = NAME) -> None:
        self._store = store
        self._holder = holder
        self._lease_s = lease_s
        self._name = name

    def take(self) -> bool:
        """Take or renew it; False while another live engine holds it. Raises StoreDown."""

        def work(tx: Tx) -> bool:
            row = tx.one("SELECT holder, until_at FROM leases WHERE name = ?", (self._name,))
            if row is not None and not self._free(str(row[0]), str(row[1]), tx.now):
                return False
            until = iso(from_iso(tx.now) + timedelta(seconds=self._lease_s))
            tx.run(
                "INSERT INTO leases (name, holder, until_at) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at",
                (self._name, str(self._holder), until),
            )
            return True

        return self._store.write(work)

    def ours(self, tx: Tx) -> bool:
        """Whether this process holds it, asked inside a transaction that depends on it."""
        row = tx.one("SELECT holder FROM leases WHERE name = ?", (self._name,))
        return row is not None and row[0] == str(self._holder)

    def give_back(self) -> None:
        """Let the next engine begin at once. Safe where it is not ours. Raises StoreDown."""
        self._store.write(
            lambda tx: tx.run(
                "DELETE FROM leases WHERE name = ? AND holder = ?", (self._name, str(self._holder))
            )
        )

    def holder(self, now: str) -> Holder | None:
        """Who holds it now, or None."""
        rows = self._store.read("SELECT holder, until_at FROM leases WHERE name = ?", (self._name,))
        if not rows or self._free(str(rows[0][0]), str(rows[0][1]), now, count_own=False):
            return None
        return Holder.parse(str(rows[0][0]))

    def _free(self, holder: str, until: str, now: str, count_own: bool = True) -> bool:
        if holder == str(self._holder):
            return count_own
        return until <= now or Holder.parse(holder).surely_dead(self._holder)


@cache
def _nonce(pid: int) -> str:
    del pid  # a forked process is another one
    return secrets.token_hex(4)


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return ""  # not Linux: leases then end by time only
