"""The times of an incident against what the plan promises: kept or missed, each with its evidence."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.findings.dossier import Dossier
from bot.findings.records import Claim, Kept, Times

_REOPENED_SHOWN = 5
_OPENED = ("incident-opened", "incident-declared")


def against(dossier: Dossier, times: Times) -> tuple[Kept, ...]:
    """Time to detect, to acknowledge and to recover, in this order. Nothing is guessed: what nobody said
    stays "not recorded", and where the plan promises nothing, that is said."""
    began = times.started or times.detected
    told = [
        _held("MTTD, from its beginning to its detection", times.started, times.detected, None, ""),
        _acknowledged(dossier, times),
        *_answered_again(dossier),
    ]
    recovered = "from its beginning" if times.started else "from its detection"
    targets = {one.key: one for one in dossier.case.promised.targets}
    for key in ("mttr", "rto"):
        name = f"{key.upper()}, {recovered} to the restored service"
        target = targets.get(key)
        if target is None and key == "rto":
            continue
        about = f"{target.title}{f', {target.priority}' if target.priority else ''}" if target else ""
        told.append(_held(name, began, times.restored, target.target_s if target else None, about))
    return tuple(told)


def _acknowledged(dossier: Dossier, times: Times) -> Kept:
    opened = next(iter(dossier.moments(*_OPENED)), None)
    begin = Claim(opened.what, dossier.proof(opened), opened.when) if opened else times.detected
    level = severity_at(dossier, times.acknowledged.at if times.acknowledged else None)
    target = dossier.case.promised.response_s.get(level)
    name = "MTTA, from its opening to its acknowledgement"
    return _held(name, begin, times.acknowledged, target, f"the response time of {level}" if target else "")


def _answered_again(dossier: Dossier) -> list[Kept]:
    """Each time it reopened, the response clock began anew: how long until somebody answered."""
    back = dossier.own_moments("incident-reopened")
    answers = dossier.own_moments("incident-acknowledged")
    never = datetime.max.replace(tzinfo=UTC)
    told = []
    for number, reopened in enumerate(back, 1):
        until = back[number].when if number < len(back) else never
        answer = next((one for one in answers if reopened.when < one.when < until), None)
        level = severity_at(dossier, answer.when if answer else reopened.when)
        target = dossier.case.promised.response_s.get(level)
        told.append(
            _held(
                f"Answer after it reopened at {reopened.when:%H:%M}",
                Claim(reopened.what, dossier.proof(reopened), reopened.when),
                Claim(answer.what, dossier.proof(answer), answer.when) if answer else None,
                target,
                f"the response time of {level}" if target else "",
            )
        )
    return told[-_REOPENED_SHOWN:]


def severity_at(dossier: Dossier, at: datetime | None) -> str:
    """`SEV-2` as it stood at a moment (at the end without one), or ''."""
    graded = [one for one in dossier.case.moments if one.severity.startswith("SEV")]
    before = [one for one in graded if at is None or one.when <= at]
    if before:
        return before[-1].severity[:5]
    return graded[0].severity[:5] if graded else dossier.case.severity


def _held(name: str, begin: Claim | None, end: Claim | None, target_s: float | None, about: str) -> Kept:
    promise = f"{spoken_s(target_s)} ({about})" if target_s is not None else ""
    if begin is None or end is None or begin.at is None or end.at is None or end.at < begin.at:
        unkept = f"; the plan promises {promise}" if promise else ""
        return Kept(Claim(f"{name}: not recorded{unkept}", ()))
    took_s = (end.at - begin.at).total_seconds()
    evidence = tuple(dict.fromkeys((*begin.evidence, *end.evidence)))
    if target_s is None:
        return Kept(Claim(f"{name}: {spoken_s(took_s)}; no objective is named for it", evidence, end.at))
    kept = took_s <= target_s
    verdict = "kept" if kept else f"missed by {spoken_s(took_s - target_s)}"
    return Kept(Claim(f"{name}: {spoken_s(took_s)} of {promise}: {verdict}", evidence, end.at), kept)


def spoken_s(seconds: float) -> str:
    """`4 h`, `1 h 5 min`, `12 min 30 s`, `45 s`: seconds as people say them."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    parts += [f"{rest} s"] if rest and not hours else []
    return " ".join(parts) or "0 s"
