"""What an environment runs on beside its database: services, cache, application, monitors, hosts, secrets.

Everything here is drbot's own addition to the written plan: it says where the things are that sections 3, 7
and 8 name. Each `…_env` names the variable that holds an address or a secret; the plan holds neither.
"""

from __future__ import annotations

from pydantic import Field

from bot.plan.fields import Duration, Part


class ServicesPlace(Part):
    """A Compose project, found by its labels on the engine that `host_env` names (or the local one).

    `order` is the order in which services start; `replicas_at_most` is where scaling ends; `writers` are the
    services that write to the database; `healthy_within` is how long a replica may take to be healthy.
    `compose_file` and `env_file` are paths under `directory`.
    """

    project: str
    host_env: str = "DOCKER_HOST"
    directory: str = ""
    compose_file: str = ""
    order: tuple[str, ...] = ()
    writers: tuple[str, ...] = ()
    replicas_at_most: int = Field(default=5, ge=1, le=50)
    healthy_within: Duration = 90.0
    stop_within: Duration = 10.0
    registry_user_env: str = ""
    registry_password_env: str = ""


class CachePlace(Part):
    """A Redis. `ephemeral` says that losing every key loses nothing but time; else it is never flushed."""

    url_env: str
    ephemeral: bool = False


class HeapDumpPlace(Part):
    """Where heap dumps go: an encrypted bucket, for they hold every secret in memory."""

    bucket: str
    prefix: str = "heap-dumps/"
    region: str = ""


class ApplicationPlace(Part):
    """A Spring Boot service's actuator. `collect` is the command in `service`'s container that asks the JVM
    for a garbage collection, where there is one; without it drbot offers none.
    """

    actuator: str
    service: str = "api"
    token_env: str = ""
    collect: tuple[str, ...] = ()
    heap_dumps: HeapDumpPlace | None = None


class MonitoringPlace(Part):
    """Prometheus and Alertmanager, by their base URLs."""

    prometheus: str = ""
    alertmanager: str = ""


class HostPlace(Part):
    """One server: its node_exporter's address, or the `instance` label by which Prometheus knows it."""

    exporter: str = ""
    instance: str = ""


class CertificatePlace(Part):
    """Certificates in ACM (`domains`) and as they are served (`host:port`), and when to say they are old."""

    region: str = ""
    domains: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    warn_before: Duration = 30 * 86400.0


class SecretsPlace(Part):
    """The environment file of a server: rendered from an entry of Secrets Manager (a JSON object).

    `names` are the variables that the file must hold, in order; every one must be in the entry.
    """

    entry: str
    path: str
    names: tuple[str, ...] = ()
    region: str = ""
