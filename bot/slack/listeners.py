"""Bolt's listeners: acknowledge first, always; then translate and hand over to the reception."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.domain.incident import parse_incident_ref
from bot.domain.publication import parse_publication_ref
from bot.domain.run import parse_run_ref
from bot.slack import asked as ask
from bot.slack.asked import Asked
from bot.slack.blocks import FORM, Block
from bot.slack.cards.form_parts import Origin
from bot.slack.cards.form_report import report_form_of
from bot.slack.cards.forms import (
    add_form,
    approve_form,
    declare_form,
    deny_form,
    note_form,
    said_form,
    severity_form,
    skip_form,
)
from bot.slack.cards.outside_forms import outside_form, publication_form
from bot.slack.ears import read_mark, read_message
from bot.slack.reception import Reception
from bot.slack.scene import Scene

_log = logging.getLogger(__name__)
COMMAND = "/dr"
DECLARE = "declare_incident"
ADD = "add_to_incident"
Body = Mapping[str, Any]
# The forms that ask for words alone, about what the button's line names.
_SAYING: Mapping[str, Callable[[Origin, str], Block]] = {
    "note": note_form,
    "skip": skip_form,
    "deny": deny_form,
}


def register(app: AsyncApp, reception: Reception, scene: Scene) -> None:
    """Tell Bolt what drbot listens to."""
    _commands(app, reception)
    _presses(app, reception, scene)
    _talk(app, reception)
    _marks(app, reception)


def _commands(app: AsyncApp, reception: Reception) -> None:
    @app.command(COMMAND)
    async def command(ack: AsyncAck, body: Body) -> None:
        await ack()
        reception.begin(reception.answer(ask.slash(body)))

    @app.shortcut(DECLARE)
    async def declare(ack: AsyncAck, body: Body) -> None:
        await ack()
        asked = ask.shortcut(body)
        reception.begin(reception.replies.open(asked, declare_form(Origin("declare"))))


def _presses(app: AsyncApp, reception: Reception, scene: Scene) -> None:
    @app.action(re.compile("^dr:"))
    async def press(ack: AsyncAck, body: Body) -> None:
        await ack()
        reception.begin(reception.answer(ask.press(body)))

    @app.action(re.compile(f"^{FORM}"))
    async def open_form(ack: AsyncAck, body: Body) -> None:
        await ack()
        name = str(body["actions"][0]["action_id"]).removeprefix(FORM).partition(":")[0]
        asked = ask.press(body)
        reception.begin(reception.open(asked, lambda: form_for(scene, name, asked)))

    @app.shortcut(ADD)
    async def add(ack: AsyncAck, body: Body) -> None:
        await ack()
        asked = ask.shortcut(body)
        reception.begin(reception.open(asked, lambda: form_for(scene, "add", asked)))

    @app.view(re.compile(f"^{FORM}"))
    async def submitted(ack: AsyncAck, body: Body) -> None:
        try:
            form = ask.submission(body)
        except (msgspec.DecodeError, ValueError) as error:
            _log.warning("a form could not be read: %s", error)
            wrong = said_form(
                "Too old", "This form is from an older version. Nothing was done: open it again."
            )
            await ack(response_action="update", view=wrong)
            return
        if form.errors:
            await ack(response_action="errors", errors=dict(form.errors))
            return
        await ack(response_action="clear")
        reception.begin(reception.answer(form.asked))

    @app.action(re.compile(".*"))
    async def anything_else(ack: AsyncAck) -> None:
        await ack()  # a link button, or a choice inside a form: Slack wants to know that it was heard


def form_for(scene: Scene, name: str, asked: Asked) -> Block:
    """The form of this name, for the thing that the button's line names."""
    origin = Origin(asked.line, asked.channel, asked.thread)
    ref = asked.line.split(" ")[1] if " " in asked.line else ""
    if name in _SAYING:
        return _SAYING[name](origin, ref)
    if name == "declare":
        return declare_form(origin)
    if name == "severity":
        incident = scene.incident(parse_incident_ref(ref))
        return severity_form(origin, ref, incident.severity if incident else None)
    if name in ("outside", "publication"):
        return _form_for_outside(scene, name, origin, ref)
    if name == "report":
        return report_form_of(scene, origin, ref)
    if name == "approve":
        run = scene.run(parse_run_ref(ref))
        if run is None:
            return said_form("Not found", f"There is no {ref} any more. Nothing was approved.")
        word = scene.confirm_word(run)
        return approve_form(Origin(asked.line, asked.channel, asked.thread, word), run, word)
    incidents = scene.open_incidents()
    if not incidents:
        return said_form(
            "Nothing is open", "There is no open incident to add this to: `/dr declare` opens one."
        )
    return add_form(Origin("note", asked.channel, asked.thread), incidents, asked.line)


def _form_for_outside(scene: Scene, name: str, origin: Origin, ref: str) -> Block:
    """What to tell outside of an incident, or the text that waits."""
    if name == "outside":
        now = scene.outside(parse_incident_ref(ref))
        return outside_form(origin, now) if now else said_form("Not found", f"There is no {ref} any more.")
    view = scene.publication(parse_publication_ref(ref))
    return publication_form(origin, view) if view else said_form("Not found", f"There is no {ref} any more.")


def _talk(app: AsyncApp, reception: Reception) -> None:
    @app.event("app_home_opened")
    async def home(event: Body) -> None:
        if event.get("tab", "home") == "home":
            reception.begin(reception.show_home(str(event.get("user", ""))))

    @app.event("app_mention")
    async def mention(body: Body, context: Mapping[str, Any]) -> None:
        reception.begin(reception.answer(ask.said(body, str(context.get("bot_user_id", "")))))

    @app.event("message")
    async def message(body: Body, event: Body, context: Mapping[str, Any]) -> None:
        if event.get("channel_type") == "im":
            if not event.get("subtype") and not event.get("bot_id") and event.get("user"):
                reception.begin(reception.answer(ask.said(body, str(context.get("bot_user_id", "")))))
            return
        heard = read_message(event)
        if heard:
            await reception.hear(heard)  # kept before Slack is told: what cannot be stored comes again


def _marks(app: AsyncApp, reception: Reception) -> None:
    for kind in ("reaction_added", "reaction_removed", "pin_added", "pin_removed"):

        @app.event(kind)
        async def mark(event: Body) -> None:
            heard = read_mark(event)
            if heard:
                await reception.hear(heard)

    @app.event(re.compile(".*"))
    async def unheard(event: Body) -> None:
        _log.debug("an event that nobody needs: %s", event.get("type"))
