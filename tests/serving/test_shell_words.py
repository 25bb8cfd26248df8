"""What a shell hands over is what was typed: its quotes are gone, the words are not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def dr(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DR_DATABASE_URL": f"sqlite:///{folder / 'drbot.db'}", "DR_PERSON": "ana"}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_quoted_note_is_kept_without_the_shells_quotes(tmp_path: Path) -> None:
    assert dr(tmp_path, "declare", "checkout is slow", "sev=2").returncode == 0
    assert dr(tmp_path, "note", "INC-1", "pool size=10 is back").returncode == 0
    told = dr(tmp_path, "timeline", "INC-1").stdout
    assert "pool size=10 is back" in told
    assert '"pool size' not in told


def test_an_unknown_verb_exits_2_with_the_nearest(tmp_path: Path) -> None:
    asked = dr(tmp_path, "incidnets")
    assert asked.returncode == 2
    assert "did you mean `dr incidents`" in asked.stderr


def test_a_redirected_report_is_the_report_alone_and_read_back_changes_nothing(tmp_path: Path) -> None:
    assert dr(tmp_path, "declare", "checkout is slow", "sev=2").returncode == 0
    file = tmp_path / "report.md"
    for _ in range(2):
        told = dr(tmp_path, "report", "INC-1")
        assert told.stdout.startswith("# Incident Report: checkout is slow\n\n> **State:** ")
        assert told.stderr.startswith("The report of INC-1: ")
        file.write_text(told.stdout, encoding="utf-8")
        back = dr(tmp_path, "report", "edit", "INC-1", f"file={file}")
        assert (back.returncode, "nothing was changed" in back.stderr) == (3, True)
        dr(tmp_path, "report", "edit", "INC-1", "section=Resolution", "text=Restarted the pool.")
