"""`images ENV`, said as people say it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from bot.commands.console import Where
from bot.domain.answer import Answer, Exit
from bot.house import build
from bot.settings import Settings
from tests.real.images import Gallery, next_second
from tests.real.s3 import KEYS

Say = Callable[[str], Answer]


@pytest.fixture
def say(real: Gallery, tmp_path: Path) -> Iterator[Say]:
    plan = yaml.safe_load(Path("data/belezza.yaml").read_text())
    plan["environments"]["production"]["images"] = dict(real.section())
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan))
    variables = {
        "AWS_ENDPOINT_URL": real.s3.endpoint_url,
        "AWS_ACCESS_KEY_ID": KEYS["accessKey"],
        "AWS_SECRET_ACCESS_KEY": KEYS["secretKey"],
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    database = f"sqlite:///{tmp_path / 'drbot.db'}"
    house = build(Settings(plan=tmp_path / "plan.yaml", database_url=database, environment=variables))
    ana = house.plan.person("ana")
    assert ana is not None
    yield lambda line: house.console.execute(line, ana, Where("shell"))
    house.close()


def test_it_lists_what_could_come_back_and_says_how(real: Gallery, say: Say) -> None:
    first = real.put("salons/a.jpg", b"before")
    moment = next_second(first)
    real.put("salons/a.jpg", b"after")
    real.put("salons/b.jpg", b"gone")
    real.delete("salons/b.jpg")
    told = say("images production prefix=salons/")
    assert told.title.startswith("1 object of s3://belezza-images/")
    assert told.table is not None
    assert told.table.rows[0][:2] == (real.key("salons/b.jpg"), "deleted")
    assert "`images production restore prefix=salons/` shows the plan" in told.lines[0]
    at = say(f"images production prefix=salons/ as_of={moment}")
    assert at.table is not None
    assert [row[1] for row in at.table.rows] == ["overwritten"]
    assert f"as_of={moment}" in at.lines[0]


def test_restore_asks_for_the_run_that_brings_it_back(real: Gallery, say: Say) -> None:
    real.put("a.jpg", b"x")
    assert say("images production").title == "No image is deleted there."
    real.delete("a.jpg")
    asked = say("images production restore key=a.jpg")
    assert "waits for approval" in asked.title
    assert asked.data["action"] == "bring-back-images"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("images", "Which environment?"),
        ("images production mend", "'mend' is not known"),
        ("images production older=1", "older= is not known here"),
        ("images production as_of=yesterday", "write as_of=2026"),
        ("images production key=a prefix=b", "exactly one"),
        ("images production restore", "exactly one"),
    ],
)
def test_wrong_words_are_told_what_would_be_right(say: Say, line: str, told: str) -> None:
    answer = say(line)
    assert answer.exit is Exit.USAGE
    assert told in answer.title


def test_an_environment_without_images_is_refused(say: Say) -> None:
    answer = say("images staging")
    assert (answer.exit, "names no bucket of images" in answer.title) == (Exit.REFUSED, True)
