"""The incident report as people have it: drafted from the findings, edited, reviewed, published, handed out.

Each of their versions is kept, and a new draft never writes over their words.
"""

from bot.report.desk import Reports
from bot.report.editing import Done, Shown
from bot.report.keeping import State
from bot.report.merging import difference
from bot.report.prose import render
from bot.report.publication import drafted_anew, follow_ups_of, report_for, report_markdown, request_report
from bot.report.versions import versions_of

__all__ = [
    "Done",
    "Reports",
    "Shown",
    "State",
    "difference",
    "drafted_anew",
    "follow_ups_of",
    "render",
    "report_for",
    "report_markdown",
    "request_report",
    "versions_of",
]
