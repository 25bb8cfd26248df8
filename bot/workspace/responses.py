"""What the app answers to a press or a command: new words, a replacement, a removal."""

from bot.workspace import messages
from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.posting import app_message, read_content
from bot.workspace.state import SLACKBOT, Message
from bot.workspace.tickets import ResponseTicket
from bot.workspace.wire import Json, SlackError


def answer(desk: Desk, ticket: ResponseTicket, payload: Json) -> None:
    """Do what a response says. Ephemeral unless `response_type` is `in_channel`. Raises `SlackError`."""
    arguments = Arguments(payload)
    original = _original(desk, ticket)
    if arguments.flag("delete_original"):
        if original is not None:
            messages.delete(desk.state, original)
        return
    content = read_content(arguments)
    if arguments.flag("replace_original") and original is not None:
        messages.change(
            desk.state,
            original,
            desk.state.app.user_id,
            text=content.text,
            blocks=content.blocks,
            attachments=content.attachments,
        )
        return
    channel = desk.state.channels[ticket.channel]
    message = app_message(desk.state, channel, content, arguments.text("thread_ts"))
    if arguments.text("response_type") != "in_channel":
        message.ephemeral_for = ticket.user
    messages.post(desk.state, message)


def _original(desk: Desk, ticket: ResponseTicket) -> Message | None:
    if not ticket.message_ts:
        return None
    kept = desk.state.channels[ticket.channel].messages.get(ticket.message_ts)
    mine = desk.state.ephemerals.get(ticket.user, [])
    return kept or next((message for message in mine if message.ts == ticket.message_ts), None)


def redeem(desk: Desk, secret: str, payload: Json) -> None:
    """One post to a response URL. Raises `used_url` after five, `expired_url` after 30 minutes."""
    answer(desk, desk.responses.redeem(secret), payload)


def slackbot_says(desk: Desk, user: str, channel: str, text: str, thread_ts: str = "") -> None:
    """A line of Slackbot that only this person sees."""
    state = desk.state
    line = Message(state.new_ts(), channel, SLACKBOT, text, ephemeral_for=user, thread_ts=thread_ts)
    messages.post(state, line)


def refused_answer(app_name: str, refused: SlackError) -> str:
    """What the person reads when the app answered with something Slack would not show."""
    details = f" ({refused.messages[0]})" if refused.messages else ""
    return f"{app_name} answered with a message that Slack refuses: {refused.code}{details}"
