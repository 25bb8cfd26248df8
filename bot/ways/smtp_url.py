"""`SMTP_URL`: where letters are handed over, and as whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

FORM = "write smtp://user:password@host:587, smtps://host:465 or smtp://127.0.0.1:25"
_PORTS = {"smtp": 25, "smtps": 465}
_SUBMISSION = 587


@dataclass(frozen=True)
class SmtpUrl:
    """`tls`: from the first byte (smtps). Otherwise STARTTLS where it is offered; with a user, only then."""

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"the mail server {self.host}:{self.port}"


def parse_smtp_url(text: str) -> SmtpUrl:
    """Read it. Raises ValueError with the form expected, and without the password."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise ValueError(f"SMTP_URL cannot be read: {FORM}") from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"SMTP_URL cannot be read: {FORM}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError(f"SMTP_URL names a user without a password, or the other way round: {FORM}")
    usual = _SUBMISSION if parts.scheme == "smtp" and user else _PORTS[parts.scheme]
    return SmtpUrl(parts.hostname, port or usual, parts.scheme == "smtps", user, password)
