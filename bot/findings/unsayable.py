"""What a transcript no longer says: secrets, and words that their authors edited away or deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.findings.channel_export import Transcript
from bot.redact import plain, secrets_in

TAKEN_BACK = "[taken back]"


def unsayable(transcript: Transcript) -> tuple[frozenset[str], tuple[str, ...]]:
    """Words that may stand nowhere: secrets seen in any text, and distinctive ones that people took back."""
    hidden: set[str] = set()
    phrases: set[str] = set()
    now = {one.ts: plain(one.text) for one in transcript.messages}
    by_bot = " ".join(entry.text for entry in transcript.bot_entries)
    for text in now.values():
        hidden |= secrets_in(text)
    for event in transcript.events:
        before = plain(event.previous_message.text)
        if not before:
            continue
        hidden |= secrets_in(before)
        after = (
            now.get(event.message.ts or event.previous_message.ts, "")
            if event.subtype == "message_changed"
            else ""
        )
        gone = {word.strip(".,;:!?\"'`()[]<>") for word in before.split()} - set(after.split())
        hidden |= {word for word in gone if _distinctive(word) and word not in after and word not in by_bot}
        phrases |= {
            line.strip()
            for line in re.split(r"\n|(?<=[.!?])\s", before)
            if len(line.strip()) >= 15 and line.strip() not in after
        }
    return frozenset(sorted(hidden)[:500]), tuple(sorted(phrases, key=len, reverse=True)[:200])


def _distinctive(word: str) -> bool:
    return len(word) >= 6 and any(map(str.isdigit, word)) and any(map(str.isalpha, word))


def without(text: str, phrases: Sequence[str]) -> str:
    for phrase in phrases:
        if phrase in text:
            text = text.replace(phrase, TAKEN_BACK)
    return text
