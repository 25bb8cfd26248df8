"""A port that was given is given to nobody else, though nobody listens on it yet."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.demo import ports

FEW = range(21_900, 22_000)
ANOTHER = f"""
from bot.demo import ports
ports.PORTS, ports.REMEMBERED = range({FEW.start}, {FEW.stop}), 50
print(*[ports.free_port() for _ in range(30)], flush=True)
input()
"""


@pytest.fixture(autouse=True)
def few_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "PORTS", FEW)
    monkeypatch.setattr(ports, "REMEMBERED", 50)


def test_no_port_is_given_twice_by_one_process_or_by_two() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        theirs = {int(word) for word in other.stdout.readline().split()}
        ours = {ports.free_port() for _ in range(30)}
        other.kill()
    assert len(theirs) == 30
    assert len(ours) == 30
    assert not ours & theirs


def test_the_ports_of_a_process_that_died_are_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ANOTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        theirs = sorted(int(word) for word in other.stdout.readline().split())
        monkeypatch.setattr(ports, "PORTS", theirs)
        monkeypatch.setattr(ports, "REMEMBERED", len(theirs))
        with pytest.raises(RuntimeError, match="no free port"):
            ports.free_port()
        other.kill()
    assert ports.free_port() in theirs
