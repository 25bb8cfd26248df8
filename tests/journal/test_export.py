"""The auditor's folder: complete, discreet, never over another, and its page tells the truth."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands.console import Where
from bot.domain.answer import Answer, Exit, UsageError
from bot.domain.entry import NewEntry
from bot.house import House, build
from bot.settings import Settings
from bot.store import journal
from tests.journal.conftest import Archive


def test_a_whole_folder_holds(archive: Archive) -> None:
    done = archive.export()
    assert (done.entries, done.head) == (6, archive.head)
    assert sorted(path.name for path in done.folder.iterdir()) == [
        "README.md",
        "chain.csv",
        "entries.jsonl",
        "head.txt",
        "report.md",
        "verify.py",
    ]
    found = archive.check()
    assert found.code == 0
    assert found.said.startswith("Whole: 6 entries of INC-7 and a chain of 12 links hold.")
    assert archive.head.hash in found.said


def test_nothing_is_said_of_other_incidents(archive: Archive) -> None:
    archive.export()
    for path in (archive.root / "out").iterdir():
        assert "only for INC-8" not in path.read_text(encoding="utf-8"), path.name
    with (archive.root / "out" / "chain.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["seq", "at", "kind", "previous", "hash", "exported"]
    assert [row["exported"] for row in rows] == ["yes", "no"] * 6


def test_entries_of_its_runs_are_there_though_they_name_no_incident(archive: Archive) -> None:
    archive.tamper(
        "INSERT INTO runs SELECT 4, '', '', '', '', '', '', '', '', '', '', 7, '', '', '', '', '', '', '', 0,"
        " '', '', NULL, NULL, '', '', '', 0"
    )
    archive.store.write(lambda tx: journal.append(tx, NewEntry("press-refused", "leo", {}, None, 4)))
    assert archive.export().entries == 7
    lines = (archive.root / "out" / "entries.jsonl").read_text(encoding="utf-8").split("\n")
    assert json.loads(lines[6])["run"] == 4
    assert archive.check().code == 0


def test_the_worked_example_of_the_page_works(archive: Archive) -> None:
    archive.export()
    page = (archive.root / "out" / "README.md").read_text(encoding="utf-8")
    program = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    promised = re.search(r"prints `([0-9a-f]{64})`", page)
    assert program
    assert promised
    ran = subprocess.run([sys.executable, "-I", "-c", program[1]], capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == promised[1]
    assert archive.head.hash in page


def test_an_incident_of_which_nothing_was_written_is_an_empty_folder_that_holds(archive: Archive) -> None:
    archive.tamper("DELETE FROM journal")
    assert archive.export().entries == 0
    assert archive.check().code == 0


def test_nothing_is_written_over(archive: Archive) -> None:
    (archive.root / "out").mkdir()
    with pytest.raises(UsageError, match="is there already, and nothing is written over: say to="):
        archive.export()
    assert list((archive.root / "out").iterdir()) == []
    with pytest.raises(UsageError, match="cannot be written"):
        archive.export("no/such/place")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    plan = Path("data/belezza.yaml").resolve()
    monkeypatch.chdir(tmp_path)
    made = build(Settings(plan=plan, database_url=f"sqlite:///{tmp_path / 'drbot.db'}"))
    yield made
    made.close()


def say(house: House, line: str, face: str = "shell") -> Answer:
    ana = house.plan.person("ana")
    assert ana is not None
    return house.console.execute(line, ana, Where(face))


def test_the_verbs_keep_and_find_the_newest_hash(house: House) -> None:
    say(house, "declare something")
    first = say(house, "journal verify")
    head = str(first.data["head"])
    assert first.exit is Exit.DONE
    assert f"journal verify head={head}" in first.lines[1]
    say(house, "note INC-1 and more")
    assert "The hash that was kept is in it." in say(house, f"journal verify head={head}").title
    house.store.write(lambda tx: tx.run("DELETE FROM journal"))
    cut = say(house, f"journal verify head={head}")
    assert (cut.exit, "entries 1 to 3 were cut off" in cut.title) == (Exit.FAILED, True)
    assert say(house, "journal verify head=12").exit is Exit.USAGE


def test_the_shell_writes_the_folder_and_slack_says_who_does(house: House) -> None:
    say(house, "declare something")
    refused = say(house, "journal export INC-1", "slack")
    assert (refused.exit, "dr journal export INC-1" in refused.title) == (Exit.REFUSED, True)
    assert not Path("inc-1-journal").exists()
    done = say(house, "journal export INC-1")
    assert done.exit is Exit.DONE
    assert done.data["folder"] == "inc-1-journal"
    checked = subprocess.run(
        [sys.executable, "-I", "verify.py"], cwd="inc-1-journal", capture_output=True, text=True, timeout=60
    )
    assert (checked.returncode, checked.stdout.startswith("Whole: 3 entries of INC-1")) == (0, True)
    assert "something" in Path("inc-1-journal/report.md").read_text(encoding="utf-8")
    again = say(house, "journal export INC-1")
    assert (again.exit, "nothing is written over" in again.title) == (Exit.USAGE, True)
    assert say(house, "journal export INC-1 to=elsewhere").data["folder"] == "elsewhere"
    assert say(house, "journal export INC-9").exit is Exit.USAGE
