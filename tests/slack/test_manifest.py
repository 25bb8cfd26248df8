"""The manifest asks for what drbot listens to and calls, and for nothing longer than Slack takes."""

from __future__ import annotations

import json
from typing import Any

from bot.slack.manifest import manifest


def test_it_keeps_slacks_limits_and_subscribes_to_what_is_listened_to() -> None:
    made: Any = manifest()
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140
    (command,) = made["features"]["slash_commands"]
    assert command["command"] == "/dr"
    assert len(command["usage_hint"]) <= 1_000
    events = made["settings"]["event_subscriptions"]["bot_events"]
    assert {"message.channels", "app_mention", "app_home_opened", "pin_added", "reaction_removed"} <= set(
        events
    )
    assert made["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in json.dumps(made)


def test_http_mode_names_where_slack_sends() -> None:
    made: Any = manifest(request_url="https://bot.example/slack/events")
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["interactivity"]["request_url"] == "https://bot.example/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == "https://bot.example/slack/events"
