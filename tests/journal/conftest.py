"""A journal of two incidents and of things without one, and its export."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.audit import Exported, export_journal
from bot.domain.entry import NewEntry
from bot.store import journal
from bot.store.database import Store
from bot.store.sqlite import SqliteStore


@dataclass(frozen=True)
class Check:
    """What the exported verify.py said, and its exit code."""

    code: int
    said: str


class Archive:
    """A store with twelve entries: odd ones of INC-7, even ones of others; and what is exported of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store: Store = SqliteStore(root / "drbot.db")
        self.store.write(lambda tx: journal.append(tx, *(self.entry(number) for number in range(1, 13))))
        self.head = journal.newest(self.store)

    @staticmethod
    def entry(number: int) -> NewEntry:
        secret = "" if number % 2 else "only for INC-8 "
        text = f'{secret}“ação” {number}\n,"\\ \u2028 end'
        return NewEntry("note-added", "ana", {"text": text, "n": number}, 7 if number % 2 else 8)

    def export(self, name: str = "out") -> Exported:
        return export_journal(self.store, 7, self.root / name, "# INC-7\n")

    def tamper(self, *statements: str) -> None:
        for sql in statements:
            self.store.write(lambda tx, sql=sql: tx.run(sql))  # type: ignore[misc]

    def check(self, name: str = "out", *arguments: str) -> Check:
        """Run the exported program as an auditor would: isolated, in its folder."""
        done = subprocess.run(
            [sys.executable, "-I", "verify.py", *arguments],
            cwd=self.root / name,
            capture_output=True,
            text=True,
            timeout=60,
            env={"PYTHONIOENCODING": "utf-8"},
        )
        assert done.stderr == ""
        return Check(done.returncode, done.stdout)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    made = Archive(tmp_path)
    yield made
    made.store.close()
