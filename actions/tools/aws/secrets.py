"""The environment file of a server, rendered from AWS Secrets Manager; its values are never shown."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from actions.failures import Refused
from actions.tools.aws.reach import AwsAccess, patience, said_of, told

if TYPE_CHECKING:
    from types_boto3_secretsmanager.client import SecretsManagerClient

RIGHTS = "secretsmanager:GetSecretValue (and kms:Decrypt, where the secret has a key of its own)"


@dataclass(frozen=True)
class SecretVersion:
    """One version of a secret, as text by name. `odd` are the names whose value is no text or number.

    `changed_at` is when this version was made (ISO 8601 UTC).
    """

    version_id: str
    changed_at: str
    values: Mapping[str, str] = field(repr=False)
    odd: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.values, *self.odd)

    def missing(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Those that this version does not hold at all."""
        return tuple(name for name in names if name not in self.values and name not in self.odd)


@dataclass(frozen=True)
class Secrets:
    """One environment's secret (a JSON object) and the file that is made of it."""

    secret: str
    path: Path
    names: tuple[str, ...] = ()
    access: AwsAccess = field(default_factory=AwsAccess)
    timeout_s: float = 8.0

    @property
    def place(self) -> str:
        return f"the secret {self.secret}"

    @cached_property
    def client(self) -> SecretsManagerClient:
        with self.told():
            return self.access.session().client(
                "secretsmanager", endpoint_url=self.access.endpoint_url, config=patience(self.timeout_s)
            )

    def told(self) -> contextlib.AbstractContextManager[None]:
        """Turn boto's errors into sentences about the secret."""
        gone = "check the plan's secrets.secret and region, or restore it (aws secretsmanager restore-secret)"
        return told(self.place, said_of(RIGHTS, gone))

    def read(self, version_id: str = "") -> SecretVersion:
        """The current version, or the one named; kept in memory only.

        Raises Refused where it is not there, not drbot's to read, or no JSON object; Transient where AWS does
        not answer.
        """
        with self.told():
            found = (
                self.client.get_secret_value(SecretId=self.secret, VersionId=version_id)
                if version_id
                else self.client.get_secret_value(SecretId=self.secret)
            )
        values, odd = self._parsed(found.get("SecretString"))
        return SecretVersion(
            found["VersionId"], f"{found['CreatedDate'].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", values, odd
        )

    def _parsed(self, text: str | None) -> tuple[dict[str, str], tuple[str, ...]]:
        shape = f"{self.place} is not a JSON object of names and values: nothing was changed. Mend the secret"
        if text is None:
            raise Refused(f"{shape} (it is binary)")
        found = _decoded(text)
        if not isinstance(found, dict):
            raise Refused(shape)
        values = {name: _text(value) for name, value in found.items()}
        odd = tuple(name for name, value in values.items() if value is None)
        return {name: value for name, value in values.items() if value is not None}, odd


def _decoded(text: str) -> object:
    """What the JSON says, None where it is none. The parser's error holds the secret, so it ends here."""
    try:
        return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _text(value: object) -> str | None:
    """A value as a variable holds it; numbers as they were written. None for what is no single value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None
