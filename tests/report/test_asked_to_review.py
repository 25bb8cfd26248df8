"""Who puts a report to review asks somebody: by name, with the next step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.person import Person
from bot.plan.models import DrPlan
from bot.report import Reports
from tests.report.lived import Life, live

PEOPLE = {
    "ana": {"name": "Ana Souza", "slack": "@ana", "roles": ["on-call"]},
    "bruno": {"name": "Bruno Lima", "slack": "@bruno", "roles": ["approver"]},
    "carla": {"name": "Carla Dias", "slack": "@carla", "roles": ["approver", "lead"]},
    "dora": {"name": "Dora Reis", "roles": ["scribe"]},
}
NEXT = "`report INC-1` shows it, `report edit INC-1` changes it, `report publish INC-1` publishes it."


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    lived = live(tmp_path / "drbot.db")
    yield lived
    lived.store.close()


def asked(life: Life, who: str, **rules: object) -> tuple[str, str, tuple[str, ...]]:
    """The kind and the words of what is said in the thread, and whom the answer names."""
    plan = DrPlan.model_validate({"people": PEOPLE, **rules})
    person = plan.person(who)
    assert isinstance(person, Person)
    done = Reports(life.store, plan).review(person, 1)
    ((kind, payload),) = life.store.read(
        "SELECT kind, payload FROM outbox WHERE key NOT LIKE '%:own' AND payload LIKE '%please read%'"
    )
    return str(kind), str(payload), done.asked


def test_the_lead_is_called_and_told_what_comes_next(life: Life) -> None:
    said = f"Ana Souza put the report to review, version 1. Carla Dias, please read it: {NEXT}"
    kind, payload, names = asked(life, "ana")
    assert (kind, names) == ("incident-call", ("Carla Dias",))
    assert payload.startswith("@carla\nSEV-1 INC-1 “")
    assert payload.endswith(f"”: {said}")


def test_the_lead_asks_another(life: Life) -> None:
    kind, payload, names = asked(life, "carla")
    assert (kind, payload.partition("\n")[0], names) == ("incident-call", "@bruno", ("Bruno Lima",))


def test_the_plan_says_who_reads_reports(life: Life) -> None:
    kind, payload, names = asked(life, "ana", report={"review": ["scribe"]})
    assert (kind, names) == ("incident-note", ("Dora Reis",))
    assert payload.startswith("Ana Souza put the report to review, version 1. Dora Reis, please read it: ")


def test_where_the_plan_names_nobody_anybody_may(life: Life) -> None:
    kind, payload, names = asked(life, "ana", people={"ana": PEOPLE["ana"]})
    assert (kind, names) == ("incident-note", ())
    assert "Whoever was there, please read it: `report INC-1` shows it" in payload


def test_an_edit_of_what_is_published_asks_again(life: Life) -> None:
    plan = DrPlan.model_validate({"people": PEOPLE})
    reports, ana = Reports(life.store, plan), plan.person("ana")
    assert ana is not None
    reports.review(ana, 1)
    reports.publish(ana, 1)
    assert reports.edit_section(ana, 1, "Resolution", "Restarted.").asked == ("Carla Dias",)
    assert reports.edit_section(ana, 1, "Resolution", "Restarted it.").asked == ()
    said = life.store.read(
        "SELECT payload FROM outbox WHERE kind = 'incident-call' ORDER BY LENGTH(key), key"
    )
    assert [re.sub("SEV-1 INC-1 “.*?”: ", "", str(one[0])).partition(". ")[0] for one in said] == [
        "@carla\nAna Souza put the report to review, version 1",
        "@carla\nAna Souza edited the report: Resolution, version 2",
    ]
