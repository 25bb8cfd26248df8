"""The environment, read once. The plan holds no secret; the environment holds every secret."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

# What a missing setting disables, said once at start-up and on `status`.
DISABLES: Mapping[str, str] = {
    "SLACK_BOT_TOKEN": "Slack is off: no cards and no buttons; every verb works in the shell",
    "DR_WEBHOOK_TOKEN": "the Alertmanager webhook takes alerts without a token, from this machine only",
    "PAGERDUTY_WEBHOOK_SECRET": "PagerDuty webhooks are refused: their signature cannot be checked",
}
# One of them is needed for hearing people in Slack.
HEARING = ("SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")
DEAF = (
    "cards appear in Slack, but nobody can press or type there; set it for Socket Mode, or"
    " SLACK_SIGNING_SECRET for HTTP"
)
PORT_LAST = 65_535


@dataclass(frozen=True)
class Settings:
    """Every setting of the outside (names and defaults are a promise); empty means not set."""

    plan: Path = Path("data/belezza.yaml")
    database_url: str = "sqlite:///var/drbot.db"
    listen: str = "127.0.0.1:8080"
    webhook_token: str = field(default="", repr=False)
    slack_bot_token: str = field(default="", repr=False)
    slack_app_token: str = field(default="", repr=False)
    slack_signing_secret: str = field(default="", repr=False)
    slack_api_url: str = ""
    pagerduty_webhook_secret: str = field(default="", repr=False)
    status_token: str = field(default="", repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port of `listen`. Raises ValueError with the form expected."""
        colon, text = self.listen.rpartition(":")[1:]
        if not (colon and text.isascii() and text.isdigit() and int(text) <= PORT_LAST):
            raise ValueError(
                f"DR_LISTEN={self.listen!r} has no port of 0 to {PORT_LAST}: write 127.0.0.1:8080"
            )
        return int(text)

    def missing(self) -> tuple[tuple[str, str], ...]:
        """Each setting that is not there and disables something: (name, what is off)."""
        off = {name: said for name, said in DISABLES.items() if not self.environment.get(name)}
        given = {name for name in HEARING if self.environment.get(name)}
        if "SLACK_BOT_TOKEN" not in off and not given:
            off[HEARING[0]] = DEAF
        return tuple(off.items())


def read_settings(environment: Mapping[str, str] | None = None, dotenv: Path = Path(".env")) -> Settings:
    """Settings from the process environment, over `.env` where present."""
    merged: dict[str, str] = {}
    if environment is None:
        merged |= {name: value for name, value in dotenv_values(dotenv).items() if value is not None}
        environment = os.environ
    merged |= environment
    default = Settings()
    return Settings(
        plan=Path(merged.get("DR_PLAN") or default.plan),
        database_url=merged.get("DR_DATABASE_URL") or default.database_url,
        listen=merged.get("DR_LISTEN") or default.listen,
        webhook_token=merged.get("DR_WEBHOOK_TOKEN", ""),
        slack_bot_token=merged.get("SLACK_BOT_TOKEN", ""),
        slack_app_token=merged.get("SLACK_APP_TOKEN", ""),
        slack_signing_secret=merged.get("SLACK_SIGNING_SECRET", ""),
        slack_api_url=merged.get("DR_SLACK_API_URL", ""),
        pagerduty_webhook_secret=merged.get("PAGERDUTY_WEBHOOK_SECRET", ""),
        status_token=merged.get("DR_STATUS_TOKEN", ""),
        environment=merged,
    )
