"""Asking the archive, on moto: it knows the classes and the header, and gives the copy at once.

moto restores the newest version whatever version is named; that the version goes out with the request is
seen on the wire.
"""

from __future__ import annotations

from typing import Any

import pytest

from actions.failures import Refused
from actions.images.archived import request_archived_images
from actions.plan import Plan
from actions.tools.aws.image_objects import Archived, _standing, list_versions, request
from tests.actions.running import planned, run
from tests.real.images import PRIMARY, Gallery

RUN = 9


def archive(gallery: Gallery, name: str, kind: str = "GLACIER") -> None:
    gallery.client.put_object(Bucket=PRIMARY, Key=gallery.key(name), Body=b"x", StorageClass=kind)  # type: ignore[arg-type]


def ask(gallery: Gallery, **given: object) -> tuple[Any, Plan]:
    return planned(request_archived_images, gallery.tools(), environment="production", **given)


@pytest.mark.disaster(35)
def test_it_is_requested_once_and_followed(mimed: Gallery) -> None:
    archive(mimed, "a.jpg")
    archive(mimed, "deep.jpg", "DEEP_ARCHIVE")
    mimed.put("here.jpg", b"not archived")
    facts, plan = ask(mimed, prefix=mimed.folder, days=3)
    assert [(one.key, one.standing) for one in facts.objects] == [
        (mimed.key("a.jpg"), "archived"),
        (mimed.key("deep.jpg"), "archived"),
    ]
    assert any("charges" in warning for warning in plan.warnings)
    assert any("more than the plan's RTO of 4.0 h" in warning for warning in plan.warnings)
    assert ("takes", "9.0 h to 12.0 h") in plan.facts
    told = run(plan, mimed.tools(), RUN)
    assert "requested 2 objects" in told[1].said
    assert told[2].said == "2 of 2 can be brought back now"
    assert all(value.startswith("ready until ") for value in told[2].values.values())
    again, plan = ask(mimed, prefix=mimed.folder, days=3)
    assert {one.standing for one in again.objects} == {"ready"}
    assert "requested 0 objects; 2 were on their way or ready" in run(plan, mimed.tools(), RUN)[1].said


def test_the_request_names_the_version(mimed: Gallery) -> None:
    archive(mimed, "a.jpg")
    (version,) = list_versions(mimed.place(), "", "a.jpg")
    place = mimed.place()
    seen: list[str] = []
    place.client.meta.events.register("before-send.s3", lambda request, **_: seen.append(request.url))
    request(place, version, 1, "Bulk")
    assert f"versionId={version.version_id}" in seen[-1]


def test_what_is_not_archived_needs_no_request(mimed: Gallery) -> None:
    mimed.put("a.jpg", b"x")
    with pytest.raises(Refused, match=r"nothing .* is in an archive"):
        ask(mimed, prefix=mimed.folder)


def test_more_than_were_meant_is_refused_with_the_number(mimed: Gallery) -> None:
    for number in range(3):
        archive(mimed, f"{number}.jpg")
    with pytest.raises(Refused, match=r"3 objects .* more than at_most=2: each costs money"):
        ask(mimed, prefix=mimed.folder, at_most=2)


def test_a_tier_that_the_class_does_not_know_is_refused(mimed: Gallery) -> None:
    archive(mimed, "deep.jpg", "DEEP_ARCHIVE")
    with pytest.raises(Refused, match="knows no Expedited"):
        ask(mimed, prefix=mimed.folder, tier="Expedited")


def test_what_was_changed_since_is_not_requested(mimed: Gallery) -> None:
    archive(mimed, "a.jpg")
    _, plan = ask(mimed, prefix=mimed.folder)
    mimed.put("a.jpg", b"new and not archived")
    with pytest.raises(Refused, match="was changed or is gone"):
        run(plan, mimed.tools(), RUN)


@pytest.mark.parametrize(
    ("header", "stands"),
    [
        ("", Archived("archived")),
        ('ongoing-request="true"', Archived("requested")),
        (
            'ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"',
            Archived("ready", "Fri, 21 Dec 2012 00:00:00 GMT"),
        ),
    ],
)
def test_s3s_header_as_a_standing(header: str, stands: Archived) -> None:
    assert _standing(header) == stands
