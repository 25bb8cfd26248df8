"""A real node_exporter, and a page of its text that says what a test wants."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import requests

from bot.demo.ports import free_port
from tests.real.processes import running, wait_for

PROGRAM = "prometheus-node-exporter"


def absent() -> str:
    """Why it cannot run here, or ''."""
    return "" if shutil.which(PROGRAM) else f"{PROGRAM} is not installed (Debian package {PROGRAM})"


@contextlib.contextmanager
def node_exporter(folder: Path) -> Iterator[int]:
    """The program while the block runs; its port."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with running([PROGRAM, f"--web.listen-address=127.0.0.1:{port}"], folder, grace_s=3.0):
        wait_for("node_exporter", lambda: _answers(port))
        yield port


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=1).ok
    except requests.RequestException:
        return False


class Page:
    """A page of numbers, served as an exporter does; `text` may be changed meanwhile."""

    def __init__(self, text: str) -> None:
        self.text = text
        page = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = page.text.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Tests are quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.port: int = self.server.server_address[1]


@contextlib.contextmanager
def page(text: str) -> Iterator[Page]:
    """It, while the block runs."""
    made = Page(text)
    serving = threading.Thread(target=made.server.serve_forever, args=(0.02,))
    serving.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        serving.join()
        made.server.server_close()


def numbers(
    disk_free: float = 0.5,
    memory_free: float = 0.5,
    load: float = 0.1,
    readonly: int = 0,
    inodes_free: float = 0.9,
    swap_free: float = 1.0,
) -> str:
    """A server with 100 GB of disk, 8 GB of memory and two cores, in node_exporter's text."""
    labels = '{device="/dev/vda1",fstype="ext4",mountpoint="/"}'
    memory = '{device="tmpfs",fstype="tmpfs",mountpoint="/run"}'
    return "\n".join(
        [
            "# HELP node_load1 1m load average.",
            "# TYPE node_load1 gauge",
            f"node_load1 {load}",
            f"node_load5 {load}",
            f"node_load15 {load}",
            'node_cpu_seconds_total{cpu="0",mode="idle"} 1000',
            'node_cpu_seconds_total{cpu="0",mode="user"} 10',
            'node_cpu_seconds_total{cpu="1",mode="idle"} 1000',
            "node_boot_time_seconds 1700000000",
            "node_time_seconds 1700360000",
            f"node_filesystem_size_bytes{labels} 1e+11",
            f"node_filesystem_avail_bytes{labels} {disk_free * 1e11}",
            f"node_filesystem_files{labels} 1000000",
            f"node_filesystem_files_free{labels} {inodes_free * 1e6}",
            f"node_filesystem_readonly{labels} {readonly}",
            f"node_filesystem_size_bytes{memory} 1000",
            f"node_filesystem_avail_bytes{memory} 0",
            "node_memory_MemTotal_bytes 8e+09",
            f"node_memory_MemAvailable_bytes {memory_free * 8e9}",
            "node_memory_SwapTotal_bytes 1e+09",
            f"node_memory_SwapFree_bytes {swap_free * 1e9}",
            "",
        ]
    )
