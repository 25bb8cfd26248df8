"""What happened in an incident, drafted from timeline and channel without a model. Pure: no file, no store.

A case goes in (what was said, what the bot did), a draft comes out: times, impact, cause, resolution, action
items, each with the evidence it rests on. What nobody said stays open.
"""

from bot.findings.drafting import draft
from bot.findings.records import Case, FollowUp, Report
from bot.findings.transcript import report_from_transcript

__all__ = ["Case", "FollowUp", "Report", "draft", "report_from_transcript"]
