"""A bot on a memory that is there already, until it is killed."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from bot.workspace.runner import LocalWorkspace
from tests.slack.stage import Bot


def main() -> None:
    path, api_url, bot_token, app_token = sys.argv[1:]
    there = SimpleNamespace(api_url=api_url, bot_token=bot_token, app_token=app_token)
    with Bot(cast(LocalWorkspace, there), Path(path)):
        threading.Event().wait(60)


if __name__ == "__main__":
    main()
