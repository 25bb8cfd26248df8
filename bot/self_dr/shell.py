"""What `dr self backup` and `dr self restore` say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from actions.plan import Refused, Transient
from bot.domain.answer import Answer, Exit, Refusal, UsageError
from bot.plan.load import PlanFaults, load_plan
from bot.self_dr.backup import back_up
from bot.self_dr.manifest import Manifest
from bot.self_dr.memory_file import Unconfirmed
from bot.self_dr.restore import Restored, restore
from bot.settings import Settings
from bot.store.database import StoreDown

TOLD_AT_MOST = 20


def backup_answer(settings: Settings, to: str) -> Answer:
    """Copy the memory and say what the copy holds."""

    def work() -> Answer:
        done = back_up(settings.database_url, to, settings.environment)
        where, manifest = done.where, done.manifest
        lines = (
            f"{_held(manifest)} Its journal holds to the end.",
            *(f"Take care: {note}." for note in done.notes),
            f"Bring it back with `dr self restore {where}`.",
        )
        data = {"where": where, "head": str(manifest.head), "sha256": manifest.sha256}
        return Answer(f"drbot's memory is copied to {where}.", lines, data=dict(data))

    return _answered(work)


def restore_answer(settings: Settings, source: str, words: Sequence[str], who: str) -> Answer:
    """Bring the memory back and say what it knows last."""

    def work() -> Answer:
        wrong = [word for word in words if word.lower() not in ("replace=yes", "replace=no")]
        if wrong:
            raise UsageError(f"{wrong[0][:60]!r} says nothing here: `dr self restore FROM [replace=yes]`")
        replace = any(word.lower() == "replace=yes" for word in words)
        channel = load_plan(settings.plan).communication.channel
        done = restore(settings.database_url, source, settings.environment, channel, who, replace)
        data = {"from": done.source, "head": str(done.manifest.head), "kept": done.kept}
        return Answer(f"drbot's memory is back, from {done.source}.", tuple(_told(done)), data=dict(data))

    return _answered(work)


def _told(done: Restored) -> list[str]:
    lines = [
        f"{_held(done.manifest)} What happened after that is not in it: look through the channel.",
    ]
    ended = done.settled
    if ended.stopped:
        lines.append(
            f"Under way when it was copied, and not taken up again: {_some(ended.stopped)}."
            " A person must look."
        )
    if ended.given_up:
        lines.append(f"Given up, to be asked for again: {_some(ended.given_up)}.")
    if ended.walks:
        lines.append(f"Runbooks under way then, stopped, to be begun anew: {_some(ended.walks)}.")
    if ended.drills:
        lines.append(f"Drills under way then, ended without a certificate: {_some(ended.drills)}.")
    if ended.open_incidents:
        lines.append(
            f"Open then, and perhaps over by now: {_some(ended.open_incidents)}."
            " Resolve by hand what is over."
        )
    if done.kept:
        lines.append(f"What was there before is kept: {done.kept}.")
    if done.engine_kept:
        lines.append(f"The engine's database was damaged and is kept too: {done.engine_kept}.")
    return [*lines, "Start the bot with `dr serve`."]


def _some(refs: Sequence[str]) -> str:
    more = f" and {len(refs) - TOLD_AT_MOST} more" if len(refs) > TOLD_AT_MOST else ""
    return ", ".join(refs[:TOLD_AT_MOST]) + more


def _held(manifest: Manifest) -> str:
    newest = f" of {manifest.newest[:19].replace('T', ' ')} UTC" if manifest.newest else ""
    runs, incidents = manifest.counts.get("runs", 0), manifest.counts.get("incidents", 0)
    return (
        f"The newest entry is {manifest.journal_seq}{newest}, with {incidents} incidents and {runs} runs;"
        f" it was copied at {manifest.made_at[:19].replace('T', ' ')} UTC on {manifest.made_on}."
    )


def _answered(work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    except (Refusal, Refused) as error:
        return Answer(_sentence(error), exit=Exit.REFUSED)
    except (UsageError, PlanFaults, ValueError) as error:
        return Answer(_sentence(error), exit=Exit.USAGE)
    except Unconfirmed as error:
        return Answer(_sentence(error), exit=Exit.FAILED)
    except (StoreDown, Transient, OSError) as error:
        return Answer(f"It failed: {error}. The memory is as it was.", exit=Exit.FAILED)


def _sentence(error: Exception) -> str:
    said = str(error)
    return said[:1].upper() + said[1:] + ("" if said.endswith(".") else ".")
