"""What people do with a report: edit it, draft it anew, put it to review, publish it. No word is lost."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.answer import Refusal, UsageError
from bot.domain.incident import Incident
from bot.domain.person import Person
from bot.plan.models import DrPlan
from bot.redact import redact_secrets
from bot.report import keeping
from bot.report.deeds import Deeds, Told
from bot.report.editing import Done, Shown, as_body, said_since, section_of
from bot.report.keeping import Standing, State, Version
from bot.report.loading import beside_theirs, changes, gone, loaded, refuse_to_lose, unprinted
from bot.report.merging import merge
from bot.report.paper import Paper, read_paper, written
from bot.report.prose import paper
from bot.report.publication import names_of, report_for
from bot.report.telling import handed_version, left_words
from bot.report.versions import version_of
from bot.store import incidents as rows
from bot.store.database import Store, Tx

TEXT_LIMIT = 400_000
SECTION_LIMIT = 100_000


class Reports:
    """Every change is one transaction: version, state and journal entry, or none of them."""

    def __init__(self, store: Store, plan: DrPlan) -> None:
        self._store = store
        self._plan = plan

    def draft(self, incident: int) -> Paper:
        """The draft as the record stands now. Raises UsageError where there is no such incident."""
        report = report_for(self._store, incident, names_of(self._plan), plan=self._plan)
        return paper(report, self._plan.incident_template)

    def shown(self, incident: int, number: int | None = None) -> Shown:
        """The report as it stands: a person's version where there is one, else the draft.

        With a number, that version as it was kept. Raises UsageError where there is none.
        """
        found = self._incident(incident)
        if number is not None:
            version = version_of(self._store.read, incident, number)
            stands = keeping.standing(self._store.read, incident)
            if stands is not None and number != stands.version:
                return Shown(found, version.text, stands, version, None)
        draft = self.draft(incident)
        stands, newest = self._newest(incident)
        if newest is None:
            return Shown(found, written(draft), stands, None, None)
        merged = merge(read_paper(newest.drafted), draft, read_paper(newest.text))
        return Shown(found, newest.text, stands, newest, merged)

    def state(self, incident: int) -> State:
        """How far the report is."""
        stands = keeping.standing(self._store.read, incident)
        return stands.state if stands else State.DRAFT

    def section(self, incident: int, title: str) -> tuple[int, str, str]:
        """A section as it stands: the version that it is of (0 for the draft), its title, its Markdown.

        Raises UsageError where the report has none of that title.
        """
        self._incident(incident)
        stands, newest = self._newest(incident)
        section = section_of(read_paper(newest.text) if newest else self.draft(incident), title)
        return (stands.version if stands and newest else 0), section.title, section.body

    def edit(self, person: Person, incident: int, text: str, remove: bool = False) -> Done:
        """A person's whole text becomes the next version. The same text again changes nothing (Refusal).

        A text that says which version it was handed out as is put over what others wrote since: theirs stays.
        One that would take sections out is refused, unless `remove` says that they shall go.
        """
        self._known(person)
        if not text.strip():
            raise UsageError("there is no text in it; nothing was changed")
        if len(text) > TEXT_LIMIT:
            raise UsageError(
                f"{len(text):,} characters; a report may have {TEXT_LIMIT:,}. Nothing was changed"
            )
        clean = redact_secrets(text)
        draft = self.draft(incident)

        def work(tx: Tx) -> Done:
            _, newest = _newest_within(tx, incident)
            base = read_paper(newest.text) if newest else draft
            given = unprinted(read_paper(clean), base)
            made = loaded(tx.all, newest, handed_version(clean), person.id, given)
            changed = changes(base, made.paper)
            if not changed:
                raise Refusal("that is what the report already says; nothing was changed")
            if not remove:
                refuse_to_lose(gone(base, made.paper), incident)
            drafted = newest.drafted if newest else written(draft)
            done = self._deeds(tx, person, incident).next_version(
                drafted, written(made.paper), changed, clean != text
            )
            return replace(done, beside=made.beside)

        return self._store.write(work)

    def edit_section(self, person: Person, incident: int, title: str, text: str, seen: int = -1) -> Done:
        """A person's words for one section. `seen` is the version that they looked at: where somebody else
        has changed the section since, both texts stand, the later below."""
        self._known(person)
        if len(text) > SECTION_LIMIT:
            raise UsageError(f"a section may have {SECTION_LIMIT:,} characters. Nothing was changed")
        clean = redact_secrets(text)
        body = as_body(clean)
        draft = self.draft(incident)

        def work(tx: Tx) -> Done:
            _, newest = _newest_within(tx, incident)
            base = read_paper(newest.text) if newest else draft
            section = section_of(base, title)
            told = body
            if newest is not None and 0 <= seen < newest.number:
                told = beside_theirs(tx.all, incident, seen, draft, section, body)
            if told.strip() == section.body.strip():
                raise Refusal(f"{section.title} already says that; nothing was changed")
            drafted = newest.drafted if newest else written(draft)
            given = written(base.with_body(section, told))
            return self._deeds(tx, person, incident).next_version(
                drafted, given, (section.title,), clean != text
            )

        return self._store.write(work)

    def go_back(self, person: Person, incident: int, number: int) -> Done:
        """An earlier version becomes the next one, with the draft that it began from. Refusal where the
        report says that already, UsageError where there is no such version."""
        self._known(person)
        self._incident(incident)

        def work(tx: Tx) -> Done:
            wanted = version_of(tx.all, incident, number)
            _, newest = _newest_within(tx, incident)
            changed = changes(read_paper(newest.text if newest else ""), read_paper(wanted.text))
            if not changed:
                raise Refusal("that is what the report already says; nothing was changed")
            deed = f"went back to version {number} of"
            return self._deeds(tx, person, incident).next_version(
                wanted.drafted, wanted.text, changed, False, deed
            )

        return self._store.write(work)

    def redraft(self, person: Person, incident: int, removed: bool = False) -> Done:
        """Draft anew what nobody changed; what people wrote stays. Refusal where nothing would change.

        `removed` brings back the sections that people took out.
        """
        self._known(person)
        draft = self.draft(incident)

        def work(tx: Tx) -> Done:
            stands, newest = _newest_within(tx, incident)
            if newest is None or stands is None:
                raise Refusal(
                    f"nobody has changed the report of INC-{incident} yet: `report INC-{incident}` is"
                    " drafted anew each time"
                )
            merged = merge(read_paper(newest.drafted), draft, read_paper(newest.text), removed)
            if not merged.renewed:
                left = f". {left_words(merged.left_out, incident)}" if merged.left_out else ""
                raise Refusal(
                    f"the draft says nothing new outside of what people wrote; nothing was changed{left}"
                )
            # What a person kept stays theirs: its draft of then is what the next draft is compared with.
            done = self._deeds(tx, person, incident).next_version(
                written(draft),
                written(merged.paper),
                merged.renewed,
                False,
                "redrafted",
            )
            return replace(done, merged=merged)

        return self._store.write(work)

    def review(self, person: Person, incident: int, back: bool = False) -> Done:
        """Put it to review, or back to the draft. A second time is refused with who did it when."""
        self._known(person)
        draft = self.draft(incident)

        def work(tx: Tx) -> Done:
            stands, newest = _newest_within(tx, incident)
            state = stands.state if stands else State.DRAFT
            wanted = State.DRAFT if back else State.REVIEW
            if stands is not None and state is State.PUBLISHED:
                raise Refusal(f"{self._since(stands)}: `report edit INC-{incident}` begins a new version")
            if state is wanted:
                since = self._since(stands) if stands else f"the report of INC-{incident} is a draft"
                raise Refusal(f"{since}; nothing was changed")
            number = newest.number if newest else 1
            now = Standing(wanted, number, person.id, tx.now, stands.published if stands else 0)
            if newest is None:
                text = written(draft)
                keeping.keep(tx, Version(incident, 1, "drbot", tx.now, text, text), now)
            else:
                keeping.stand(tx, incident, now)
            where = "back to work" if back else "to review"
            told = Told.THREAD if back else Told.REVIEWERS
            deeds = self._deeds(tx, person, incident)
            return deeds.done(now, "report-reviewed", f"put the report {where}", told)

        return self._store.write(work)

    def publish(self, person: Person, incident: int) -> Done:
        """Publish the version that is in review; from then on it is frozen."""
        self._known(person)

        def work(tx: Tx) -> Done:
            stands, _ = _newest_within(tx, incident)
            if stands is None or stands.state is State.DRAFT:
                raise Refusal(
                    f"the report of INC-{incident} is a draft that nobody put to review:"
                    f" `report review INC-{incident}` does"
                )
            if stands.state is State.PUBLISHED:
                raise Refusal(f"{self._since(stands)}; nothing was changed")
            now = Standing(State.PUBLISHED, stands.version, person.id, tx.now, stands.version)
            deed = f"published the report, version {now.version}"
            return self._deeds(tx, person, incident).done(now, "report-published", deed)

        return self._store.write(work)

    def _deeds(self, tx: Tx, person: Person, incident: int) -> Deeds:
        return Deeds(tx, self._plan, person, incident)

    def _newest(self, incident: int) -> tuple[Standing | None, Version | None]:
        stands = keeping.standing(self._store.read, incident)
        newest = keeping.version(self._store.read, incident, stands.version) if stands else None
        return stands, newest

    def _incident(self, incident: int) -> Incident:
        found = rows.get(self._store, incident)
        if found is None:
            raise UsageError(f"there is no INC-{incident}: `incidents` lists the open ones")
        return found

    def _since(self, stands: Standing) -> str:
        return said_since(stands, names_of(self._plan))

    def _known(self, person: Person) -> None:
        if not person.known:
            raise Refusal(
                "the plan does not name you, so the report is not yours to change."
                " Whoever keeps the plan can add you under `people`"
            )


def _newest_within(tx: Tx, incident: int) -> tuple[Standing | None, Version | None]:
    stands = keeping.standing(tx.all, incident)
    return stands, keeping.version(tx.all, incident, stands.version) if stands else None
