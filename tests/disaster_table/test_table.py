"""No row of the table of disasters is without a test, and no test names a row that is not there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.disaster_table.counted import SIGN
from tests.disasters import all_disasters

ROOT = Path(__file__).parents[2]
PYTEST = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-s", "-p", "no:xdist", "-m", "disaster"]


@pytest.mark.slow
def test_every_disaster_has_a_test_and_every_number_a_row() -> None:
    asked = [*PYTEST, "-p", "tests.disaster_table.counted"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False)
    told = next((line for line in done.stdout.splitlines() if line.startswith(SIGN)), "")
    assert told, done.stdout[-2000:] + done.stderr[-2000:]
    assert json.loads(told.removeprefix(SIGN)) == sorted(all_disasters())
