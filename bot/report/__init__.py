"""The incident report: drafted from the timeline without a model, every line tied to what proves it."""

from bot.report.drafting import draft
from bot.report.prose import render
from bot.report.publication import report_for, report_markdown, request_report
from bot.report.records import Case, Report
from bot.report.transcript import report_from_transcript

__all__ = [
    "Case",
    "Report",
    "draft",
    "render",
    "report_for",
    "report_from_transcript",
    "report_markdown",
    "request_report",
]
