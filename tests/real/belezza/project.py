"""One Compose project of Belezza as a test sees it."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import docker
import requests
from docker.models.containers import Container

from tests.real.belezza.images import RECIPES, image
from tests.real.belezza.services import DATABASE, FOLDER, PASSWORD

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
NUMBER_LABEL = "com.docker.compose.container-number"
POLL_S = 0.05


@dataclass(frozen=True)
class Belezza:
    """A project's name, its engine, and the address of its edge (nginx)."""

    name: str
    engine: str
    client: docker.DockerClient
    edge_port: int

    @property
    def url(self) -> str:
        """What customers call, through nginx."""
        return f"http://127.0.0.1:{self.edge_port}"

    @property
    def network(self) -> str:
        """The project's own network."""
        return f"{self.name}_default"

    def place(self, **more: object) -> dict[str, object]:
        """The `services` section of an environment of the plan; its engine is DOCKER_HOST's."""
        return {"project": self.name, "host_env": "DOCKER_HOST", "healthy_within": "20s", **more}

    def variables(self) -> dict[str, str]:
        """The variables that `place` names."""
        return {"DOCKER_HOST": self.engine}

    def containers(self, service: str = "") -> list[Container]:
        """The project's containers, running or not, by service and number."""
        wanted = [f"{PROJECT_LABEL}={self.name}"] + ([f"{SERVICE_LABEL}={service}"] if service else [])
        found = self.client.containers.list(all=True, filters={"label": wanted}, ignore_removed=True)
        return sorted(found, key=lambda one: (one.labels[SERVICE_LABEL], int(one.labels[NUMBER_LABEL])))

    def replica(self, service: str, number: int = 1) -> Container:
        """One container by its number."""
        return next(one for one in self.containers(service) if one.labels[NUMBER_LABEL] == str(number))

    def address(self, container: Container) -> str:
        """A container's address on the project's network, reachable from this machine."""
        container.reload()
        return str(container.attrs["NetworkSettings"]["Networks"][self.network]["IPAddress"])

    def api_url(self, number: int = 1) -> str:
        """One replica of the api, past nginx."""
        return f"http://{self.address(self.replica('api', number))}:8080"

    def database_url(self, database: str = "belezza") -> str:
        """The database, from this machine."""
        return f"postgresql://belezza:{PASSWORD}@{self.address(self.replica('db'))}:5432/{database}"

    def redis_url(self) -> str:
        """The Redis, from this machine."""
        return f"redis://{self.address(self.replica('redis'))}:6379/0"

    def spoil(self, number: int, how: str = "down") -> None:
        """From its next start on, a replica of the api stays unhealthy (`down`) or ends at once (`crash`)."""
        packed, entry = io.BytesIO(), tarfile.TarInfo("broken")
        entry.size = len(how)
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.addfile(entry, io.BytesIO(how.encode()))
        assert self.replica("api", number).put_archive(
            "/tmp", packed.getvalue()
        )  # also where it does not run

    def health(self, container: Container) -> str:
        """`healthy`, `unhealthy`, `starting`, or the state where it does not run."""
        container.reload()
        state = container.attrs["State"]
        checked = state.get("Health", {}).get("Status", state["Status"])
        return str(checked if state["Status"] == "running" else state["Status"])

    def wait_healthy(self, service: str = "", within_s: float = 30.0) -> None:
        """Wait until every container of it is healthy. Raises TimeoutError with who is not, and its log."""
        deadline = time.monotonic() + within_s
        while waiting := [one for one in self.containers(service) if self.health(one) != "healthy"]:
            if time.monotonic() > deadline:
                said = {one.name: (self.health(one), one.logs(tail=20).decode()) for one in waiting}
                raise TimeoutError(f"not healthy within {within_s:g} s: {said}")
            time.sleep(POLL_S)
        while not service and self.at_edge() is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"nginx does not answer within {within_s:g} s")
            time.sleep(POLL_S)

    def at_edge(self) -> str | None:
        """Which replica answers at nginx now; None where none does, '' where there is no nginx or api."""
        if not {"nginx", "api"} <= {one.labels[SERVICE_LABEL] for one in self.containers()}:
            return ""
        try:
            answer = requests.get(self.url, timeout=5)
        except requests.ConnectionError:
            return None
        return str(answer.json()["replica"]) if answer.ok else None

    @property
    def folder_path(self) -> Path:
        """Where `folder` is once it was asked for."""
        return Path(tempfile.gettempdir(), f"{self.name}-compose")

    def folder(self) -> Path:
        """A folder with the compose file and a `.env`; both may be changed, and go with the project."""
        at = self.folder_path
        if not at.exists():
            at.mkdir()
            (at / "docker-compose.yml").write_text((FOLDER / "docker-compose.yml").read_text())
            settings = {f"{name.upper()}_IMAGE": image(self.client, name) for name in RECIPES}
            settings |= {"EDGE_PORT": str(self.edge_port), **DATABASE}
            (at / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return at

    def compose(self, *words: str, env: Mapping[str, str] | None = None) -> str:
        """What `docker-compose WORDS` says (`up`, `-d`, `db`). Raises RuntimeError where it fails."""
        argv = ["docker-compose", "--project-name", self.name, *words]
        settings = {**os.environ, "DOCKER_HOST": self.engine, **(env or {})}
        done = subprocess.run(
            argv, cwd=self.folder(), env=settings, capture_output=True, text=True, timeout=120, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(argv)} ended with {done.returncode}: {done.stderr[-1000:]}")
        return done.stdout
