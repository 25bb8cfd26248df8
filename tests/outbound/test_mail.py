"""Letters handed to a real mail server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.entry import Json
from bot.domain.outbound import Job, JobState, Later, Never, Sent, Unknown, Way
from bot.ways.mail import Mail
from tests.real.mail import PASSWORD, USER, MailServer, real_mail
from tests.real.tls import make

FROM = "drbot@salon.example"


def letter(*to: str, key: str = "letter:1", **payload: Json) -> Job:
    given: dict[str, Json] = {"to": list(to or ("ana@example.org",)), "subject": "Hello", "text": "Body\n"}
    at = "2026-11-23T03:00:00.000000Z"
    return Job(
        key, Way.MAIL, key, "send", "a letter", {**given, **payload}, 7, JobState.SENDING, 1, created_at=at
    )


@pytest.fixture
def server() -> Iterator[MailServer]:
    with real_mail() as server:
        yield server


@pytest.fixture
def mail(server: MailServer) -> Mail:
    return Mail(server.url, FROM)


def test_a_letter_arrives_as_it_was_written(server: MailServer, mail: Mail) -> None:
    text = (
        "Olá, Ana.\n.a line with a dot\n..and two\n\nThe database of São Paulo is down: 03:00 UTC – ação!\n"
    )
    sent = mail.send(letter(subject="SEV-1: banco fora – São Paulo", text=text), "")
    (got,) = server.letters
    assert (got.sender, got.to) == (FROM, ("ana@example.org",))
    assert got.text == text
    head = got.message
    assert head["Subject"] == "SEV-1: banco fora – São Paulo"
    assert (head["From"], head["To"]) == (FROM, "ana@example.org")
    assert head["Auto-Submitted"] == "auto-generated"
    assert head["Date"].datetime.isoformat() == "2026-11-23T03:00:00+00:00"
    assert sent == Sent(head["Message-ID"], "2.0.0 taken as 1")
    assert sent.remote.endswith("@salon.example>")


def test_the_same_letter_sent_again_can_be_told_and_another_cannot_be_taken_for_it(
    server: MailServer, mail: Mail
) -> None:
    first, again = mail.send(letter(), ""), mail.send(replace(letter(), attempts=2, said="lost"), "")
    other = mail.send(letter(key="letter:2"), "")
    of_another_memory = mail.send(replace(letter(), created_at="2026-11-24T03:00:00.000000Z"), "")
    assert first.remote == again.remote
    assert server.letters[0].wire == server.letters[1].wire
    assert len({first.remote, other.remote, of_another_memory.remote}) == 3


def test_several_never_see_each_other(server: MailServer, mail: Mail) -> None:
    mail.send(letter("ana@example.org", "rui@example.org", "ana@example.org"), "")
    (got,) = server.letters
    assert got.to == ("ana@example.org", "rui@example.org")
    assert b"ana@" not in got.wire
    assert b"rui@" not in got.wire


def test_who_was_refused_is_said_and_the_others_have_it(server: MailServer, mail: Mail) -> None:
    server.behaviour.refused = {"rui@example.org": "550 5.1.1 no such person"}
    sent = mail.send(letter("ana@example.org", "rui@example.org", "nobody"), "")
    assert "not to “nobody” (no address), rui@example.org (5.1.1 no such person)" in sent.said
    assert [one.to for one in server.letters] == [("ana@example.org",)]


@pytest.mark.parametrize(
    ("refused", "raised"),
    [
        ({"a@example.org": "550 no such person", "b@example.org": "553 nor this"}, Never),
        ({"a@example.org": "550 no such person", "b@example.org": "450 greylisted"}, Later),
        ({"a@example.org": "451 later", "b@example.org": "450 greylisted"}, Later),
    ],
)
def test_every_address_refused(
    server: MailServer, mail: Mail, refused: dict[str, str], raised: type[Exception]
) -> None:
    server.behaviour.refused = refused
    with pytest.raises(raised, match=r"every address is refused; not to a@example.org \("):
        mail.send(letter("a@example.org", "b@example.org"), "")
    assert server.letters == []


def test_what_the_server_says_of_the_letter(server: MailServer, mail: Mail) -> None:
    server.behaviour.failures = ["busy", "refuse", "closing", "drop-before"]
    with pytest.raises(Later, match=r"the letter is refused: 450 4.7.1 try again later"):
        mail.send(letter(), "")
    with pytest.raises(Never, match=r"the letter is refused: 550 5.7.1 not wanted here"):
        mail.send(letter(), "")
    with pytest.raises(Later, match="closes"):
        mail.send(letter(), "")
    with pytest.raises(Later, match="broke off"):
        mail.send(letter(), "")
    assert server.letters == []
    mail.send(letter(), "")
    assert len(server.letters) == 1


@pytest.mark.parametrize("failure", ["drop-after", "hang"])
def test_an_answer_that_is_lost_after_the_letter_leaves_doubt(server: MailServer, failure: str) -> None:
    server.behaviour.failures = [failure]  # type: ignore[list-item]  # a literal
    with pytest.raises(Unknown, match="the answer to the letter was lost"):
        Mail(server.url, FROM, step_s=0.5).send(letter(), "")
    assert len(server.letters) == 1


def test_the_whole_is_bounded_though_each_step_is_in_time(server: MailServer) -> None:
    server.behaviour.failures = ["hang"]
    with pytest.raises(Unknown):
        Mail(server.url, FROM, step_s=60, whole_s=0.5).send(letter(), "")


def test_in_doubt_a_letter_is_sent_again_and_of_a_customers_letter_a_person_decides(mail: Mail) -> None:
    assert mail.find(letter(), "") is None
    with pytest.raises(Unknown, match=r"“Hello” to list@example.org; see whether list@example.org has it"):
        mail.find(letter("list@example.org", doubt="ask"), "")


def test_nobody_there(server: MailServer, mail: Mail) -> None:
    server.down()
    with pytest.raises(Later, match=rf"the mail server 127.0.0.1:{server.port} does not answer: .*refused"):
        mail.send(letter(), "")
    server.up()
    assert mail.send(letter(), "").remote


def test_a_server_that_never_greets_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Later, match="timed out"):
            Mail(url, FROM, step_s=0.3).send(letter(), "")


@pytest.mark.parametrize("tls", [False, True])
def test_with_a_password_only_over_tls_that_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: bool
) -> None:
    made = make("127.0.0.1")
    with real_mail(made, tmp_path, tls=tls, login=True) as server:
        with pytest.raises(Later, match="CERTIFICATE_VERIFY_FAILED"):
            Mail(server.url, FROM).send(letter(), "")
        authority = tmp_path / "authority.pem"
        authority.write_bytes(made.pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        Mail(server.url, FROM).send(letter(), "")
        assert [one.secured for one in server.letters] == [True]
        with pytest.raises(Never, match="log in first"):
            Mail(server.url.replace(f"{USER}:{PASSWORD}@", ""), FROM).send(letter(), "")
        wrong = server.url.replace(PASSWORD, "wrong%20one")
        with pytest.raises(Never, match="refuses the user and password of SMTP_URL: 535") as refused:
            Mail(wrong, FROM).send(letter(), "")
        assert "wrong one" not in str(refused.value)


def test_a_password_is_not_sent_in_the_clear(server: MailServer) -> None:
    with pytest.raises(Never, match="offers no STARTTLS"):
        Mail(server.url.replace("//", f"//{USER}:{PASSWORD}@"), FROM).send(letter(), "")


def test_without_a_password_tls_is_taken_as_it_is_offered(tmp_path: Path) -> None:
    with real_mail(make("127.0.0.1"), tmp_path) as server:
        Mail(server.url, FROM).send(letter(), "")
        assert server.letters[0].secured


@pytest.mark.parametrize(
    ("sender", "to", "told"),
    [
        ("", ["ana@example.org"], "the plan names no sender"),
        ("drbot", ["ana@example.org"], "mail_from is no address: “drbot”"),
        (FROM, [], "it has no address to go to"),
        (FROM, ["ana", "@", "a@b@c d"], "none of its addresses is one: “ana”, “@”"),
        (FROM, [f"a{n}@example.org" for n in range(51)], "51 addresses are more than the 50"),
    ],
)
def test_what_cannot_be_a_letter_is_never_sent(
    server: MailServer, sender: str, to: list[str], told: str
) -> None:
    with pytest.raises(Never, match=told):
        Mail(server.url, sender).send(replace(letter(), payload={"to": list[Json](to), "text": "x"}), "")
    assert server.letters == []


@pytest.mark.parametrize(
    "url",
    ["mail.example.org", "http://h", "smtp://", "smtp://h:x", "smtp://user@h", "smtp://u:s3cret@h/path", "smtp://h:99999"],
)  # fmt: skip
def test_a_url_that_cannot_be_read_is_told_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="write smtp://user:password@host:587") as refused:
        Mail(url, FROM)
    assert "s3cret" not in str(refused.value)
