"""The tools for the plan's places, made when an action first asks; the environment holds their secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from actions.plan import Refused
from actions.tools.postgres import Postgres
from actions.tools.s3 import Bucket
from bot.plan.models import DrPlan, Environment


class PlanToolbox:
    """See actions.tools.toolbox.Toolbox. `programs` is where pg_dump is, where it is not on the path."""

    def __init__(self, plan: DrPlan, environment: Mapping[str, str]) -> None:
        self._plan = plan
        self._environment = environment

    def postgres(self, environment: str) -> Postgres:
        """The environment's database server. Raises Refused naming the missing variable."""
        place = self._place(environment).database
        if place is None:
            raise Refused(f"the plan names no database for {environment}; nothing was changed")
        url = self._environment.get(place.url_env, "")
        if not url:
            raise Refused(
                f"{place.url_env} is not set, so {environment}'s database is out of reach; nothing was"
                " changed. Set it in the bot's environment and start the bot again"
            )
        programs = self._environment.get("DR_PG_PROGRAMS", "")
        return Postgres(
            url, smoke_tables=tuple(place.smoke_tables), programs=Path(programs) if programs else None
        )

    def backups(self, environment: str) -> Bucket:
        """Where the environment's dumps are kept. Raises Refused where the plan does not say."""
        place = self._place(environment).backups
        if place is None:
            raise Refused(f"the plan names no backups for {environment}; nothing was changed")
        return Bucket(
            name=place.bucket,
            prefix=place.prefix,
            stem=place.name,
            endpoint_url=self._environment.get("AWS_ENDPOINT_URL") or None,
            region=self._environment.get("AWS_DEFAULT_REGION") or place.region or None,
            access_key=self._environment.get("AWS_ACCESS_KEY_ID") or None,
            secret_key=self._environment.get("AWS_SECRET_ACCESS_KEY") or None,
        )

    def _place(self, environment: str) -> Environment:
        found = self._plan.environments.get(environment)
        if found is None:
            names = ", ".join(self._plan.environments)
            raise Refused(f"the plan has no environment {environment!r}; it has {names}")
        return found
