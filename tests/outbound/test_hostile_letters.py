"""Whatever subject, address and text hold, it is one letter, with the headers that it should have."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.entry import Json
from bot.domain.outbound import Job, JobState, Never, Way
from bot.ways.letter import SUBJECT_LIMIT, TEXT_LIMIT, Letter, read_letter
from bot.ways.mail import Mail
from tests.real.mail import real_mail

FROM = "drbot@salon.example"
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
    "Content-Transfer-Encoding", "MIME-Version",
}  # fmt: skip
NASTY = st.lists(
    st.one_of(
        st.text(st.characters(), max_size=40),
        st.sampled_from(
            ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\0", "\ud800", ".", "\r\n.\r\n", "Bcc: x@y.z"]
        ),
    ),
    max_size=12,
).map("".join)  # fmt: skip
ADDRESSES = st.one_of(
    st.sampled_from(
        [
            "ana@example.org", "a@b@example.org", "<ana@example.org>",
            "ana@example.org\r\nRCPT TO:<x@y.example>",
            "ana@exämple.org", "añá@example.org", '"a b"@example.org', "a@example.org,b@example.org", "@", "",
            "ana@[127.0.0.1]", "ana@example.org SIZE=1", "a" * 65 + "@example.org", "ana@example..org",
        ]
    ),
    st.builds("{}@{}".format, NASTY, NASTY),
)  # fmt: skip


def job(to: list[str], subject: str, text: str) -> Job:
    payload: dict[str, Json] = {"to": list[Json](to), "subject": subject, "text": text}
    at = "2026-11-23T03:00:00.000000Z"
    return Job("k", Way.MAIL, "k", "send", "a letter", payload, None, JobState.SENDING, 1, created_at=at)


def check(letter: Letter, given: list[str]) -> None:
    """That nothing was smuggled in, and that it can go over any server."""
    assert letter.wire.isascii()
    assert letter.wire.endswith(b"\r\n.\r\n")
    lines = letter.wire.split(b"\r\n")
    assert not [line for line in lines if b"\n" in line or b"\r" in line or len(line) > 998]
    assert lines.count(b".") == 1
    message = message_from_bytes(letter.wire, policy=default)
    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert message["To"] == (letter.to[0] if len(letter.to) == 1 else "undisclosed-recipients:;")
    assert len(str(message["Subject"])) <= SUBJECT_LIMIT
    for address in letter.to:
        assert re.fullmatch(r"[!-~]+@[A-Za-z0-9.-]+", address)
        assert not set(address) & set('<>,;:"\\()[] ')
    named = {one.strip() for one in given}
    assert {one for one in letter.to if not one.split("@")[1].startswith("xn--")} <= named


@settings(max_examples=300, deadline=None)
@given(st.lists(ADDRESSES, max_size=5), NASTY, NASTY)
@example(["ana@example.org"], "Hi\r\nBcc: eve@example.org", ".\r\n.\r\nMAIL FROM:<x@y.example>")
@example(["ana@example.org"], "=?utf-8?q?x?=" * 30, "From here\n" + "x" * 5_000)
def test_nothing_is_smuggled_in(to: list[str], subject: str, text: str) -> None:
    try:
        letter = read_letter(job(to, subject, text), FROM)
    except Never:
        return
    check(letter, to)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs")) | st.just("\n"), max_size=300))
@example("." * 10 + "\n.\n..\n")
@example("ç" * TEXT_LIMIT * 2)
def test_a_text_that_can_be_read_arrives_unchanged(text: str) -> None:
    letter = read_letter(job(["ana@example.org"], "s", text), FROM)
    wire = re.sub(rb"(?m)^\.\.", b".", letter.wire.removesuffix(b".\r\n"))
    got = str(message_from_bytes(wire, policy=default).get_content()).replace("\r\n", "\n")
    wanted = text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + "\n[…]\n"
    assert got.rstrip("\n") == wanted.rstrip("\n")


@pytest.mark.parametrize(
    ("to", "became"),
    [
        (" ana@example.org\n", "ana@example.org"),
        ("ana@exämple.org", "ana@xn--exmple-cua.org"),
        ("o'brien+on.call@mail.example.org", "o'brien+on.call@mail.example.org"),
    ],
)
def test_addresses_as_people_have_them(to: str, became: str) -> None:
    assert read_letter(job([to], "s", "t"), FROM).to == (became,)


def test_a_real_server_takes_each_as_one_letter() -> None:
    with real_mail() as server:
        mail = Mail(server.url, FROM)

        @settings(max_examples=25, deadline=None)
        @given(NASTY, NASTY)
        @example(
            "a\r\n.\r\nQUIT\r\n", "\r\n.\r\nMAIL FROM:<eve@example.org>\r\nRCPT TO:<ana@example.org>\r\n"
        )
        def send(subject: str, text: str) -> None:
            before = len(server.letters)
            mail.send(job(["ana@example.org"], subject, text), "")
            (letter,) = server.letters[before:]
            assert (letter.sender, letter.to) == (FROM, ("ana@example.org",))
            assert set(letter.message.keys()) == HEADERS

        send()
