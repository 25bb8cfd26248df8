"""The alerts that belong to an incident: which, when first, how often, and since when they are quiet."""

from __future__ import annotations

from datetime import datetime

from bot.domain.moment import Moment
from bot.findings.dossier import Dossier
from bot.findings.records import Contributing

_LIMIT = 30


def contributing(dossier: Dossier) -> tuple[Contributing, ...]:
    """By name, the first to fire first; at most 30. Empty where no alert belongs to it."""
    fired: dict[str, list[Moment]] = {}
    quiet: dict[str, Moment] = {}
    for moment in dossier.moments("alert-fired", "alert-resolved"):
        name = moment.alert or moment.what.split(":")[0].removesuffix(" fired").removesuffix(" resolved")
        if moment.kind == "alert-fired":
            fired.setdefault(name, []).append(moment)
        else:
            quiet[name] = moment
    found = []
    for name, times in list(fired.items())[:_LIMIT]:
        end = quiet.get(name)
        over = end is not None and end.at >= times[-1].at
        proof = [*dossier.proof(times[0]), *(dossier.proof(end) if end is not None and over else ())]
        resolved: datetime | None = end.when if end is not None and over else None
        evidence = tuple(dict.fromkeys(proof))
        found.append(Contributing(name[:120], times[0].when, len(times), resolved, evidence))
    return tuple(found)
