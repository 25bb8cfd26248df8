"""look-at-images and pull-images on a real engine and real registries."""

from __future__ import annotations

import socket

import pytest

from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context
from actions.services.images import look_at_images
from actions.services.images_pull import pull_images
from actions.tools.containers.engine_calls import engine_of, split
from actions.tools.containers.images import ask_registry, bare, check_reference, kept_name, pull
from tests.actions.running import planned, run, undo
from tests.real.registry import PASSWORD, USER, Registry, registry
from tests.redeploy.living import live
from tests.redeploy.world import World

GIVEN = {"environment": "staging"}


def _pushed_later(place: World, shop: Registry, reference: str) -> tuple[str, str]:
    """The registry gets another image under the name, the engine keeps the old one; ids of both."""
    old = place.image_id(reference)
    repository, tag = split(reference)
    place.image(tag, name=repository.rpartition("/")[2], registry=shop)
    new = place.image_id(reference)
    place.client.api.tag(old, repository, tag, force=True)
    place.client.images.remove(new)
    return old, new


def test_a_look_says_what_runs_and_what_is_newer(place: World, shop: Registry) -> None:
    reference = place.image("latest", registry=shop)
    place.replica(1, reference)
    place.replica(1, place.image("here"), service="worker")
    place.wait_healthy()
    _, plan = planned(look_at_images, place.tools(), **GIVEN)
    first, second = run(plan, place.tools(), 7)
    assert reference in first.values[f"{place.name}_api_1"]
    assert "digest" in first.values[f"{place.name}_api_1"]
    assert "made here" in first.values[f"{place.name}_worker_1"]
    assert second.values["api"] == "the registry's image runs"
    _pushed_later(place, shop, reference)
    assert "another image for api" in run(plan, place.tools(), 7)[1].said


def test_nothing_to_look_at_is_refused(place: World) -> None:
    _, plan = planned(look_at_images, place.tools(), **GIVEN)
    with pytest.raises(Refused, match="no container"):
        run(plan, place.tools(), 7)


def test_pulling_brings_what_was_shown_and_back(place: World, shop: Registry) -> None:
    reference = place.image("latest", registry=shop)
    place.replica(1, reference)
    old, new = _pushed_later(place, shop, reference)
    _, plan = planned(pull_images, place.tools(), **GIVEN)
    run(plan, place.tools(), 7, times=2)
    assert place.image_id(reference) == new
    undo(plan, place.tools(), 7, times=2)
    assert place.image_id(reference) == old


def test_what_was_pushed_meanwhile_is_refused(place: World, shop: Registry) -> None:
    reference = place.image("latest", registry=shop)
    place.replica(1, reference)
    _pushed_later(place, shop, reference)
    facts, plan = planned(pull_images, place.tools(), **GIVEN)
    _pushed_later(place, shop, reference)
    assert live(plan, place.tools(), 7) == "refused"
    with pytest.raises(NotVerified, match="another image"):  # the name has moved: it is taken back
        plan.steps[0].do(Context(place.tools(), 7))
    place.client.api.remove_image(reference, force=True)
    with pytest.raises(NotVerified, match="not here"):
        plan.after[0].do(Context(place.tools(), 7))
    now, _ = planned(pull_images, place.tools(), **GIVEN)
    assert "another" in str(pull_images.drift(facts, now))


def test_images_of_this_engine_only_cannot_be_pulled(place: World) -> None:
    place.replica(1, place.image("1"))
    with pytest.raises(Refused, match="none can be pulled"):
        planned(pull_images, place.tools(), **GIVEN)


def test_a_registry_that_is_gone_fails_before_anything_changes(place: World) -> None:
    with registry() as shop:
        place.replica(1, place.image("latest", registry=shop))
        _, plan = planned(pull_images, place.tools(), **GIVEN)
    assert live(plan, place.tools(), 7) == "failed"
    with engine_of(place.project()) as engine, pytest.raises(Transient):
        pull(engine, place.project(), shop.reference(place.name, "latest"), "", print)


def test_a_guarded_registry_wants_the_plans_account_and_never_shows_it(place: World) -> None:
    with registry(guarded=True) as shop:
        account = {"username": USER, "password": PASSWORD}
        reference = place.image("latest", registry=shop, account=account)
        known = place.project(registry_user=USER, registry_password=PASSWORD)
        wrong = place.project(registry_user=USER, registry_password="another-token")
        with engine_of(known) as engine:
            assert ask_registry(engine, known, reference).standing == "there"
            for stranger in (wrong, place.project()):
                said = ask_registry(engine, stranger, reference)
                assert said.standing == "denied"
                assert "another-token" not in said.said
            assert pull(engine, known, reference, "", print) == place.image_id(reference)
            with pytest.raises((Refused, Transient)) as refused:
                pull(engine, wrong, reference, "", print)
            assert "another-token" not in str(refused.value)


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("nginx", ("nginx", "latest")),
        ("postgres:16-alpine", ("postgres", "16-alpine")),
        ("127.0.0.1:5000/belezza-api", ("127.0.0.1:5000/belezza-api", "latest")),
        ("registry.example:5000/team/api:1.2", ("registry.example:5000/team/api", "1.2")),
    ],
)
def test_references_are_read_as_docker_reads_them(reference: str, parts: tuple[str, str]) -> None:
    assert split(check_reference(reference)) == parts


def test_a_reference_is_a_reference() -> None:
    for bad in ("-v", "a b", "http://x/y", "", "ä"):
        with pytest.raises(ValueError, match="not an image"):
            check_reference(bad)
    assert bare("sha256:" + "a" * 64)
    assert not bare("redis:7")
    assert kept_name("My_Project", "Api.v2", 7, 1) == "drbot-kept/my-project-api-v2:run-7-1"


def test_a_registry_that_never_answers_is_silent_and_the_engine_is_not_blamed(place: World) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(8)
        reference = f"127.0.0.1:{deaf.getsockname()[1]}/{place.name}:1"
        with engine_of(place.project(), 1.0) as engine:
            said = ask_registry(engine, place.project(), reference)
    assert said.standing == "silent"
    assert "in time" in said.said
