"""A fresh host and what outlives a server elsewhere: an engine, a secret, a name, a backup, certificates."""

from __future__ import annotations

import contextlib
import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import boto3

from tests.real.aws import REGION, RealAws
from tests.real.dns import Dns, dns_server
from tests.real.docker import require_engine
from tests.real.proxy import Proxy, proxy
from tests.real.route53_wire import Rrset

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

RECORD = "api.belezza.test"
NAMES = ("POSTGRES_PASSWORD", "JWT_SECRET")
COMPOSE = "version: '2.4'\nservices:\n  api: {image: '${API_IMAGE}'}\n"


@dataclass(frozen=True)
class Host:
    """One test's: `way` is before the engine, `aws_way` before AWS; `folder` is where the repository goes."""

    aws: RealAws
    way: Proxy
    aws_way: Proxy
    dns: Dns
    folder: Path
    mark: str

    def points_to(self, address: str) -> None:
        """What the service's name resolves to."""
        self.dns.hosts[RECORD] = address

    def keep_secret(self, **values: str) -> None:
        """A new version of the secret."""
        self.aws.secrets.put_secret_value(SecretId=self.mark, SecretString=json.dumps(values))

    def backup(self, at: datetime | None = None, data: bytes = b"a dump") -> str:
        """A dump with its checksum, as an older tool left it; its id."""
        taken = at or datetime.now(UTC)
        name = f"belezza_production_{taken:%Y%m%d_%H%M%S}"
        digest = hashlib.sha256(data).hexdigest()
        for suffix, body in ((".sql.gz", data), (".sql.gz.sha256", f"{digest}  {name}.sql.gz\n".encode())):
            self.s3.put_object(Bucket=self.mark, Key=f"production/{name}{suffix}", Body=body)
        return name

    def forget_backups(self) -> None:
        for one in self.s3.list_objects_v2(Bucket=self.mark).get("Contents", []):
            self.s3.delete_object(Bucket=self.mark, Key=one["Key"])

    @property
    def s3(self) -> S3Client:
        """Somebody else's client."""
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.aws.port}",
            region_name=REGION,
            aws_access_key_id="local-key",
            aws_secret_access_key="local-word",
        )

    def clone(self) -> None:
        """The repository's compose file is there, its file of variables is not."""
        (self.folder / "docker-compose.yml").write_text(COMPOSE)

    @property
    def environments(self) -> Mapping[str, object]:
        """The plan's environment on this host."""
        return {
            "production": {
                "services": {
                    "project": f"belezza-{self.mark}",
                    "directory": str(self.folder),
                    "compose_file": "docker-compose.yml",
                },
                "secrets": {
                    "entry": self.mark,
                    "path": str(self.folder / ".env"),
                    "names": list(NAMES),
                    "region": REGION,
                },
                "backups": {"bucket": self.mark, "prefix": "production/"},
                "certificates": {"region": REGION, "domains": [RECORD]},
            }
        }

    @property
    def plan(self) -> Mapping[str, object]:
        """The plan's other sections."""
        entry = {
            "record": RECORD,
            "targets": {"primary": {"address": "192.0.2.7"}, "secondary": {"address": "192.0.2.8"}},
            "health_check": f"https://{RECORD}/health",
            "ttl": "60s",
            "resolver": self.dns.place,
        }
        return {"failover": {"api": entry}}

    @property
    def variables(self) -> Mapping[str, str]:
        """The bot's environment."""
        return {
            **self.aws.variables(self.aws_way.port),
            "DOCKER_HOST": f"tcp://127.0.0.1:{self.way.port}",
        }


@contextlib.contextmanager
def fresh_host(aws: RealAws, folder: Path) -> Iterator[Host]:
    """A host with an engine and nothing on it; skips the test where no engine answers."""
    engine = require_engine()
    upstream = engine.removeprefix("unix://") if engine.startswith("unix://") else _address(engine)
    with (
        proxy(upstream) as way,
        proxy(("127.0.0.1", aws.port)) as aws_way,
        dns_server(_nothing) as dns,
    ):
        made = Host(aws, way, aws_way, dns, folder, f"fresh-{uuid.uuid4().hex[:10]}")
        made.s3.create_bucket(Bucket=made.mark)
        made.aws.secrets.create_secret(
            Name=made.mark, SecretString=json.dumps(dict.fromkeys(NAMES, "local-word"))
        )
        made.points_to("127.0.0.1")
        made.backup()
        yield made


def _nothing(name: str, kind: str) -> Rrset | None:
    del name, kind
    return None


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.rpartition("/")[2].rpartition(":")
    return host, int(port)
