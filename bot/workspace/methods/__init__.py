"""Slack's Web API methods, a file a family. A method takes the desk and its arguments."""

from collections.abc import Callable

from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.methods import (
    bookmarks,
    chat,
    conversations,
    files,
    marks,
    membership,
    people,
    team,
    views,
)
from bot.workspace.wire import Json

Method = Callable[[Desk, Arguments], Json]

METHODS: dict[str, Method] = {
    **team.METHODS,
    **people.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **membership.METHODS,
    **marks.METHODS,
    **bookmarks.METHODS,
    **files.METHODS,
    **views.METHODS,
}

__all__ = ["METHODS", "Method"]
