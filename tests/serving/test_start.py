"""`dr serve` that cannot start says why in a sentence and ends; what is not set is said by its name."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.house import build
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
ENDS_WITHIN_S = 30


def serve(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", "serve"],
        cwd=tmp_path,
        env={
            "PYTHONPATH": str(ROOT),
            "DR_PLAN": str(ROOT / "data" / "belezza.yaml"),
            "DR_DATABASE_URL": f"sqlite:///{tmp_path / 'drbot.db'}",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=ENDS_WITHIN_S,
        check=False,
    )


def test_a_port_in_use_is_told_before_anything_runs(tmp_path: Path) -> None:
    """Found at first: it became the engine, said that it listens, and ended with 3, «refused by a guard»."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = serve(tmp_path, DR_LISTEN=listen)
    assert ended.returncode == 2
    assert ended.stderr == (
        f"drbot cannot start: it cannot listen on {listen}: Address already in use."
        " Set DR_LISTEN, or stop what listens there\n"
    )
    assert not (tmp_path / "drbot.db").exists()


@pytest.mark.parametrize(
    ("listen", "told"),
    [
        ("127.0.0.1:99999", "DR_LISTEN='127.0.0.1:99999' has no port of 0 to 65535"),
        ("banana", "DR_LISTEN='banana' has no port"),
        ("203.0.113.7:8080", "it cannot listen on 203.0.113.7:8080: Cannot assign requested address"),
    ],
)
def test_an_address_that_cannot_be_listened_on_is_told(tmp_path: Path, listen: str, told: str) -> None:
    """Found at first: with the port 99999 it ran, listened nowhere and said that it listens."""
    ended = serve(tmp_path, DR_LISTEN=listen, DR_WEBHOOK_TOKEN="local-token")
    assert ended.returncode == 2
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_every_database_of_the_plan_that_is_not_set_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'drbot.db'}"
    given = {"DR_STAGING_DATABASE_URL": "postgresql://127.0.0.1/staging"}
    house = build(Settings(database_url=url, environment=given))
    try:
        off = dict(house.off)
    finally:
        house.close()
    assert "production's database" in off["DR_PRODUCTION_DATABASE_URL"]
    assert "DR_STAGING_DATABASE_URL" not in off


def test_a_bot_token_alone_is_told_to_be_half_a_connection() -> None:
    alone = {"SLACK_BOT_TOKEN": "local-token"}
    assert "nobody can press" in dict(Settings(environment=alone).missing())["SLACK_APP_TOKEN"]
    for other in ("SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
        whole = Settings(environment={**alone, other: "local-token"})
        assert "SLACK_APP_TOKEN" not in dict(whole.missing())
