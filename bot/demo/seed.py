"""The demo's workspace: the plan's people, its channels, and the bot's grammar as completion."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.verbs import all_verbs
from bot.plan.models import DrPlan
from bot.workspace.seed import ChannelSeed, CommandSeed, Completion, PersonSeed, Seed, ShortcutSeed

MORE = (
    ("restore staging", "the newest verified production backup into staging"),
    ("run look-at-activity environment=production", "sessions, long queries and locks, now"),
    ("run end-long-queries environment=production older_than=1s", "free a pool that ran dry"),
)


def workspace_seed(plan: DrPlan) -> Seed:
    """People sit at the page by their handles of the plan; `/dr` completes to what the bot understands."""
    people = tuple(
        PersonSeed(entry.slack.removeprefix("@") or person_id, entry.name, title=", ".join(entry.roles))
        for person_id, entry in plan.people.items()
    )
    home = plan.communication.channel.removeprefix("#")
    channels = (
        ChannelSeed(home, "Alerts become incidents here", "drbot posts, people act"),
        ChannelSeed("general", "", "Everyone at Belezza", app=False),
    )
    shortcuts = (ShortcutSeed("Add to incident", "dr-add-to-incident"),)
    return replace(
        Seed(), people=people, channels=channels, commands=(dr_command(),), shortcuts=shortcuts
    ).numbered()


def dr_command() -> CommandSeed:
    """`/dr` with every verb as a completion."""
    lines = [(verb.usage, verb.help.split(". ")[0].rstrip(".")) for verb in all_verbs().values()]
    completions = tuple(Completion(f"/dr {text}", hint) for text, hint in (*MORE, *lines))
    return CommandSeed(
        "/dr", "Incidents and disaster recovery", "[help | status | restore ENV …]", True, completions
    )
