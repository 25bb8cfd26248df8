"""The plan's incident template as the order of a report: which section is drafted from what, in its words.

A team's own titles are read by their words ("Why it broke" is the root cause); what none of them says is a
section for people, with the template's hint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.plan.people import IncidentTemplate

DEFAULT = IncidentTemplate(
    title="Incident Report: [Brief Description]",
    summary={"Date/Time": "", "Duration": "", "Severity": "", "Impact": ""},
    timeline=(
        "Issue detected",
        "Investigation started",
        "Root cause identified",
        "Fix deployed",
        "Service restored",
    ),
    sections={"Root Cause": "", "Resolution": "", "Action Items": "", "Lessons Learned": ""},
)
_SECTIONS = (
    ("root_cause", r"root|cause|why|happened|causa|ursache|warum|por qu[eê]"),
    ("action_items", r"action|follow.?up|next steps?|to.?do|a[cç][oõ]es|acciones|ma(?:ß|ss)nahmen|aufgaben"),
    ("well", r"(?:went|worked) well|did well|good|o que deu certo|gut"),
    ("badly", r"(?:went|worked) (?:badly|wrong|poorly)|did badly|improve|deu errado|schlecht"),
    ("lucky", r"luck|sorte|suerte|gl[uü]ck"),
    ("lessons", r"lesson|learn|takeaway|li[cç][oõ]|aprend|lecci|gelernt|lehren"),
    ("resolution", r"resol|fix|mitigat|recover|repair|how (?:it|we)|behebung|l[oö]sung|soluci"),
    ("alerts", r"alert|monitor|alarm"),
    ("promises", r"objective|slo|sla|mtt|metric|kennzahl"),
    ("cost", r"cost|error.?budget|custo|kosten"),
    ("impact", r"impact|affected|customers?|auswirkung|impacto"),
    ("events", r"detail|log|chronolog"),
)
_SUMMARY = (
    ("date_time", r"date|time|when|data|datum|fecha|wann"),
    ("severity", r"sever|priorit|gravid|schwere|sev"),
    ("impact", r"impact|affect|customer|users?|who|impacto|auswirkung"),
    ("duration", r"duration|how long|length|dura|dauer"),
)
_MOMENTS = (
    ("identified", r"cause|identif|diagnos|causa|ursache"),
    ("detected", r"detect|notic|alert|report|erkannt"),
    ("acknowledged", r"investig|acknowledg|respon|engaged|took"),
    ("fix", r"fix|deploy|mitigat|workaround|change"),
    ("restored", r"restor|recover|healthy|back|normal"),
    ("resolved", r"resolv|clos|end(?:ed)?\b|over"),
    ("started", r"start|began|begin|impact|onset"),
)
# What drbot adds to a team's template, where the template has it not: before the appendices.
_ADDED = (
    ("promises", "Times against objectives"),
    ("alerts", "Contributing alerts"),
    ("cost", "Cost"),
    ("well", "What went well"),
    ("badly", "What went badly"),
    ("lucky", "Where we got lucky"),
)
_APPENDICES = (
    ("suspicions", "Appendix A: Suspected on the way"),
    ("measures", "Appendix B: Measures"),
    ("evidence", "Appendix C: Evidence"),
)


@dataclass(frozen=True)
class Slot:
    """One section: `kind` says what it is drafted from ('' is a person's), `hint` is the template's."""

    kind: str
    title: str
    hint: str = ""


@dataclass(frozen=True)
class Layout:
    """A report's order. `summary` are labels, `moments` lines of the timeline, each with what fills it."""

    title: str
    summary: tuple[tuple[str, str], ...]
    moments: tuple[tuple[str, str], ...]
    slots: tuple[Slot, ...]


def layout_of(template: IncidentTemplate | None) -> Layout:
    """The layout of a plan's template; the document's own where the plan has none."""
    template = template or DEFAULT
    summary = template.summary or DEFAULT.summary
    moments = [(_which(_MOMENTS, words), words) for words in template.timeline or DEFAULT.timeline]
    named = {kind for kind, _ in moments}
    begin = [] if "started" in named else [("started", "Impact began")]
    end = [] if "resolved" in named else [("resolved", "Incident resolved")]
    sections = [
        Slot(_which(_SECTIONS, title), title, _hint(hint))
        for title, hint in (template.sections or DEFAULT.sections).items()
    ]
    slots = [Slot("summary", "Summary"), Slot("timeline", "Timeline"), *_each_once(sections)]
    has = {one.kind for one in slots}
    slots += [Slot(kind, title) for kind, title in _ADDED if kind not in has]
    if "events" not in has:
        slots.insert(2, Slot("events", "In detail (UTC)"))
    return Layout(
        title=template.title,
        summary=tuple((_which(_SUMMARY, label), label) for label in summary),
        moments=(*begin, *moments, *end),
        slots=(*slots, *(Slot(kind, title) for kind, title in _APPENDICES)),
    )


def titled(layout: Layout, brief: str) -> str:
    """The report's title: the template's, with the incident's in the place of its brackets."""
    filled, count = re.subn(r"\[[^\]]*\]", lambda _: brief, layout.title, count=1)
    return filled if count else f"{layout.title}: {brief}"


def _which(kinds: tuple[tuple[str, str], ...], words: str) -> str:
    return next((kind for kind, form in kinds if re.search(rf"\b(?:{form})", words, re.IGNORECASE)), "")


def _each_once(slots: list[Slot]) -> list[Slot]:
    """Of two titles that say the same, the second is a person's."""
    seen: set[str] = set()
    found = []
    for slot in slots:
        found.append(Slot("", slot.title, slot.hint) if slot.kind in seen else slot)
        seen |= {slot.kind} - {""}
    return found


def _hint(hint: str | tuple[str, ...]) -> str:
    return (hint if isinstance(hint, str) else ", ".join(hint)).strip("[] ")
