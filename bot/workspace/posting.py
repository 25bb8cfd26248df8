"""What the app wants to say, checked against Slack's limits, by whichever way it comes."""

import json
from dataclasses import dataclass

from bot.workspace.arguments import Arguments
from bot.workspace.blocks import MAX_MARKDOWN, check_message_blocks
from bot.workspace.state import Channel, Message, State
from bot.workspace.wire import Json, SlackError

MAX_TEXT = 40_000
MAX_ATTACHMENTS = 100
MAX_METADATA_BYTES = 16_000


@dataclass(frozen=True)
class Content:
    """Checked content of a message; lists may be empty, `text` is cut at 40,000 characters as Slack does."""

    text: str
    blocks: list[Json]
    attachments: list[Json]
    metadata: Json


def read_content(arguments: Arguments) -> Content:
    """Read and check `text`, `blocks`, `attachments`, `markdown_text` and `metadata`.

    Raises `SlackError`: `no_text`, `markdown_text_conflict`, `too_many_attachments`, `metadata_too_large` and
    what `check_message_blocks` raises.
    """
    text, blocks = arguments.text("text"), arguments.structure("blocks", "invalid_blocks_format") or []
    markdown = arguments.text("markdown_text")
    if markdown:
        if text or blocks:
            raise SlackError("markdown_text_conflict")
        if len(markdown) > MAX_MARKDOWN:
            raise SlackError("msg_too_long")
        text, blocks = markdown, [{"type": "markdown", "text": markdown}]
    attachments = _read_attachments(arguments)
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    metadata = arguments.structure("metadata", "invalid_metadata_format") or {}
    if not isinstance(metadata, dict) or (
        metadata and "event_type" not in metadata and "entities" not in metadata
    ):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata)) > MAX_METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return Content(text[:MAX_TEXT], check_message_blocks(blocks), attachments, metadata)


def _read_attachments(arguments: Arguments) -> list[Json]:
    attachments = arguments.structure("attachments", "invalid_attachments") or []
    if not isinstance(attachments, list) or not all(isinstance(one, dict) for one in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > MAX_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    for number, attachment in enumerate(attachments, start=1):
        attachment["id"] = number
        if attachment.get("blocks"):
            attachment["blocks"] = check_message_blocks(attachment["blocks"])
    return attachments


def app_message(state: State, channel: Channel, content: Content, thread_ts: str = "") -> Message:
    """A message of the app, not yet posted."""
    return Message(
        state.new_ts(),
        channel.id,
        state.app.user_id,
        content.text,
        content.blocks,
        content.attachments,
        by_app=True,
        thread_ts=thread_ts,
        metadata=content.metadata,
    )


def every_block(message: Message) -> list[Json]:
    """The message's blocks and those inside its attachments."""
    return message.blocks + [block for one in message.attachments for block in one.get("blocks") or []]
