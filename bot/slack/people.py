"""Who is speaking: Slack's user as a person of the plan, or as a stranger with a name."""

from __future__ import annotations

import logging
import re

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.person import Person
from bot.slack.calls import Limited, Rejected, Unreachable, call
from bot.slack.scene import Scene

_log = logging.getLogger(__name__)
KEPT = 5_000
MENTIONS = 10
_MENTION = re.compile(r"(?<![\w.])@([UW][A-Z0-9]{5,20})\b")
_BARE = re.compile(r"<@([UW][A-Z0-9]{5,20})>")
_NOT_IN_A_LABEL = re.compile(r"[<>|&]")


class People:
    """Asks Slack once for the handle of a user whom the plan does not name by id."""

    def __init__(self, scene: Scene, client: AsyncWebClient) -> None:
        self._scene = scene
        self._client = client
        self._handles: dict[str, tuple[str, str]] = {}

    async def person(self, user: str, handle: str = "") -> Person:
        """The person of the plan; otherwise a stranger (`known` is false) with the best name there is."""
        known = self._scene.person_by_slack(user, handle)
        if known:
            return known
        handle, name = await self._looked_up(user)
        known = self._scene.person_by_slack(user, handle)
        return known or Person(user, name or handle or user, slack_id=user, known=False)

    async def named(self, line: str) -> str:
        """The line with `@ana`, the plan's name, for each `@U024BE7LH` that is a person of the plan."""
        for user in list(dict.fromkeys(_MENTION.findall(line)))[:MENTIONS]:
            person = await self.person(user)
            if person.known:
                line = re.sub(rf"@{user}\b", f"@{person.id}", line)
        return line

    async def labelled(self, text: str) -> str:
        """A message's text with `<@U024BE7LH|Ana Souza>` for each bare mention, at most ten people: whoever
        reads it later cannot ask Slack who that was.
        """
        for user in list(dict.fromkeys(_BARE.findall(text)))[:MENTIONS]:
            name = _NOT_IN_A_LABEL.sub("", (await self.person(user)).name)
            if name != user:
                text = text.replace(f"<@{user}>", f"<@{user}|{name}>")
        return text

    async def _looked_up(self, user: str) -> tuple[str, str]:
        if user in self._handles:
            return self._handles[user]
        try:
            profile = (await call(self._client.users_info, user=user)).get("user") or {}
        except (Limited, Unreachable, Rejected) as error:
            _log.warning("who %s is could not be asked: %s", user, error)
            return "", ""
        if len(self._handles) >= KEPT:
            self._handles.clear()
        self._handles[user] = str(profile.get("name") or ""), str(profile.get("real_name") or "")
        return self._handles[user]
