"""What a sentence shows of the trouble's end: that it is over, and since when by its figures."""

from __future__ import annotations

import re

from bot.findings import words
from bot.findings.spans import duration_s

_FAULT = "|".join(words.FAULT)
_NONE = (
    r"(?:0(?:[.,]0+)?\s?%?(?![\w.,:]\d?)|zero|no(?: more| new| further)?|none|not a single"
    r"|without (?:an?|one|any|new|single)|keine?[nr]?|null|ohne|sem|nenhum\w*|cero|ning[uú]n\w*|sin)"
)
# "0 errors", "errors at 0", "keine neuen Fehler", "error rate 0.0 %"
_QUIET = re.compile(
    rf"(?<!\w)(?:{_NONE}\s+(?:[\w-]+\s+)?(?:{_FAULT})|(?:{_FAULT})"
    rf"(?:\s+(?:are|is|at|have|has|been|now|rate|count|on|em|bei|auf|a|=)){{0,3}}\s*[:=]?\s*{_NONE})(?!\w)"
)
_LOW = re.compile(
    rf"(?<!\w)(?:{_FAULT})(?:\s+(?:are|is|rate|now))?"
    r"\s+(?:at|down to|below|under|em|abaixo de|bei|unter|auf|a)\s+0[.,]\d+\s?%"
)
_EASING = re.compile(
    r"(?<!\w)(?:falling|dropping|stable|steady|caindo|est[aá]vel|bajando|estable|f[aä]llt|stabil)(?!\w)"
)
_STEADY = re.compile(rf"(?<!\w)(?:{'|'.join(words.CALM)})(?!\w)")
_SINCE = re.compile(r"(?<!\w)(?:since|desde|seit|after|ab|a partir d\w+)(?!\w)")
_FOR = re.compile(
    r"(?<!\w)(?:for|in|over|h[aá]|hace|seit|nos|nas|por|durante|en|more than|mais de|m[aá]s de|mehr als)\s"
)
_LASTING = re.compile(
    r"(?<!\w)(?:now|again|already|straight|lang|agora|j[aá]|seguidos|wieder|jetzt|solid|so far)(?!\w)"
)
_NOT_SHOWN = re.compile(
    r"(?:(?<!\w)(?:not|never|until|once|when|if|before|should be|will be|n[aã]o|nicht|todav[ií]a no|wenn|bis"
    r"|se|quando|si|cuando|hopefully|almost|nearly|quase|casi|fast|supposed to)|n['’]t)\s+(?:\w+\s+){0,2}$"
)
# "last E-4107 was 16:03:12", and then nothing
_LAST_FAULT = re.compile(
    rf"(?<!\w)(?:{'|'.join(words.LAST)})\s+(?:\S+\s+){{0,2}}?"
    rf"(?:{_FAULT}|[a-z]+-?\d{{2,}}|one)(?!\w)[^.;\n]{{0,24}}$"
)
_NONE_AFTER = re.compile(
    r"(?<!\w)(?:nothing|none|no more|quiet|clean|0|zero|nada|nenhum\w*|ning\w+|nichts|keine?[nr]?|ruhe)"
    r"\s+(?:\w+\s+)?(?:after|since|then|more|depois|desde|despu[eé]s|m[aá]s|mais|danach|seitdem|mehr)(?!\w)"
)
# "11:02 is when it stopped hurting"
_STOPPED_THEN = re.compile(
    r"\W*(?:[\w']+\s+){0,3}?(?:when|quando|cuando|als)\s+"
    r"(?:it|this|that|things|everything|all|tudo|todo|es|alles)?\s*(?:\w+\s+)?"
    r"(?:stop\w*|ended|recovered|cleared|was over|parou|acabou|voltou|par[oó]|acab[oó]|aufh\w+|vorbei|endete)"
)
_IT_STOPPED = re.compile(
    r"(?<!\w)(?:it|this|that|everything|all|impact|trouble|outage|tudo|todo|es|alles)\s+(?:has |really )?"
    r"(?:stopped|ended|recovered|cleared|parou|acabou|par[oó]|acab[oó]|endete|war vorbei)\s+"
    r"(?:\w+ing\s+)?(?:at|around|by|[aà]s|a las|um|gegen)\s+$"
)
# "works for me" alone is said by those whom the trouble never reached.
_ONCE_MORE = (
    r"(?:for (?:me|us|everyone|all) )?(?:now|again|!+|de novo|novamente|de nuevo|otra vez|wieder|jetzt|agora"
    r"|ahora|ya)"
)
_WORKING = "|".join(words.WORKING)
WORKS = re.compile(
    rf"(?<!\w)(?:{_WORKING})\s+(?:(?:fine|ok(?:ay)?|normal(?:ly|mente)?|bem|bien|gut)\s+)?{_ONCE_MORE}(?!\w)"
    rf"|(?<!\w)(?:it|that|they|all|everything|tudo|todo|alles|now|already|j[aá]|ya)\s+(?:{_WORKING})"
    r"\s*(?:!|fine|again|now|ok)"
    r"|(?<!\w)(?:now|already|finally|j[aá]|ya|jetzt|agora|ahora)\s+(?!\w+(?:ing|ndo)\b)"
    rf"(?:{_WORKING})(?!\w)"
)
# "all test locks open", "every printer prints"
_ALL_WORK = re.compile(
    r"^\W*(?:all|every|tod[oa]s(?: [oa]s)?|todas? las|alle)\s+(?:[\w-]+\s+){1,3}"
    rf"(?:{_WORKING})(?!\w)[^.;\n]{{0,24}}$"
)
_FULL = re.compile(
    r"(?<![\w.,:/])(?P<part>\d{1,4})\s*(?:of|/|out of|de|von)\s*(?:the\s+)?(?P<whole>\d{1,4})"
    r"(?![\w.,:/]\d?)(?P<rest>[^.;\n]{0,40})"
)
_NORMAL = re.compile(
    r"(?<!\w)(?:(?:back|down|up) (?:to|at|in) (?:the )?(?:usual|baseline|normal)"
    r"|(?:usual|normal|typical) for (?:an?|this|the) \w+|normal (?:again|wieder|de novo|otra vez)"
    r"|(?:voltando|voltou|de volta) ao normal|vuelve a la normalidad|(?:wieder|otra vez) normal)(?!\w)"
)


def quiet_since(sentence: str) -> bool:
    """Whether no fault is told with a time since when: "0 errors since 11:41"."""
    return _since(sentence, _QUIET) or _since(sentence, _LOW)


def calm_since(sentence: str) -> bool:
    """Whether one word of calm is told with a time since when: "all quiet since 11:41"."""
    return _since(sentence, _STEADY)


def _since(sentence: str, form: re.Pattern[str]) -> bool:
    hit = form.search(sentence)
    shown = hit is not None and _NOT_SHOWN.search(sentence[: hit.start()]) is None
    return shown and _SINCE.search(sentence) is not None


def quiet_now(sentence: str) -> bool:
    """Whether the faults stand at nothing or next to it: "errors 0 and falling", "404s at 0.1 %"."""
    hit = _QUIET.search(sentence) or _LOW.search(sentence)
    if hit is None or _NOT_SHOWN.search(sentence[: hit.start()]):
        return False
    return _LASTING.search(sentence) is not None or _EASING.search(sentence) is not None


def quiet_for_s(sentence: str) -> float | None:
    """For how long no fault was seen, in seconds: "errors 0 for 6 min now"; None where it is not told."""
    quiet = _QUIET.search(sentence)
    if quiet is None or _NOT_SHOWN.search(sentence[: quiet.start()]) or not _FOR.search(sentence):
        return None
    return duration_s(sentence)


def works_now(sentence: str) -> bool:
    """Whether somebody saw it work once more, the whole set or the usual figures."""
    hit = WORKS.search(sentence) or _NORMAL.search(sentence)
    if hit is not None:
        return _NOT_SHOWN.search(sentence[: hit.start()]) is None
    if _ALL_WORK.search(sentence):
        return True
    full = _FULL.search(sentence)
    if full is None or full["part"] != full["whole"]:
        return False
    shown = _STEADY.search(full["rest"]) or _STEADY.search(sentence[: full.start()]) or WORKS.search(sentence)
    return shown is not None and (
        _LASTING.search(sentence) is not None or _SINCE.search(sentence) is not None
    )


def ends_at(before: str, behind: str, said: str) -> bool:
    """Whether the words around a time call it the end: the last fault's, or "is when it stopped"."""
    if _STOPPED_THEN.match(behind) or _IT_STOPPED.search(before):
        return True
    return _LAST_FAULT.search(before) is not None and _NONE_AFTER.search(said) is not None
