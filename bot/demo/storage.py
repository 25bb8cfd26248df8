"""The demo's S3: SeaweedFS on loopback, kept in the demo's folder."""

from __future__ import annotations

import json
import secrets
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import requests

from bot.demo.servers import Server, free_port, start, wait_until

BUCKET = "belezza-backups"


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


def start_storage(folder: Path) -> Storage:
    """Start the server. Raises TimeoutError with its last words."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    access_key, secret_key = _keys(folder)
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    argv: list[str | Path] = [Path(sysconfig.get_path("scripts")) / "weed", "server", "-ip=127.0.0.1"]
    argv += ["-ip.bind=127.0.0.1", f"-dir={data}", "-s3", f"-s3.config={folder / 's3.json'}"]
    argv += [f"-{name}.port={port}" for name, port in ports.items()]
    argv += [f"-{name}.port.grpc={free_port()}" for name in ports]
    argv += ["-s3.port.iceberg=0", "-s3.iam=false", "-volume.max=20", "-master.volumeSizeLimitMB=64"]
    argv += ["-master.telemetry=false", "-volume.preStopSeconds=0"]
    server = start("s3", argv, folder)
    endpoint = f"http://127.0.0.1:{ports['s3']}"
    wait_until("S3", lambda: _answers(endpoint), server)
    return Storage(server, endpoint, access_key, secret_key)


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


def _answers(endpoint: str) -> bool:
    try:
        return requests.get(endpoint, timeout=2).status_code < 500
    except requests.RequestException:
        return False
