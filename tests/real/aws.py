"""moto's server as AWS over the wire, and what a test puts there."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from moto.server import ThreadedMotoServer

from actions.tools.aws.reach import AwsAccess, patience

if TYPE_CHECKING:
    from types_boto3_acm.client import ACMClient
    from types_boto3_route53.client import Route53Client
    from types_boto3_secretsmanager.client import SecretsManagerClient

REGION = "us-east-1"
DENIED = json.dumps({"__type": "AccessDeniedException", "message": "not allowed"}).encode()
"""What AWS's JSON services answer, with status 400, where a policy forbids it."""


@dataclass(frozen=True)
class RealAws:
    """One server; everything in it is this process's own, so names must be a test's own, too."""

    port: int

    def access(self, port: int | None = None) -> AwsAccess:
        """How it is reached; `port` is a proxy's."""
        return AwsAccess(f"http://127.0.0.1:{port or self.port}", REGION, "local-key", "local-word")

    def variables(self, port: int) -> Mapping[str, str]:
        """The same as the bot's environment."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local-key",
            "AWS_SECRET_ACCESS_KEY": "local-word",
        }

    @property
    def acm(self) -> ACMClient:
        """Somebody else's client."""
        return self.access().session().client("acm", endpoint_url=self._url, config=patience(20))

    @property
    def route53(self) -> Route53Client:
        """Somebody else's client."""
        return self.access().session().client("route53", endpoint_url=self._url, config=patience(20))

    @property
    def secrets(self) -> SecretsManagerClient:
        """Somebody else's client."""
        return self.access().session().client("secretsmanager", endpoint_url=self._url, config=patience(20))

    @property
    def _url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def real_aws() -> Iterator[RealAws]:
    """The server while the block runs."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        yield RealAws(server.get_host_and_port()[1])
    finally:
        server.stop()
