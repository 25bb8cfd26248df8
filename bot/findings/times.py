"""When it began, was noticed, taken, eased and closed: the bot's entries first, then people's words."""

from __future__ import annotations

from bot.findings.dossier import Dossier
from bot.findings.endings import find_ending
from bot.findings.notices import find_acknowledgement, find_detection
from bot.findings.records import Claim, Times
from bot.findings.starts import find_start
from bot.findings.turns import Turn, late_runs, mitigation, turns_of


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
        identified=identified,
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
