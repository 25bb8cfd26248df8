"""Rigs for the secret and the environment file: Secrets Manager behind a proxy, a directory of its own."""

from __future__ import annotations

import contextlib
import json
import stat
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from actions.tools.env_text import read
from tests.matrix.stage import Fault, Inject, Rig, Servers, Stage
from tests.real.aws import DENIED, REGION, RealAws, real_aws
from tests.real.proxy import Proxy, proxy

FORMER = "DB_USER=belezza\nDB_PASSWORD=former-word\n"
VALUES = {"DB_USER": "belezza", "DB_PASSWORD": "local-word", "JWT_KEY": "local token"}


@dataclass(frozen=True)
class _World:
    """A secret and the file beside it."""

    aws: RealAws
    way: Proxy
    secret: str
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / ".env"

    @contextlib.contextmanager
    def vanished(self) -> Iterator[None]:
        self.aws.secrets.delete_secret(SecretId=self.secret, RecoveryWindowInDays=7)
        yield
        self.aws.secrets.restore_secret(SecretId=self.secret)

    @contextlib.contextmanager
    def changed(self) -> Iterator[None]:
        self.aws.secrets.put_secret_value(SecretId=self.secret, SecretString=json.dumps(VALUES))
        yield

    def effects(self) -> int:
        """Written once, its former self is kept; written again, it would be itself that is kept."""
        if self.file.read_text() == FORMER:
            return 0
        kept = [found.read_text() for found in self.folder.glob(".env.before-*")]
        return 1 if kept == [FORMER] else 2

    def worse(self) -> str:
        """The file must be whole and closed at any time, and nothing half-made beside it."""
        if not self.file.is_file():
            return "the environment file is gone"
        text = self.file.read_text()
        if text != FORMER and read(text) != VALUES:
            return "the environment file is neither the former nor the new one"
        if stat.S_IMODE(self.file.stat().st_mode) != 0o600:
            return "the environment file is open to others"
        left = [found.name for found in self.folder.iterdir() if ".drbot-" in found.name]
        return f"half-made files are left: {', '.join(left)}" if left else ""


@contextlib.contextmanager
def _stage(servers: Servers, changes: bool) -> Iterator[Stage]:
    aws = cast("RealAws", servers.keep("aws", real_aws))
    secret = f"belezza/{uuid.uuid4().hex[:8]}"
    aws.secrets.create_secret(Name=secret, SecretString=json.dumps(VALUES))
    with tempfile.TemporaryDirectory() as folder, proxy(("127.0.0.1", aws.port)) as way:
        world = _World(aws, way, secret, Path(folder))
        world.file.write_text(FORMER)
        world.file.chmod(0o600)
        faults: dict[Fault, Inject] = {
            Fault.GONE: way.refuse,
            Fault.TIMEOUT: way.hang,
            Fault.DENIED: lambda: way.answer(400, DENIED),
            Fault.VANISHED: world.vanished,
        }
        if changes:
            faults[Fault.CHANGED] = world.changed
        place = {"entry": secret, "path": str(world.file), "names": list(VALUES), "region": REGION}
        yield Stage(
            params={"environment": "staging"},
            environments={"staging": {"secrets": place}},
            variables=aws.variables(way.port),
            effects=world.effects if changes else lambda: 0,
            worse=world.worse,
            faults=faults,
        )


@contextlib.contextmanager
def look_at_secrets(servers: Servers) -> Iterator[Stage]:
    with _stage(servers, changes=False) as stage:
        yield stage


@contextlib.contextmanager
def render_environment_file(servers: Servers) -> Iterator[Stage]:
    with _stage(servers, changes=True) as stage:
        yield stage


RIGS: Mapping[str, Rig] = {
    "look-at-secrets": look_at_secrets,
    "render-environment-file": render_environment_file,
}
