"""Without Slack an incident is told in lines: how it stands, who has it, until when, and what waits."""

from __future__ import annotations

from tests.commands.test_switchboard import Desk, desk  # noqa: F401 - a fixture


def told(desk: Desk) -> str:  # noqa: F811
    return "\n".join(desk.say("incident INC-1").lines)


def test_an_incident_says_how_it_stands(desk: Desk) -> None:  # noqa: F811
    """Found at first: one line, the same for an open, an answered and a resolved one."""
    desk.say("declare checkout is down sev=1")
    fresh = told(desk)
    assert "State: open. SEV-1 since" in fresh
    assert "nobody has acknowledged it" in fresh
    assert "Answer: due by" in fresh
    assert "Lead: nobody yet" in fresh
    assert "Waits for a person: Nobody has acknowledged it" in fresh
    assert "Next: `ack INC-1`" in fresh

    desk.say("ack INC-1", "bruno")
    desk.say("duty INC-1 commander", "carla")
    desk.say("note INC-1 the pool is full")
    taken = told(desk)
    assert "State: acknowledged." in taken
    assert "acknowledged by Bruno Lima" in taken
    assert "Answer: answered after" in taken
    assert "Lead: Carla Dias (commander)" in taken
    assert "the pool is full" in taken
    assert "`ack INC-1`" not in taken

    desk.say("resolve INC-1")
    over = told(desk)
    assert "State: resolved. SEV-1, resolved by Ana Souza" in over
    assert "Next: `report INC-1`" in over


def test_the_list_says_who_has_each_how_old_it_is_and_by_when(desk: Desk) -> None:  # noqa: F811
    desk.say("declare checkout is down sev=1")
    desk.say("declare mail is slow sev=2")
    desk.say("ack INC-2", "bruno")
    table = desk.say("incidents").table
    assert table is not None
    assert table.columns[4:7] == ("who", "age", "answer")
    first, second = table.rows
    assert (first[4], first[5][-2:], first[6][:3]) == ("nobody", " s", "by ")
    assert (second[4], second[6]) == ("Bruno Lima", "answered")
