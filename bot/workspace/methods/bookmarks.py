"""The links at the top of a channel."""

import time

from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.state import Change, Channel
from bot.workspace.wire import Json, SlackError

MAX_BOOKMARKS = 100


def _channel(desk: Desk, arguments: Arguments) -> Channel:
    return desk.state.channel(arguments.needed("channel_id", "channel_not_found"))


def _add(desk: Desk, arguments: Arguments) -> Json:
    channel = _channel(desk, arguments)
    if arguments.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    link = arguments.needed("link", "invalid_link")
    if not link.startswith(("http://", "https://")):
        raise SlackError("invalid_link")
    if len(channel.bookmarks) >= MAX_BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    bookmark: Json = {
        "id": desk.state.new_id("Bk"),
        "channel_id": channel.id,
        "title": arguments.needed("title"),
        "link": link,
        "emoji": arguments.text("emoji"),
        "icon_url": None,
        "type": "link",
        "entity_id": None,
        "date_created": int(time.time()),
        "date_updated": 0,
        "rank": f"{len(channel.bookmarks):04d}",
        "last_updated_by_user_id": desk.state.app.user_id,
        "last_updated_by_team_id": desk.state.team_id,
        "shortcut_id": None,
        "app_id": desk.state.app.app_id,
    }
    channel.bookmarks.append(bookmark)
    desk.state.tell(Change("channel_changed", channel))
    return {"ok": True, "bookmark": bookmark}


def _list(desk: Desk, arguments: Arguments) -> Json:
    return {"ok": True, "bookmarks": list(_channel(desk, arguments).bookmarks)}


def _remove(desk: Desk, arguments: Arguments) -> Json:
    channel, wanted = _channel(desk, arguments), arguments.needed("bookmark_id", "not_found")
    left = [bookmark for bookmark in channel.bookmarks if bookmark["id"] != wanted]
    if len(left) == len(channel.bookmarks):
        raise SlackError("not_found")
    channel.bookmarks = left
    desk.state.tell(Change("channel_changed", channel))
    return {"ok": True}


METHODS = {"bookmarks.add": _add, "bookmarks.list": _list, "bookmarks.remove": _remove}
