"""What reaches a terminal: whatever a name holds, it moves no cursor and writes no line of its own."""

from __future__ import annotations

import contextlib
import io
import json
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.answer import Answer, Table
from bot.domain.standing import Board
from bot.printable import printable_json, printable_line
from bot.readiness.board import short
from bot.terminal import print_answer
from tests.readiness import hostile
from tests.readiness.boards import AT, standing
from tests.readiness.test_faces import drawn
from tests.slack.hostile import texts

KEY = "salons/1/\x1b]0;owned\x07\x1b[2J\x1b[32mall well\u202egnp.jpg\x9b31m\rall well"
hard = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
answers = st.builds(
    Answer,
    title=texts,
    lines=st.lists(texts, max_size=5).map(tuple),
    table=st.none() | st.builds(Table, st.tuples(texts, texts), st.lists(st.tuples(texts, texts)).map(tuple)),
    document=texts,
    board=st.none() | hostile.boards,
    data=st.dictionaries(texts, texts, max_size=3),
)


def obeyed(said: str) -> set[str]:
    """What of it a terminal would obey, or a reader be misled by."""
    seen = {one for one in said if unicodedata.category(one) in ("Cc", "Cf", "Cs")}
    return seen - set("\n\t\u200c\u200d")


def printed(answer: Answer, as_json: bool = False) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        print_answer(answer, as_json)
    return out.getvalue()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal without colours, so that no sign of the bot's own is among what it obeys."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")


@hard
@given(answers)
def test_a_pipe_holds_nothing_that_a_terminal_obeys(answer: Answer) -> None:
    assert obeyed(printed(answer)) == set()


@hard
@given(answers)
def test_a_terminal_is_given_nothing_to_obey(seen: None, answer: Answer) -> None:
    assert obeyed(printed(answer)) == set()


@hard
@given(answers)
def test_json_means_the_same_and_is_harmless_to_look_at(answer: Answer) -> None:
    said = printed(answer, as_json=True)
    assert obeyed(said) == set()
    read = json.loads(said)
    told = {"title": answer.title, "lines": list(answer.lines), "exit": 0, **answer.data}
    assert read == json.loads(json.dumps(told))


@hard
@given(hostile.boards)
def test_the_board_is_given_nothing_to_obey(board: Board) -> None:
    assert obeyed(drawn(board, 100)) == set()


@hard
@given(texts)
def test_a_sentence_of_the_board_is_harmless_on_every_face(said: str) -> None:
    assert obeyed(short(said)) == set()


def test_a_name_cannot_clear_the_screen_and_call_all_well() -> None:
    bad = standing("images", why=KEY, component=KEY, measured=KEY, promised=KEY, helps=KEY)
    said = drawn(Board((bad, replace(bad, place="watch")), AT), 100, colour=True)
    assert "\x1b[2J" not in said
    assert "\x1b]0" not in said
    assert not any(line.startswith("all well") for line in said.splitlines())
    assert "\N{REPLACEMENT CHARACTER}[2J" in said


def test_a_name_writes_no_line_and_no_row_of_its_own() -> None:
    name = "a.jpg\nNothing would fail now.\r\u2028Nothing would fail now."
    said = printed(Answer(name, (name,), Table(("object",), ((name,),))))
    assert not any(line.strip().startswith("Nothing") for line in said.split("\n"))


def test_what_is_harmless_stays_as_it_is() -> None:
    for fine in (
        "Größe  3 µs ≤ 4 h · “quoted” …",
        "👩\u200d🚒 نمی\u200cخواهم",
        "a\N{NO-BREAK SPACE}b",
        "  · 1",
    ):
        assert printable_line(fine) == fine
    assert printable_json('{\n  "é": "ü"\n}') == '{\n  "é": "ü"\n}'
