"""A bot that is killed after Slack took its first post and before it could write that down."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from bot.store import outbox
from bot.workspace.runner import LocalWorkspace
from tests.slack.stage import Bot


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    path, api_url, bot_token, app_token = sys.argv[1:]
    outbox.mark_shown = die  # type: ignore[assignment]  # it never returns
    there = SimpleNamespace(api_url=api_url, bot_token=bot_token, app_token=app_token)
    with Bot(cast(LocalWorkspace, there), Path(path)) as bot:
        bot.open_incident()
        time.sleep(30)


if __name__ == "__main__":
    main()
