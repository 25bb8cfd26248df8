"""Who am I, where am I, and the link for Socket Mode."""

from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.shapes import bot_profile
from bot.workspace.wire import Json, SlackError


def _auth_test(desk: Desk, _: Arguments) -> Json:
    state = desk.state
    return {
        "ok": True,
        "url": desk.page_url,
        "team": state.seed.team_name,
        "user": state.app.name,
        "team_id": state.team_id,
        "user_id": state.app.user_id,
        "bot_id": state.app.bot_id,
        "is_enterprise_install": False,
    }


def _api_test(_: Desk, arguments: Arguments) -> Json:
    if error := arguments.text("error"):
        raise SlackError(error)
    return {"ok": True}


def _connections_open(desk: Desk, _: Arguments) -> Json:
    return {"ok": True, "url": desk.sockets.link(desk.socket_url)}


def _team_info(desk: Desk, _: Arguments) -> Json:
    state = desk.state
    named = {"id": state.team_id, "name": state.seed.team_name, "domain": state.seed.team_domain}
    return {
        "ok": True,
        "team": {**named, "email_domain": "", "icon": {"image_default": True}, "url": desk.page_url},
    }


def _bots_info(desk: Desk, arguments: Arguments) -> Json:
    if arguments.text("bot", desk.state.app.bot_id) != desk.state.app.bot_id:
        raise SlackError("bot_not_found")
    return {"ok": True, "bot": bot_profile(desk.state) | {"user_id": desk.state.app.user_id}}


METHODS = {
    "api.test": _api_test,
    "auth.test": _auth_test,
    "apps.connections.open": _connections_open,
    "team.info": _team_info,
    "bots.info": _bots_info,
}
