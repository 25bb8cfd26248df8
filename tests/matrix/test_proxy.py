"""The proxy that the rigs use: each switch does what it says, and nothing of it stays."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.real.proxy import Proxy, proxy

WORD = b"well" * 100


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(WORD)))
        self.end_headers()
        self.wfile.write(WORD)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def way(server: ThreadingHTTPServer) -> Iterator[Proxy]:
    before = threading.active_count()
    with proxy(("127.0.0.1", server.server_address[1])) as made:
        yield made
    deadline = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)  # the server's own threads end after ours
    assert threading.active_count() <= before


def get(way: Proxy, data: bytes | None = None, timeout_s: float = 5.0) -> bytes:
    with urllib.request.urlopen(way.url, data, timeout_s) as answer:
        body: bytes = answer.read()
        return body


def test_it_passes(way: Proxy) -> None:
    assert get(way) == WORD
    assert get(way, b"a body") == WORD
    assert way.requests == 2


def test_it_refuses_and_listens_again_on_the_same_port(way: Proxy) -> None:
    with socket.create_connection(("127.0.0.1", way.port), 5) as kept:
        kept.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        kept.recv(10)
        with way.refuse():
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", way.port), 5)
            with contextlib.suppress(ConnectionResetError):
                while kept.recv(4096):
                    pass
    assert get(way) == WORD


def test_it_hangs_and_goes_on(way: Proxy) -> None:
    with way.hang(), pytest.raises(TimeoutError):
        get(way, timeout_s=0.2)
    assert get(way) == WORD


def test_what_hung_goes_through_afterwards(way: Proxy) -> None:
    heard: list[bytes] = []
    with way.hang():
        asking = threading.Thread(target=lambda: heard.append(get(way)))
        asking.start()
        while not way.requests:
            time.sleep(0.005)
        assert not heard
    asking.join(5)
    assert heard == [WORD]


def test_it_cuts_an_answer_in_the_middle(way: Proxy) -> None:
    with way.cut(after_bytes=200), pytest.raises(OSError, match="reset"):
        get(way)
    assert get(way) == WORD


def test_it_answers_itself(way: Proxy) -> None:
    asked = _Answers.asked
    with way.answer(403, b'{"message": "no"}'), pytest.raises(urllib.error.HTTPError, match="403") as said:
        get(way, b"x" * 300_000)
    with said.value as answer:
        assert answer.read() == b'{"message": "no"}'
    assert _Answers.asked == asked


def test_a_function_is_called_before_the_nth_request(way: Proxy) -> None:
    called: list[int] = []
    way.at(2, lambda: called.append(way.requests))
    get(way)
    assert called == []
    get(way)
    get(way)
    assert called == [2]


def test_the_nth_request_may_be_the_first_refused(way: Proxy) -> None:
    way.at(2, way.refuse)
    assert get(way) == WORD
    with pytest.raises(OSError, match=r"reset|closed|refused"):
        get(way)


def test_a_server_that_is_not_there_resets() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with proxy(nobody.getsockname()) as way, pytest.raises(OSError, match=r"reset|closed"):
            get(way)


def test_a_unix_socket_behind_it(tmp_path: Path) -> None:
    class Echo(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(self.request.recv(100))

    with socketserver.UnixStreamServer(str(tmp_path / "echo"), Echo) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with (
            proxy(str(tmp_path / "echo")) as way,
            socket.create_connection(("127.0.0.1", way.port), 5) as client,
        ):
            client.sendall(b"hello")
            assert client.recv(100) == b"hello"
            assert client.recv(100) == b"", "the server's end is passed on"
        thread.join()
