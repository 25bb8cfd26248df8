"""What recovery needs beyond the written plan: copies of backups, the cluster, images, schedules, heartbeat.

Everything here is drbot's own addition. Each `…_env` names the variable that holds an address or a secret;
the plan holds neither.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from bot.plan.fields import CronField, Duration, Part
from bot.plan.promises import Transition


class CopyEntry(Part):
    """One further place for each backup: `bucket` (and `prefix`, `region`) or a local `directory`."""

    keep: Duration
    bucket: str = ""
    prefix: str = ""
    region: str = ""
    directory: str = ""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if bool(self.bucket) == bool(self.directory):
            raise ValueError("a copy goes to a bucket or into a directory: name exactly one")
        return self


class ClusterEntry(Part):
    """The cluster of an environment's database as files on a host that drbot can reach, and its stanza.

    `data_directory` and `config` (pgbackrest.conf) are paths on that host; `beside` is the folder for a
    recovered cluster (by default the one that holds `data_directory`); `programs` and `backrest` are where
    the server's and pgBackRest's programs are.
    """

    stanza: str
    config: str
    data_directory: str
    beside: str = ""
    port: int = Field(default=5432, ge=1, le=65535)
    user: str = "postgres"
    archive_timeout: Duration = 60.0
    programs: str = ""
    backrest: str = "/usr/bin/pgbackrest"


class ImagesEntry(Part):
    """The bucket of images and its replica, as section 2.2 promises them."""

    bucket: str
    region: str = ""
    prefix: str = ""
    replica: str = ""
    replica_region: str = ""
    versioning: bool = True
    lifecycle: tuple[Transition, ...] = ()
    lag_at_most: Duration = 900.0


SELF_BACKUP = "self-backup"
"""A schedule's action that copies drbot's own memory. It is no run: actions have no hands on that."""


class ScheduleEntry(Part):
    """Something that drbot does by itself: an action of look or low risk, a drill of section 5.1, or a digest
    of the last whole week or month, posted to the channel.

    It is due by `cron` (UTC), or after each verified run of the schedule named by `after`. What was missed
    while the bot was away is caught up once, if not older than `catch_up`.
    """

    title: str
    cron: CronField | None = None
    after: str = ""
    action: str = ""
    drill: str = ""
    digest: Literal["", "weekly", "monthly"] = ""
    params: dict[str, str] = Field(default_factory=dict)
    catch_up: Duration = 24 * 3600.0

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.cron is None) == (not self.after):
            raise ValueError("it is due by `cron` or `after` another schedule: name exactly one")
        if [bool(self.action), bool(self.drill), bool(self.digest)].count(True) != 1:
            raise ValueError("it does an `action`, a `drill` or a `digest`: name exactly one")
        return self

    @property
    def does(self) -> str:
        """What it does, in a word or a few."""
        return self.action or (f"drill {self.drill}" if self.drill else f"digest {self.digest}")


class HeartbeatEntry(Part):
    """A dead-man's switch: the URL in `url_env` is asked every so often, and whoever watches it calls out
    when it is silent.
    """

    url_env: str
    every: Duration = 60.0
    method: Literal["GET", "POST"] = "GET"


class WatchdogEntry(Part):
    """The alert that always fires. Once seen and then silent for longer than this, monitoring is silent.

    `silent_after` must be longer than the alert's group is repeated after (`repeat_interval`).
    """

    alert: str = "Watchdog"
    silent_after: Duration = 900.0
