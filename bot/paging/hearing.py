"""What PagerDuty tells of a page, applied to its incident: in one transaction, once, never told back."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from bot.announce import tell_thread
from bot.domain.answer import Refusal
from bot.domain.entry import Json, NewEntry
from bot.domain.incident import Incident, IncidentState
from bot.domain.pager import PAGER, Page, PagerEvent, PageState, Told
from bot.domain.person import Person
from bot.incidents import Incidents
from bot.paging import told
from bot.paging.keeping import withdraw_triggers
from bot.paging.pages import mind_page
from bot.paging.theirs import adopt
from bot.plan.models import DrPlan
from bot.store import incidents as incident_rows
from bot.store import pages as rows
from bot.store.database import Tx
from bot.store.journal import append
from bot.store.outbound import jobs_of

_STATES = {
    Told.TRIGGERED: PageState.TRIGGERED,
    Told.REOPENED: PageState.TRIGGERED,
    Told.UNACKNOWLEDGED: PageState.TRIGGERED,
    Told.ACKNOWLEDGED: PageState.ACKNOWLEDGED,
    Told.RESOLVED: PageState.RESOLVED,
}


class Heard(Enum):
    """WAITS: its alert is not judged yet, ask again. NOBODYS: it is about no page of an incident here."""

    DONE = "done"
    WAITS = "waits"
    NOBODYS = "nobody's"


class Hearing:
    """Applies one event. How the page stands there is stored first, so what follows finds no gap to close."""

    def __init__(self, plan: DrPlan, incidents: Incidents) -> None:
        self._plan = plan
        self._incidents = incidents

    def hear(self, tx: Tx, event: PagerEvent, by: Person | None) -> Heard:
        """Apply it and mark it folded, once. `by` is the person who did it, None where nobody did.

        An event that is older than one which was applied changes nothing, whatever order they came in.
        """
        waits, page = self._page(tx, event)
        if waits:
            return Heard.WAITS
        if not rows.take_event(tx, event.key):
            return Heard.DONE
        found = incident_rows.find(tx, page.incident) if page else None
        if page is None or found is None:
            return Heard.NOBODYS
        if event.told is Told.ANNOTATED:
            self._note(tx, event, page, by)
        elif event.told.moves:
            self._move(tx, event, page, found.incident, by)
        else:
            self._pass_on(tx, event, page, found.incident, by)
        return Heard.DONE

    def _page(self, tx: Tx, event: PagerEvent) -> tuple[bool, Page | None]:
        """Whether it has to wait, and the page that it is about: by its id there, else by our dedup key."""
        page = rows.page_there(tx.all, event.page) or (
            rows.page_of(tx.all, event.page_key) if event.page_key else None
        )
        if page is not None:
            return False, page
        waits, incident = rows.holder_of(tx, event.page)
        if waits or incident is None:
            return waits, None
        if found := incident_rows.find(tx, incident):
            adopt(tx, found.incident)
        return False, rows.page_of(tx.all, event.page)

    def _move(self, tx: Tx, event: PagerEvent, page: Page, incident: Incident, by: Person | None) -> None:
        now = _known_as(page, event)
        if now is None or event.occurred_at < now.heard_at:
            return
        now = replace(now, heard_at=event.occurred_at)
        if event.merged_into:
            rows.save_page(tx, replace(now, remote=event.merged_into, former=now.remote))
            self._tell(tx, event, page, incident, by)
            return
        state = _STATES[event.told]
        if event.told is Told.TRIGGERED and page.remote and now.remote != page.remote:
            # A trigger that went out while its page was being ended there began another life of it.
            rows.save_page(tx, replace(now, state=state))
            mind_page(tx, self._plan, incident)
            return
        if event.told is Told.TRIGGERED or (state is now.state and not _is_news(event, now, incident, by)):
            rows.save_page(tx, now)
            return
        rings_again = state is PageState.TRIGGERED
        now = replace(now, state=state)
        rows.save_page(tx, _ringing(tx, incident, now) if rings_again else now)
        self._tell(tx, event, page, incident, by)
        if not rings_again:
            withdraw_triggers(tx, incident, now)
        if by is not None:
            self._follow(tx, event.told, now, by)

    def _pass_on(self, tx: Tx, event: PagerEvent, page: Page, incident: Incident, by: Person | None) -> None:
        """It went to somebody else: where that makes it ring again, nobody has it there any more."""
        now = _known_as(page, event)
        ours = self._plan.communication.pager.priorities.get(incident.severity.value, "")
        if now is None or (event.told is Told.PRIORITY and event.text == ours):
            return
        rings = event.status == PageState.TRIGGERED.value and now.state is PageState.ACKNOWLEDGED
        if rings and event.occurred_at >= now.heard_at:
            now = replace(now, state=PageState.TRIGGERED, heard_at=event.occurred_at)
            rows.save_page(tx, _ringing(tx, incident, now))
        self._tell(tx, event, page, incident, by)

    def _follow(self, tx: Tx, happened: Told, page: Page, by: Person) -> None:
        """What a person did there, they did here. What is so already stays as it is."""
        there = replace(by, name=f"{by.name} (on PagerDuty)")
        try:
            if happened is Told.ACKNOWLEDGED:
                self._incidents.acknowledge_within(tx, there, page.incident)
            elif happened is Told.RESOLVED and page.ours and not _still_on(tx, page.incident):
                self._incidents.resolve_within(tx, there, page.incident)
            elif happened is Told.REOPENED and page.ours:
                reason = f"{by.name} reopened its page on PagerDuty"
                self._incidents.reopen_within(tx, by, page.incident, reason)
        except Refusal:
            return

    def _tell(self, tx: Tx, event: PagerEvent, page: Page, incident: Incident, by: Person | None) -> None:
        """A line for the timeline and, where somebody should know, for the thread."""
        said = told.said(event, page, incident, by)
        data: dict[str, Json] = {
            "said": said,
            "told": event.told.value,
            "who": event.agent.name,
            "person": event.agent.person,
            "page": event.page,
            "ours": page.ours,
            "occurred_at": event.occurred_at,
            "text": event.text,
        }
        (entry,) = append(tx, NewEntry("pager-answered", by.id if by else PAGER, data, incident.id))
        if told.is_for_the_thread(event, by):
            tell_thread(tx, self._plan, incident, entry.seq, said)

    def _note(self, tx: Tx, event: PagerEvent, page: Page, by: Person | None) -> None:
        """Somebody's note there is a note here, but for those that drbot wrote there."""
        text = event.text.strip()
        sent = {
            str(job.payload.get("text", "")).strip()
            for job in jobs_of(tx.all, page.incident)
            if job.action == "note"
        }
        if not text or text in sent:
            return
        writer = by or Person(PAGER, event.agent.name or "PagerDuty")
        there = replace(writer, name=f"{writer.name} (on PagerDuty)")
        more: dict[str, Json] = {"pager": event.key, "who": event.agent.name}
        self._incidents.note_within(tx, there, page.incident, text, more)


def _known_as(page: Page, event: PagerEvent) -> Page | None:
    """The page with the id that it has there now; None where the event is about an earlier life of it."""
    if event.page == page.remote:
        return page
    if event.page == page.former:
        return None
    return replace(page, remote=event.page, former=page.remote or page.former, heard_at="")


def _ringing(tx: Tx, incident: Incident, page: Page) -> Page:
    """It rings from now on: who has the incident already does not answer that."""
    return replace(page, asked_at=tx.now, held=incident.acknowledged_at)


def _is_news(event: PagerEvent, page: Page, incident: Incident, by: Person | None) -> bool:
    """Whether somebody did there what the page was already, and it is still no echo of what happened here:
    a person took what only an automation had, or ended what the monitor then said was over.
    """
    if by is None:
        return False
    if event.told is Told.ACKNOWLEDGED:
        return incident.state is IncidentState.OPEN
    return event.told is Told.RESOLVED and not page.ours and incident.resolved_by.startswith("monitor")


def _still_on(tx: Tx, incident: int) -> bool:
    """Whether another page of ours is not over there: a duplicate that is closed ends no incident."""
    return any(page.ours and not page.state.over for page in rows.pages_of(tx.all, incident))
