"""A job's letter as it goes over the wire: headers that nothing can be smuggled into, text in ASCII."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from bot.domain.outbound import Job, Never

SUBJECT_LIMIT, TEXT_LIMIT, TO_LIMIT = 200, 20_000, 50
NO_NAMES = "undisclosed-recipients:;"
# What stands in a letter's envelope unquoted; a local part in quotes is not taken.
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_POLICY = SMTP.clone(cte_type="7bit")
# Folded, a subject would begin with the blank of its second line; encoded words have to stay short.
_UNFOLDED = _POLICY.clone(max_line_length=998)


@dataclass(frozen=True)
class Letter:
    """`to` are the addresses of the envelope, `unusable` those that are none, and why. `ask`: in doubt a
    person decides. `wire`: what follows DATA, with its end.
    """

    sender: str
    to: tuple[str, ...]
    unusable: Mapping[str, str]
    subject: str
    message_id: str
    ask: bool
    wire: bytes


def read_letter(job: Job, mail_from: str) -> Letter:
    """The letter of a job's payload, the same each time. Raises Never where it cannot be one.

    Several addresses never see each other: `To` names one alone.
    """
    sender = _address(mail_from)
    if not sender:
        raise Never(
            "the plan names no sender: communication.outside.mail_from has to be an address"
            if not mail_from
            else f"communication.outside.mail_from is no address: {_shown(mail_from)}"
        )
    to, unusable = _addresses(job)
    subject = one_line(str(job.payload.get("subject") or job.about))[:SUBJECT_LIMIT]
    message_id = f"<{_mark(job)}@{sender.rpartition('@')[2]}>"
    message = EmailMessage(policy=_UNFOLDED if subject.isascii() else _POLICY)
    message["From"] = sender
    message["To"] = to[0] if len(to) == 1 else NO_NAMES
    message["Subject"] = subject
    message["Date"] = datetime.fromisoformat(job.created_at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(str(job.payload.get("text") or "")))
    wire = re.sub(rb"(?m)^\.", b"..", message.as_bytes()) + b".\r\n"
    return Letter(sender, to, unusable, subject, message_id, job.payload.get("doubt") == "ask", wire)


def one_line(text: str) -> str:
    """Without line breaks, and without what is not seen."""
    seen = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in text[:2_000])
    return " ".join(seen.split())


def _text(text: str) -> str:
    """Without control characters; cut, saying so."""
    plain = "".join(
        letter
        for letter in text.replace("\r\n", "\n").replace("\r", "\n")
        if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cs")
    )
    return plain if len(plain) <= TEXT_LIMIT else plain[:TEXT_LIMIT] + "\n[…]\n"


def _addresses(job: Job) -> tuple[tuple[str, ...], Mapping[str, str]]:
    given = job.payload.get("to")
    wanted = [str(one) for one in given] if isinstance(given, list) else []
    if len(wanted) > TO_LIMIT:
        raise Never(f"{len(wanted)} addresses are more than the {TO_LIMIT} that one letter may have")
    read = {one: _address(one) for one in wanted}
    to = tuple(dict.fromkeys(address for address in read.values() if address))
    unusable = {_shown(one): "no address" for one, address in read.items() if not address}
    if not to:
        named = ", ".join(list(unusable)[:5])
        raise Never(f"none of its addresses is one: {named}" if named else "it has no address to go to")
    return to, unusable


def _address(text: str) -> str:
    """`ana@example.org`, its domain in ASCII; '' where it is no plain address."""
    local, _, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    labels = domain.split(".")
    whole = _LOCAL.fullmatch(local) and len(local) <= 64 and len(domain) <= 253
    return f"{local}@{domain}" if whole and all(map(_LABEL.fullmatch, labels)) else ""


def _mark(job: Job) -> str:
    """Of this letter alone: a key may come again in another memory, not at the same microsecond."""
    return hashlib.sha256(f"{job.key}\x1f{job.created_at}".encode("utf-8", "replace")).hexdigest()[:32]


def _shown(text: str) -> str:
    return f"“{one_line(text)[:80]}”"
