"""Drafted, edited, approved, withdrawn: on either engine, with every wrong press refused and told why."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.domain.answer import Refusal, UsageError
from bot.domain.outbound import JobState, Way
from bot.domain.publication import Kind, PublicationState, Stage
from bot.domain.severity import Severity
from bot.outside import EditedMeanwhile, Outside, composing
from bot.store.journal import verify
from tests.outside.conftest import PAGE_ID, STRANGER, Room, plan_of
from tests.store.conftest import Opened

HOSTILE = "<!channel> @here *bold* `x` <https://evil.example|click> \u202egnp.exe\u0000\u001b[31m {{ 7*7 }}"


def test_a_text_is_drafted_edited_approved_and_asked_for_once(room: Room) -> None:
    room.open()
    drafted = room.outside.draft(room.person("ana"), 1, Kind.STATUS)
    one = drafted.publication
    assert (drafted.is_new, one.stage, one.state) == (True, Stage.INVESTIGATING, PublicationState.DRAFT)
    assert not room.jobs()

    words = "Bookings fail for everybody.\n\nWe are on it."
    edited = room.outside.edit(room.person("bruno"), one.id, words, stage=Stage.IDENTIFIED)
    assert (edited.text, edited.edited_by, edited.stage) == (words, "bruno", Stage.IDENTIFIED)
    assert edited.digest != one.digest

    room.clock.forward(minutes=2)
    room.publish(one)
    (job,) = room.jobs()
    assert (job.way, job.action, job.thread) == (Way.STATUS_PAGE, "create", "statuspage:1")
    assert job.payload == {
        "title": "Belezza is unavailable",
        "text": words,
        "status": "identified",
        "impact": "critical",
        "components": {PAGE_ID: "major_outage"},
    }
    kinds = [entry.kind for entry in room.journal() if entry.kind.startswith(("publication", "update"))]
    assert kinds == ["publication-drafted", "publication-edited", "update-promised", "publication-approved"]
    said = room.told()
    assert (
        "Carla Dias approved PUB-1 (status page, identified): “Bookings fail for everybody. We are on it.”"
        in said
    )
    assert "the outside was promised the next update by 03:32 UTC" in said
    assert verify(room.store) is None


def test_the_entry_on_the_page_is_made_once_then_updated_and_the_end_heals_its_components(room: Room) -> None:
    room.open(Severity.SEV2)
    for stage in (Stage.INVESTIGATING, Stage.MONITORING):
        room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS, stage).publication)
        room.clock.forward(minutes=1)
    room.incidents.resolve(room.person("ana"), 1)
    room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication)
    jobs = room.jobs()
    assert [job.action for job in jobs] == ["create", "update", "update"]
    assert [job.payload["status"] for job in jobs] == ["investigating", "monitoring", "resolved"]
    states = [job.payload["components"] for job in jobs]
    assert states == [{PAGE_ID: "partial_outage"}, {PAGE_ID: "partial_outage"}, {PAGE_ID: "operational"}]
    assert jobs[0].payload["impact"] == "major"
    assert room.outside.standing(1).next_update_at == ""


def test_a_refused_first_entry_is_made_by_the_next_text(room: Room) -> None:
    room.open()
    first = room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication)
    room.became(first, JobState.REFUSED, "check STATUSPAGE_API_KEY")
    told = room.outside.get(first.id)
    assert (told.state, told.said) == (PublicationState.REFUSED, "check STATUSPAGE_API_KEY")
    room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication)
    assert [job.action for job in room.jobs()] == ["create", "create"]


def test_mail_and_post_go_their_own_way(room: Room) -> None:
    room.open()
    for kind in (Kind.MAIL, Kind.SOCIAL):
        room.publish(room.outside.draft(room.person("ana"), 1, kind).publication)
    mail, post = room.jobs()
    assert mail.payload["to"] == ["customers@belezza.example"]
    assert (mail.payload["subject"], mail.payload["doubt"]) == ("Belezza is unavailable", "ask")
    assert set(post.payload) == {"text"}
    assert room.outside.standing(1).next_update_at == ""
    assert room.outside.draft(room.person("ana"), 1, Kind.MAIL).publication.stage is Stage.UPDATE


def test_without_an_address_no_mail_is_drafted(opened: Opened) -> None:
    room = Room(opened.store, opened.clock, plan_of(customers=""))
    room.open()
    with pytest.raises(UsageError, match="names no address of customers"):
        room.outside.draft(room.person("ana"), 1, Kind.MAIL)


@pytest.mark.parametrize("who", ["ana", "bruno", "davi"])
def test_who_is_not_of_the_role_is_refused_and_it_is_journalled(room: Room, who: str) -> None:
    room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    with pytest.raises(Refusal, match="the plan leaves that to Carla Dias"):
        room.publish(one, who)
    assert not room.jobs()
    refused = room.journal("press-refused")[-1]
    assert (refused.actor, refused.data["press"]) == (who, "publish PUB-1")
    assert room.outside.get(1).state is PublicationState.DRAFT


def test_a_vacant_role_says_so(opened: Opened) -> None:
    room = Room(opened.store, opened.clock, plan_of(approve=("press-office",)))
    room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    with pytest.raises(Refusal, match="nobody: the role press-office is vacant"):
        room.publish(one)


def test_strangers_may_do_nothing(room: Room) -> None:
    room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    for deed in (
        lambda: room.outside.draft(STRANGER, 1, Kind.MAIL),
        lambda: room.outside.edit(STRANGER, one.id, "x"),
        lambda: room.outside.withdraw(STRANGER, one.id),
        lambda: room.outside.approve(STRANGER, one.id, one.digest),
    ):
        with pytest.raises(Refusal):
            deed()
    assert [one.state for one in room.all()] == [PublicationState.DRAFT]


def test_you_approve_what_you_saw(room: Room) -> None:
    room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    seen = one.digest
    room.outside.edit(room.person("bruno"), one.id, "Everything is fine.")
    with pytest.raises(Refusal, match="was changed by Bruno Lima since you read it"):
        room.outside.approve(room.person("carla"), one.id, seen)
    for digest in ("", "abc"):
        with pytest.raises(UsageError, match="digest"):
            room.outside.approve(room.person("carla"), one.id, digest)
    assert not room.jobs()


def test_what_the_digest_names_is_what_goes_out_though_the_plan_was_changed_meanwhile(
    room: Room, opened: Opened
) -> None:
    room.open()
    older = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    anew = Room(opened.store, opened.clock, plan_of(components={"database": "another-part"}))
    seen = composing.renewed(anew.plan, anew.incidents.get(1), older)
    assert seen.digest != older.digest
    made = anew.outside.approve(anew.person("carla"), older.id, seen.digest)
    (job,) = anew.jobs()
    assert made.digest == seen.digest
    assert job.payload["components"] == {"another-part": "major_outage"}


def test_a_graver_incident_makes_another_text_of_what_waits(room: Room) -> None:
    room.open(Severity.SEV3)
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    room.incidents.set_severity(room.person("ana"), 1, Severity.SEV1)
    with pytest.raises(Refusal, match="changed since you read it"):
        room.outside.approve(room.person("carla"), one.id, one.digest)
    now = room.outside.get(one.id)
    assert (now.impact, now.subject) == ("critical", "Belezza is unavailable")
    assert room.publish(now).job


def test_a_persons_words_outlive_what_the_incident_does(room: Room) -> None:
    room.open(Severity.SEV3)
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    room.outside.edit(room.person("ana"), one.id, "My own words.")
    room.incidents.set_severity(room.person("ana"), 1, Severity.SEV1)
    now = room.outside.get(one.id)
    assert (now.text, now.components) == ("My own words.", {PAGE_ID: "major_outage"})
    with pytest.raises(Refusal, match="waits with the words of Ana Souza"):
        room.outside.draft(room.person("bruno"), 1, Kind.STATUS, Stage.MONITORING)
    same = room.outside.draft(room.person("bruno"), 1, Kind.STATUS, Stage.INVESTIGATING)
    assert (same.is_new, same.publication.id) == (False, one.id)


def test_a_clock_that_was_set_back_makes_no_older_text_the_last(room: Room) -> None:
    room.open()
    room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication)
    room.clock.forward(hours=-1)
    draft = room.outside.draft(room.person("ana"), 1, Kind.STATUS, Stage.RESOLVED).publication
    room.publish(draft)
    last = room.outside.standing(1).last(Kind.STATUS)
    assert last is not None
    assert last.id == draft.id
    room.incidents.resolve(room.person("ana"), 1)
    assert room.outside.standing(1).behind == (), "the page says that it is over"


def test_pressed_twice_and_by_five_at_once_it_goes_out_once(room: Room) -> None:
    room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    carla = room.person("carla")

    def press(_: int) -> str:
        try:
            return Outside(room.store, room.plan).approve(carla, one.id, one.digest).job
        except Refusal as refusal:
            return str(refusal)

    with ThreadPoolExecutor(5) as pool:
        said = sorted(pool.map(press, range(5)))
    assert said[-1] == "publication:1"
    assert set(said[:-1]) == {"PUB-1 is already approved by Carla Dias at 03:00 UTC; it is being sent"}
    assert len(room.jobs()) == 1
    assert len(room.journal("publication-approved")) == 1
    assert not room.journal("press-refused")


def test_what_is_decided_is_neither_edited_nor_withdrawn(room: Room) -> None:
    room.open()
    one = room.publish(room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication)
    with pytest.raises(Refusal, match="already approved by Carla Dias"):
        room.outside.edit(room.person("ana"), one.id, "other words")
    with pytest.raises(Refusal, match="already approved by Carla Dias"):
        room.outside.withdraw(room.person("ana"), one.id)
    gone = room.outside.draft(room.person("ana"), 1, Kind.MAIL).publication
    room.outside.withdraw(room.person("bruno"), gone.id)
    with pytest.raises(Refusal, match="withdrawn by Bruno Lima at 03:00 UTC; nothing was sent"):
        room.publish(gone)
    assert room.outside.draft(room.person("ana"), 1, Kind.MAIL).publication.id == 3


def test_the_end_is_not_told_as_the_middle(room: Room) -> None:
    room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    room.incidents.resolve(room.person("ana"), 1)
    with pytest.raises(Refusal, match="was resolved at 03:00 UTC, and PUB-1 still says investigating"):
        room.publish(one)
    again = room.outside.draft(room.person("ana"), 1, Kind.STATUS, Stage.RESOLVED)
    assert (again.is_new, again.publication.id) == (True, one.id)
    assert "working normally again" in again.publication.text
    assert room.publish(again.publication).job


def test_untouched_words_follow_the_stage_and_the_promise_follows_the_time(room: Room) -> None:
    room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    assert "within 30 minutes" in one.text
    later = room.outside.edit(room.person("ana"), one.id, next_update_s=3600)
    assert "within 1 hour" in later.text
    assert not later.edited_by
    staged = room.outside.edit(room.person("ana"), one.id, later.text, later.subject, Stage.IDENTIFIED, 0)
    assert "We have found the cause" in staged.text
    assert "next update" not in staged.text
    assert (staged.edited_by, staged.next_update_s) == ("", 0)
    room.publish(staged)
    assert room.outside.standing(1).next_update_at == ""


def test_two_editors_do_not_overwrite_each_other(room: Room) -> None:
    room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    room.outside.edit(room.person("bruno"), one.id, "Bruno's words.", seen=one.digest[:16])
    with pytest.raises(EditedMeanwhile, match="changed by Bruno Lima after you opened it"):
        room.outside.edit(room.person("ana"), one.id, "Ana's words.", seen=one.digest[:16])
    assert room.outside.get(one.id).text == "Bruno's words."


def test_an_edit_that_changes_nothing_leaves_no_trace(room: Room) -> None:
    room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    room.outside.edit(room.person("bruno"), one.id, one.text, one.subject, one.stage, one.next_update_s)
    assert not room.journal("publication-edited")


def test_hostile_words_are_cleaned_and_kept_within_bounds(room: Room) -> None:
    room.open()
    one = room.outside.draft(room.person("ana"), 1, Kind.STATUS).publication
    edited = room.outside.edit(room.person("ana"), one.id, HOSTILE, subject=f"a\nb\r\n{HOSTILE}"[:150])
    assert "\n" not in edited.subject
    assert all(sign.isprintable() or sign == "\n" for sign in edited.text)
    for kind, text in ((Kind.STATUS, "x" * 10_000), (Kind.SOCIAL, "y" * 281), (Kind.SOCIAL, "日" * 141)):
        waiting = room.outside.draft(room.person("ana"), 1, kind).publication
        with pytest.raises(UsageError, match="Nothing was changed"):
            room.outside.edit(room.person("ana"), waiting.id, text)
    with pytest.raises(UsageError, match="subject is 300 characters"):
        room.outside.edit(room.person("ana"), one.id, subject="s" * 300)
    with pytest.raises(UsageError, match="empty"):
        room.outside.edit(room.person("ana"), one.id, "\u200b\u202e \n")


def test_a_line_that_arrives_twice_drafts_once(room: Room) -> None:
    room.open()
    ana = room.person("ana")
    first = room.outside.draft(ana, 1, Kind.STATUS, request_key="slack:1")
    room.publish(first.publication)
    again = room.outside.draft(ana, 1, Kind.STATUS, request_key="slack:1")
    assert (again.is_new, again.publication.id) == (False, first.publication.id)
    assert len(room.all()) == 1


def calls(room: Room) -> list[str]:
    rows = room.store.read("SELECT payload FROM outbox WHERE key LIKE '%:waits:%' ORDER BY key")
    return [str(payload) for (payload,) in rows]


def test_whoever_may_approve_is_called_once_and_not_by_themselves(room: Room) -> None:
    room.open()
    for _ in range(2):
        room.outside.draft(room.person("ana"), 1, Kind.STATUS)
    room.outside.draft(room.person("carla"), 1, Kind.MAIL)
    assert calls(room) == ["@carla\nPUB-1 (status page) waits in this thread: read it, edit it, approve it."]


def test_a_vacant_role_is_said_when_the_text_is_drafted(opened: Opened) -> None:
    room = Room(opened.store, opened.clock, plan_of(approve=("press-office",)))
    room.open()
    room.outside.draft(room.person("ana"), 1, Kind.SOCIAL)
    assert calls(room) == ["\nPUB-1 (social post) waits for nobody: the role press-office is vacant."]
