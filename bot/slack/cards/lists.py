"""Cards of many incidents: the digest of a storm and App Home."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incident import Incident
from bot.domain.run import Run
from bot.slack.blocks import Block, Card, actions, button, context, divider, form_button, header, section
from bot.slack.cards.words import COLOUR, RISK, Namer, as_written, holder, place
from bot.slack.fit import HOME_BLOCKS, fit, fit_card
from bot.slack.text import counted, moment, one_line

LINES_A_BLOCK = 12
DIGEST_IN_FULL = 30
DIGEST_LINES = 300
# What Slack lets one message hold, less its heading; and what a line has besides its title.
DIGEST_TEXT = 11_000
DIGEST_SIGNS = 16
HOME_INCIDENTS = 20
HOME_RUNS = 10


def digest_card(incidents: Sequence[Incident], waiting: int = 0, name: Namer = as_written) -> Card:
    """Every open incident in one message, the worst first, while their own cards wait for Slack's rate limit.

    `waiting` is how many cards are still to come; 0 says that all are there.
    """
    ranked = _worst_first(incidents)
    tally = _tally(ranked)
    blocks = [header(f"{counted(len(ranked), 'open incident')}"), section(tally or "Nothing is open.")]
    lines = _digest_lines(ranked, name)
    for start in range(0, len(lines), LINES_A_BLOCK):
        blocks.append(section("\n".join(lines[start : start + LINES_A_BLOCK])))
    more = len(ranked) - len(lines)
    said = (
        f"{counted(waiting, 'card')} on the way, at the pace Slack allows."
        if waiting
        else "Every card is up to date."
    )
    blocks.append(context((f"and {more} more: `/dr incidents`.  " if more > 0 else "") + said))
    return fit_card(Card(f"{counted(len(ranked), 'open incident')}: {tally}", blocks))


def home(
    incidents: Sequence[Incident],
    waiting: Sequence[Run] = (),
    disabled: Sequence[str] = (),
    name: Namer = as_written,
) -> Block:
    """The App Home view: what is open, what waits for an approval, what to start, what is switched off."""
    ranked = _worst_first(incidents)
    blocks = [
        header("Nothing is open" if not ranked else counted(len(ranked), "open incident")),
        context(_tally(ranked) or "All quiet."),
        actions(
            form_button("Declare an incident", "declare", "declare", "primary" if not ranked else ""),
            button("Status", "status", "home:status"),
            button("Who is on call", "oncall", "home:oncall"),
            button("What can be run", "actions", "home:actions"),
        ),
    ]
    if ranked:
        blocks.append(divider())
    for incident in ranked[:HOME_INCIDENTS]:
        look = button("Show", f"incident {incident.ref}", f"home:incident:{incident.id}")
        blocks.append(section(_line(incident, name), look))
    if waiting:
        blocks += [divider(), header("Waiting for approval")]
    for run in waiting[:HOME_RUNS]:
        risk = RISK.get(run.risk, one_line(run.risk, 40))
        said = (
            f"*{run.ref}* {one_line(run.title, 120)}\n{risk}, asked by {one_line(name(run.requested_by), 60)}"
        )
        blocks.append(section(said, button("Show", f"show {run.ref}", f"home:run:{run.id}")))
    if disabled:
        blocks += [
            divider(),
            context("*Switched off here*\n" + "\n".join(one_line(line, 200) for line in disabled)),
        ]
    return {"type": "home", "blocks": fit(blocks, HOME_BLOCKS)}


def _digest_lines(ranked: Sequence[Incident], name: Namer) -> list[str]:
    """A line each: with all that is known while they are few, number and title alone in a storm."""
    if len(ranked) <= DIGEST_IN_FULL:
        return [_line(incident, name) for incident in ranked]
    shown = ranked[:DIGEST_LINES]
    title = DIGEST_TEXT // len(shown) - DIGEST_SIGNS
    return [f"{COLOUR[one.severity]} *{one.ref}* {one_line(one.title, title)}" for one in shown]


def _worst_first(incidents: Sequence[Incident]) -> list[Incident]:
    return sorted(incidents, key=lambda incident: (incident.severity.rank, incident.opened_at, incident.id))


def _tally(incidents: Sequence[Incident]) -> str:
    counts: dict[str, int] = {}
    for incident in incidents:
        badge = f"{COLOUR[incident.severity]} {incident.severity.value}"
        counts[badge] = counts.get(badge, 0) + 1
    return "   ".join(f"{badge}: {count}" for badge, count in counts.items())


def _line(incident: Incident, name: Namer) -> str:
    first = f"{COLOUR[incident.severity]}  *{incident.ref}*  {one_line(incident.title, 70)}"
    who = holder(incident, name).replace("*", "").replace("Nobody", "nobody")
    return f"{first}\n{place(incident)}, since {moment(incident.opened_at, '{time}')}, {who}"
