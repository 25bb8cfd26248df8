"""Brings an answer to the one who asked: at the card, in a modal, or as a direct message."""

from __future__ import annotations

import logging
import urllib.parse
from collections.abc import Sequence

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.asked import Asked
from bot.slack.blocks import Block, Card, plain_words
from bot.slack.calls import Limited, Rejected, Unreachable, call
from bot.slack.cards.answer import untabled
from bot.slack.fit import HOME_BLOCKS, fit

_log = logging.getLogger(__name__)
TIMEOUT_S = 10
# What a modal is called where its verb is no word that people write.
_TITLES = {"oncall": "On call"}
_TROUBLE = (Limited, Unreachable, Rejected)


class Replies:
    """Each way of answering falls back to the next; when none works the log says what was not told."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def bring(self, asked: Asked, card: Card) -> None:
        """Answer. Raises nothing: an answer that reaches nobody is logged."""
        if asked.view and asked.trigger and await self._in_modal(asked, card):
            return
        if asked.response_url and await self._at_card(asked, card):
            return
        try:
            await self._in_channel(asked, card)
        except _TROUBLE as error:
            _log.error("an answer to %s was not delivered: %s (%s)", asked.user, card.text, error)

    async def open(self, asked: Asked, view: Block) -> None:
        """Open a modal. Where Slack's 3 s are over, say so instead."""
        method = self._client.views_push if asked.view == "modal" else self._client.views_open
        try:
            await call(method, trigger_id=asked.trigger, view=view)
        except _TROUBLE as error:
            _log.warning("a form for %s did not open: %s", asked.user, error)
            words = "The form did not open in time. Nothing was done: press once more."
            await self.bring(_without_view(asked), Card(words, []))

    async def publish(self, user: str, view: Block) -> None:
        """Publish App Home; what Slack refuses of it is logged."""
        try:
            await call(self._client.views_publish, user_id=user, view=view)
        except _TROUBLE as error:
            _log.warning("App Home of %s was not published: %s", user, error)

    async def send_document(self, asked: Asked, title: str, markdown: str) -> None:
        """A long document as a file in the person's direct messages."""
        try:
            opened = await call(self._client.conversations_open, users=asked.user)
            await call(
                self._client.files_upload_v2,
                content=markdown,
                filename="answer.md",
                title=title[:200],
                channel=str(opened["channel"]["id"]),
            )
        except _TROUBLE as error:
            _log.warning("a document for %s was not sent: %s", asked.user, error)

    async def send_files(self, asked: Asked, files: Sequence[tuple[str, bytes]]) -> str:
        """Files into the person's direct messages; what went wrong, '' where all are there."""
        try:
            opened = await call(self._client.conversations_open, users=asked.user)
            channel = str(opened["channel"]["id"])
            for name, content in files:
                await call(
                    self._client.files_upload_v2, file=content, filename=name, title=name, channel=channel
                )
        except _TROUBLE as error:
            _log.warning("files for %s were not sent: %s", asked.user, error)
            return str(error) or type(error).__name__
        return ""

    async def _at_card(self, asked: Asked, card: Card) -> bool:
        webhook = AsyncWebhookClient(asked.response_url, timeout=TIMEOUT_S, session=self._client.session)
        if is_loopback(asked.response_url):
            webhook.proxy = None
        try:
            answer = await webhook.send_dict(
                {
                    "response_type": "ephemeral",
                    "replace_original": False,
                    "text": card.text,
                    "blocks": card.blocks,
                    **({"thread_ts": asked.thread} if asked.thread else {}),
                }
            )
        except Exception as error:  # noqa: BLE001 - whatever the library raises, the next way is tried
            _log.warning("response_url failed: %s", type(error).__name__)
            return False
        if answer.status_code != 200:
            _log.warning("response_url answered %s %s", answer.status_code, answer.body[:200])
        return answer.status_code == 200

    async def _in_channel(self, asked: Asked, card: Card) -> None:
        thread = {"thread_ts": asked.thread} if asked.thread else {}
        if asked.aloud:
            await self._post(asked.channel, card, **thread)
            return
        if asked.channel:
            try:
                await call(
                    self._client.chat_postEphemeral,
                    channel=asked.channel,
                    user=asked.user,
                    text=card.text,
                    blocks=card.blocks,
                    **thread,
                )
            except Rejected as refused:
                _log.info("no ephemeral answer in %s (%s): a direct message instead", asked.channel, refused)
            else:
                return
        await self._post(asked.user, card)

    async def _post(self, channel: str, card: Card, **thread: str) -> None:
        await call(
            self._client.chat_postMessage, channel=channel, text=card.text, blocks=card.blocks, **thread
        )

    async def _in_modal(self, asked: Asked, card: Card) -> bool:
        verb = asked.line.split(" ")[0]
        view: Block = {
            "type": "modal",
            "title": plain_words(_TITLES.get(verb, verb.capitalize()), 24),
            "close": plain_words("Close", 24),
            "blocks": fit(untabled(card.blocks), HOME_BLOCKS),
        }
        method = self._client.views_push if asked.view == "modal" else self._client.views_open
        try:
            await call(method, trigger_id=asked.trigger, view=view)
        except _TROUBLE as error:
            _log.info("the answer did not fit a modal in time (%s): a direct message instead", error)
            return False
        return True


def _without_view(asked: Asked) -> Asked:
    return Asked("", asked.user, asked.handle, asked.channel, asked.thread, "", asked.response_url)


def is_loopback(url: str) -> bool:
    """Whether the address is this machine, which no proxy may stand before."""
    host = urllib.parse.urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
