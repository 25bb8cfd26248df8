"""The tools an action is handed, built once by the bot from the plan and the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from actions.failures import Unplanned
from actions.tools.postgres.original import Original

if TYPE_CHECKING:
    from actions.tools.application.application import Application
    from actions.tools.aws.certificates import Certificates
    from actions.tools.aws.image_bucket import ImageBucket
    from actions.tools.aws.s3 import Bucket
    from actions.tools.aws.secrets import Secrets
    from actions.tools.cache.server import Cache
    from actions.tools.clusters.cluster import Cluster
    from actions.tools.containers.project import Project
    from actions.tools.dns.names import ServiceName
    from actions.tools.dumps.copies import Keeping
    from actions.tools.monitors.hosts import Hosts
    from actions.tools.monitors.monitoring import Monitoring
    from actions.tools.postgres.server import Postgres

T = TypeVar("T")


class Toolbox(Protocol):
    """Finds the tool for a place of the plan. Every method raises Refused where the plan names none."""

    def postgres(self, environment: str) -> Postgres:
        """The database server of an environment."""
        ...

    def original(self, environment: str) -> Original:
        """What the plan says of copies of an environment's database, also where that is out of reach."""
        ...

    def backups(self, environment: str) -> Bucket:
        """Where the backups of an environment are kept."""
        ...

    def services(self, environment: str) -> Project:
        """The Compose project of an environment."""
        ...

    def cache(self, environment: str) -> Cache:
        """The Redis of an environment."""
        ...

    def application(self, environment: str) -> Application:
        """The application's actuator."""
        ...

    def heap_dumps(self, environment: str) -> Bucket:
        """Where heap dumps are kept."""
        ...

    def monitoring(self, environment: str) -> Monitoring:
        """Prometheus and Alertmanager."""
        ...

    def hosts(self, environment: str) -> Hosts:
        """The servers of an environment."""
        ...

    def certificates(self, environment: str) -> Certificates:
        """The certificates of an environment."""
        ...

    def secrets(self, environment: str) -> Secrets:
        """The secret behind an environment's file of variables."""
        ...

    def keeping(self, environment: str) -> Keeping:
        """How the backups of an environment are kept, and where further copies go."""
        ...

    def cluster(self, environment: str) -> Cluster:
        """The files of an environment's database cluster, and the stanza that archives it."""
        ...

    def images(self, environment: str) -> ImageBucket:
        """The bucket of images and its replica."""
        ...

    def service_name(self, service: str, environment: str = "") -> ServiceName:
        """The DNS name of a service, and the targets that it may point to.

        Raises Refused where `environment` is said and the name is another's.
        """
        ...


@dataclass(frozen=True)
class FixedToolbox:
    """A toolbox of ready tools, by environment."""

    servers: Mapping[str, Postgres] = field(default_factory=dict)
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    projects: Mapping[str, Project] = field(default_factory=dict)
    caches: Mapping[str, Cache] = field(default_factory=dict)
    applications: Mapping[str, Application] = field(default_factory=dict)
    dumps: Mapping[str, Bucket] = field(default_factory=dict)
    monitors: Mapping[str, Monitoring] = field(default_factory=dict)
    machines: Mapping[str, Hosts] = field(default_factory=dict)
    certified: Mapping[str, Certificates] = field(default_factory=dict)
    vaults: Mapping[str, Secrets] = field(default_factory=dict)
    kept: Mapping[str, Keeping] = field(default_factory=dict)
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    image_buckets: Mapping[str, ImageBucket] = field(default_factory=dict)
    names: Mapping[str, ServiceName] = field(default_factory=dict)

    def postgres(self, environment: str) -> Postgres:
        return _of(self.servers, "database", environment)

    def original(self, environment: str) -> Original:
        server = self.servers.get(environment)
        return Original(server.defuse, server.newest) if server else Original()

    def backups(self, environment: str) -> Bucket:
        return _of(self.buckets, "place for backups", environment)

    def services(self, environment: str) -> Project:
        return _of(self.projects, "services", environment)

    def cache(self, environment: str) -> Cache:
        return _of(self.caches, "cache", environment)

    def application(self, environment: str) -> Application:
        return _of(self.applications, "application", environment)

    def heap_dumps(self, environment: str) -> Bucket:
        return _of(self.dumps, "place for heap dumps", environment)

    def monitoring(self, environment: str) -> Monitoring:
        return _of(self.monitors, "monitoring", environment)

    def hosts(self, environment: str) -> Hosts:
        return _of(self.machines, "hosts", environment)

    def certificates(self, environment: str) -> Certificates:
        return _of(self.certified, "certificates", environment)

    def secrets(self, environment: str) -> Secrets:
        return _of(self.vaults, "secrets", environment)

    def keeping(self, environment: str) -> Keeping:
        return _of(self.kept, "rule for keeping backups", environment)

    def cluster(self, environment: str) -> Cluster:
        return _of(self.clusters, "cluster", environment)

    def images(self, environment: str) -> ImageBucket:
        return _of(self.image_buckets, "bucket of images", environment)

    def service_name(self, service: str, environment: str = "") -> ServiceName:
        del environment
        return _of(self.names, "failover", service)


def _of(places: Mapping[str, T], what: str, environment: str) -> T:
    if environment not in places:
        raise Unplanned(f"the plan names no {what} for {environment!r} (or its setting is missing)")
    return places[environment]
