"""The local Slack-compatible workspace: Web API, Socket Mode and a page. Knows nothing of any bot."""

from bot.workspace.person import Person, Told
from bot.workspace.runner import LocalWorkspace
from bot.workspace.seed import ChannelSeed, CommandSeed, Completion, GroupSeed, PersonSeed, Seed, ShortcutSeed
from bot.workspace.seen import SeenMessage, SeenView
from bot.workspace.server import serve_workspace
from bot.workspace.wire import SlackError

__all__ = [
    "ChannelSeed", "CommandSeed", "Completion", "GroupSeed", "LocalWorkspace", "Person", "PersonSeed", "Seed",
    "SeenMessage", "SeenView", "ShortcutSeed", "SlackError", "Told", "serve_workspace",
]  # fmt: skip
