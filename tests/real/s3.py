"""Real S3 servers for tests: SeaweedFS from PyPI, and moto's for the cases that both must agree on."""

from __future__ import annotations

import contextlib
import json
import sysconfig
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from moto.server import ThreadedMotoServer

from actions.tools.aws.s3 import Bucket
from bot.demo.ports import GRPC_OFFSET, free_port
from tests.real.processes import running, server_directory, wait_for

BUCKET = "belezza-backups"
ATTEMPTS = 3
KEYS = {"accessKey": "local-key", "secretKey": "local-secret"}


@dataclass(frozen=True)
class RealS3:
    """A running server with the bucket of the backups."""

    endpoint_url: str

    def bucket(self) -> Bucket:
        """An empty place: a prefix of its own in the one bucket (SeaweedFS pays each with seven volumes)."""
        return Bucket(
            BUCKET,
            f"{uuid.uuid4().hex[:12]}/database-backups/production/",
            endpoint_url=self.endpoint_url,
            access_key=KEYS["accessKey"],
            secret_key=KEYS["secretKey"],
        )


def _works(endpoint_url: str) -> bool:
    client = boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=KEYS["accessKey"],
        aws_secret_access_key=KEYS["secretKey"],
        config=Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}),
    )
    try:
        client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key="ready", Body=b"yes")
    except (BotoCoreError, ClientError) as error:
        return "BucketAlready" in str(error)
    return True


@contextlib.contextmanager
def seaweedfs() -> Iterator[RealS3]:
    """SeaweedFS on free ports of loopback, with keys, so that a wrong key is refused as S3 does.

    A port can be taken between finding it and using it: then the server ends, and others are tried.
    """
    for _ in range(ATTEMPTS):
        with server_directory(None) as directory:
            argv, endpoint_url = _weed(directory)
            with running(argv, directory, grace_s=1.0) as process:
                wait_for("SeaweedFS", lambda: process.poll() is not None or _works(endpoint_url), 60)  # noqa: B023 - called at once
                if process.poll() is None:
                    yield RealS3(endpoint_url)
                    return
    raise RuntimeError(f"SeaweedFS ended {ATTEMPTS} times before it answered")


def _weed(directory: Path) -> tuple[list[str], str]:
    """The command line of a server that keeps everything in the directory, and where it will answer."""
    identity = {"name": "test", "credentials": [KEYS], "actions": ["Admin", "Read", "Write", "List"]}
    (directory / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (directory / "data").mkdir()
    argv = [
        str(Path(sysconfig.get_path("scripts")) / "weed"),
        "server",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
    ]
    argv += [f"-dir={directory / 'data'}", "-s3", f"-s3.config={directory / 's3.json'}", "-s3.iam=false"]
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    argv += [f"-{name}.port={port}" for name, port in ports.items()]
    argv += [f"-{name}.port.grpc={port + GRPC_OFFSET}" for name, port in ports.items()]
    argv += [f"-{name}.localSocket={directory / name}.sock" for name in ("filer", "s3")]
    argv += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-volume.max=50", "-master.volumeSizeLimitMB=64"]
    argv += ["-master.telemetry=false", "-master.electionTimeout=1s"]
    return argv, f"http://127.0.0.1:{ports['s3']}"


@contextlib.contextmanager
def moto() -> Iterator[RealS3]:
    """moto's server on a free port, in this process."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        endpoint_url = f"http://{host}:{port}"
        wait_for("moto", lambda: _works(endpoint_url))
        yield RealS3(endpoint_url)
    finally:
        server.stop()


def with_keys(bucket: Bucket, access_key: str, secret_key: str) -> Bucket:
    """The same place for somebody else."""
    return replace(bucket, access_key=access_key, secret_key=secret_key)
