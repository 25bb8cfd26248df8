"""Mail over SMTP: one letter a job, in plain text."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Iterator
from threading import Timer

from bot.domain.outbound import Job, Later, Never, Sent, Unknown, Way
from bot.ways.letter import Letter, read_letter
from bot.ways.smtp_url import parse_smtp_url

STEP_S, WHOLE_S = 8.0, 30.0
NAMED = 5


class Mail:
    """Delivers to the server of `SMTP_URL`. Raises ValueError where that cannot be read (see SmtpUrl).

    SMTP cannot be asked what it took. Where the answer to a letter is lost it is sent again under the same
    Message-ID, by which a receiver can tell that it is the same one; a letter with `doubt: ask` is not: a
    person decides (decision 27).
    """

    way = Way.MAIL

    def __init__(self, url: str, mail_from: str, step_s: float = STEP_S, whole_s: float = WHOLE_S) -> None:
        self._server = parse_smtp_url(url)
        self._from = mail_from
        self._step_s = step_s
        self._whole_s = whole_s

    def send(self, job: Job, remote: str) -> Sent:
        """One letter to all its addresses. `remote` of what is sent is its Message-ID."""
        del remote
        letter = read_letter(job, self._from)
        with self._session(letter) as session:
            refused = _introduce(session, letter)
            said = _hand_over(session, letter)
        return Sent(letter.message_id, said + _not_to({**letter.unusable, **refused}))

    def find(self, job: Job, remote: str) -> Sent | None:
        """None: it is sent again. Raises Unknown where the letter says that a person decides."""
        del remote
        letter = read_letter(job, self._from)
        if letter.ask:
            to = ", ".join(letter.to)
            raise Unknown(f"no answer came to the letter “{letter.subject}” to {to}; see whether {to} has it")
        return None

    @contextlib.contextmanager
    def _session(self, letter: Letter) -> Iterator[smtplib.SMTP]:
        """Connected, secured, logged in. What goes wrong before a letter is handed over is Later or Never."""
        try:
            session = self._connect(letter)
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, _words(error.smtp_error), f"{self._server} refuses") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Later(f"{self._server} does not answer: {_short(error)}") from error
        timer = Timer(self._whole_s, _cut, (session,))
        timer.daemon = True
        timer.start()
        try:
            self._secure(session)
            yield session
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, _words(error.smtp_error), f"{self._server} refuses") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Later(f"{self._server} broke off: {_short(error)}") from error
        finally:
            timer.cancel()
            _bye(session)

    def _connect(self, letter: Letter) -> smtplib.SMTP:
        where = self._server
        name = letter.sender.rpartition("@")[2]
        if where.tls:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(where.host, where.port, name, timeout=self._step_s, context=context)
        return smtplib.SMTP(where.host, where.port, name, timeout=self._step_s)

    def _secure(self, session: smtplib.SMTP) -> None:
        where = self._server
        session.ehlo_or_helo_if_needed()
        if not where.tls and session.has_extn("starttls"):
            session.starttls(context=_context(verified=bool(where.user)))
            session.ehlo()
        elif where.user and not where.tls:
            raise Never(
                f"{where} offers no STARTTLS, and the password of SMTP_URL is not sent in the clear: use smtps://"
                " or a server that offers it"
            )
        if where.user:
            self._log_in(session)

    def _log_in(self, session: smtplib.SMTP) -> None:
        where = self._server
        try:
            session.login(where.user, where.password)
        except smtplib.SMTPAuthenticationError as error:
            said = _words(error.smtp_error)
            raise _refusal(
                error.smtp_code, said, f"{where} refuses the user and password of SMTP_URL"
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Never(f"{where} knows no way to log in that drbot knows: {_short(error)}") from error


def _introduce(session: smtplib.SMTP, letter: Letter) -> dict[str, str]:
    """Sender and addresses; what was refused of them, and why. Raises where none is left."""
    code, said = session.mail(letter.sender)
    if code != 250:
        raise _refusal(code, _words(said), f"the sender {letter.sender} is refused")
    refused: dict[str, tuple[int, str]] = {}
    for address in letter.to:
        code, said = session.rcpt(address)
        if code not in (250, 251):
            refused[address] = (code, _words(said))
        if code == 421:
            raise Later(f"the mail server closes: {_words(said)}")
    told = {address: words for address, (_, words) in refused.items()}
    if len(refused) == len(letter.to):
        words = "every address is refused" + _not_to({**letter.unusable, **told})
        passing = any(400 <= code < 500 for code, _ in refused.values())
        raise Later(words) if passing else Never(words)
    return told


def _hand_over(session: smtplib.SMTP, letter: Letter) -> str:
    """The letter itself; the server's answer. From here on an answer that is lost is Unknown."""
    code, said = session.docmd("DATA")
    if code != 354:
        raise _refusal(code, _words(said), "the letter is refused")
    try:
        session.send(letter.wire)
        code, said = session.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise Unknown(f"the answer to the letter was lost: {_short(error)}") from error
    if 400 <= code < 600:
        raise _refusal(code, _words(said), "the letter is refused")
    if code != 250:
        raise Unknown(f"the answer to the letter makes no sense: {code} {_words(said)}")
    return _words(said)


def _refusal(code: int, said: str, what: str) -> Exception:
    """5xx is for good; everything else passes."""
    words = f"{what}: {code} {said}".rstrip()
    return Never(words) if 500 <= code < 600 else Later(words)


def _not_to(refused: dict[str, str]) -> str:
    if not refused:
        return ""
    named = [f"{address} ({words})" for address, words in list(refused.items())[:NAMED]]
    more = f" and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
    return f"; not to {', '.join(named)}{more}"


def _context(verified: bool) -> ssl.SSLContext:
    """Without a password to protect, a certificate that nobody signed is still better than no TLS."""
    context = ssl.create_default_context()
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _cut(session: smtplib.SMTP) -> None:
    """End what takes too long; whoever waits for an answer is told that the connection is gone."""
    if session.sock is not None:
        with contextlib.suppress(OSError):
            session.sock.shutdown(socket.SHUT_RDWR)


def _bye(session: smtplib.SMTP) -> None:
    """QUIT changes nothing any more: the letter was answered, or is told as lost."""
    try:
        session.quit()
    except (OSError, smtplib.SMTPException):
        session.close()


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200]


def _short(error: BaseException) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200]
