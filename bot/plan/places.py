"""Where things are: environments, components, and how their alerts are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from bot.domain.matcher import all_match
from bot.plan.equipment import (
    ApplicationPlace,
    CachePlace,
    CertificatePlace,
    HostPlace,
    MonitoringPlace,
    SecretsPlace,
    ServicesPlace,
)
from bot.plan.fields import Duration, MatcherField, Part, SeverityField
from bot.plan.recovery import ClusterEntry, CopyEntry, ImagesEntry
from bot.plan.runbook import OfferedAction


class DatabasePlace(Part):
    """Where an environment's database is. `url_env` names the variable that holds its connection URL.

    `newest` are columns that hold when a row was written (`agendamentos.criado_em`): they tell how old
    restored data is. `defuse` is SQL that runs in a restored copy of this environment before anybody can
    connect, so that it sends nothing and runs nothing in the original's name. `holds` are queries that
    answer true of a sound database, by what they prove.
    """

    name: str
    url_env: str
    host: str = ""
    user: str = ""
    container: str = ""
    smoke_tables: tuple[str, ...] = ()
    newest: tuple[str, ...] = ()
    defuse: tuple[str, ...] = ()
    holds: dict[str, str] = Field(default_factory=dict)


class BackupPlace(Part):
    """Where an environment's dumps are kept in S3, in which format, and which further copies there are.

    `keep_at_least` verified ones never expire, however old.
    """

    bucket: str
    prefix: str
    name: str = "belezza_production"
    region: str = ""
    keep: Duration = 30 * 86400.0
    format: Literal["archive", "plain"] = "archive"
    copies: dict[str, CopyEntry] = Field(default_factory=dict)
    keep_at_least: int = Field(default=3, ge=1)


class Environment(Part):
    """One environment: `match` tells its alerts, and each line of `also` does too; every matcher of a
    line must hold. `ceiling` is the worst severity it may reach; `customers`: whether any are served.
    Of its `addresses`, `health` is asked after a restore.
    """

    title: str = ""
    match: tuple[MatcherField, ...] = ()
    also: tuple[tuple[MatcherField, ...], ...] = ()
    ceiling: SeverityField | None = None
    customers: bool = False
    database: DatabasePlace | None = None
    backups: BackupPlace | None = None
    addresses: dict[str, str] = Field(default_factory=dict)
    containers: dict[str, str] = Field(default_factory=dict)
    directory: str = ""
    compose_file: str = ""
    services: ServicesPlace | None = None
    cache: CachePlace | None = None
    application: ApplicationPlace | None = None
    monitoring: MonitoringPlace | None = None
    hosts: dict[str, HostPlace] = Field(default_factory=dict)
    certificates: CertificatePlace | None = None
    secrets: SecretsPlace | None = None
    cluster: ClusterEntry | None = None
    images: ImagesEntry | None = None

    def told_by(self, labels: Mapping[str, str]) -> str:
        """The matchers that tell these labels are of this environment, as written; empty: none do."""
        for line in (self.match, *self.also):
            if line and all_match(line, labels):
                return ", ".join(map(str, line))
        return ""


class Component(Part):
    """One component of section 1.2; `match` tells its alerts, `words` tell it where no label does.

    `looks` tell the readiness board how it stands; `helps` are the buttons that would mend it.
    """

    title: str
    priority: Literal["critical", "high", "medium", "low"]
    match: tuple[MatcherField, ...] = ()
    words: tuple[str, ...] = ()
    backup_frequency: str = ""
    added: bool = False
    looks: tuple[OfferedAction, ...] = ()
    helps: tuple[OfferedAction, ...] = ()


class Correlation(Part):
    """Which alerts are one trouble: the same value of `by`, within the window of the last one."""

    by: tuple[Literal["component", "environment", "alertname"], ...] = ("component", "environment")
    window: Duration = 1800.0


class Override(Part):
    """A rule of the plan that decides the severity where its matchers hold."""

    match: tuple[MatcherField, ...]
    severity: SeverityField
    because: str


class Target(Part):
    """One place that a name can point to. `health` is asked at this very address; `database_url_env` names
    the variable with its own database's URL, where how far its data is behind can be measured.
    """

    address: str
    region: str = ""
    health: str = ""
    database_url_env: str = ""


class Failover(Part):
    """Section 3.4: a DNS record, the places it may point to, and how their health is known.

    `zone` is the hosted zone's id; `resolver` the DNS server to ask (`host:port`), the system's by default;
    `stale_after` is how far a target's data may be behind. `environment` is whose name it is: that one's
    freezes, limits and locks hold for a move; the one that serves customers where none is said.
    """

    record: str
    targets: dict[str, Target]
    health_check: str
    ttl: Duration
    condition: str = ""
    zone: str = ""
    resolver: str = ""
    stale_after: Duration = 60.0
    environment: str = ""


class FileLocation(Part):
    """One row of section 8.2."""

    file: str
    location: str
