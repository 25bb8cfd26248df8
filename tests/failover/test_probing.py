"""Asking a service at one very address, under its own name."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from actions.plan import Refused
from actions.tools.dns.probing import probe
from tests.real.places import FIRST, SECOND, TwoPlaces
from tests.real.tls import Made, make


def test_it_asks_that_address_under_the_services_name(places: TwoPlaces) -> None:
    places.first.healthy = False
    here, there = probe(places.health_check, FIRST), probe(places.health_check, SECOND)
    assert (here.healthy, there.healthy) == (False, True)
    assert here.said.startswith("answered 503")
    assert places.first.hosts == places.second.hosts == [places.name]


def test_nobody_there_is_an_answer_too(places: TwoPlaces) -> None:
    gone = probe(places.health_check, "127.0.0.4")
    assert not gone.healthy
    assert gone.said == "does not answer (connection refused)"


@pytest.mark.parametrize("url", ["ftp://x/", "api.belezza.test/health", "http://", "http://x:99999/"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="is no URL of HTTP"):
        probe(url, FIRST)


def test_a_certificate_counts_for_the_name_and_not_for_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = make("Test authority", authority=True)
    (tmp_path / "ca.pem").write_bytes(trusted.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with _secure(make("api.belezza.test", by=trusted), tmp_path) as (port, names):
        asked = probe(f"https://api.belezza.test:{port}/", "127.0.0.1")
        assert asked.healthy, asked.said
        other = probe(f"https://www.belezza.test:{port}/", "127.0.0.1")
        assert not other.healthy
        assert "certificate is not trusted" in other.said
    assert names == ["api.belezza.test", "www.belezza.test"], "asked by its name, so the right one answers"


@contextlib.contextmanager
def _secure(made: Made, folder: Path) -> Iterator[tuple[int, list[str]]]:
    """An HTTPS server; its port, and the names that clients asked for in the handshake."""
    names: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.written(folder))
    context.sni_callback = lambda _socket, name, _context: names.append(str(name))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Tests are quiet."""

    class Server(HTTPServer):
        def get_request(self):  # type: ignore[no-untyped-def]  # socketserver's own
            plain, where = super().get_request()
            plain.settimeout(5)
            return context.wrap_socket(plain, server_side=True), where

    server = Server(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield server.server_address[1], names
    finally:
        server.shutdown()
        server.server_close()
        serving.join(10)
