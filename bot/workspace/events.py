"""Changes in the workspace as the events that the app is subscribed to."""

import time

from bot.workspace.delivery import Delivery
from bot.workspace.shapes import message_json
from bot.workspace.state import Change, Channel, State
from bot.workspace.views import View, view_json
from bot.workspace.wire import Json

VERIFICATION = "local-verification"


class Events:
    """Listens to the state and tells the app, where it is a member."""

    def __init__(self, state: State, delivery: Delivery) -> None:
        self._state = state
        self._delivery = delivery
        self._tellers = {
            "message_posted": self._posted,
            "message_changed": self._changed,
            "message_deleted": self._deleted,
            "reaction_added": self._reaction,
            "reaction_removed": self._reaction,
            "pin_added": self._pin,
            "pin_removed": self._pin,
            "member_joined": self._joined,
            "channel_renamed": self._lifecycle,
            "channel_archived": self._lifecycle,
            "channel_created": self._lifecycle,
        }

    def hear(self, change: Change) -> None:
        """Turn one change into the app's event; changes it may not see are nothing to it."""
        teller = self._tellers.get(change.kind)
        ephemeral = change.message is not None and change.message.ephemeral_for
        if teller is None or change.channel is None or ephemeral:
            return
        if self._state.app.user_id in change.channel.members or teller == self._lifecycle:
            teller(change, change.channel)

    def opened_home(self, user: str, tab: str, home: View | None) -> None:
        """A person opened the app's Home or Messages tab."""
        channel = self._state.direct(user)
        event: Json = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": tab}
        if home is not None and tab == "home":
            event["view"] = view_json(self._state, home)
        self._tell(event | {"event_ts": self._state.new_ts()})

    def _posted(self, change: Change, channel: Channel) -> None:
        assert change.message is not None  # noqa: S101 - a posted message is always named
        message = change.message
        body = message_json(self._state, message)
        place = {"channel": channel.id, "event_ts": message.ts, "channel_type": channel.kind}
        self._tell(body | place)
        mentioned = f"<@{self._state.app.user_id}" in message.text
        if mentioned and not message.by_app and not message.subtype and not channel.im_with:
            mention = {name: body[name] for name in body if name not in ("subtype",)}
            self._tell(mention | {"type": "app_mention", "channel": channel.id, "event_ts": message.ts})

    def _changed(self, change: Change, channel: Channel) -> None:
        assert change.message is not None  # noqa: S101 - a changed message is always named
        ts = self._state.new_ts()
        self._tell({
            "type": "message",
            "subtype": "message_changed",
            "message": message_json(self._state, change.message),
            "previous_message": change.previous,
            "channel": channel.id,
            "hidden": True,
            "ts": ts,
            "event_ts": ts,
            "channel_type": channel.kind,
        })  # fmt: skip

    def _deleted(self, change: Change, channel: Channel) -> None:
        ts = self._state.new_ts()
        self._tell({
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": change.previous,
            "channel": channel.id,
            "hidden": True,
            "deleted_ts": change.previous.get("ts"),
            "event_ts": ts,
            "ts": ts,
            "channel_type": channel.kind,
        })  # fmt: skip

    def _reaction(self, change: Change, channel: Channel) -> None:
        assert change.message is not None  # noqa: S101 - a reaction is always on a message
        self._tell({
            "type": change.kind,
            "user": change.user,
            "reaction": change.detail,
            "item": {"type": "message", "channel": channel.id, "ts": change.message.ts},
            "item_user": change.message.user,
            "event_ts": self._state.new_ts(),
        })  # fmt: skip

    def _pin(self, change: Change, channel: Channel) -> None:
        assert change.message is not None  # noqa: S101 - a pin is always on a message
        message = message_json(self._state, change.message)
        item = {"type": "message", "created": change.message.pinned_at_s, "created_by": change.user,
                "channel": channel.id, "message": message}  # fmt: skip
        self._tell({
            "type": change.kind,
            "user": change.user,
            "channel_id": channel.id,
            "item": item,
            "item_user": change.message.user,
            "pin_count": sum(bool(other.pinned_by) for other in channel.messages.values()),
            "has_pins": any(other.pinned_by for other in channel.messages.values()),
            "event_ts": self._state.new_ts(),
        })  # fmt: skip

    def _joined(self, change: Change, channel: Channel) -> None:
        event = {
            "type": "member_joined_channel",
            "user": change.user,
            "channel": channel.id,
            "channel_type": "G" if channel.private else "C",
            "team": self._state.team_id,
        }
        if change.detail:
            event["inviter"] = change.detail
        self._tell(event | {"event_ts": self._state.new_ts()})

    def _lifecycle(self, change: Change, channel: Channel) -> None:
        kind = {"channel_created": "channel_created", "channel_renamed": "channel_rename",
                "channel_archived": "channel_archive"}[change.kind]  # fmt: skip
        described = {
            "id": channel.id,
            "name": channel.name,
            "created": channel.created_s,
            "creator": channel.creator,
        }
        subject: Json = (
            {"channel": channel.id, "user": change.user}
            if kind == "channel_archive"
            else {"channel": described}
        )
        self._tell({"type": kind, **subject, "event_ts": self._state.new_ts()})

    def _tell(self, event: Json) -> None:
        authorization = {
            "enterprise_id": None,
            "team_id": self._state.team_id,
            "user_id": self._state.app.user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        self._delivery.tell({
            "token": VERIFICATION,
            "team_id": self._state.team_id,
            "api_app_id": self._state.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self._state.new_id("Ev"),
            "event_time": int(time.time()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
            "event_context": f"4-{event['type']}-{self._state.team_id}",
        })  # fmt: skip
