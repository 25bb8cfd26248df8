"""The incident report: drafted from the timeline without a model, every line tied to what proves it.

People then make it theirs: each of their versions is kept, and a new draft never writes over their words.
"""

from bot.report.desk import Reports
from bot.report.drafting import draft
from bot.report.editing import Done, Shown
from bot.report.keeping import State
from bot.report.merging import difference
from bot.report.prose import render
from bot.report.publication import follow_ups_of, report_for, report_markdown, request_report
from bot.report.records import Case, FollowUp, Report
from bot.report.transcript import report_from_transcript

__all__ = [
    "Case",
    "Done",
    "FollowUp",
    "Report",
    "Reports",
    "Shown",
    "State",
    "difference",
    "draft",
    "follow_ups_of",
    "render",
    "report_for",
    "report_from_transcript",
    "report_markdown",
    "request_report",
]
