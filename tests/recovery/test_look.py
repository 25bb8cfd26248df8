"""The preflight of a fresh host, each line with its light: real engine, name server and AWS on the wire."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from actions.backups.choice import Backup, Proof
from actions.failures import NotVerified
from actions.hosts.recovery_findings import (
    Room,
    judge_address,
    judge_backup,
    judge_certificates,
    judge_images,
    judge_room,
)
from actions.hosts.recovery_look import look_at_recovery
from actions.hosts.recovery_parts import within
from actions.plan import Evidence
from actions.tools.aws.certificates import AcmCertificate, Certificates
from actions.tools.aws.s3 import ObjectSeen
from actions.tools.containers.compose_images import fill, named_images
from actions.tools.containers.images import Remote
from actions.tools.containers.project import Project
from actions.tools.own_address import own_addresses
from bot.plan.models import DrPlan
from bot.toolbox import PlanToolbox
from tests.actions.running import planned, run
from tests.real.aws import RealAws
from tests.real.host import NAMES, Host, fresh_host
from tests.real.tls import make

NOW = datetime(2026, 3, 1, 3, tzinfo=UTC)
PARTS = ("engine", "address", "certificates", "secret", "images", "backup", "room")


@pytest.fixture
def host(aws: RealAws, tmp_path: Path) -> Iterator[Host]:
    with fresh_host(aws, tmp_path) as made:
        yield made


def looked(host: Host, *parts: str, **given: object) -> dict[str, Evidence]:
    """The parts that are named, or every one and the whole as `all`."""
    tools = PlanToolbox(
        DrPlan.model_validate({**host.plan, "environments": host.environments}), host.variables
    )
    _, plan = planned(look_at_recovery, tools, environment="production", **given)
    assert plan.steps == ()
    steps = dict(zip((*PARTS, "all"), plan.after, strict=True))
    wanted = parts or tuple(steps)
    return dict(zip(wanted, run(replace(plan, after=tuple(map(steps.get, wanted))), tools, 1), strict=True))  # type: ignore[arg-type]


def test_a_fresh_host_is_told_line_by_line(host: Host) -> None:
    host.points_to(own_addresses()[0])
    assert looked(host, "certificates")["certificates"].light == "red"
    made = make("*.belezza.test")
    host.aws.acm.import_certificate(Certificate=made.pem, PrivateKey=made.key_pem)
    found = looked(host)
    assert found["engine"].said.startswith("Docker ")
    assert "resolves to this host" in found["address"].said
    assert (found["address"].light, found["secret"].light) == ("green", "green")
    assert (found["certificates"].light, "api.belezza.test" in found["certificates"].said) == ("green", True)
    assert "clone the repository" in found["images"].said
    assert (found["backup"].light, " s old" in found["backup"].said) == ("amber", True)
    assert found["room"].light == "amber"
    assert found["all"].light == "amber"
    assert set(found["all"].values) == set(PARTS)
    assert not list(host.folder.iterdir()), "it never changes anything"


def test_what_does_not_answer_is_a_red_line_and_the_others_are_looked_at(host: Host) -> None:
    with host.way.refuse():
        found = looked(host, "engine", "secret", "all")
    assert (found["engine"].light, found["secret"].light) == ("red", "green")
    assert "does not answer" in found["engine"].said
    assert "in the way: " in found["all"].said
    with host.aws_way.answer(403, b"no"):
        found = looked(host, "engine", "backup")
    assert (found["engine"].light != "red", found["backup"].light) == (True, "red")
    assert "S3 refuses" in found["backup"].said


def test_strict_fails_on_a_red_line_so_that_a_walk_stands_there(host: Host) -> None:
    host.forget_backups()
    with pytest.raises(NotVerified, match="no backup named"):
        looked(host, "all", strict="true")


def test_a_secret_that_lacks_a_variable_is_red(host: Host) -> None:
    host.keep_secret(JWT_SECRET="local-word")
    found = looked(host, "secret")["secret"]
    assert found.light == "red"
    assert "missing: POSTGRES_PASSWORD" in found.said


def test_a_name_that_leads_elsewhere_is_said_and_one_that_leads_nowhere_is_red(host: Host) -> None:
    host.points_to("192.0.2.7")
    assert "resolves to 192.0.2.7, the plan's primary" in looked(host, "address")["address"].said
    host.dns.hosts.clear()
    assert looked(host, "address")["address"].light == "red"


def test_images_are_asked_for_before_their_variables_are_rendered(host: Host) -> None:
    host.clone()
    assert "API_IMAGE could not be asked for" in looked(host, "images")["images"].said
    host.keep_secret(**dict.fromkeys(NAMES, "local-word"), API_IMAGE="127.0.0.1:9/belezza-api:1")
    found = looked(host, "images")["images"]
    assert found.light == "red"
    assert "1 of 1 images cannot be pulled" in found.said


def test_a_part_that_hangs_is_told_after_its_own_time() -> None:
    held = threading.Event()
    try:
        found = within(lambda: Evidence(str(held.wait(30))), 0.05)
    finally:
        held.set()
    assert (found.light, "no answer within 0.05 s" in found.said) == ("red", True)


@pytest.mark.parametrize(
    ("text", "said", "missing"),
    [
        ("${API_IMAGE}", "shop/api:1", []),
        ("$API_IMAGE", "shop/api:1", []),
        ("${NO:-nginx:alpine}", "nginx:alpine", []),
        ("shop/${NO}:1", "shop/:1", ["NO"]),
        ("${NO:?must be}", "", ["NO"]),
        ("a$$b", "a$b", []),
    ],
)
def test_composes_variables_are_filled_in(text: str, said: str, missing: list[str]) -> None:
    assert fill(text, {"API_IMAGE": "shop/api:1"}) == (said, missing)


def test_a_compose_file_names_its_images(tmp_path: Path) -> None:
    (tmp_path / "c.yml").write_text(
        "services:\n  api: {image: $A}\n  db: {image: 'pg:16'}\n  made: {build: .}\n"
    )
    found = named_images(Project("p", directory=str(tmp_path), compose_file="c.yml"), {})
    assert (dict(found.references), found.unset) == ({"db": "pg:16"}, ("A",))


def backup(hours: float, proof: Proof) -> Backup:
    taken = NOW - timedelta(hours=hours)
    return Backup(f"b{hours}", ObjectSeen("k", 2048, "e", taken), taken, proof)


def test_the_newest_proven_backup_and_its_age() -> None:
    good = judge_backup([backup(1, Proof.MANIFEST)], 10, NOW)
    assert (good.light, "60 min old" in good.said) == ("green", True)
    assert judge_backup([backup(40, Proof.MANIFEST)], 10, NOW).light == "amber"
    shadowed = judge_backup([backup(1, Proof.NONE), backup(2, Proof.MANIFEST)], 10, NOW)
    assert (shadowed.light, "b1 is newer and cannot be proven" in shadowed.said) == ("amber", True)
    assert judge_backup([backup(1, Proof.NONE)], None, NOW).light == "red"


@pytest.mark.disaster(16)
def test_too_little_disk_says_both_numbers() -> None:
    said = judge_room(100 * 1024**2, Room(100 * 1024**2))
    assert (said.light, said.said) == (
        "red", "too little disk: 100.0 MiB free, 130.0 MiB needed (1.3 times the database of 100.0 MiB)",
    )  # fmt: skip
    assert judge_room(None, Room(1)).light == "amber"
    assert judge_room(10**9, Room(10**6)).light == "green"


def test_images_that_the_registry_has_not_are_red() -> None:
    there, absent = Remote("there", "sha256:1", "the registry answered"), Remote("absent", "", "it has none")
    assert judge_images({"a:1": there}, ()).light == "green"
    assert judge_images({"a:1": there, "b:1": absent}, ()).light == "red"
    assert judge_images({}, ()).light == "amber"


def certificate(days: float, status: str = "ISSUED") -> AcmCertificate:
    return AcmCertificate("arn:x/1", ("*.b.test",), status, True, 1, NOW + timedelta(days=days), "")


def test_a_certificate_must_be_good_for_each_domain() -> None:
    tool = Certificates(("api.b.test",), ())
    assert judge_certificates(tool, [certificate(90)], NOW).light == "green"
    assert judge_certificates(tool, [certificate(5)], NOW).light == "amber"
    assert judge_certificates(tool, [certificate(-1)], NOW).light == "red"
    assert judge_certificates(tool, [certificate(90, "REVOKED")], NOW).light == "red"
    assert judge_certificates(tool, [], NOW).light == "red"
    assert judge_certificates(Certificates((), ("b.test:443",)), [], NOW).light == "amber"


def test_an_address_of_nobody_is_amber() -> None:
    said = judge_address("api", ["192.0.2.9"], ["10.0.0.5"], {"primary": "192.0.2.7"})
    assert (said.light, "does not name" in said.said) == ("amber", True)


def test_a_plan_that_names_no_certificates_is_told_in_amber(host: Host) -> None:
    production = dict(host.environments["production"])  # type: ignore[call-overload]
    del production["certificates"]
    tools = PlanToolbox(
        DrPlan.model_validate({**host.plan, "environments": {"production": production}}), host.variables
    )
    _, plan = planned(look_at_recovery, tools, environment="production")
    only = replace(plan, after=plan.after[2:3])
    (found,) = run(only, tools, 1)
    assert (found.light, "could not be looked at" in found.said) == ("amber", True)
