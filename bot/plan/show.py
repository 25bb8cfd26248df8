"""Prints the plan as the document people know, what was measured beside what is promised."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.plan.fields import say_duration
from bot.plan.models import DrPlan
from bot.plan.people import Told
from bot.plan.runbook import Runbook

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NOT_MEASURED = "not measured yet"
_VACANT = "*vacant*"
_UNITS = {"d": "day", "h": "hour", "m": "minute", "s": "second"}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def show_plan(plan: DrPlan, measured: Mapping[str, str] | None) -> str:
    """The plan as Markdown, sections 1 to 8 as the document has them.

    `measured` says in words what was found, by key: `rto`, `rpo`, `mttr` (objectives), `component:ID`
    (last backup of a component), `location:ID` (newest copy there), `test:ID` (last time a test of 5.1 was
    done), `response:SEV-1` (time to acknowledge). What has no value is shown as not measured yet.
    """
    found = measured or {}
    return (
        _templates()
        .get_template("plan.md.j2")
        .render(
            plan=plan,
            measured=lambda key: found.get(key, NOT_MEASURED),
            section=lambda number: _of_section(plan, number),
        )
    )


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, not HTML; `cell` and `fence` keep values in their place
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "duration": _in_words,
        "cell": _cell,
        "fence": _fence,
        "seat": _seat,
        "told": _told,
        "month": _month,
    }
    return made


def _of_section(plan: DrPlan, number: str) -> list[Runbook]:
    """The runbooks of one section and those below it, by section number and then in the plan's order."""
    found = [one for one in plan.runbooks.values() if f"{one.section}.".startswith(f"{number}.")]
    return sorted(found, key=lambda one: one.section)


def _cell(text: object) -> str:
    """Text that stays inside its table cell and on its line."""
    return " ".join(str(text).split()).replace("|", "\\|") or "–"


def _in_words(seconds: float) -> str:
    """`4 hours`, `1 hour 30 minutes`, `60 seconds`."""
    said = say_duration(seconds).split()
    return " ".join(f"{part[:-1]} {_UNITS[part[-1]]}{'' if part[:-1] == '1' else 's'}" for part in said)


def _fence(command: str) -> str:
    """A command as a code block that the command cannot close."""
    ticks = "```"
    while ticks in command:
        ticks += "`"
    return f"{ticks}bash\n{command.strip()}\n{ticks}"


def _seat(person: str | None, plan: DrPlan) -> str:
    """Who holds a seat, by name."""
    entry = plan.people.get(person) if person else None
    return _cell(entry.name if entry else person) if person else _VACANT


def _told(line: Told) -> str:
    """One line of the communication plan with its condition."""
    via = f" ({line.via})" if line.via else ""
    if line.when:
        return f"{line.tell}{via} (if {line.when})"
    return f"{line.tell}{via}" + (f" (if > {_in_words(line.after)} outage)" if line.after else "")


def _month(written: str | None) -> str:
    """`February 2026` for 2026-02, the day as it is."""
    if not written:
        return _VACANT
    return f"{_MONTHS[int(written[5:7]) - 1]} {written[:4]}" if len(written) == 7 else written
