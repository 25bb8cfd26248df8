"""When it was closed: the press, else the words that close it, else those who say that all is well."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.findings import words
from bot.findings.dossier import Dossier
from bot.findings.reading import Reading
from bot.findings.records import Claim
from bot.findings.turns import Turn

_CALM_FIRST = timedelta(minutes=5)
_NEAR = 28
_SHORT = 4
_ALONE = 2
_NEGATED = re.compile(
    r"(?:(?<!\w)(?:not|never|nothing|nicht|n[aã]o|nunca|no|nie|nichts)|n['’]t)\s+(?:\w+\s+){0,3}$"
)
_TO_COME = re.compile(
    r"(?:(?<!\w)(?:will|would|going to|gonna|can|could|should|may|soon|after|vou|vamos|podemos|pode|posso"
    r"|deve|werden?|k[oö]nnen|kann|sollen?|voy a|puedo|please|be)|['’]ll)\s+(?:\w+\s+){0,2}$"
)
_ASKED = re.compile(r"\W*(?:so,? )?(?:can|could|should|shall|may|posso|podemos|kann|k[oö]nnen|puedo)\b")
_SUPPOSED = re.compile(
    r"(?<!\w)(?:if|when|once|until|before|unless|as soon as|antes de|quando|cuando|se|si|hasta|at[eé]|wenn"
    r"|sobald|bevor|falls|bis)(?!\w)"
)
_IN_MINUTES = re.compile(r"[^.;\n]{0,16}\b(?:in|em|en)\s+(?:\w+\s)?\d{1,2}\s?m")
_CLAUSE = re.compile(r"[,;:–—]")
_REF = re.compile(r"\b[a-z]{2,8}-\d+\b")


def find_ending(dossier: Dossier, turns: tuple[Turn, ...], mitigated: Turn | None) -> Claim | None:
    """The end as it stood; None where nobody closed it."""
    ended = dossier.own_moments("incident-resolved")
    reopened = dossier.own_moments("incident-reopened")
    if ended and not (reopened and reopened[-1].at > ended[-1].at):
        return Claim(ended[-1].what, dossier.proof(ended[-1]), ended[-1].when)
    back = [one.at for one in turns if not one.over]
    after = max([*back, *([mitigated.at] if mitigated else [])], default=None)
    own = dossier.case.ref.rpartition("-")[2]
    found = [(rank, one) for one in dossier.readings if (rank := _rank(dossier, one, own))]
    late = [(rank, one) for rank, one in found if after is None or one.said.at >= after] or found[-1:]
    if late:
        best = max(rank for rank, _ in late)
        return dossier.quote(next(one.said for rank, one in late if rank == best))
    return _all_well(dossier, mitigated, after)


def _rank(dossier: Dossier, reading: Reading, own: str) -> int:
    """2 where it plainly closes the incident, 1 where it may, 0 where it does not."""
    if not reading.has(words.CLOSING) or not reading.usable or dossier.about_another(reading.said.text):
        return 0
    return max((_closes(one, own) for one in reading.sentences), default=0)


def _closes(sentence: str, own: str) -> int:
    low = sentence.lower()
    hit = words.CLOSING.search(low)
    if hit is None or not _stands(low, hit.start(), hit.end()):
        return 0
    if words.CLOSING_WEAK.search(hit[0]) is None:
        return 2
    around = low[max(0, hit.start() - _NEAR) : hit.end() + _NEAR]
    named = own.isdigit() and re.search(rf"(?<!\w){own}(?!\w)", around) is not None
    clause = _CLAUSE.split(low[: hit.start()])[-1] + _CLAUSE.split(low[hit.start() :])[0]
    if named or _REF.search(around) or len(low.split()) <= _SHORT or len(clause.split()) <= _ALONE:
        return 2
    objects = low[max(0, hit.start() - 12) : hit.start()], low[hit.start() : hit.end() + 12]
    if any(words.CLOSING_OBJECT.search(one) for one in objects):
        return 2
    return 1 if hit.start() <= 2 or hit[0].startswith(("resol", "gel", "resu")) else 0


def _stands(low: str, start: int, end: int) -> bool:
    """Neither asked nor denied, neither supposed nor still to come."""
    before = low[:start]
    if low.rstrip().endswith("?") or words.ASKING.match(low) or _ASKED.match(low) or _SUPPOSED.search(before):
        return False
    if words.NOT_CLOSING.search(re.split(r"[,;:–—]", before)[-1]):
        return False
    if _NEGATED.search(before) or _TO_COME.search(before):
        return False
    return _IN_MINUTES.match(low[end:]) is None


def _all_well(dossier: Dossier, mitigated: Turn | None, after: datetime | None) -> Claim | None:
    """Who says that all is well, some minutes after the trouble ended."""
    if mitigated is None or after is None:
        return None
    begins = after + _CALM_FIRST
    for reading in dossier.readings:
        if reading.said.at < begins or not reading.has(words.ALL_WELL) or not reading.usable:
            continue
        if any(map(_says_all_well, reading.sentences)) and not dossier.about_another(reading.said.text):
            return dossier.quote(reading.said)
    return None


def _says_all_well(sentence: str) -> bool:
    low = sentence.lower()
    hit = words.ALL_WELL.search(low)
    return hit is not None and words.HEDGE.search(low) is None and _stands(low, hit.start(), hit.end())
