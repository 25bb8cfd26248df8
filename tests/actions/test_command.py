"""Programs: no shell, few variables, a limit on time and output, and nothing of them outlives it."""

from __future__ import annotations

import sys
import time

import pytest

from actions.plan import NotVerified, Refused, Transient
from actions.tools.command import OUTPUT_LIMIT_BYTES, checked, run, streaming
from tests.real.processes import wait_for


def test_words_are_passed_as_they_are() -> None:
    words = ["$(id)", "; id", "a b", "`id`", "*"]
    done = run([sys.executable, "-c", "import sys; print(sys.argv[1:])", *words], timeout_s=20)
    assert done.out.strip() == str(words)


def test_the_bots_secrets_are_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "local-token")
    done = run([sys.executable, "-c", "import os; print(sorted(os.environ))"], 20, {"PGAPPNAME": "drbot"})
    assert "SLACK_BOT_TOKEN" not in done.out
    assert "PGAPPNAME" in done.out


def test_output_is_bounded() -> None:
    done = run(
        [sys.executable, "-c", "import sys; sys.stdout.write('x' * 10**7); sys.stderr.write('y' * 10**6)"], 20
    )
    assert len(done.out) == OUTPUT_LIMIT_BYTES
    assert len(done.err) == OUTPUT_LIMIT_BYTES


def test_what_takes_too_long_is_ended_with_its_children() -> None:
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    began = time.monotonic()
    with streaming([sys.executable, "-c", script], timeout_s=2) as (chunks, ended):
        child = int(b"".join(chunks))
        with pytest.raises(Transient, match="took longer than 2 s"):
            ended()
    assert time.monotonic() - began < 20
    wait_for("the child's end", lambda: not alive(child))


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123  # a zombie counts as ended
            return file.read().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        return False


def test_a_program_left_early_does_not_live_on() -> None:
    with streaming(
        [sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"], 50
    ) as (
        chunks,
        _,
    ):
        pid = int(next(chunks))
    assert not alive(pid)


def test_a_missing_program_says_so() -> None:
    with pytest.raises(Refused, match="pg_nothing cannot be started: No such file"):
        run(["/usr/bin/pg_nothing"], 5)


def test_a_failure_is_told_in_its_own_last_words() -> None:
    done = run(
        [sys.executable, "-c", "import sys; sys.stderr.write('first\\nno space left\\n'); sys.exit(3)"], 20
    )
    with pytest.raises(NotVerified, match="ended with 3: no space left"):
        checked(done)
