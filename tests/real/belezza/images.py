"""The images of Belezza's services: made of this machine's programs, named by a hash of what went in.

An engine that has one already is not asked to make it again, so only the first run pays.
"""

from __future__ import annotations

import fcntl
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import docker
from docker.errors import ImageNotFound

from tests.real.belezza.rootfs import RootFs
from tests.real.postgres import debian_programs

HERE = Path(__file__).parent
ZONES = ("UTC", "GMT", "Etc/UTC", "America/Sao_Paulo")


def _api() -> tuple[RootFs, list[str]]:
    root = RootFs.with_shell()
    root.python(HERE / "api.py", "/app/api.py")
    return root, [
        f"ENV PYTHONHOME={sys.base_prefix} PYTHONDONTWRITEBYTECODE=1",
        'ENTRYPOINT ["/usr/bin/python3", "-S", "-X", "frozen_modules=on", "/app/api.py"]',
        "EXPOSE 8080/tcp",
    ]


def _nginx() -> tuple[RootFs, list[str]]:
    root = RootFs.with_shell()
    root.program("nginx")
    root.copy(HERE / "nginx.conf", "/etc/nginx/nginx.conf")
    root.folders |= {"/var/log/nginx": (0o755, 0), "/var/lib/nginx": (0o755, 0)}
    argv = '["/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf", "-e", "/dev/stderr"]'
    return root, [f"ENTRYPOINT {argv}", "EXPOSE 80/tcp"]


def _redis() -> tuple[RootFs, list[str]]:
    root = RootFs.with_shell()
    root.program("redis-server")
    root.program("redis-cli")
    root.folders["/data"] = (0o755, 0)
    return root, [
        "WORKDIR /data",
        'CMD ["/usr/bin/redis-server", "--save", "", "--protected-mode", "no"]',
        "EXPOSE 6379/tcp",
    ]


def _db() -> tuple[RootFs, list[str]]:
    programs = debian_programs()
    if programs is None:
        raise FileNotFoundError("postgresql is not installed")
    root = RootFs.with_shell()
    major = programs.parent.name
    for name in ("postgres", "initdb", "psql", "pg_isready"):
        root.program(programs / name)
    root.tree(programs.parent / "lib", str(programs.parent / "lib"), without=("llvmjit", "bitcode", "/pgxs/"))
    share = f"/usr/share/postgresql/{major}"
    root.tree(Path(share), share, without=("/man/", ".mo"))
    for zone in ZONES:
        root.copy(Path("/usr/share/zoneinfo", zone))
    root.copy(HERE / "db.sh", "/db.sh")
    root.files["/db.sh"] = (root.files["/db.sh"][0], 0o755)
    root.folders["/var/lib/postgresql/data"] = (0o700, 999)
    return root, [
        f"ENV PATH={programs}:/usr/bin:/bin PGDATA=/var/lib/postgresql/data",
        "USER postgres",
        'ENTRYPOINT ["/db.sh"]',
        "EXPOSE 5432/tcp",
    ]


RECIPES: Mapping[str, Callable[[], tuple[RootFs, list[str]]]] = {
    "api": _api,
    "nginx": _nginx,
    "redis": _redis,
    "db": _db,
}


@cache
def _made(service: str) -> tuple[RootFs, list[str], str]:
    root, changes = RECIPES[service]()
    root.text("/etc/belezza-image", "\n".join(changes))  # so that its name changes with them
    return root, changes, f"belezza-{service}:{root.digest}"


def image(client: docker.DockerClient, service: str, also: Sequence[str] = ()) -> str:
    """The name of a service's image, made if the engine does not have it.

    `also` are more changes (`ENV STUB_VERSION=2`, `LABEL build=7`): a new image of the same files, for
    which the caller chooses no name; it is `belezza-SERVICE:HASH-N`, N from the changes.
    """
    root, changes, name = _made(service)
    if also:
        more = RootFs()
        more.text("/changes", "\n".join(also))
        name = f"{name}-{more.digest[:6]}"
    with Path(tempfile.gettempdir(), "belezza-images.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two processes that both make it would leave one without a name
        try:
            client.images.get(name)
        except ImageNotFound:
            repository, _, tag = name.partition(":")
            client.api.import_image_from_data(
                root.tar(), repository=repository, tag=tag, changes=[*changes, *also]
            )
    return name
