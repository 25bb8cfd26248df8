"""kill -9 between beginning a letter, handing it over and storing its end, against a real mail server.

None is lost. Where the end was not stored a letter to people is sent again under the same Message-ID, and of
one to customers a person is told (decision 27); everything else arrives once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from bot.store.journal import verify
from bot.store.opening import open_store
from bot.store.outbound import jobs_of
from tests.real.mail import MailServer, real_mail

ROOT = Path(__file__).parents[2]
NEVER = 10_000
MARKS = 6
"""Around beginning, handing over and storing the end of the first letter."""
BEGUN, HANDED_OVER = (1, 2), (3, 4)


def live(url: str, server: MailServer, root: Path, at: int, doubt: str) -> int:
    """One life; what ended it."""
    words = [sys.executable, "-m", "tests.outbound.dying", url, server.url, str(root), str(at), doubt]
    done = subprocess.run(words, cwd=ROOT, timeout=120, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-3000:]
    return done.returncode


def die_and_go_on(url: str, root: Path, at: int, doubt: str) -> None:
    root.mkdir()
    with real_mail() as server:
        assert live(url, server, root, at, doubt) == -signal.SIGKILL
        assert live(url, server, root, NEVER, doubt) == 0
        arrived = [letter for letter in server.letters if letter.message["Subject"] == "first"]
        assert server.subjects.count("second") == 1
    assert len({letter.wire for letter in arrived}) <= 1
    store = open_store(url)
    states = {job.key: job.state.value for job in jobs_of(store.read, 1)}
    kinds = [row[0] for row in store.read("SELECT kind FROM journal ORDER BY seq")]
    notes = store.read("SELECT payload FROM outbox WHERE kind = 'incident-note'")
    assert verify(store) is None
    store.close()
    in_doubt = doubt == "ask" and at in BEGUN + HANDED_OVER
    assert states == {"first": "unsure" if in_doubt else "done", "second": "done"}
    assert sorted(kinds) == ["not-sent-outside"] * in_doubt + ["sent-outside"] * (2 - in_doubt)
    assert [("see whether ana@example.org has it" in note) for (note,) in notes] == [True] * in_doubt
    assert len(arrived) == (at not in BEGUN if doubt == "ask" else 1 + (at in HANDED_OVER))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("doubt", ["again", "ask"])
def test_killed_at_every_mark(tmp_path: Path, doubt: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        lives = [
            pool.submit(die_and_go_on, f"sqlite:///{tmp_path}/{at}.db", tmp_path / f"at-{at}", at, doubt)
            for at in range(MARKS)
        ]
    for one in lives:
        one.result()


@pytest.mark.slow
@pytest.mark.parametrize("at", [2, 4])
def test_on_postgresql(tmp_path: Path, postgres_url: str, at: int) -> None:
    name = f"outbound_{os.getpid()}_{at}"
    with psycopg.connect(postgres_url, autocommit=True) as session:
        session.execute(f"CREATE DATABASE {name}".encode())
    die_and_go_on(f"{postgres_url.rsplit('/', 1)[0]}/{name}", tmp_path / "root", at, "again")
