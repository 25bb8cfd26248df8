"""The demo's S3: SeaweedFS on loopback, kept in the demo's folder."""

from __future__ import annotations

import json
import secrets
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bot.demo.ports import GRPC_OFFSET, free_port
from bot.demo.servers import CannotStart, Fleet, Server, wait_until

BUCKET = "belezza-backups"
PROBE = "probe/demo"
ATTEMPTS = 3
# Its own farewell waits ten seconds for connections that nobody holds; what was written is on disk.
GRACE_S = 1.5


@dataclass(frozen=True)
class Storage:
    """The running server and its keys, as boto3 reads them from the environment."""

    server: Server
    endpoint: str
    access_key: str
    secret_key: str

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": "sa-east-1",
        }


def start_storage(fleet: Fleet, folder: Path) -> Storage:
    """Start the server, on other ports where one was taken. Raises CannotStart with its last words."""
    for _ in range(ATTEMPTS - 1):
        try:
            return _start(fleet, folder)
        except CannotStart:
            (folder / "ports.json").unlink(missing_ok=True)
    return _start(fleet, folder)


def _start(fleet: Fleet, folder: Path) -> Storage:
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    access_key, secret_key = _keys(folder)
    ports = _ports(folder)
    argv: list[str | Path] = [Path(sysconfig.get_path("scripts")) / "weed", "server", "-ip=127.0.0.1"]
    argv += ["-ip.bind=127.0.0.1", f"-dir={data}", "-s3", f"-s3.config={folder / 's3.json'}"]
    argv += [f"-{name}.port={port}" for name, port in ports.items()]
    argv += [f"-{name}.port.grpc={port + GRPC_OFFSET}" for name, port in ports.items()]
    argv += [
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.iam=false",
        "-volume.max=20",
        "-master.volumeSizeLimitMB=64",
    ]
    argv += ["-master.telemetry=false", "-master.electionTimeout=1s"]
    server = fleet.start("s3", argv, folder)
    server.grace_s = GRACE_S
    endpoint = f"http://127.0.0.1:{ports['s3']}"
    storage = Storage(server, endpoint, access_key, secret_key)
    wait_until("S3", lambda: _works(storage), server)
    return storage


def _ports(folder: Path) -> dict[str, int]:
    """The ports of last time where they are free: the server remembers itself by them."""
    kept = folder / "ports.json"
    before: dict[str, int] = json.loads(kept.read_text()) if kept.exists() else {}
    ports = {name: free_port(before.get(name, 0)) for name in ("master", "volume", "filer", "s3")}
    kept.write_text(json.dumps(ports))
    return ports


def _keys(folder: Path) -> tuple[str, str]:
    """The keys, made once: S3 knows them from its own configuration file."""
    kept = folder / "s3.json"
    if not kept.exists():
        keys = {"accessKey": secrets.token_hex(8), "secretKey": secrets.token_urlsafe(24)}
        identity = {"name": "demo", "credentials": [keys], "actions": ["Admin", "Read", "Write", "List"]}
        kept.write_text(json.dumps({"identities": [identity]}))
        kept.chmod(0o600)
    keys = json.loads(kept.read_text())["identities"][0]["credentials"][0]
    return keys["accessKey"], keys["secretKey"]


def _works(storage: Storage) -> bool:
    """Whether it really stores and gives back: it accepts connections well before that."""
    client = boto3.client(
        "s3",
        endpoint_url=storage.endpoint,
        region_name="sa-east-1",
        aws_access_key_id=storage.access_key,
        aws_secret_access_key=storage.secret_key,
        config=Config(connect_timeout=2, read_timeout=10, retries={"max_attempts": 1}),
    )
    try:
        if BUCKET not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket=BUCKET)
        client.put_object(Bucket=BUCKET, Key=PROBE, Body=b"probe")
        return bool(client.get_object(Bucket=BUCKET, Key=PROBE)["Body"].read() == b"probe")
    except (BotoCoreError, ClientError):
        return False
