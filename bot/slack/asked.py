"""What Slack delivers, reduced to what a reception needs: who asked what, where, and how to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.blocks import FORM
from bot.slack.cards.form_parts import Origin
from bot.slack.cards.outside_forms import edit_line
from bot.slack.lines import option, typed


@dataclass(frozen=True)
class Asked:
    """One line that a person said, typed or pressed.

    `key` is the same however often Slack delivers it. `view` is the modal or home that was pressed,
    `trigger` lets a modal open within 3 s. `aloud` answers where everybody reads it.
    """

    line: str
    user: str
    handle: str = ""
    channel: str = ""
    thread: str = ""
    key: str = ""
    response_url: str = ""
    trigger: str = ""
    view: str = ""
    aloud: bool = False

    @property
    def is_form(self) -> bool:
        """Whether a form was submitted: its words are a person's own and stay as they are."""
        return self.key.startswith("view:")


def slash(body: Mapping[str, Any]) -> Asked:
    """`/dr …`."""
    return Asked(
        line=typed(str(body.get("text") or "")) or "help",
        user=str(body.get("user_id", "")),
        handle=str(body.get("user_name", "")),
        channel=str(body.get("channel_id", "")),
        key=str(body.get("trigger_id", "")),
        response_url=str(body.get("response_url", "")),
        trigger=str(body.get("trigger_id", "")),
    )


def press(body: Mapping[str, Any]) -> Asked:
    """A pressed button of a card, a modal or App Home."""
    action = (body.get("actions") or [{}])[0]
    user, container, message = body.get("user") or {}, body.get("container") or {}, body.get("message") or {}
    return Asked(
        line=str(action.get("value") or ""),
        user=str(user.get("id", "")),
        handle=str(user.get("username") or user.get("name") or ""),
        channel=str((body.get("channel") or {}).get("id") or container.get("channel_id") or ""),
        thread=str(message.get("thread_ts") or container.get("thread_ts") or ""),
        key=str(body.get("trigger_id") or ""),
        response_url=str(body.get("response_url") or ""),
        trigger=str(body.get("trigger_id") or ""),
        view=str((body.get("view") or {}).get("type") or ""),
    )


def shortcut(body: Mapping[str, Any]) -> Asked:
    """A shortcut on a message or anywhere; the line is the message's text."""
    user, message = body.get("user") or {}, body.get("message") or {}
    return Asked(
        line=typed(str(message.get("text") or "")),
        user=str(user.get("id", "")),
        handle=str(user.get("username") or user.get("name") or ""),
        channel=str((body.get("channel") or {}).get("id") or ""),
        thread=str(message.get("thread_ts") or ""),
        key=str(body.get("trigger_id") or ""),
        trigger=str(body.get("trigger_id") or ""),
    )


def said(body: Mapping[str, Any], bot_user: str) -> Asked:
    """`@drbot …` in a channel, or a direct message."""
    event = body.get("event") or {}
    text = str(event.get("text") or "").replace(f"<@{bot_user}>", "", 1)
    return Asked(
        line=typed(text) or "help",
        user=str(event.get("user") or ""),
        channel=str(event.get("channel") or ""),
        thread=str(event.get("thread_ts") or ""),
        key=str(body.get("event_id") or ""),
        aloud=event.get("channel_type") == "im",
    )


@dataclass(frozen=True)
class Submitted:
    """A submitted form: the line it makes, or what is wrong at which field."""

    asked: Asked
    errors: Mapping[str, str]


def submission(body: Mapping[str, Any]) -> Submitted:
    """A form's answer. Raises msgspec.DecodeError where it is none of ours."""
    view, user = body.get("view") or {}, body.get("user") or {}
    origin = Origin.read(str(view.get("private_metadata", "")))
    given = _values(view)
    line, errors = _line(str(view.get("callback_id", "")).removeprefix(FORM), origin, given)
    asked = Asked(
        line=line,
        user=str(user.get("id", "")),
        handle=str(user.get("username") or user.get("name") or ""),
        channel=origin.channel,
        thread=origin.thread,
        key=f"view:{view.get('id', '')}",
    )
    return Submitted(asked, errors)


def _values(view: Mapping[str, Any]) -> dict[str, str]:
    given: dict[str, str] = {}
    for fields in ((view.get("state") or {}).get("values") or {}).values():
        for name, field in fields.items():
            chosen = (field.get("selected_option") or {}).get("value")
            given[name] = str(chosen or field.get("value") or "").strip()
    return given


def _line(form: str, origin: Origin, given: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    text = given.get("text", "")
    if form == "approve":
        return _approval(origin, given.get("typed", ""))
    if form == "declare":
        title = " ".join(text.replace('"', "'").split())
        wrong = {} if title else {"text": "Say in a few words what is wrong."}
        return f'declare "{title}" sev={given.get("severity", "3").removeprefix("SEV-")}', wrong
    if form == "severity":
        return f"{origin.line} {given.get('severity', '')} {text}".strip(), {}
    if form == "outside":
        return f"{origin.line} {given.get('what', '')}", {}
    if form == "publication":
        return edit_line(origin, given)
    if form == "add":
        return f"note {given.get('incident', '')} {text}", _needed(text)
    if form == "skip":
        because = " ".join("".join(c if c.isprintable() else " " for c in text).replace('"', "'").split())
        return (f"{origin.line} {option('skip', because)}" if because else ""), _needed(because)
    if form == "report":
        return f'{origin.line} text="{text}"', _needed(text)
    if form == "deny":
        return f"{origin.line} {text}".strip(), {}
    return f"{origin.line} {text}", _needed(text)


def _needed(text: str) -> Mapping[str, str]:
    return {} if text else {"text": "There is nothing written here yet."}


def _approval(origin: Origin, word: str) -> tuple[str, Mapping[str, str]]:
    if not origin.word or word != origin.word:
        return "", {"typed": f"That is not {origin.word}. Nothing was approved."}
    return f"{origin.line} {option('typed', word)}", {}
