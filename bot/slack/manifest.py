"""The Slack app manifest: what an administrator pastes to create drbot's app."""

from __future__ import annotations

from bot.domain.entry import Json
from bot.slack.listeners import ADD, COMMAND, DECLARE

USAGE_HINT = "[help | status | incidents | declare TITLE | restore ENV | oncall]"
DESCRIPTION = "Alerts become incidents that offer the plan's runbooks; runs are guarded and proven"
# Each scope with the call or event that needs it.
SCOPES = (
    "app_mentions:read",  # @drbot …
    "channels:history",  # people's words under a card; a post in doubt is looked up
    "channels:join",  # the incident channel of the plan
    "channels:manage",  # a channel of its own for a grave incident, topic, invitations
    "channels:read",  # names as ids
    "chat:write",  # cards
    "chat:write.public",  # a channel it has not joined
    "commands",  # /dr, shortcuts
    "files:write",  # long documents
    "groups:history",
    "groups:read",
    "im:history",  # /dr without the slash, in a direct message
    "im:write",
    "pins:read",  # a pin marks a message for the report
    "reactions:read",  # a reaction does so too
    "users:read",  # handles of the plan as users
)
EVENTS = (
    "app_home_opened",
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "pin_added",
    "pin_removed",
    "reaction_added",
    "reaction_removed",
)


def manifest(name: str = "drbot", request_url: str = "") -> dict[str, Json]:
    """The manifest (version 2). Socket Mode, unless `request_url` (…/slack/events) is given for HTTP mode."""
    interactivity: dict[str, Json] = {"is_enabled": True}
    events: dict[str, Json] = {"bot_events": list(EVENTS)}
    command: dict[str, Json] = {
        "command": COMMAND,
        "description": "Incidents and disaster recovery",
        "usage_hint": USAGE_HINT,
        "should_escape": True,
    }
    if request_url:
        interactivity["request_url"] = request_url
        events["request_url"] = request_url
        command["url"] = request_url
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name[:35],
            "description": DESCRIPTION,
            "background_color": "#1f2937",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name[:80], "always_online": True},
            "shortcuts": [
                {
                    "name": "Declare an incident",
                    "type": "global",
                    "callback_id": DECLARE,
                    "description": "Open the form that declares an incident",
                },
                {
                    "name": "Add to incident",
                    "type": "message",
                    "callback_id": ADD,
                    "description": "Put this message on an incident's timeline",
                },
            ],
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": events,
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": not request_url,
            "token_rotation_enabled": False,
        },
    }
