"""Modals and App Home, as the app opens and changes them."""

from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.interactions import show_views
from bot.workspace.views import View, view_json
from bot.workspace.wire import Json, SlackError


def _shown(desk: Desk, view: View) -> Json:
    described = view_json(desk.state, view)
    if view.kind == "home":
        desk.live.touch({"t": "home", "view": described}, view.user)
    else:
        show_views(desk, view.user)
    return {"ok": True, "view": described}


def _person(desk: Desk, arguments: Arguments) -> str:
    trigger = arguments.text("trigger_id") or arguments.text("interactivity_pointer")
    return desk.triggers.redeem(trigger)


def _open(desk: Desk, arguments: Arguments) -> Json:
    return _shown(desk, desk.views.open(_person(desk, arguments), arguments.structure("view")))


def _push(desk: Desk, arguments: Arguments) -> Json:
    return _shown(desk, desk.views.push(_person(desk, arguments), arguments.structure("view")))


def _update(desk: Desk, arguments: Arguments) -> Json:
    view = desk.views.find(arguments.text("view_id"), arguments.text("external_id"))
    return _shown(desk, desk.views.update(view, arguments.structure("view"), arguments.text("hash")))


def _publish(desk: Desk, arguments: Arguments) -> Json:
    user = arguments.needed("user_id")
    if user not in desk.state.people:
        raise SlackError("user_not_found")
    return _shown(desk, desk.views.publish(user, arguments.structure("view"), arguments.text("hash")))


METHODS = {"views.open": _open, "views.push": _push, "views.update": _update, "views.publish": _publish}
