"""The demo's last words: commands that are copied whole, and one line that leads a shell into its world."""

from __future__ import annotations

import io
import stat
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from bot.demo.play import _tell_what_to_try
from bot.demo.shell import write_shell

ENVIRONMENT = {
    "PATH": "/nowhere",
    "PYTHONPATH": "/somewhere",
    "DR_DATABASE_URL": "sqlite:////tmp/a folder/drbot.db",
    "DR_PLAN": "/tmp/it's/belezza.yaml",
    "DR_SLACK_API_URL": "http://127.0.0.1:1/api/",
    "SLACK_BOT_TOKEN": "xoxb-local",
}


def test_one_line_makes_a_shell_speak_with_the_demo(tmp_path: Path) -> None:
    path = write_shell(tmp_path, ENVIRONMENT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = '"$DR_DATABASE_URL" "$DR_PLAN" "$DR_PERSON" "[$SLACK_BOT_TOKEN]"'
    asked = f'. {path}; printf "%s\\n" {told}; command -v python'
    done = subprocess.run(
        ["/bin/sh", "-c", asked], capture_output=True, text=True, check=True, env={"PATH": "/bin"}
    )
    url, plan, person, token, python = done.stdout.splitlines()
    assert (url, plan) == (ENVIRONMENT["DR_DATABASE_URL"], ENVIRONMENT["DR_PLAN"])
    assert (person, token) == ("ana", "[]")
    assert Path(python).exists()


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_command_is_broken_across_lines(tmp_path: Path, width: int) -> None:
    world = SimpleNamespace(
        page_url="http://127.0.0.1:8090/",
        service_url="http://127.0.0.1:43210",
        bot_url="http://127.0.0.1:8080",
        bot=SimpleNamespace(process=SimpleNamespace(pid=12345)),
        folder=tmp_path,
    )
    said = io.StringIO()
    _tell_what_to_try(Console(file=said, width=width, highlight=False), cast(Any, world))
    for command in (
        "curl -X POST http://127.0.0.1:43210/demo/break",
        "/dr oncall sev=1 at=03:00",
        "/dr handover INC-1",
        "/dr digest of=now",
        f". {tmp_path}/env",
        "kill -9 12345",
    ):
        assert any(command in line for line in said.getvalue().splitlines()), command
