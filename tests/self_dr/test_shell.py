"""`dr self backup` and `dr self restore` as people type them, beside a bot that serves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import requests

from bot.demo.ports import free_port
from bot.domain.drill import Drill, DrillPart, DrillState
from bot.domain.walk import Doing
from bot.store import drills
from bot.store.opening import open_store
from tests.real.processes import wait_for

ROOT = Path(__file__).parents[2]
PLAN = "communication: {channel: '#alerts'}\npeople:\n  ana: {name: Ana Lima, roles: [on-call]}\n"


def dr(tmp_path: Path, *words: str, memory: str = "drbot.db") -> tuple[int, str]:
    """One command; its exit code and everything it said."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        cwd=tmp_path,
        env=environment(tmp_path, memory),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def environment(tmp_path: Path, memory: str, **more: str) -> dict[str, str]:
    (tmp_path / "plan.yaml").write_text(PLAN)
    return {
        "PYTHONPATH": str(ROOT),
        "DR_PLAN": str(tmp_path / "plan.yaml"),
        "DR_DATABASE_URL": f"sqlite:///{tmp_path / memory}",
        "DR_PERSON": "ana",
        "COLUMNS": "400",
        **more,
    }


@pytest.mark.slow
def test_a_copy_of_a_bot_that_serves_is_brought_back_elsewhere(tmp_path: Path) -> None:
    port = free_port()
    assert dr(tmp_path, "declare", "the shelf is wet")[0] == 0
    bot = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "serve"],
        cwd=tmp_path,
        env=environment(tmp_path, "drbot.db", DR_LISTEN=f"127.0.0.1:{port}"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for("the bot", lambda: ready(port).get("schedules") == "ok")
        assert ready(port)["heartbeat"] == "ok"
        code, said = dr(tmp_path, "self", "backup", "copies")
        assert (code, "drbot's memory is copied to copies/drbot-" in said) == (0, True), said
        assert "with 1 incidents and 0 runs" in said
        code, said = dr(tmp_path, "self", "restore", "copies", "replace=yes")
        assert code == 3, said
        assert "A bot works on this memory now" in said
        assert ready(port)["store"] == "ok"
    finally:
        bot.send_signal(signal.SIGKILL)
        bot.wait(timeout=20)
    code, said = dr(tmp_path, "self", "restore", "copies")
    assert (code, "holds something already" in said) == (3, True), said
    code, said = dr(tmp_path, "self", "restore", "copies", memory="new.db")
    assert code == 0, said
    assert "The newest entry is" in said
    assert "What happened after that is not in it" in said
    code, said = dr(tmp_path, "incidents", memory="new.db")
    assert "the shelf is wet" in said
    assert dr(tmp_path, "journal", "verify", memory="new.db")[0] == 0
    code, said = dr(tmp_path, "self", "restore", "copies", "replace=yes")
    assert (code, "What was there before is kept: " in said) == (0, True), said


def test_a_drill_that_a_restore_ended_has_no_certificate_and_says_why(tmp_path: Path) -> None:
    assert dr(tmp_path, "declare", "the shelf is wet")[0] == 0
    part = DrillPart(Doing("look", "Look"))
    drill = Drill(
        0, "failover", "Failover", DrillState.UNDER_WAY, "ana", "2026-11-23T02:00:00Z", parts=(part,)
    )
    with closing(open_store(f"sqlite:///{tmp_path}/drbot.db")) as store:
        store.write(lambda tx: drills.insert(tx, drill))
    assert dr(tmp_path, "self", "backup", "copies")[0] == 0
    code, said = dr(tmp_path, "self", "restore", "copies", memory="new.db")
    assert (code, "Drills under way then, ended without a certificate: DRILL-1." in said) == (0, True), said
    assert "Open then, and perhaps over by now: INC-1." in said
    code, said = dr(tmp_path, "certificate", "DRILL-1", memory="new.db")
    assert (code, "DRILL-1 has no certificate: not finished when the memory was copied" in said) == (2, True)


def ready(port: int) -> dict[str, str]:
    try:
        return dict(requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json())
    except requests.RequestException:
        return {}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("self", "restore", "nowhere"), 2, "There is no copy of drbot's memory at nowhere"),
        (("self", "restore", "nowhere", "replace=perhaps"), 2, "'replace=perhaps' says nothing here"),
        (("self", "backup", "copies"), 1, "there is no memory at"),
        (("self", "backup"), 2, "Missing argument 'TO'"),
        (("self",), 2, "restore"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_exit(
    tmp_path: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    found, said = dr(tmp_path, *words)
    assert told in said
    assert found == code
    assert "Traceback" not in said


def test_its_answer_is_json_too(tmp_path: Path) -> None:
    dr(tmp_path, "declare", "the shelf is wet")
    code, said = dr(tmp_path, "self", "backup", "copies", "--json")
    found = json.loads(said)
    assert code == 0
    manifest = json.loads((tmp_path / found["where"] / "manifest.json").read_text())
    assert found["head"] == f"{manifest['journal_seq']}:{manifest['journal_hash']}"


def test_it_is_for_the_shell_alone() -> None:
    from bot.commands.verbs import all_verbs

    assert not [name for name in all_verbs() if name.split()[0] == "self"]
