"""What the report asks beyond the document's template (section 4.3): where a cost is read, who reviews."""

from __future__ import annotations

from pydantic import Field

from bot.plan.fields import Part


class ReportRules(Part):
    """`errors` is PromQL: the share of requests that fail, between 0 and 1, summed over the incident's
    minutes; `environment` is whose Prometheus knows it. Without it the report says nothing of cost.
    `review` are roles: the first that somebody else has is asked to read a report that was put to review."""

    errors: str = Field(default="", max_length=1_000)
    environment: str = "production"
    review: tuple[str, ...] = ("lead", "approver")
