"""A real nginx before a server, set up as the first example of a proxy in its manual does it."""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Iterator

from bot.demo.ports import free_port
from tests.real.processes import plain_account, running, server_directory, wait_for

CONFIG = """
pid {folder}/pid; daemon off; master_process off;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://127.0.0.1:{to}; {more} }}
    }}
}}
"""


def absent() -> str:
    """Why it cannot run here, or ''."""
    return "" if shutil.which("nginx") else "nginx is not installed (Debian package nginx-light)"


@contextlib.contextmanager
def nginx_before(to: int, more: str = "") -> Iterator[int]:
    """The port of a proxy that leads to port `to`; `more` are lines of its configuration beside that."""
    owner = plain_account()
    with server_directory(owner) as folder:
        port = free_port()
        written = folder / "nginx.conf"
        written.write_text(CONFIG.format(folder=folder, port=port, to=to, more=more))
        argv = [shutil.which("nginx") or "nginx", "-e", "stderr", "-p", str(folder), "-c", str(written)]
        with running(argv, folder, owner):
            wait_for("nginx", lambda: _listens(port))
            yield port


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
