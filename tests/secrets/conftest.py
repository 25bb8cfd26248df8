"""A secret in a real Secrets Manager API, and the file that is to be made of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from actions.tools.aws.secrets import Secrets
from actions.tools.toolbox import FixedToolbox
from tests.real.aws import RealAws
from tests.real.proxy import Proxy, proxy

NAMES = ("DB_USER", "DB_PASSWORD", "JWT_KEY")
VALUES: Mapping[str, object] = {
    "JWT_KEY": "local token with $ and #",
    "DB_USER": "belezza",
    "DB_PASSWORD": "local-password",
    "UNUSED": "local-unused",
}
HUSH = tuple(str(value) for name, value in VALUES.items() if name != "DB_USER")


@dataclass(frozen=True)
class Vault:
    """A secret, the way to it, and the tool."""

    aws: RealAws
    way: Proxy
    tool: Secrets

    @property
    def tools(self) -> FixedToolbox:
        return FixedToolbox(vaults={"staging": self.tool})

    @property
    def path(self) -> Path:
        return self.tool.path

    def put(self, values: object) -> None:
        """A new version of the secret."""
        text = values if isinstance(values, str) else json.dumps(values)
        self.aws.secrets.put_secret_value(SecretId=self.tool.secret, SecretString=text)

    def delete(self) -> None:
        self.aws.secrets.delete_secret(SecretId=self.tool.secret, RecoveryWindowInDays=7)

    def wanting(self, *names: str) -> Vault:
        """The same under a plan with these names."""
        return replace(self, tool=replace(self.tool, names=names))

    def at(self, path: Path) -> Vault:
        """The same under a plan with this path."""
        return replace(self, tool=replace(self.tool, path=path))


@pytest.fixture
def vault(aws: RealAws, tmp_path: Path) -> Iterator[Vault]:
    name = f"belezza/{uuid.uuid4().hex[:8]}"
    aws.secrets.create_secret(Name=name, SecretString=json.dumps(VALUES))
    with proxy(("127.0.0.1", aws.port)) as way:
        yield Vault(aws, way, Secrets(name, tmp_path / ".env", NAMES, aws.access(way.port), timeout_s=2.0))
