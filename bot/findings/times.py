"""When it began, was noticed, taken, eased and closed: the bot's entries first, then people's words."""

from __future__ import annotations

from bot.findings import words
from bot.findings.dossier import Dossier
from bot.findings.endings import find_ending
from bot.findings.notices import find_acknowledgement, find_detection
from bot.findings.reading import Reading
from bot.findings.records import Claim, Times
from bot.findings.reversals import taken_back
from bot.findings.starts import find_start
from bot.findings.turns import Turn, late_runs, mitigation, turns_of

_SAME = 4


def read_times(dossier: Dossier, identified: Claim | None) -> Times:
    """Every time that the record gives; what nobody said stays None."""
    detected = find_detection(dossier)
    turns = turns_of(dossier, detected.at if detected else None)
    mitigated = mitigation(turns)
    resolved = find_ending(dossier, turns, mitigated)
    return Times(
        started=find_start(dossier, detected),
        detected=detected,
        acknowledged=find_acknowledgement(dossier, detected),
        identified=_identified(dossier, identified, mitigated),
        mitigated=mitigated.claim if mitigated else None,
        restored=_restored(dossier, turns, mitigated, resolved),
        resolved=resolved,
        late_runs=late_runs(dossier, turns),
    )


def _restored(
    dossier: Dossier, turns: tuple[Turn, ...], mitigated: Turn | None, resolved: Claim | None
) -> Claim | None:
    """The last run that mended something, where the alert went quiet only after it; else the mitigation."""
    if mitigated is None:
        return None
    quiet = [one.when for one in dossier.moments("alert-resolved")]
    until = max(quiet) if quiet else None
    end = resolved.at if resolved else None
    later = [
        one
        for one in turns
        if one.run and mitigated.run and one.at > mitigated.at
        and (until is None or one.at < until) and (end is None or one.at <= end)
    ]  # fmt: skip
    return later[-1].claim if later and until is not None else mitigated.claim


def _identified(dossier: Dossier, stated: Claim | None, mitigated: Turn | None) -> Claim | None:
    """The moment of the cause: where it was written up only afterwards, its first plain statement."""
    if stated is None or stated.at is None or mitigated is None or stated.at <= mitigated.at:
        return stated
    told = dossier.order.get(stated.evidence[0])
    if told is None:
        return stated
    cause = dossier.readings[told]
    for index, earlier in enumerate(dossier.readings[:told]):
        if _says_the_same(dossier, earlier, cause) and not taken_back(dossier.readings, index):
            return dossier.quote(earlier.said)
    return stated


def _says_the_same(dossier: Dossier, earlier: Reading, cause: Reading) -> bool:
    """Whether an unhedged message names most of what the cause names."""
    if not earlier.usable or earlier.asking or earlier.hedged or earlier.has(words.BLAME):
        return False
    if dossier.first_sign is None or earlier.said.at < dossier.first_sign or not earlier.has(words.BROKE):
        return False
    shared = earlier.keywords & cause.keywords
    return len(shared) >= _SAME and 2 * len(shared) >= min(len(earlier.keywords), len(cause.keywords))
