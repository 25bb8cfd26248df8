"""The certificate that a server really presents: one handshake that trusts, else one that only looks."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from actions.failures import Refused, Transient

NAMES_MOST = 100


@dataclass(frozen=True)
class ServedCertificate:
    """What `host:port` presents. `distrust` is why a browser would refuse it, '' where it would not."""

    place: str
    names: tuple[str, ...]
    issuer: str
    not_before: datetime
    not_after: datetime
    distrust: str


def served(place: str, timeout_s: float) -> ServedCertificate:
    """Shake hands with `host:port` (443 where there is no port) and read what it presents.

    Trusted as the machine trusts (SSL_CERT_FILE where it is set). Raises Transient where nobody answers,
    Refused where what answers speaks no TLS or the place is none.
    """
    host, port = split(place)
    distrust = ""
    try:
        der = _presented(ssl.create_default_context(), host, port, timeout_s)
    except ssl.SSLCertVerificationError as error:
        distrust = error.verify_message[:200] or "it cannot be verified"
        der = _presented(_unverified(), host, port, timeout_s)
    return _read(place, der, distrust)


def split(place: str) -> tuple[str, int]:
    """Host and port of `host:port`, `[::1]:443` or `host`. Raises Refused where it is none of these."""
    host, colon, port = place.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = place, "443"
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise Refused(f"{place[:80]!r} is not host:port: mend the plan's certificates.served")
    return host.strip("[]"), int(port)


@contextmanager
def _told(host: str, port: int, timeout_s: float) -> Iterator[None]:
    where = f"{host}:{port}"
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise
    except TimeoutError as error:
        raise Transient(f"{where} did not answer within {timeout_s:g} s") from error
    except ssl.SSLError as error:
        raise Refused(f"{where} does not shake hands over TLS: {error.reason or 'it broke off'}") from error
    except UnicodeError as error:
        raise Refused(f"{where} is no host name") from error
    except OSError as error:
        raise Transient(f"{where} does not answer: {error.strerror or type(error).__name__}") from error


def _presented(context: ssl.SSLContext, host: str, port: int, timeout_s: float) -> bytes:
    with (
        _told(host, port, timeout_s),
        socket.create_connection((host, port), timeout_s) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        der = secure.getpeercert(binary_form=True)
    if not der:
        raise Refused(f"{host}:{port} presents no certificate")
    return der


def _unverified() -> ssl.SSLContext:
    """Reads what is presented and believes nothing of it: only for telling what is wrong with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _read(place: str, der: bytes, distrust: str) -> ServedCertificate:
    try:
        found = x509.load_der_x509_certificate(der)
        return ServedCertificate(
            place,
            _names(found),
            _common_name(found.issuer),
            found.not_valid_before_utc,
            found.not_valid_after_utc,
            distrust,
        )
    except ValueError as error:
        raise Refused(f"{place} presents a certificate that cannot be read") from error


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        others = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return (_common_name(found.subject),)
    return tuple(others.get_values_for_type(x509.DNSName))[:NAMES_MOST]


def _common_name(name: x509.Name) -> str:
    """The common name, else the whole name, on one bounded line."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(common[0].value) if common else name.rfc4514_string()
    return "".join(char if char.isprintable() else " " for char in text)[:120]
