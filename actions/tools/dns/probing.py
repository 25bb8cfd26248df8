"""Asking a service at one very address, under its own name: as customers would after a move there."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

from actions.failures import Refused, Transient
from actions.tools.endpoint import Endpoint, shown, told

CONNECT_S = 3.0
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Probed:
    """One question: whether the answer was well (2xx), what came, and how long it took."""

    healthy: bool
    said: str
    took_s: float = 0.0


def probe(url: str, address: str = "", timeout_s: float = 5.0) -> Probed:
    """GET the URL at `address` ('': wherever its name leads), with the URL's own Host and server name.

    Certificates are trusted as the machine trusts. No redirect is followed, no proxy asked, no body read.
    Raises Refused where the URL is none; everything else is an answer.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if not port or not parts.hostname:
        raise Refused(f"{shown(url, 80)!r} is no URL of HTTP: mend the plan's health check")
    where = address or parts.hostname
    endpoint = Endpoint(f"{parts.hostname} at {where}", url, timeout_s=timeout_s)
    began = time.monotonic()
    try:
        with told(endpoint):
            status = _status(parts.scheme, parts.hostname, where, port, url, timeout_s)
    except Transient as error:
        return Probed(False, _short(str(error), endpoint), time.monotonic() - began)
    took_s = time.monotonic() - began
    return Probed(200 <= status < 300, f"answered {status} in {took_s * 1000:.0f} ms", took_s)


def _status(scheme: str, host: str, where: str, port: int, url: str, timeout_s: float) -> int:
    patience = urllib3.Timeout(total=timeout_s, connect=min(CONNECT_S, timeout_s))
    pool: urllib3.HTTPConnectionPool
    if scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            where,
            port,
            timeout=patience,
            ssl_context=ssl.create_default_context(),
            server_hostname=host,
        )
    else:
        pool = urllib3.HTTPConnectionPool(where, port, timeout=patience)
    parts = urlsplit(url)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    with pool:
        answer = pool.request(
            "GET",
            path,
            headers={"Host": parts.netloc.rpartition("@")[2], "Connection": "close", "User-Agent": "drbot"},
            retries=False,
            redirect=False,
            preload_content=False,
        )
        answer.close()
        return answer.status


def _short(said: str, endpoint: Endpoint) -> str:
    """The sentence without whom it is about: whoever shows it has said so."""
    return said.removeprefix(endpoint.place).strip()
