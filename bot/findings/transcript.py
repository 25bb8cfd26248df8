"""A report from an exported channel: `{channel, users, messages, events, bot_entries}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from bot.domain.answer import UsageError
from bot.domain.moment import Moment, slack_time
from bot.findings.announced import announced
from bot.findings.channel_export import BotEntry, Channel, Event, Posted, Transcript, User
from bot.findings.drafting import draft
from bot.findings.records import MARK_MEANINGS, Case, Human, Meaning, Report, Said
from bot.findings.unsayable import unsayable, without
from bot.redact import mentioned, plain, redact

MESSAGES_LIMIT = 50_000
_SYSTEM = frozenset(
    [
        "channel_join",
        "channel_leave",
        "channel_topic",
        "channel_purpose",
        "channel_name",
        "channel_archive",
        "channel_unarchive",
        "group_join",
        "group_leave",
        "pinned_item",
        "unpinned_item",
        "bot_add",
        "bot_remove",
        "reminder_add",
        "tombstone",
        "message_deleted",
        "message_changed",
    ]
)
_KINDS = {
    "severity_set": "severity-changed",
    "acknowledged": "incident-acknowledged",
    "approval": "run-approved",
    "approved": "run-approved",
    "denied": "run-denied",
    "resolved": "incident-resolved",
    "reopened": "incident-reopened",
    "declared": "incident-declared",
    "opened": "incident-opened",
    "note": "note-added",
}
_CARD = re.compile(r"\bINC-\d+\s*·\s*SEV-\d\s*·\s*([^*\n]{3,150})")
_REF = re.compile(r"\bINC-\d+\b")


def report_from_transcript(body: bytes) -> Report:
    """Draft a report from an exported channel. Raises UsageError naming what is wrong and where."""
    return draft(case_of(read_transcript(body)))


def read_transcript(body: bytes) -> Transcript:
    """Parse and check an export. Raises UsageError."""
    try:
        found = msgspec.json.decode(body, type=Transcript)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"this is not an exported channel: {error}. It is a JSON object with channel, users, messages,"
            " events and bot_entries, each message with its ts."
        ) from error
    if len(found.messages) > MESSAGES_LIMIT:
        raise UsageError(f"{len(found.messages)} messages are too many: export at most {MESSAGES_LIMIT:,}")
    for place, stamp in _stamps(found):
        try:
            slack_time(stamp)
        except ValueError as error:
            raise UsageError(f'{place}: {error}; Slack writes it like "1773920692.169410"') from error
    return found


def case_of(transcript: Transcript) -> Case:
    """The case that an export holds: the end state of its messages, and the bot's entries."""
    users = _users(transcript.users)
    names = {key: human.name for key, human in users.items()}
    hidden, taken_back = unsayable(transcript)
    deleted = {
        event.deleted_ts or event.previous_message.ts
        for event in transcript.events
        if event.subtype == "message_deleted"
    }
    kept = [one for one in transcript.messages if one.subtype not in _SYSTEM and one.ts not in deleted]
    kept.sort(key=lambda one: float(one.ts))
    pins = _pins(transcript.events)
    channel = transcript.channel.id if isinstance(transcript.channel, Channel) else transcript.channel

    def clean(text: str) -> str:
        return redact(without(plain(text, names), taken_back), hidden)

    said = tuple(
        Said(
            ref=f"m{number}",
            place=f"{channel}/{one.ts}",
            at=_when(one.ts),
            author=one.user or one.bot_id,
            who=names.get(one.user) or clean(one.username) or one.user or "a bot",
            text=clean(one.text),
            thread=one.thread_ts,
            by_bot=bool(one.bot_id) or one.subtype == "bot_message",
            edited=one.edited is not None,
            marks=_marks(one, pins.get(one.ts, ()), names),
            mentions=mentioned(one.text),
        )
        for number, one in enumerate(kept, 1)
    )
    entries = transcript.bot_entries
    moments = tuple(_moment(number, entry, names, clean) for number, entry in enumerate(entries, 1))
    moments = moments or announced(said)
    spoken = [one.text for one in said if one.by_bot] + [one.what for one in moments]
    card = next((hit for text in spoken if (hit := _CARD.search(text))), None)
    ref = next((hit[0] for text in spoken if (hit := _REF.search(text))), "the incident")
    alert = next((one.what for one in moments if one.kind == "alert-fired"), "")
    zones = re.split(r"[,;\s]+", transcript.time_zone_of_people.strip())
    return Case(
        ref=ref,
        title=(card[1].strip() if card else "") or clean(transcript.title) or alert[:150],
        severity=transcript.plan_severity,
        said=said,
        moments=tuple(sorted(moments, key=lambda one: one.at)),
        humans=users,
        zones=tuple(
            dict.fromkeys(
                [*(zone for zone in zones if zone), *(one.zone for one in users.values() if one.zone)]
            )
        ),
    )


def _stamps(transcript: Transcript) -> Iterable[tuple[str, str]]:
    for index, one in enumerate(transcript.messages):
        yield f"messages[{index}].ts", one.ts
    for index, entry in enumerate(transcript.bot_entries):
        yield f"bot_entries[{index}].ts", entry.ts


def _when(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def _users(given: dict[str, User] | list[User]) -> Mapping[str, Human]:
    pairs = given.items() if isinstance(given, dict) else ((one.id, one) for one in given)
    found = {}
    for key, user in pairs:
        name = user.real_name or user.profile.real_name or user.name or user.profile.display_name or key
        handles = tuple(
            dict.fromkeys(word for word in (user.handle, user.profile.display_name) if word and word != name)
        )
        found[key] = Human(key, redact(plain(name)), handles, user.tz)
    return found


def _pins(events: Sequence[Event]) -> Mapping[str, tuple[str, ...]]:
    pins: dict[str, dict[str, None]] = {}
    for event in events:
        ts = event.item.ts or event.item.message.ts
        if event.type == "pin_added":
            pins.setdefault(ts, {})[event.user] = None
        elif event.type == "pin_removed":
            pins.pop(ts, None)
    return {ts: tuple(by) for ts, by in pins.items()}


def _marks(
    one: Posted, pinned_by: Sequence[str], names: Mapping[str, str]
) -> Mapping[Meaning, tuple[str, ...]]:
    found: dict[Meaning, tuple[str, ...]] = {}
    given = [(reaction.name, reaction.users) for reaction in one.reactions]
    if pinned_by:
        given.append(("pushpin", list(pinned_by)))
    for name, users in given:
        meaning = MARK_MEANINGS.get(name.split("::")[0])
        if meaning is not None:
            who = (names.get(user, "somebody") for user in users)
            found[meaning] = tuple(dict.fromkeys((*found.get(meaning, ()), *who)))
    return found


def _moment(number: int, entry: BotEntry, names: Mapping[str, str], clean: object) -> Moment:
    kind = _KINDS.get(entry.kind, entry.kind.replace("_", "-"))
    text = clean(entry.text) if callable(clean) else entry.text
    who = names.get(entry.by) or entry.by or "drbot"
    return Moment(
        slack_time(entry.ts), who, str(text), f"e{number}", kind, entry.run, entry.severity, entry.alert
    )
