"""What is said once in an incident's thread: a line, a call to somebody, a handover. Late, it says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.slack.blocks import Card, context, section
from bot.slack.cards.document import document_blocks
from bot.slack.fit import fit_card
from bot.slack.text import one_line
from bot.store.database import from_iso
from bot.store.outbox import Waiting

LATE_AFTER = timedelta(minutes=2)
TEXT_SHOWN = 2_800
SPOKEN = frozenset({"incident-note", "incident-news", "incident-call", "handover"})
# What is read in the channel as well: below a card far up nobody would see it.
ALOUD = frozenset({"incident-news", "incident-call"})


def handles_of(row: Waiting) -> tuple[str, ...]:
    """Whom a call calls: Slack handles or ids, as the plan has them."""
    return tuple(row.payload.partition("\n")[0].split()) if row.kind == "incident-call" else ()


def late_since(row: Waiting, now: datetime) -> str:
    """`03:12 UTC`, when it was said, where Slack shows it more than two minutes later; else ''.

    What was found posted already counts from when Slack took it.
    """
    said_at = from_iso(row.created_at)
    shown_at = datetime.fromtimestamp(float(row.ts), UTC) if row.ts else now
    if shown_at - said_at <= LATE_AFTER:
        return ""
    return f"{said_at:%H:%M} UTC" if shown_at.date() == said_at.date() else f"{said_at:%Y-%m-%d %H:%M} UTC"


def spoken_card(row: Waiting, users: Sequence[str] = (), late: str = "") -> Card:
    """Its words. `users` are the Slack ids that a call pings; `late` says from when it is."""
    said = row.payload.partition("\n")[2] if row.kind == "incident-call" else row.payload
    mark = f"late, from {late}" if late else ""
    if row.kind == "handover":
        text = one_line(said.lstrip("# \n").split("\n")[0], 300)
        blocks = [*([context(f"_{mark}_")] if late else []), *document_blocks(said)]
    else:
        text = one_line(said, TEXT_SHOWN)
        pings = "".join(f" <@{user}>" for user in users)
        blocks = [section(f"{f'_{mark}:_ ' if late else ''}{text}{pings}")]
    return fit_card(Card(f"{mark}: {text}" if late else text, blocks))
