"""The tools for the plan's places, made when an action first asks; the environment holds their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from actions.failures import Refused, Unplanned
from actions.tools.application.application import Application
from actions.tools.aws.certificates import Certificates
from actions.tools.aws.image_bucket import ImageBucket
from actions.tools.aws.reach import AwsAccess
from actions.tools.aws.s3 import Bucket
from actions.tools.aws.secrets import Secrets
from actions.tools.cache.server import Cache
from actions.tools.clusters.cluster import Cluster
from actions.tools.containers.project import Project
from actions.tools.dns.names import ServiceName
from actions.tools.dumps.copies import Keeping
from actions.tools.monitors.hosts import Host, Hosts
from actions.tools.monitors.monitoring import Monitoring
from actions.tools.postgres.original import Original
from actions.tools.postgres.server import Postgres
from bot.plan.models import DrPlan, Environment
from bot.recovery_tools import cluster_of, images_of, keeping_of, name_of

T = TypeVar("T")


class PlanToolbox:
    """See actions.tools.toolbox.Toolbox. `DR_PG_PROGRAMS` is where pg_dump is, where not on the path.

    `bot` is the name of the bot's own memory (see bot.store.identity).
    """

    def __init__(self, plan: DrPlan, environment: Mapping[str, str], bot: str = "") -> None:
        self._plan = plan
        self._environment = environment
        self._bot = bot

    def postgres(self, environment: str) -> Postgres:
        """The environment's database server. Raises Refused naming the missing variable."""
        around = self._place(environment)
        place = _named(around.database, "database", environment)
        url = self._variable(place.url_env, f"{environment}'s database is out of reach")
        programs = self._environment.get("DR_PG_PROGRAMS", "")
        return Postgres(
            url,
            smoke_tables=tuple(place.smoke_tables),
            programs=Path(programs) if programs else None,
            serves_customers=around.customers,
            newest=place.newest,
            defuse=place.defuse,
            holds=place.holds,
            bot=self._bot,
            health=around.addresses.get("health", ""),
        )

    def original(self, environment: str) -> Original:
        """What the plan says of copies of the environment's database; no variable is needed for that."""
        place = self._place(environment).database
        return Original(place.defuse, place.newest) if place else Original()

    def backups(self, environment: str) -> Bucket:
        """Where the environment's dumps are kept."""
        place = _named(self._place(environment).backups, "backups", environment)
        return self._bucket(place.bucket, place.prefix, place.name, place.region)

    def services(self, environment: str) -> Project:
        """The environment's Compose project on its engine."""
        around = self._place(environment)
        place = _named(around.services, "services", environment)
        return Project(
            name=place.project,
            engine=self._environment.get(place.host_env, ""),
            order=place.order,
            writers=place.writers,
            replicas_at_most=place.replicas_at_most,
            healthy_within_s=place.healthy_within,
            stop_within_s=place.stop_within,
            directory=place.directory or around.directory,
            compose_file=place.compose_file or around.compose_file,
            registry_user=self._environment.get(place.registry_user_env, ""),
            registry_password=self._environment.get(place.registry_password_env, ""),
        )

    def cache(self, environment: str) -> Cache:
        """The environment's Redis. Raises Refused naming the missing variable."""
        place = _named(self._place(environment).cache, "cache", environment)
        url = self._variable(place.url_env, f"{environment}'s cache is out of reach")
        return Cache(url, ephemeral=place.ephemeral)

    def application(self, environment: str) -> Application:
        """The environment's application by its actuator."""
        place = _named(self._place(environment).application, "application", environment)
        token = self._environment.get(place.token_env, "")
        return Application(place.actuator.rstrip("/"), place.service, token, place.collect)

    def heap_dumps(self, environment: str) -> Bucket:
        """The encrypted bucket for heap dumps."""
        application = _named(self._place(environment).application, "application", environment)
        place = _named(application.heap_dumps, "place for heap dumps", environment)
        return self._bucket(place.bucket, place.prefix, "heap", place.region)

    def monitoring(self, environment: str) -> Monitoring:
        """Prometheus and Alertmanager of the environment."""
        place = _named(self._place(environment).monitoring, "monitoring", environment)
        return Monitoring(place.prometheus.rstrip("/"), place.alertmanager.rstrip("/"))

    def hosts(self, environment: str) -> Hosts:
        """The environment's servers."""
        around = self._place(environment)
        if not around.hosts:
            raise _none("hosts", environment)
        watched = around.monitoring.prometheus.rstrip("/") if around.monitoring else ""
        found = {
            name: Host(name, place.exporter.rstrip("/"), place.instance)
            for name, place in around.hosts.items()
        }
        return Hosts(found, Monitoring(watched))

    def certificates(self, environment: str) -> Certificates:
        """The environment's certificates, in ACM and as served."""
        place = _named(self._place(environment).certificates, "certificates", environment)
        return Certificates(place.domains, place.served, place.warn_before, self._aws(place.region, "ACM"))

    def secrets(self, environment: str) -> Secrets:
        """The secret behind the environment's file of variables."""
        place = _named(self._place(environment).secrets, "secrets", environment)
        access = self._aws(place.region, "SECRETS_MANAGER")
        return Secrets(place.entry, Path(place.path), place.names, access)

    def keeping(self, environment: str) -> Keeping:
        """How the environment's backups are kept."""
        return keeping_of(_named(self._place(environment).backups, "backups", environment), self._bucket)

    def cluster(self, environment: str) -> Cluster:
        """The environment's database as a cluster of files."""
        return cluster_of(_named(self._place(environment).cluster, "cluster", environment))

    def images(self, environment: str) -> ImageBucket:
        """The environment's bucket of images and its replica."""
        place = _named(self._place(environment).images, "bucket of images", environment)
        promised = self._plan.backups.images if self._plan.backups else None
        objective = self._plan.objectives.get("rto")
        return images_of(place, self._bucket, promised, objective.target if objective else None)

    def service_name(self, service: str, environment: str = "") -> ServiceName:
        """The service's DNS name.

        Raises Refused where section 3.4 of the plan does not name the service, or where `environment` is
        said and the name is another's.
        """
        entry = self._plan.failover.get(service)
        if entry is None:
            names = ", ".join(self._plan.failover) or "none"
            raise Unplanned(
                f"the plan names no failover of {service!r} (it has: {names}); nothing was changed"
            )
        owner = self._plan.owner_of(service)
        if environment and environment != owner:
            whose = f"{owner}'s" if owner else "nobody's: the plan does not say whose"
            raise Unplanned(
                f"the plan names no failover of {service!r} in {environment}: {entry.record} is {whose}"
                f" (failover.{service}.environment); nothing was changed"
            )
        return name_of(service, entry, self._aws("", "ROUTE_53"), self._environment)

    def _bucket(self, name: str, prefix: str, stem: str, region: str) -> Bucket:
        access = self._aws(region, "S3")
        return Bucket(
            name=name,
            prefix=prefix,
            stem=stem,
            endpoint_url=access.endpoint_url,
            region=access.region,
            access_key=access.access_key,
            secret_key=access.secret_key,
        )

    def _aws(self, region: str, service: str) -> AwsAccess:
        """An endpoint of the service's own comes before the one for all, as boto3 reads them."""
        own = self._environment.get(f"AWS_ENDPOINT_URL_{service}", "")
        return AwsAccess(
            endpoint_url=own or self._environment.get("AWS_ENDPOINT_URL") or None,
            region=self._environment.get("AWS_DEFAULT_REGION") or region or None,
            access_key=self._environment.get("AWS_ACCESS_KEY_ID") or None,
            secret_key=self._environment.get("AWS_SECRET_ACCESS_KEY") or None,
        )

    def _variable(self, name: str, so: str) -> str:
        value = self._environment.get(name, "")
        if not value:
            raise Unplanned(
                f"{name} is not set, so {so}; nothing was changed. Set it in the bot's environment and"
                " start the bot again"
            )
        return value

    def _place(self, environment: str) -> Environment:
        found = self._plan.environments.get(environment)
        if found is None:
            names = ", ".join(self._plan.environments)
            raise Unplanned(f"the plan has no environment {environment!r}; it has {names}")
        return found


def _named(place: T | None, what: str, environment: str) -> T:
    if place is None:
        raise _none(what, environment)
    return place


def _none(what: str, environment: str) -> Refused:
    return Unplanned(f"the plan names no {what} for {environment}; nothing was changed")
