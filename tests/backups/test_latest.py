"""Which backup is the newest: by its manifest's time, whatever its name says; never one that did not hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.backups.choice import choose, list_backups
from actions.backups.manifest import REHEARSED
from actions.backups.names import NOT_HELD, Backup, Proof, backup_seen, is_disproved
from actions.failures import Refused
from actions.tools.aws.s3 import ObjectSeen
from tests.backups.conftest import World

AT = datetime(2026, 11, 22, 2, tzinfo=UTC)
DAY = timedelta(days=1)
object_seen = partial(ObjectSeen, etag="e", size_bytes=10)


def said(age: timedelta) -> str:
    return f"{datetime.now(UTC) - age:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.disaster(32)
def test_latest_is_by_the_time_of_the_manifest_and_not_by_the_name(world: World) -> None:
    named_newer = world.put(1 * DAY, started_at=said(4 * DAY))
    named_older = world.put(2 * DAY, started_at=said(2 * DAY))
    found = list_backups(world.bucket)
    assert [one.id for one in found] == [named_older, named_newer]
    assert choose(found, "latest").id == named_older
    assert found[0].remark == ""
    assert "its name says 2" in found[1].remark
    assert ", its manifest 2" in found[1].remark


@pytest.mark.parametrize("told", ["", "soon", "2026-11-22T02:00:00", "9999-12-31T23:59:59Z"])
def test_a_manifest_that_tells_no_time_leaves_the_name_to_tell(world: World, told: str) -> None:
    odd = world.put(1 * DAY, started_at=told)
    older = world.put(2 * DAY)
    assert [one.id for one in list_backups(world.bucket)] == [odd, older]


def test_what_is_before_them_by_name_hides_no_manifest(world: World) -> None:
    for minutes in range(7):
        world.put(timedelta(minutes=minutes + 1), manifest=False)
    named_newer = world.put(1 * DAY, started_at=said(4 * DAY))
    named_older = world.put(2 * DAY)
    assert choose(list_backups(world.bucket), "latest").id == named_older != named_newer


def test_a_note_of_what_lay_there_before_says_nothing(world: World) -> None:
    name = world.put(1 * DAY)
    key = f"{world.bucket.prefix}{name}.dump.zst"
    world.bucket.put(key + NOT_HELD, msgspec.json.encode({"why": "x"}))
    with pytest.raises(Refused, match=rf"held when it was last rehearsed \({name}\)"):
        choose(list_backups(world.bucket), "latest")
    at = datetime.now(UTC)
    seen = {key: object_seen(key, modified_at=at), key + NOT_HELD: object_seen(key, modified_at=at - DAY)}
    assert not is_disproved(key, seen)


@given(
    notes=st.lists(
        st.tuples(st.none() | st.integers(-3, 3), st.none() | st.integers(-3, 3), st.booleans()), max_size=8
    )
)
def test_whatever_notes_there_are_latest_is_the_newest_that_was_not_disproved(
    notes: list[tuple[int | None, int | None, bool]],
) -> None:
    backups: list[Backup] = []
    for number, (failed, held, proven) in enumerate(notes):
        at = AT - number * DAY
        key = f"p/b_{at:%Y%m%d_%H%M%S}.dump"
        beside = {key: at, **({key + ".manifest.json": at} if proven else {})}
        beside |= {key + NOT_HELD: at + failed * DAY} if failed is not None else {}
        beside |= {key + REHEARSED: at + held * DAY} if held is not None else {}
        one = backup_seen(
            "b", key, {name: object_seen(name, modified_at=when) for name, when in beside.items()}
        )
        assert one is not None
        assert one.disproved == (failed is not None and failed >= 0 and (held is None or held <= failed))
        backups.append(one)
    fit = [one for one in backups if one.proof is not Proof.NONE and not one.disproved]
    if not fit:
        with pytest.raises(Refused, match=r"Nothing was changed"):
            choose(tuple(backups), "latest")
        return
    taken = choose(tuple(backups), "latest")
    assert taken.id == fit[0].id
    newer = [one for one in backups if one.taken_at > taken.taken_at and one.proof is not Proof.NONE]
    assert ("passed over" in taken.remark) == bool(newer)
