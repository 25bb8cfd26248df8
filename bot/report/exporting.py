"""A report as files, for people who have no drbot: Markdown, HTML in one file, HTML to print."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bot.domain.answer import UsageError
from bot.findings.drafting import draft
from bot.plan.models import DrPlan
from bot.report.chart import chart
from bot.report.editing import Shown
from bot.report.hypertext import page
from bot.report.paper import read_paper
from bot.report.publication import case_for, names_of
from bot.report.telling import handed
from bot.store.database import Store
from bot.store.workspace import workspace_url

KINDS = ("md", "html", "print")
_TITLE = re.compile(r"^#\s+(.+)$", re.MULTILINE)
_ESCAPED = re.compile(r"\\([\\`*_\[\]~])")


def files_of(store: Store, plan: DrPlan, shown: Shown, kind: str) -> Mapping[str, bytes]:
    """Each file's name and content, the report first."""
    name = f"inc-{shown.incident.id}-report"
    picture = chart_of(store, plan, shown.incident.id)
    if kind == "md":
        chart_name = f"{name}.png"
        beneath = f"![The incident over time]({chart_name})" if picture else ""
        text = {f"{name}.md": handed(shown, plan, beneath).encode()}
        return text | ({chart_name: picture} if picture else {})
    ending = "-print.html" if kind == "print" else ".html"
    return {name + ending: report_page(store, plan, shown, picture, kind == "print").encode()}


def export(store: Store, plan: DrPlan, shown: Shown, kind: str, folder: Path) -> tuple[Path, ...]:
    """The files that were written, the report first. Writes over files of the same names.

    Raises UsageError where the folder cannot be written.
    """
    files = files_of(store, plan, shown, kind)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / file).write_bytes(content)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror}): name another with to=") from error
    return tuple(folder / file for file in files)


def report_page(store: Store, plan: DrPlan, shown: Shown, picture: bytes, printed: bool = False) -> str:
    """The report as one HTML page."""
    head = _TITLE.search(read_paper(shown.text).head)
    title = _ESCAPED.sub(r"\1", head[1]) if head else f"Report of {shown.incident.ref}"
    return page(handed(shown, plan), title[:200], picture, workspace_url(store), printed)


def chart_of(store: Store, plan: DrPlan, incident: int) -> bytes:
    """The chart of an incident as PNG, b'' where nothing of it has a time yet."""
    case = case_for(store, incident, names_of(plan), plan=plan)
    return chart(case, draft(case))
