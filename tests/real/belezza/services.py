"""The containers of Belezza's services, labelled as Compose labels them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.real.belezza.project import Belezza

NETWORK_LABEL = "com.docker.compose.network"
FOLDER = Path(__file__).parent
SECOND_NS = 1_000_000_000
PASSWORD = "local-password"
WGET = ("busybox", "wget", "-q", "-O", "/dev/null")
HEALTH: Mapping[str, tuple[str, ...]] = {
    "api": (*WGET, "http://127.0.0.1:8080/actuator/health"),
    "nginx": (*WGET, "http://127.0.0.1/nginx-health"),
    "redis": ("redis-cli", "ping"),
    "db": ("pg_isready", "-h", "/tmp", "-q"),
}
NEEDS: Mapping[str, tuple[str, ...]] = {"api": ("db", "redis"), "nginx": ("api",)}
DATABASE = {"POSTGRES_USER": "belezza", "POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": "belezza"}


def labels_of(project: str, service: str, number: int, beside: Sequence[str]) -> dict[str, str]:
    """What docker-compose writes on a container, and the newer Compose's dependencies."""
    needs = [f"{name}:service_started:false" for name in NEEDS.get(service, ()) if name in beside]
    return {
        "com.docker.compose.project": project,
        "com.docker.compose.service": service,
        "com.docker.compose.container-number": str(number),
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.version": "1.29.2",
        "com.docker.compose.project.working_dir": str(FOLDER),
        "com.docker.compose.project.config_files": "docker-compose.yml",
        "com.docker.compose.config-hash": "0" * 64,
        "com.docker.compose.depends_on": ",".join(needs),
    }


def container_config(
    made: Belezza,
    service: str,
    number: int,
    image: str,
    beside: Sequence[str],
    environment: Mapping[str, str],
    interval_s: float,
) -> dict[str, Any]:
    """What the engine is asked to create."""
    variables: dict[str, str] = {}
    if service == "api":
        variables |= {"STUB_DB": "db:5432"} if "db" in beside else {}
        variables |= {"STUB_REDIS": "redis:6379"} if "redis" in beside else {}
        variables |= environment
    if service == "db":
        variables |= DATABASE
    name = f"{made.name}_{service}_{number}"
    host: dict[str, Any] = {"NetworkMode": made.network, "RestartPolicy": {"Name": "unless-stopped"}}
    if service == "nginx":
        host["PortBindings"] = {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(made.edge_port)}]}
    return {
        "Image": image,
        "Env": [f"{key}={value}" for key, value in variables.items()],
        "Labels": labels_of(made.name, service, number, beside),
        "Healthcheck": {
            "Test": ["CMD", *HEALTH[service]],
            "Interval": int(interval_s * SECOND_NS),
            "Timeout": 3 * SECOND_NS,
            "Retries": 5,
        },
        "ExposedPorts": {"80/tcp": {}} if service == "nginx" else {},
        "HostConfig": host,
        "NetworkingConfig": {"EndpointsConfig": {made.network: {"Aliases": [service, name]}}},
    }
