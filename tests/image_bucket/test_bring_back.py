"""Bringing images back, on a real S3 that keeps versions (and on moto, where both must agree)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.failures import NotVerified, Refused
from actions.images.back import bring_back_images
from actions.plan import Plan
from actions.tools.aws import image_objects
from actions.tools.aws.image_objects import ImageVersion
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run, undo
from tests.real.images import REPLICA, Gallery, next_second

RUN = 7


def ask(gallery: Gallery, **given: object) -> tuple[Any, Plan, FixedToolbox]:
    tools = gallery.tools()
    facts, plan = planned(bring_back_images, tools, environment="production", **given)
    return facts, plan, tools


def refused(gallery: Gallery, **given: object) -> str:
    with pytest.raises(Refused) as caught:
        ask(gallery, **given)
    return str(caught.value)


def test_a_deleted_object_comes_back_whole_with_what_describes_it(either: Gallery) -> None:
    either.put("salons/1/a b+ç.jpg", b"old", kind="text/plain")
    either.put("salons/1/a b+ç.jpg", b"the picture", kind="image/png")
    either.put("salons/1/other.jpg", b"stays")
    either.delete("salons/1/a b+ç.jpg")
    assert either.content("salons/1/a b+ç.jpg") is None
    before = len(either.history("salons/1/a b+ç.jpg"))

    facts, plan, tools = ask(either, prefix="salons/")
    assert [one.key for one in facts.objects] == [either.key("salons/1/a b+ç.jpg")]
    assert ("replaces what is there now", "0: none") in plan.facts
    said = run(plan, tools, RUN, times=2)

    assert either.content("salons/1/a b+ç.jpg") == b"the picture"
    head = either.client.head_object(Bucket="belezza-images", Key=either.key("salons/1/a b+ç.jpg"))
    assert (head["ContentType"], head["Metadata"]) == ("image/png", {"salon": "7"})
    assert len(either.history("salons/1/a b+ç.jpg")) == before + 1, "once, and nothing of before is gone"
    assert "1 object hold" in said[-1].said

    undo(plan, tools, RUN, times=2)
    assert either.content("salons/1/a b+ç.jpg") is None
    assert len(either.history("salons/1/a b+ç.jpg")) == before + 2
    assert either.content("salons/1/other.jpg") == b"stays"


def test_overwritten_since_a_moment_comes_back_and_goes_again(either: Gallery) -> None:
    first = either.put("a.jpg", b"before")
    moment = next_second(first)
    either.put("a.jpg", b"after it")
    either.put("new.jpg", b"made since")

    _, plan, tools = ask(either, key="a.jpg", as_of=moment)
    assert any("1 object" in warning and "instead of" in warning for warning in plan.warnings)
    run(plan, tools, RUN, times=2)
    assert either.content("a.jpg") == b"before"
    undo(plan, tools, RUN, times=2)
    assert either.content("a.jpg") == b"after it"
    assert len(either.history("a.jpg")) == 4
    assert either.content("new.jpg") == b"made since"


def test_what_was_made_since_is_counted_and_left_alone(real: Gallery) -> None:
    first = real.put("x/a.jpg", b"before")
    moment = next_second(first)
    real.put("x/new.jpg", b"made since")
    real.delete("x/a.jpg")
    facts, plan, tools = ask(real, prefix="x/", as_of=moment)
    assert (len(facts.objects), facts.since) == (1, 1)
    assert ("left alone", "1 object made since") in plan.facts
    run(plan, tools, RUN)
    assert real.content("x/new.jpg") == b"made since"


def test_what_the_bucket_lost_for_good_comes_from_the_replica(either: Gallery) -> None:
    either.put("lost.jpg", b"the only one")
    either.copy_over("lost.jpg")
    either.drop("lost.jpg")
    assert either.history("lost.jpg") == []
    facts, plan, tools = ask(either, key="lost.jpg")
    assert facts.objects[0].from_replica
    run(plan, tools, RUN, times=2)
    assert either.content("lost.jpg") == b"the only one"
    assert len(either.history("lost.jpg")) == 1
    undo(plan, tools, RUN, times=2)
    assert either.content("lost.jpg") is None
    assert len(either.history("lost.jpg", REPLICA)) == 1, "the replica is only read"


def test_many_come_back_bounded_and_the_rest_is_told(real: Gallery) -> None:
    for number in range(12):
        real.put(f"many/{number:02d}.jpg", str(number).encode())
        real.delete(f"many/{number:02d}.jpg")
    facts, plan, tools = ask(real, prefix="many/", at_most=10)
    assert (len(facts.objects), facts.more) == (10, 2)
    assert any("2 more would come back" in warning for warning in plan.warnings)
    run(plan, tools, RUN)
    rest, _, _ = ask(real, prefix="many/")
    assert [one.key for one in rest.objects] == [real.key("many/10.jpg"), real.key("many/11.jpg")]


def test_a_newer_upload_wins_in_the_middle_of_it(real: Gallery) -> None:
    for name in ("a.jpg", "b.jpg"):
        real.put(name, b"before")
        real.delete(name)
    _, plan, tools = ask(real, prefix=real.folder)
    for guard in plan.before:
        run(replace(plan, before=(guard,), steps=(), after=()), tools, RUN)
    real.put("b.jpg", b"uploaded in this very second")
    told = run(replace(plan, before=()), tools, RUN)
    assert real.content("a.jpg") == b"before"
    assert real.content("b.jpg") == b"uploaded in this very second"
    assert "changed meanwhile, left alone" in told[-1].said
    undo(plan, tools, RUN)
    assert real.content("b.jpg") == b"uploaded in this very second"


def test_a_change_before_it_begins_is_refused(real: Gallery) -> None:
    real.put("a.jpg", b"before")
    real.delete("a.jpg")
    facts, plan, tools = ask(real, key="a.jpg")
    real.put("a.jpg", b"a customer was faster")
    with pytest.raises(Refused, match="changed since the plan was shown"):
        run(plan, tools, RUN)
    assert real.content("a.jpg") == b"a customer was faster"
    said = refused(real, key="a.jpg")
    assert "nothing to bring back" in said
    assert bring_back_images.drift(facts, facts) is None
    other = replace(facts, objects=(replace(facts.objects[0], former_id="another"),))
    assert "was changed" in (bring_back_images.drift(facts, other) or "")
    gone = replace(facts, objects=())
    assert "does not need" in (bring_back_images.drift(facts, gone) or "")


def test_the_version_wanted_is_gone_before_it_begins(real: Gallery) -> None:
    real.put("a.jpg", b"before")
    real.delete("a.jpg")
    _, plan, tools = ask(real, key="a.jpg")
    real.drop("a.jpg")
    with pytest.raises(Refused, match="the versions wanted are gone"):
        run(plan, tools, RUN)


def test_what_did_not_come_back_is_not_verified(real: Gallery) -> None:
    real.put("a.jpg", b"before")
    real.delete("a.jpg")
    _, plan, tools = ask(real, key="a.jpg")
    with pytest.raises(NotVerified, match="did not come back"):
        run(replace(plan, steps=()), tools, RUN)


def test_a_bucket_that_keeps_no_versions_is_told(mimed: Gallery) -> None:
    mimed.client.create_bucket(Bucket="plain-bucket")
    images = replace(mimed.images(), primary=replace(mimed.place(), name="plain-bucket"))
    with pytest.raises(Refused, match="keeps no versions"):
        planned(
            bring_back_images,
            FixedToolbox(image_buckets={"production": images}),
            environment="production",
            prefix="a/",
        )


def test_versioning_that_is_switched_off_since_stops_it(mimed: Gallery) -> None:
    name = f"{mimed.folder.strip('/')}-bucket"
    mimed.client.create_bucket(Bucket=name)
    on = {"Bucket": name, "VersioningConfiguration": {"Status": "Enabled"}}
    mimed.client.put_bucket_versioning(**on)  # type: ignore[arg-type]
    mimed.client.put_object(Bucket=name, Key="a.jpg", Body=b"before")
    mimed.client.delete_object(Bucket=name, Key="a.jpg")
    place = replace(mimed.place(), name=name, prefix="")
    tools = FixedToolbox(image_buckets={"production": replace(mimed.images(False), primary=place)})
    _, plan = planned(bring_back_images, tools, environment="production", key="a.jpg")
    mimed.client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    with pytest.raises(Refused, match="is not on: a copy would replace"):
        run(plan, tools, RUN)


def test_names_that_nobody_knows_and_moments_to_come_are_refused(real: Gallery) -> None:
    assert "has ever had" in refused(real, key="never-was.jpg")
    assert "still to come" in refused(real, key="a.jpg", as_of="2999-01-01T00:00:00Z")
    real.put("there.jpg", b"x")
    assert "none of the 1 objects there.jpg is deleted" in refused(real, key="there.jpg")


def test_an_upload_in_parts_of_the_same_size_is_brought_back_all_the_same(real: Gallery) -> None:
    """No ETag of it is kept by a copy: what is there now must not pass for it by its size alone."""
    first = in_parts(real, "big.jpg", b"a")
    moment = next_second(first)
    second = in_parts(real, "big.jpg", b"b")
    assert first.size_bytes == second.size_bytes
    assert "-" in first.etag
    _, plan, tools = ask(real, key="big.jpg", as_of=moment)
    run(plan, tools, RUN, times=2)
    assert (real.content("big.jpg") or b"")[:1] == b"a"
    assert len(real.history("big.jpg")) == 3
    undo(plan, tools, RUN, times=2)
    assert (real.content("big.jpg") or b"")[:1] == b"b"


def in_parts(gallery: Gallery, name: str, letter: bytes) -> ImageVersion:
    """An object of two parts, as large uploads are."""
    key, client = gallery.key(name), gallery.client
    upload = client.create_multipart_upload(Bucket="belezza-images", Key=key)["UploadId"]
    parts = []
    for number, size in ((1, 5 * 1024**2), (2, 10)):
        part = client.upload_part(
            Bucket="belezza-images", Key=key, UploadId=upload, PartNumber=number, Body=letter * size
        )
        parts.append({"ETag": part["ETag"], "PartNumber": number})
    client.complete_multipart_upload(
        Bucket="belezza-images",
        Key=key,
        UploadId=upload,
        MultipartUpload={"Parts": parts},  # type: ignore[typeddict-item]
    )
    return gallery.on_top(name)


def test_what_a_key_of_kms_seals_is_known_as_such(mimed: Gallery) -> None:
    mimed.client.put_object(
        Bucket="belezza-images", Key=mimed.key("a.jpg"), Body=b"x", ServerSideEncryption="aws:kms"
    )
    mimed.put("b.jpg", b"x")
    assert mimed.on_top("a.jpg").sealed
    assert not mimed.on_top("b.jpg").sealed


def test_more_versions_than_can_be_looked_through_want_a_narrower_prefix(
    real: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        real.put("a.jpg", b"x")
    monkeypatch.setattr(image_objects, "ENTRIES_MOST", 3)
    assert "has more than 3 versions: give a narrower prefix" in refused(real, prefix=real.folder)


def test_a_copy_of_more_than_s3_copies_at_once_is_refused(real: Gallery) -> None:
    huge = replace(real.put("a.jpg", b"x"), size_bytes=6 * 1024**3)
    with pytest.raises(Refused, match="larger than 5 GiB"):
        image_objects.copy_on_top(real.place(), huge, real.place(), huge.key)


def test_a_wrong_key_of_ours_is_said_as_a_right_that_is_missing(real: Gallery) -> None:
    real.put("a.jpg", b"x")
    bad = replace(real.place(), access_key="nobody", secret_key="local-token")
    tools = FixedToolbox(image_buckets={"production": replace(real.images(), primary=bad)})
    with pytest.raises(Refused, match=r"S3 refuses .* drbot needs s3:"):
        planned(bring_back_images, tools, environment="production", key="a.jpg")


@pytest.mark.disaster(35)
def test_an_archived_object_is_named_with_its_time_beside_the_rto(mimed: Gallery) -> None:
    mimed.client.put_object(
        Bucket="belezza-images", Key=mimed.key("old.jpg"), Body=b"x", StorageClass="GLACIER"
    )
    mimed.put("fresh.jpg", b"y")
    mimed.delete("old.jpg")
    mimed.delete("fresh.jpg")
    said = refused(mimed, prefix=mimed.folder)
    assert "old.jpg" in said
    assert "3 to 5 hours" in said
    assert "RTO is 4 h" in said
    assert "request-archived-images" in said
    facts, plan, tools = ask(mimed, prefix=mimed.folder, leave_archived=True)
    assert ([one.key for one in facts.objects], facts.archived) == ([mimed.key("fresh.jpg")], 1)
    run(plan, tools, RUN)
    assert mimed.content("fresh.jpg") == b"y"
