"""Channels: the plan's names as Slack's ids, and a channel of its own for a grave incident."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.incident import Incident
from bot.slack.calls import Method, Rejected, call
from bot.slack.text import plain

_log = logging.getLogger(__name__)
_ID = re.compile(r"[CDG][A-Z0-9]{5,}")
_USER = re.compile(r"[UW][A-Z0-9]{5,}")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
NAME_LIMIT = 80
TOPIC_LIMIT = 240
PAGES = 20
INVITED = 100
TRIES = 5


class Rooms:
    """Knows the channels by name; asks Slack once, and again for a name it has not met."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._ids: dict[str, str] = {}
        self._topics: dict[str, str] = {}
        self._invited: dict[str, set[str]] = {}
        self._users_by_handle: dict[str, str] = {}

    def known(self, channel: str) -> str:
        """The id where it is known by now, else what was given."""
        return self._ids.get(channel.removeprefix("#"), channel)

    async def id_of(self, channel: str) -> str:
        """The id of `#name` (or of an id), joined; made where it does not exist and Slack lets us."""
        if _ID.fullmatch(channel):
            return channel
        name = channel.removeprefix("#")
        if name not in self._ids:
            found = await self._find(name)
            self._ids[name] = await self._enter(found) if found else await self._create(name)
        return self._ids[name]

    async def own(self, incident: Incident) -> str:
        """The incident's channel: `inc-7-database-production`, made once.

        One of that name that the bot made before a crash is taken over; anybody else's is left alone.
        """
        wanted = channel_name(incident)
        for attempt in range(1, TRIES + 1):
            name = wanted if attempt == 1 else f"{wanted[: NAME_LIMIT - 2]}-{attempt}"
            try:
                return await self._create(name)
            except Rejected as refused:
                if refused.code != "name_taken":
                    raise
            found = await self._find(name)
            if found and found.get("creator") == await self._me() and not found.get("is_archived"):
                return str(found["id"])
        raise Rejected("name_taken", f"{wanted} and {TRIES - 1} variants of it")

    async def furnish(self, channel: str, topic: str, people: list[str]) -> None:
        """Set the topic where it changed, and invite whoever was not invited before, since this start.

        What Slack refuses of it is logged, not fatal.
        """
        topic = plain(topic, TOPIC_LIMIT)
        if self._topics.get(channel) != topic:
            await self._try(channel, self._client.conversations_setTopic, topic=topic)
            self._topics[channel] = topic
        known = self._invited.setdefault(channel, set())
        if new := [person for person in people if person not in known]:
            if users := await self.users(new):
                await self._try(channel, self._client.conversations_invite, users=users, force=True)
            known.update(new)

    async def _try(self, channel: str, method: Method, **what: object) -> None:
        try:
            await call(method, channel=channel, **what)
        except Rejected as refused:
            if refused.code not in ("already_in_channel", "cant_invite_self"):
                _log.warning("channel %s: %s", channel, refused)

    async def users(self, people: Sequence[str]) -> list[str]:
        """Ids of people whom the plan may name by handle; who is not there is left out."""
        handles = [person.removeprefix("@") for person in people[:INVITED]]
        if any(not _USER.fullmatch(handle) for handle in handles) and not self._users_by_handle:
            await self._read_users()
        named = (
            handle if _USER.fullmatch(handle) else self._users_by_handle.get(handle) for handle in handles
        )
        return [user for user in named if user]

    async def _read_users(self) -> None:
        cursor = ""
        for _ in range(PAGES):
            page = await call(self._client.users_list, limit=500, cursor=cursor)
            for member in page.get("members", ()):
                if not member.get("deleted"):
                    self._users_by_handle[str(member.get("name"))] = str(member.get("id"))
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    async def _me(self) -> str:
        return str((await call(self._client.auth_test)).get("user_id", ""))

    async def _create(self, name: str) -> str:
        made = await call(self._client.conversations_create, name=name)
        return str(made["channel"]["id"])

    async def _enter(self, channel: dict[str, Any]) -> str:
        if not channel.get("is_member") and not channel.get("is_private"):
            try:
                await call(self._client.conversations_join, channel=channel["id"])
            except Rejected as refused:
                _log.warning("cannot join #%s: %s; invite the bot to it", channel.get("name"), refused)
        return str(channel["id"])

    async def _find(self, name: str) -> dict[str, Any] | None:
        cursor, types = "", "public_channel,private_channel"
        for _ in range(PAGES):
            page = await call(
                self._client.conversations_list, types=types, limit=1000, cursor=cursor, exclude_archived=True
            )
            for channel in page.get("channels", ()):
                if channel.get("name") == name:
                    return dict(channel)
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None
        return None


def channel_name(incident: Incident) -> str:
    """`inc-7-database-production`: what Slack allows in a name, at most 80."""
    words = _NOT_IN_NAMES.sub("-", f"{incident.component}-{incident.environment}".lower()).strip("-")
    return f"inc-{incident.id}-{words}".strip("-")[:NAME_LIMIT].strip("-")


def channel_topic(incident: Incident) -> str:
    """One line that says which trouble this channel is about."""
    state = "" if incident.is_open else " (resolved)"
    return f"{incident.severity.value} {incident.ref}{state}: {incident.title}"
