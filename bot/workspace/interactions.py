"""What a person does with the app's things: a command, a press, a modal, a shortcut; and what comes back."""

from dataclasses import dataclass, field

from bot.workspace import payloads, responses
from bot.workspace.delivery import Unanswered
from bot.workspace.desk import Desk
from bot.workspace.inputs import action_json, collect_values, find_element, refused_inputs
from bot.workspace.posting import every_block
from bot.workspace.state import Message
from bot.workspace.tickets import ResponseTicket
from bot.workspace.views import View, view_json
from bot.workspace.wire import Json, SlackError

TROUBLE = "We had some trouble connecting. Try again?"


@dataclass(frozen=True)
class Outcome:
    """What the person is told: done, or an error in Slack's words, or a word at each refused field."""

    ok: bool = True
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


async def slash(desk: Desk, user: str, channel_id: str, line: str) -> Outcome:
    """Send `/dr status` to the app. A silence of three seconds is told by Slackbot, only to this person."""
    name, _, text = line.strip().partition(" ")
    command = desk.command(name)
    if command is None:
        return _slackbot(
            desk, user, channel_id, f"{name} is not a valid command. In Slack it would be sent to nobody."
        )
    channel = desk.state.channel(channel_id)
    path = desk.responses.issue(user, channel.id)
    said = payloads.mentions_escaped(desk.state, text.strip()) if command.should_escape else text.strip()
    payload = payloads.slash(desk, user, channel, command.command, said, path)
    try:
        answer = await desk.delivery.ask("slash_commands", payload)
    except Unanswered as silent:
        why = (
            "failed because the app did not respond"
            if str(silent) != "error"
            else 'failed with the error "dispatch_failed"'
        )
        return _slackbot(
            desk,
            user,
            channel.id,
            f"{name} {why}. Nothing was lost on this side: send it again when it is back.",
        )
    if not any(answer.get(part) for part in ("text", "blocks", "attachments")):
        return Outcome()
    return _show(desk, ResponseTicket(user, channel.id, "", 0.0), answer)


def _show(desk: Desk, ticket: ResponseTicket, answer: Json) -> Outcome:
    try:
        responses.answer(desk, ticket, answer)
    except SlackError as refused:
        words = responses.refused_answer(desk.state.app.name, refused)
        return _slackbot(desk, ticket.user, ticket.channel, words)
    return Outcome()


def _slackbot(desk: Desk, user: str, channel: str, words: str) -> Outcome:
    responses.slackbot_says(desk, user, channel, words)
    return Outcome(False, words)


@dataclass(frozen=True)
class Press:
    """What was pressed: an element by its ids, the choice made in it, and the inputs around it."""

    user: str
    action_id: str
    block_id: str = ""
    choice: str | list[str] | None = None
    inputs: Json = field(default_factory=dict)


async def press_in_message(desk: Desk, press: Press, channel_id: str, ts: str) -> Outcome:
    """Press something in a message, also one that only this person sees. Raises `message_not_found`."""
    message = _visible(desk, press.user, channel_id, ts)
    blocks = every_block(message)
    payload = payloads.block_actions(desk, press.user) | payloads.in_message(desk, press.user, message)
    payload["state"] = {"values": collect_values(blocks, press.inputs)}
    return await _press(desk, press, blocks, payload)


async def press_in_view(desk: Desk, press: Press, view_id: str) -> Outcome:
    """Press something in a modal or in App Home."""
    view = _own_view(desk, press.user, view_id)
    blocks = view.content.get("blocks", [])
    view.values = collect_values(blocks, press.inputs)
    payload = payloads.block_actions(desk, press.user) | payloads.in_view(desk, view)
    return await _press(desk, press, blocks, payload)


async def _press(desk: Desk, press: Press, blocks: list[Json], payload: Json) -> Outcome:
    block, element = find_element(blocks, press.action_id, press.block_id)
    payload["actions"] = [action_json(block, element, press.choice, desk.state.new_ts())]
    try:
        await desk.delivery.ask("interactive", payload)
    except Unanswered:
        return Outcome(False, f"{desk.state.app.name} didn’t respond. Try again.")
    return Outcome()


def _visible(desk: Desk, user: str, channel_id: str, ts: str) -> Message:
    for message in desk.state.ephemerals.get(user, []):
        if message.ts == ts and message.channel == channel_id:
            return message
    return desk.state.message(desk.state.channel(channel_id), ts)


def _own_view(desk: Desk, user: str, view_id: str) -> View:
    view = desk.views.find(view_id)
    if view.user != user:
        raise SlackError("not_found")
    return view


async def submit(desk: Desk, user: str, view_id: str, inputs: Json) -> Outcome:
    """Submit a modal. Slack's own checks come first; then the app answers, maybe with a response_action."""
    view = _own_view(desk, user, view_id)
    blocks = view.content.get("blocks", [])
    view.values = collect_values(blocks, inputs)
    if errors := refused_inputs(blocks, view.values):
        return Outcome(False, "", errors)
    payload = payloads.view_submission(desk, view)
    try:
        answer = await desk.delivery.ask("interactive", payload)
        return _react(desk, view, answer)
    except (Unanswered, SlackError) as wrong:
        detail = f" ({wrong.messages[0]})" if isinstance(wrong, SlackError) and wrong.messages else ""
        return Outcome(False, TROUBLE + detail)


def _react(desk: Desk, view: View, answer: Json) -> Outcome:
    action = answer.get("response_action")
    if action == "errors":
        errors = answer.get("errors")
        return Outcome(
            False, "", {str(k): str(v) for k, v in errors.items()} if isinstance(errors, dict) else {}
        )
    if action == "update":
        desk.views.update(view, answer.get("view"))
    elif action == "push":
        desk.views.push(view.user, answer.get("view"))
    elif action == "clear":
        desk.views.stacks[view.user] = []
    elif action is None:
        desk.views.close(view)
    else:
        raise SlackError("invalid_response_action")
    show_views(desk, view.user)
    return Outcome()


async def close(desk: Desk, user: str, view_id: str, everything: bool) -> Outcome:
    """Close a modal (or the whole stack); the app hears of it where it asked to be notified."""
    view = _own_view(desk, user, view_id)
    stack = list(desk.views.stacks.get(user, []))
    closed = stack if everything else stack[stack.index(view) :]
    desk.views.close(closed[0])
    show_views(desk, user)
    for gone in reversed(closed):
        if gone.content.get("notify_on_close"):
            desk.delivery.start(_tell_closed(desk, gone, everything))
    return Outcome()


async def _tell_closed(desk: Desk, view: View, cleared: bool) -> None:
    try:
        await desk.delivery.ask("interactive", payloads.view_closed(desk, view, cleared))
    except Unanswered:
        return  # Slack does not say either that nobody heard of a closed modal


async def shortcut(desk: Desk, user: str, channel_id: str, ts: str, callback_id: str) -> Outcome:
    """Use a message shortcut of the app."""
    message = desk.state.message(desk.state.channel(channel_id), ts)
    try:
        await desk.delivery.ask("interactive", payloads.message_action(desk, user, message, callback_id))
    except Unanswered:
        return Outcome(False, f"{desk.state.app.name} didn’t respond. Try again.")
    return Outcome()


def show_views(desk: Desk, user: str) -> None:
    """Send a person's modal stack to their pages."""
    stack = [view_json(desk.state, view) for view in desk.views.stacks.get(user, [])]
    desk.live.touch({"t": "views", "views": stack}, user)
