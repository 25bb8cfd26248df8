"""Which versions are wanted back: decided from histories that anybody may have written."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.images.choice import Chosen, choose, histories
from actions.images.facts import BackParams, read_moment
from actions.tools.aws.image_objects import ImageVersion

T = [f"2026-03-01T10:00:{second:02d}.000+00:00" for second in range(10)]


def version(second: int, etag: str = "", key: str = "a.jpg", hides: bool = False) -> ImageVersion:
    name = etag or f"e{second}"
    return ImageVersion(
        key, f"v{second}{name}", T[second], False, hides, 0 if hides else 3, "" if hides else name
    )


def marker(second: int, key: str = "a.jpg") -> ImageVersion:
    return version(second, "gone", key, hides=True)


def history(*oldest_first: ImageVersion) -> list[ImageVersion]:
    newest = replace(oldest_first[-1], newest=True)
    return [newest, *reversed(oldest_first[:-1])]


def chosen(here: list[ImageVersion], there: list[ImageVersion] | None = None, as_of: str = "") -> Chosen:
    return choose(histories(here), histories(there or []), as_of)


def test_what_is_deleted_comes_back_as_it_was_last() -> None:
    found = chosen(history(version(1), version(2), marker(3)))
    assert [(one.version.version_id, one.why) for one in found.wanted] == [("v2e2", "deleted")]


@pytest.mark.parametrize("as_of", ["", T[2]])
def test_a_marker_without_an_id_here_is_no_version_without_an_id_there(as_of: str) -> None:
    """Both are called `null` in buckets that began without versions."""
    here = history(replace(marker(3), version_id="null"))
    there = history(replace(version(1), version_id="null"))
    (found,) = chosen(here, there, as_of).wanted
    assert (found.why, found.from_replica, found.version.etag) == ("lost", True, "e1")
    same = history(replace(version(2, "e1"), version_id="null"))
    assert chosen(same, there, T[1]).wanted == (), "it is there, with the same content"


def test_deleted_twice_over_is_still_the_last_version() -> None:
    found = chosen(history(version(1), marker(2), marker(3)))
    assert [one.version.version_id for one in found.wanted] == ["v1e1"]


def test_what_is_there_stays() -> None:
    assert chosen(history(version(1), version(2))).wanted == ()


def test_overwritten_since_a_moment() -> None:
    found = chosen(history(version(1), version(3)), as_of=T[2])
    assert [(one.version.version_id, one.why) for one in found.wanted] == [("v1e1", "overwritten")]
    assert found.wanted[0].now is not None
    assert found.wanted[0].now.version_id == "v3e3"


def test_overwritten_and_then_deleted_comes_back_as_it_was_at_the_moment() -> None:
    found = chosen(history(version(1), version(3), marker(4)), as_of=T[2])
    assert [(one.version.version_id, one.why) for one in found.wanted] == [("v1e1", "deleted")]


def test_made_since_is_left_alone_and_counted() -> None:
    found = chosen(history(version(5)), as_of=T[2])
    assert (found.wanted, found.since) == ((), 1)


def test_deleted_at_the_moment_stays_deleted_whatever_the_replica_says() -> None:
    here = history(version(1), marker(2), version(5))
    assert chosen(here, history(version(1)), as_of=T[3]) == Chosen((), 1, 0)


def test_written_again_with_the_same_content_is_as_it_was() -> None:
    assert chosen(history(version(1, "same"), version(4, "same")), as_of=T[2]).wanted == ()


def test_lost_for_good_comes_from_the_replica() -> None:
    (one,) = chosen([], history(version(1), version(2))).wanted
    assert (one.from_replica, one.version.version_id, one.now, one.why) == (True, "v2e2", None, "lost")


def test_only_a_marker_is_left_here_and_the_replica_has_it() -> None:
    (one,) = chosen(history(marker(4)), history(version(1))).wanted
    assert (one.from_replica, one.why) == (True, "lost")
    assert one.now is not None
    assert one.now.hides


def test_the_version_of_the_moment_was_lost_here_and_the_replica_has_it() -> None:
    (one,) = chosen(history(version(5)), history(version(1), version(5)), as_of=T[2]).wanted
    assert (one.from_replica, one.version.version_id, one.why) == (True, "v1e1", "overwritten")


def test_of_one_second_the_version_counts_before_the_marker() -> None:
    """S3 tells whole seconds: deleted and written in the same one, it is rather brought back than not."""
    here = [replace(marker(2), at=T[2]), replace(version(2), at=T[2]), replace(marker(4), newest=True)]
    (one,) = chosen(here, as_of=T[2]).wanted
    assert not one.version.hides


entries = st.lists(
    st.tuples(st.sampled_from(["a", "b", "ç/ d"]), st.booleans(), st.sampled_from(["x", "y", "z"])),
    max_size=9,
)


@given(entries, entries, st.integers(-1, 9))
def test_whatever_the_histories_it_never_brings_back_what_is_there_nor_a_marker(
    here: list[tuple[str, bool, str]], there: list[tuple[str, bool, str]], moment: int
) -> None:
    as_of = T[moment] if moment >= 0 else ""
    built = (written(here), written(there))
    found = choose(built[0], built[1], as_of)
    assert len({one.version.key for one in found.wanted}) == len(found.wanted)
    for one in found.wanted:
        assert not one.version.hides
        assert not as_of or one.version.at <= as_of
        assert one.now is None or not one.version.is_surely(one.now)
        assert (one.version.key in built[0]) or one.from_replica
        source = built[1] if one.from_replica else built[0]
        assert one.version in source[one.version.key]


@given(entries, st.integers(-1, 9))
def test_once_brought_back_there_is_nothing_left_to_bring_back(
    rows: list[tuple[str, bool, str]], moment: int
) -> None:
    as_of = T[moment] if moment >= 0 else ""
    here = written(rows)
    after = {key: list(found) for key, found in here.items()}
    for one in choose(here, {}, as_of).wanted:
        top = replace(one.version, version_id="new", at="2026-03-02T00:00:00.000+00:00", newest=True)
        after[one.version.key] = [top, *(replace(old, newest=False) for old in here[one.version.key])]
    assert choose(after, {}, as_of).wanted == ()


def written(rows: list[tuple[str, bool, str]]) -> dict[str, list[ImageVersion]]:
    """Rows of key, deleted, content; each a second after the other."""
    made = [
        marker(second, key) if hides else version(second, etag, key)
        for second, (key, hides, etag) in enumerate(rows)
    ]
    last = {one.key: one.version_id for one in made}
    return histories(replace(one, newest=last[one.key] == one.version_id) for one in made)


def test_an_upload_in_parts_is_told_by_its_size() -> None:
    whole = ImageVersion("a", "1", T[1], False, False, 9, "abc-2")
    assert whole.holds(replace(whole, etag="def"))
    assert not whole.holds(replace(whole, etag="def", size_bytes=8))


def test_another_upload_in_parts_of_the_same_size_is_still_another() -> None:
    here = history(version(1, "abc-2"), version(4, "def-2"))
    (one,) = chosen(here, as_of=T[2]).wanted
    assert (one.version.etag, one.why) == ("abc-2", "overwritten")


def test_under_a_key_of_kms_a_copy_has_another_etag_and_is_told_by_its_size() -> None:
    whole = ImageVersion("a", "1", T[1], False, False, 9, "abc")
    assert not whole.holds(replace(whole, etag="def"))
    assert whole.holds(replace(whole, etag="def", sealed=True))
    assert not whole.holds(replace(whole, etag="def", size_bytes=8, sealed=True))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-22T21:55:00Z", "2026-11-22T21:55:00.000+00:00"),
        ("2026-11-22T18:55:00-03:00", "2026-11-22T21:55:00.000+00:00"),
    ],
)
def test_moments_are_read_with_their_zone(text: str, read: str) -> None:
    assert read_moment(text) == read


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-11-22T21:55:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+09:00"]
)
def test_a_moment_without_a_zone_or_none_at_all_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|zone"):
        BackParams("production", prefix="a/", as_of=text)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_moment(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert read_moment(text).endswith("+00:00")


def test_exactly_one_of_key_and_prefix_is_said() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        BackParams("production")
    with pytest.raises(ValueError, match="exactly one"):
        BackParams("production", key="a", prefix="b")
    with pytest.raises(ValueError, match="control"):
        BackParams("production", key="a\nb")
