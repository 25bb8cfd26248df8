"""start-project with a real compose file on a real engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from actions.failures import NotVerified, Refused
from actions.plan import Context
from actions.services.project_start import start_project
from actions.services.scale import scale_service
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run, undo
from tests.redeploy.living import live
from tests.redeploy.world import UNHEALTHY, World

FILE = """\
version: "2.4"
services:
  api: {{image: "{image}", env_file: api.env, depends_on: [db]}}
  db: {{image: "{image}", volumes: ["data:/data"]}}
volumes: {{data: {{}}}}
"""


@pytest.fixture(autouse=True)
def _compose() -> None:
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed (Debian package docker-compose)")
    return


def _tools(place: World, folder: Path, image: str = "", **more: object) -> FixedToolbox:
    """A fresh server: a compose file, its variables, and nothing that runs."""
    (folder / "compose.yml").write_text(FILE.format(image=image or place.image("1")))
    (folder / "api.env").write_text("SECRET=local-token\n")
    return place.tools(directory=str(folder), compose_file="compose.yml", **more)


def _given(services: str = "") -> dict[str, object]:
    return {"environment": "staging", "services": services}


def test_a_fresh_server_gets_every_service_in_order(place: World, tmp_path: Path) -> None:
    tools = _tools(place, tmp_path)
    facts, plan = planned(start_project, tools, **_given())
    assert [one.name for one in facts.services] == ["db", "api"]
    assert "local-token" not in str(facts)
    run(plan, tools, 7, times=2)
    assert place.names() == ["api_1", "db_1"]
    assert "SECRET=local-token" in place.inspect(1)["Config"]["Env"]
    assert place.inspect(1, "db")["State"]["StartedAt"] < place.inspect(1)["State"]["StartedAt"]
    with pytest.raises(Refused, match="healthy already"):
        planned(start_project, tools, **_given())
    undo(plan, tools, 7, times=2)
    assert place.names() == []
    assert place.client.volumes.get(f"{place.name}_data")


def test_only_what_is_missing_is_made_and_taken_back(place: World, tmp_path: Path) -> None:
    tools = _tools(place, tmp_path, order=("db", "api"))
    _, first = planned(start_project, tools, **_given("db"))
    run(first, tools, 7)
    db = place.inspect(1, "db")
    _, second = planned(start_project, tools, **_given())
    run(second, tools, 8)
    assert place.inspect(1, "db")["State"]["StartedAt"] == db["State"]["StartedAt"]
    undo(second, tools, 8)
    assert place.names() == ["db_1"]
    place.client.api.stop(db["Id"], timeout=1)
    _, third = planned(start_project, tools, **_given("db"))
    run(third, tools, 9)
    assert place.inspect(1, "db")["Id"] == db["Id"]
    undo(third, tools, 9)
    assert not place.inspect(1, "db")["State"]["Running"]


def test_a_service_that_stays_unhealthy_takes_everything_back(place: World, tmp_path: Path) -> None:
    tools = _tools(place, tmp_path, place.image("sick", health=UNHEALTHY), healthy_within_s=1.0)
    _, plan = planned(start_project, tools, **_given())
    assert live(plan, tools, 7) == "undone"
    assert place.names() == []


def test_what_is_missing_or_wrong_is_named(place: World, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no directory and compose_file"):
        planned(start_project, place.tools(), **_given())
    tools = _tools(place, tmp_path)
    with pytest.raises(Refused, match=r"no service cache; it has db, api"):
        planned(start_project, tools, **_given("cache"))
    with pytest.raises(msgspec.ValidationError, match="commas"):
        planned(start_project, tools, **_given("--force"))
    (tmp_path / "api.env").unlink()
    with pytest.raises(Refused, match=r"api\.env is not there"):
        planned(start_project, tools, **_given())
    (tmp_path / "api.env").write_text("")
    (tmp_path / "compose.yml").write_text('services: {api: {image: x, password: "local-token"}}\n')
    with pytest.raises(Refused, match="does not accept") as refused:
        planned(start_project, tools, **_given())
    assert "local-token" not in str(refused.value)
    (tmp_path / "compose.yml").write_text("services: [\n")
    with pytest.raises(Refused, match="not valid YAML at line"):
        planned(start_project, tools, **_given())
    (tmp_path / "compose.yml").unlink()
    with pytest.raises(Refused, match=r"compose\.yml is not there"):
        planned(start_project, tools, **_given())


def test_an_image_that_is_nowhere_is_refused(place: World, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="db cannot start"):
        planned(start_project, _tools(place, tmp_path, "127.0.0.1:1/none:1"), **_given())


def test_what_a_later_run_made_must_be_taken_back_first(place: World, tmp_path: Path) -> None:
    tools = _tools(place, tmp_path)
    _, plan = planned(start_project, tools, **_given())
    run(plan, tools, 7)
    _, more = planned(scale_service, tools, environment="staging", service="api", replicas=2)
    run(more, tools, 8)
    before = place.names()
    with pytest.raises(Refused, match=r"api_2 was made by RUN-8 since"):
        plan.undo[0].do(Context(tools, 7))
    with pytest.raises(Refused, match=r"api_2 was made by RUN-8 since"):
        plan.undo[1].do(Context(tools, 7))
    assert place.names() == before
    undo(more, tools, 8)
    undo(plan, tools, 7)
    assert place.names() == []


def test_what_a_person_made_anew_in_its_place_is_not_removed(place: World, tmp_path: Path) -> None:
    tools = _tools(place, tmp_path)
    former = place.replica(1, f"{place.name}:1")
    place.wait_healthy()
    _, plan = planned(start_project, tools, **_given())
    run(plan, tools, 7)
    place.client.api.remove_container(former, force=True)
    anew = place.replica(1, f"{place.name}:1")
    for step in plan.undo[:-1]:
        step.do(Context(tools, 7))
    assert place.names() == ["api_1"]
    assert place.inspect(1)["Id"] == anew
    with pytest.raises(NotVerified, match="api_1 came since"):
        plan.undo[-1].do(Context(tools, 7))


def test_what_is_built_must_have_been_built(place: World, tmp_path: Path) -> None:
    tools = _tools(place, tmp_path)
    (tmp_path / "compose.yml").write_text('version: "2.4"\nservices: {api: {build: .}}\n')
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    with pytest.raises(Refused, match="api is built, not pulled"):
        planned(start_project, tools, **_given())
    place.client.api.tag(place.image("1"), f"{place.name}_api", "latest")
    _, plan = planned(start_project, tools, **_given())
    assert dict(plan.facts)["api"] == "as it was built here; nothing is built now"


def test_a_file_that_is_extended_counts_and_is_looked_at_again_in_each_step(
    place: World, tmp_path: Path
) -> None:
    tools = _tools(place, tmp_path)
    image, other = place.image("1"), place.image("2")
    common = tmp_path / "common.yml"
    common.write_text(f'version: "2.4"\nservices: {{api: {{image: "{image}"}}}}\n')
    (tmp_path / "compose.yml").write_text(
        'version: "2.4"\nservices: {api: {extends: {file: common.yml, service: api}}}\n'
    )
    _, plan = planned(start_project, tools, **_given())
    common.write_text(f'version: "2.4"\nservices: {{api: {{image: "{other}"}}}}\n')
    for step in (plan.before[0], plan.steps[0]):
        with pytest.raises(Refused, match="changed since"):
            step.do(Context(tools, 7))
    assert place.names() == []


def test_what_changed_since_is_refused(place: World, tmp_path: Path) -> None:
    tools = _tools(place, tmp_path)
    facts, plan = planned(start_project, tools, **_given())
    (tmp_path / "api.env").write_text("SECRET=other\n")
    with pytest.raises(Refused, match="changed since"):
        plan.before[0].do(Context(tools, 7))
    now, _ = planned(start_project, tools, **_given())
    assert "changed since" in str(start_project.drift(facts, now))
    stranger = place.replica(1, place.image("1"))
    with pytest.raises(Refused, match="came since"):
        plan.before[1].do(Context(tools, 7))
    with pytest.raises(NotVerified, match="came since"):
        plan.undo[-1].do(Context(tools, 7))
    with pytest.raises(NotVerified, match="db has 0 containers"):
        plan.after[0].do(Context(tools, 7))
    assert place.inspect(stranger)["State"]["Running"]
