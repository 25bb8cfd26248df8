"""A real mail server on loopback that keeps what it takes, and fails in the ways that mail servers do."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Literal

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.real.tls import Made

USER, PASSWORD = "drbot", "local-password"
Failure = Literal["busy", "refuse", "drop-before", "drop-after", "hang", "closing"]


@dataclass(frozen=True)
class Received:
    """A letter as it arrived: its envelope, and what was in it."""

    sender: str
    to: tuple[str, ...]
    wire: bytes
    secured: bool

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.wire, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        return str(self.message.get_content()).replace("\r\n", "\n")


@dataclass
class Behaviour:
    """What the server does next. `failures` are used up one a letter; `refused` holds, address to answer."""

    failures: list[Failure] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class _Handler:
    """aiosmtpd's hooks."""

    def __init__(self, behaviour: Behaviour, letters: list[Received], login: bool) -> None:
        self._login = login
        self._behaviour = behaviour
        self._letters = letters
        self.released = asyncio.Event()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._login and not session.authenticated:
            return "530 5.7.0 log in first"
        failures = self._behaviour.failures
        if failures and failures[0] in ("drop-before", "closing"):
            failure = failures.pop(0)
            if failure == "closing":
                return "421 4.3.2 closing for maintenance"
            _transport(server).abort()
        if address in self._behaviour.refused:
            return self._behaviour.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        failure = self._behaviour.failures.pop(0) if self._behaviour.failures else ""
        if failure == "busy":
            return "450 4.7.1 try again later"
        if failure == "refuse":
            return "550 5.7.1 not wanted here"
        assert isinstance(envelope.original_content, bytes)
        transport = _transport(server)
        letter = Received(
            str(envelope.mail_from),
            tuple(map(str, envelope.rcpt_tos)),
            envelope.original_content,
            transport.get_extra_info("ssl_object") is not None,
        )
        self._letters.append(letter)
        if failure == "hang":
            await self.released.wait()
        if failure in ("drop-after", "hang"):
            transport.abort()
        return f"250 2.0.0 taken as {len(self._letters)}"


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object
) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)


class MailServer:
    """Stopped and started again on the same port by `down` and `up`. Letters outlive that."""

    def __init__(self, made: Made | None, folder: Path | None, tls: bool, login: bool) -> None:
        self.behaviour = Behaviour()
        self.letters: list[Received] = []
        self._context = _context(made, folder) if made and folder else None
        self._tls, self._login = tls, login
        self._sessions: list[SMTP] = []
        self._loop = asyncio.new_event_loop()
        self._handler = _Handler(self.behaviour, self.letters, login)
        self._server: asyncio.Server | None = None
        self._held: socket.socket | None = _bound(0)
        self.port: int = self._held.getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        who = f"{USER}:{PASSWORD}@" if self._login else ""
        return f"smtp{'s' if self._tls else ''}://{who}127.0.0.1:{self.port}"

    @property
    def subjects(self) -> list[str]:
        return [str(letter.message["Subject"]) for letter in self.letters]

    def up(self) -> None:
        """Answer. Safe where it does."""
        if self._server is None:
            self._run(self._up())

    def down(self) -> None:
        """Refuse connections, and cut those that are there. The port stays ours."""
        if self._server is not None:
            self._run(self._down())

    def close(self) -> None:
        self.down()
        self._run(self._end_tasks())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        if self._held is not None:
            self._held.close()

    def _run(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(20)  # type: ignore[arg-type]

    async def _up(self) -> None:
        held, self._held = self._held, None
        assert held is not None
        secure = self._context if self._tls else None
        self._server = await self._loop.create_server(self._session, sock=held, ssl=secure)

    async def _down(self) -> None:
        assert self._server is not None
        self._server.close()
        for session in self._sessions:
            if session.transport is not None:
                _transport(session).abort()
        self._sessions.clear()
        self._server = None
        self._held = _bound(self.port)

    async def _end_tasks(self) -> None:
        self._handler.released.set()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _session(self) -> SMTP:
        session = SMTP(
            self._handler,
            hostname="mail.local",
            loop=self._loop,
            tls_context=None if self._tls else self._context,
            auth_require_tls=not self._tls,  # it is not told of a connection that is TLS from the start
            authenticator=_authenticate if self._login else None,
        )
        self._sessions.append(session)
        return session


@contextlib.contextmanager
def real_mail(
    made: Made | None = None, folder: Path | None = None, tls: bool = False, login: bool = False
) -> Iterator[MailServer]:
    """The server while the block runs. With a certificate it offers STARTTLS, or speaks TLS alone (`tls`).

    `login`: it takes letters only from USER with PASSWORD.
    """
    server = MailServer(made, folder, tls, login)
    server.up()
    try:
        yield server
    finally:
        server.close()


def _transport(session: SMTP) -> asyncio.Transport:
    assert isinstance(session.transport, asyncio.Transport)
    return session.transport


def _bound(port: int) -> socket.socket:
    """A port that is ours, and refuses connections until it is listened on."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", port))
    return held


def _context(made: Made, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.written(folder))
    return context
