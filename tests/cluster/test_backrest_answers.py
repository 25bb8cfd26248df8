"""What pgBackRest answers: whatever comes is a record or a sentence, and an error says what to do."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.clusters.moment import choose, fitting, window_text
from actions.failures import Refused, Transient
from actions.tools.clusters.backrest_errors import failure
from actions.tools.clusters.backrest_info import SetSeen, StanzaSeen, read_info, read_lsn, timeline_of
from actions.tools.command import Finished

SET = {
    "label": "20261122-020000F",
    "type": "full",
    "database": {"id": 1, "repo-key": 1},
    "timestamp": {"start": 1795312800, "stop": 1795312860},
    "archive": {"start": "000000010000000000000002", "stop": "000000010000000000000003"},
    "lsn": {"start": "0/2000028", "stop": "0/3000100"},
    "info": {"delta": 100, "size": 100, "repository": {"delta": 20, "size": 20}},
    "error": False,
    "annotation": {"drbot": "7-after-none"},
}


def stanza(**more: object) -> str:
    told = {
        "name": "salon",
        "status": {"code": 0, "message": "ok", "lock": {"backup": {"held": False}}},
        "backup": [SET],
        "archive": [
            {"database": {"id": 1}, "min": "000000010000000000000001", "max": "000000020000000000000009"}
        ],
        "db": [{"id": 1, "repo-key": 1, "system-id": 7123456789012345678, "version": "15"}],
        "repo": [{"key": 1, "status": {"code": 0, "message": "ok"}}],
    }
    return json.dumps([{**told, **more}])


def test_a_stanza_is_read() -> None:
    seen = read_info(stanza(), "salon")
    assert (seen.system_identifier, seen.version, seen.problem) == ("7123456789012345678", "15", "")
    assert seen.sets[0].finished_at == datetime.fromtimestamp(1795312860, UTC)
    assert (seen.sets[0].timeline, seen.sets[0].stop_lsn) == (1, 0x3000100)
    assert timeline_of(seen.last_wal) == 2


def test_only_the_newest_cluster_of_a_stanza_counts() -> None:
    """After stanza-upgrade the backups of the cluster before are none of this one's."""
    databases = [{"id": 1, "system-id": 1, "version": "14"}, {"id": 2, "system-id": 2, "version": "15"}]
    seen = read_info(stanza(db=databases), "salon")
    assert (seen.system_identifier, seen.sets, seen.last_wal) == ("2", (), "")


@pytest.mark.parametrize(
    ("more", "away"),
    [
        ({"repo": [{"key": 1, "status": {"code": 1, "message": "missing stanza path"}}]}, False),
        ({"repo": [{"key": 2, "status": {"code": 99, "message": "[HostConnectError] refused"}}]}, True),
        ({"status": {"code": 3, "message": "missing stanza data"}}, False),
    ],
)
def test_a_repository_that_is_not_sound_is_told(more: dict[str, object], away: bool) -> None:
    seen = read_info(stanza(**more), "salon")
    assert seen.problem
    assert seen.away is away


@given(
    st.text(max_size=200)
    | st.builds(json.dumps, st.recursive(st.none() | st.integers() | st.text(), st.lists))
)
def test_whatever_it_answers_is_read_or_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"cannot be read|knows no stanza"):
        read_info(text, "salon")


@given(st.text(max_size=40))
def test_positions_and_names_of_wal_are_read_or_nothing(text: str) -> None:
    assert read_lsn(text) >= 0 or "-" in text
    assert isinstance(timeline_of(text), int)


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (26, Refused, "checksum"),
        (49, Transient, "its repository does not answer"),
        (50, Transient, "another pgBackRest works on the stanza now"),
        (51, Refused, "not the cluster that the stanza is of"),
        (123, Refused, "error 123: what it said"),
    ],
)
def test_an_error_is_a_sentence_that_says_whether_to_try_again(
    code: int, kind: type[Exception], words: str
) -> None:
    told = failure(Finished(("pgbackrest",), code, "", f"P00  ERROR: [{code:03d}]: what it said\n"), "do it")
    assert type(told) is kind
    assert words in str(told)


def moved(label: str, timeline: int, stop: str, at: int) -> SetSeen:
    moment = datetime.fromtimestamp(at, UTC)
    first = f"{timeline:08X}0000000000000001"
    return SetSeen(label, "full", 1, moment, moment, first, read_lsn(stop), 1, 1, False, {})


def test_backups_of_a_branch_that_was_left_are_no_past_of_the_cluster() -> None:
    sets = (
        moved("trunk-late", 1, "0/9000000", 300),
        moved("branch", 2, "0/6000000", 200),
        moved("trunk", 1, "0/3000000", 100),
    )
    seen = StanzaSeen("salon", "1", "15", sets, "", "", False, "")
    assert [one.label for one in fitting(seen, 1, {})] == ["trunk-late", "trunk"]
    assert [one.label for one in fitting(seen, 2, {1: read_lsn("0/5000000")})] == ["branch", "trunk"]
    assert [one.label for one in fitting(seen, 0, {})] == ["trunk-late", "branch", "trunk"]


def test_the_newest_backup_before_the_moment_is_chosen() -> None:
    sets = (moved("late", 1, "0/9", 300), moved("early", 1, "0/3", 100))
    assert choose(sets, datetime.fromtimestamp(200, UTC), "").label == "early"
    assert choose(sets, None, "").label == "late"
    with pytest.raises(Refused, match="cannot be had: what can be had begins at"):
        choose(sets, datetime.fromtimestamp(50, UTC), window_text(datetime.fromtimestamp(101, UTC), None))
