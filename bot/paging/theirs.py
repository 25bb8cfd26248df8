"""Incidents that PagerDuty raised itself, among an incident's alerts: they are its pages, too."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incident import Incident
from bot.domain.pager import Page, PageState
from bot.store import pages as rows
from bot.store.database import Tx


def adopt(tx: Tx, incident: Incident) -> None:
    """A page for each of PagerDuty's own incidents that this one holds as an alert.

    What its alert says is over is over there, too: that is never told back.
    """
    for remote, firing in rows.pager_alerts(tx, incident.id):
        page = rows.page_of(tx.all, remote)
        if page is None or page.incident != incident.id:
            page = Page(
                key=remote,
                incident=incident.id,
                ours=False,
                state=PageState.TRIGGERED,
                severity=incident.severity,
                asked_at=tx.now,
                held=incident.acknowledged_at,
                remote=remote,
                noted=rows.newest_entry(tx),
                heard_at=page.heard_at if page else "",
                asked=page.asked if page else 0,
            )
            rows.save_page(tx, page if firing else replace(page, state=PageState.RESOLVED))
        elif not firing and not page.state.over:
            rows.save_page(tx, replace(page, state=PageState.RESOLVED))
