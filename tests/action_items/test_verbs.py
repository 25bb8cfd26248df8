"""Each verb, said as people say it, against both stores."""

from __future__ import annotations

import pytest

from bot.commands.console import Where
from bot.domain.action_item import ItemState
from bot.domain.answer import Exit, UsageError
from bot.store.journal import of_incident, verify
from tests.action_items.conftest import SHELL, Room


def test_an_item_from_its_first_word_to_its_end(room: Room) -> None:
    room.declare()
    added = room.say("item add INC-1 raise pool_size=40 and watch it owner=bruno due=friday")
    assert added.title == "AI-1 is kept."
    item = room.item()
    assert (item.text, item.owner, item.due) == ("raise pool_size=40 and watch it", "bruno", "2026-11-27")
    assert (item.created_by, item.created_at) == ("ana", "2026-11-23T03:00:00.000000Z")

    assert room.say("item owner AI-1 me").title == "AI-1 is Ana Souza’s."
    assert room.say("item due ai1 3d").title == "AI-1: due Thursday 2026-11-26."
    done = room.say("item done AI-1", "bruno")
    assert done.title == "AI-1 is done."
    assert room.item().state is ItemState.DONE

    what = "AI-1 “raise pool_size=40 and watch it”"
    lines = [
        f"Ana Souza added {what} (Bruno Lima, due Friday 2026-11-27)",
        f"Ana Souza gave {what} to Ana Souza",
        f"Ana Souza set {what}: due Thursday 2026-11-26 (was 2026-11-27)",
        f"Bruno Lima did {what}",
    ]
    assert room.told() == lines
    assert [one for one in room.said() if "AI-1" in one] == lines, "the timeline tells the same sentences"
    kinds = [kind for kind in room.kinds() if kind.startswith("action-item")]
    assert kinds == ["action-item-added", *["action-item-changed"] * 3]
    assert verify(room.store) is None


def test_the_list_is_by_day_and_says_what_is_late(room: Room) -> None:
    for title in ("One", "Two"):
        room.declare(title)
    room.say("item add INC-1 write the runbook")
    room.say("item add INC-1 raise the pool owner=ana due=2026-12-10")
    room.say("item add INC-2 rotate the key owner=bruno due=tomorrow")
    room.clock.forward(days=5)
    listed = room.say("items")
    assert listed.title == "3 action items are open, 1 overdue."
    assert [one.ref for one in listed.items] == ["AI-3", "AI-2", "AI-1"]
    assert [one.due for one in listed.items] == [
        "4 days overdue (due 2026-11-24)", "due Thursday 2026-12-10", "no date",
    ]  # fmt: skip
    assert listed.table is not None
    assert listed.table.rows[0][3] == "Bruno Lima"

    assert [one.ref for one in room.say("items owner=bruno").items] == ["AI-3"]
    assert [one.ref for one in room.say("items owner=me").items] == ["AI-2"]
    room.say("item drop AI-1 the service is retired")
    assert [one.ref for one in room.say("items INC-1").items] == ["AI-2"]
    every = room.say("items INC-1 all")
    assert every.title == "2 action items: 1 open, 0 done (INC-1)."
    assert every.data["items"] == [
        {
            "item": "AI-2", "incident": "INC-1", "text": "raise the pool", "owner": "ana",
            "due": "2026-12-10", "state": "open", "evidence": [],
            "created_at": "2026-11-23T03:00:00.000000Z", "ended_at": "",
        },
        {
            "item": "AI-1", "incident": "INC-1", "text": "write the runbook", "owner": "", "due": "",
            "state": "dropped", "evidence": [], "created_at": "2026-11-23T03:00:00.000000Z",
            "ended_at": "2026-11-28T03:00:00.000000Z",
        },
    ]  # fmt: skip


def test_nothing_to_do_is_said(room: Room) -> None:
    assert room.say("items").title == "No action item is open."
    room.declare()
    assert room.say("items INC-1").title == "No action item is open (INC-1)."
    assert room.say("items export INC-1").title.startswith("INC-1 has no action items")


@pytest.mark.parametrize(
    ("line", "exits", "why"),
    [
        ("item add INC-1", Exit.USAGE, "needs words"),
        ("item add INC-1 x owner=zoe", Exit.USAGE, "the plan names no 'zoe'"),
        ("item add INC-1 x owner=brun", Exit.USAGE, "did you mean bruno?"),
        ("item add INC-1 x due=yesterday", Exit.USAGE, "is no day"),
        ("item add INC-1 x due=2020-01-01", Exit.USAGE, "is over"),
        ("item add INC-9 x", Exit.USAGE, "there is no INC-9"),
        ("item add 7x y", Exit.USAGE, "is not an incident"),
        ("item done AI-9", Exit.USAGE, "there is no AI-9"),
        ("item done seven", Exit.USAGE, "is not an action item"),
        ("item drop AI-1", Exit.USAGE, "wants to know why"),
        ("item owner AI-1", Exit.USAGE, "which owner? say `item owner ai-1"),
        ("item due AI-1", Exit.USAGE, "which day? say `item due ai-1"),
        ("item due AI-1 soon", Exit.USAGE, "is no day"),
        ("item add INC-1 RAISE the  pool!", Exit.REFUSED, "AI-1 says the same and is open"),
        ("item owner AI-1 ana", Exit.DONE, "is Ana Souza’s already"),
        ("item due AI-1 friday", Exit.DONE, "due Friday 2026-11-27 already"),
        ("items take INC-1", Exit.REFUSED, "proposes nothing that is not kept yet"),
        ("items export INC-1 as=pdf", Exit.USAGE, "say as=markdown or as=github"),
        ("items owner=zoe", Exit.USAGE, "the plan names no 'zoe'"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_say(room: Room, line: str, exits: Exit, why: str) -> None:
    room.declare()
    room.say("item add INC-1 raise the pool owner=ana due=friday")
    before = len(of_incident(room.store, 1))
    answer = room.say(line)
    assert (answer.exit, why.lower() in answer.title.lower()) == (exits, True), answer.title
    assert len(of_incident(room.store, 1)) == before
    assert room.item().owner == "ana"


def test_what_has_ended_stays_ended(room: Room) -> None:
    room.declare()
    room.say("item add INC-1 raise the pool")
    room.say("item done AI-1")
    again = room.say("item done AI-1")
    assert (again.exit, again.title) == (Exit.DONE, "AI-1 is done already, since 2026-11-23.")
    for line in ("item drop AI-1 no", "item owner AI-1 ana", "item due AI-1 friday"):
        answer = room.say(line)
        assert answer.exit is Exit.REFUSED
        assert "AI-1 is done already, since 2026-11-23: `item reopen AI-1` opens it again" in answer.title


def test_what_was_said_to_be_done_by_mistake_is_open_again(room: Room) -> None:
    room.declare()
    room.say("item add INC-1 raise the pool owner=ana due=friday")
    before = room.item()
    assert room.say("item done AI-1").lines == ("`item reopen AI-1` takes that back.",)
    assert room.say("item reopen AI-1 the pool is as small as before").title == "AI-1 is open again."
    assert room.item() == before
    assert room.say("item reopen AI-1").title == "AI-1 is open already."
    last = of_incident(room.store, 1)[-1]
    assert (last.kind, last.actor, last.data["reason"]) == (
        "action-item-changed",
        "ana",
        "the pool is as small as before",
    )
    room.say("item drop AI-1 never")
    assert room.say("item reopen AI-1").exit is Exit.DONE


def test_who_is_not_of_the_plan_may_look_only(room: Room) -> None:
    room.declare()
    room.say("item add INC-1 raise the pool")
    assert room.say("items", "nobody").exit is Exit.DONE
    assert room.say("items export INC-1", "nobody").exit is Exit.DONE
    for line in ("item done AI-1", "item add INC-1 y", "items take INC-1"):
        assert room.say(line, "nobody").exit is Exit.REFUSED


def test_a_line_that_arrives_twice_makes_one_item(room: Room) -> None:
    room.declare()
    where = Where("slack", request_key="slack:1")
    for _ in range(2):
        assert room.say("item add INC-1 raise the pool", where=where).title == "AI-1 is kept."
    assert room.kinds().count("action-item-added") == 1


def test_an_owner_is_never_guessed(room: Room) -> None:
    people = {
        "ana": {"name": "Rita Sousa"},
        "b": {"name": "Ana Souza"},
        "c": {"name": "Ana Lima", "slack": "@al"},
    }
    two = Room(room.store, room.clock, room.plan.model_validate({"people": people}))
    who = two.person("b")
    assert two.items.person("ana", who) == "ana", "a plan id is meant before a first name"
    assert two.items.person("ANA  lima", who) == two.items.person("@al", who) == "c"
    three = Room(room.store, room.clock, room.plan.model_validate({"people": {k: people[k] for k in "bc"}}))
    with pytest.raises(UsageError, match="'ana' may be b or c: say which"):
        three.items.person("ana", who)


def test_exports(room: Room) -> None:
    room.declare("Pool *exhausted* for @here")
    room.say("item add INC-1 raise_the pool, see #12 and @octocat <b> owner=ana due=friday")
    room.say("item add INC-1 write the runbook")
    room.say("item add INC-1 buy a bigger server")
    room.say("item done AI-2")
    room.say("item drop AI-3 too dear")
    markdown = room.say("items export INC-1").document
    assert markdown == (
        "## Action items of INC-1: Pool \\*exhausted\\* for @here\n\n"
        "- [ ] raise\\_the pool, see #12 and @octocat \\<b\\> (Ana Souza, due 2026-11-27) · AI-1\n"
        "- [x] write the runbook (no owner, no date) · AI-2\n"
        "- [x] ~~buy a bigger server~~ (dropped) (no owner, no date) · AI-3\n"
    )
    github = room.say("items export INC-1 as=github").document
    assert github.startswith(
        "Action items of INC-1: Pool *exhausted* for @here\n\nFrom the incident INC-1 (SEV-3;"
    )
    assert "see #<!-- -->12 and @<!-- -->octocat \\<b\\>" in github
    assert "(SEV-3; opened 2026-11-23, still open): Pool" in github
    slack = room.say("items export INC-1", where=Where("slack")).document
    assert slack.startswith("```\n## Action items")
    assert room.say("items export INC-1", where=SHELL).data["text"] == markdown


def test_a_secret_in_an_item_is_kept_nowhere(room: Room) -> None:
    room.declare()
    secret = "hunter2" + "x9"
    room.say(f"item add INC-1 rotate the key password={secret} of the mailer owner=ana")
    room.say(f"item drop AI-1 it was token={secret} all along")
    assert room.item().text == "rotate the key password=[redacted] of the mailer"
    kept = [*room.told(), *room.said(), *(str(one.data) for one in of_incident(room.store, 1))]
    assert [one for one in kept if secret in one] == []
