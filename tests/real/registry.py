"""A real image registry (Debian's docker-registry) on a free port of loopback (engines ask no TLS there)."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from bot.demo.ports import free_port
from tests.real.processes import running, server_directory, wait_for

PROGRAM = "docker-registry"
ATTEMPTS = 3
# the one account of a guarded registry, and the bcrypt of its password
USER, PASSWORD = "robot", "local-token"
_HTPASSWD = "robot:$2b$05$aU9GcbZ43SgAn7jMUmCCseu.0A1dtD6eBRSK1hcug5VJ6pbR3qvGy\n"
_CONFIG = """\
version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {root}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
{auth}
"""


@dataclass(frozen=True)
class Registry:
    """Where it answers: `host` is the first part of its images' names."""

    host: str

    def reference(self, name: str, tag: str) -> str:
        """The full name of an image in it."""
        return f"{self.host}/{name}:{tag}"


def require_registry() -> None:
    """Skips the test, with the reason, where the program is not installed (in CI that fails)."""
    if shutil.which(PROGRAM) is None:
        pytest.skip("docker-registry is not installed (Debian package docker-registry)")


@contextlib.contextmanager
def registry(guarded: bool = False) -> Iterator[Registry]:
    """An empty registry while the block runs; `guarded`: with USER and PASSWORD only."""
    require_registry()
    for _ in range(ATTEMPTS):
        with server_directory(None) as directory:
            port = free_port()
            auth = ""
            if guarded:
                (directory / "htpasswd").write_text(_HTPASSWD)
                auth = f"auth: {{htpasswd: {{realm: tests, path: {directory / 'htpasswd'}}}}}"
            config = directory / "config.yml"
            config.write_text(_CONFIG.format(root=directory / "images", port=port, auth=auth))
            with running([PROGRAM, "serve", str(config)], directory, grace_s=2.0) as process:
                made = Registry(f"127.0.0.1:{port}")
                wait_for("the registry", lambda: process.poll() is not None or _answers(made), 30)  # noqa: B023 - called at once
                if process.poll() is None:
                    yield made
                    return
    raise RuntimeError(f"the registry ended {ATTEMPTS} times before it answered")


def _answers(made: Registry) -> bool:
    try:
        return requests.get(f"http://{made.host}/v2/", timeout=2).status_code in (200, 401)
    except requests.RequestException:
        return False
