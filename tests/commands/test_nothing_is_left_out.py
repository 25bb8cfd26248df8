"""What a verb does not take is refused by its name, and nothing is done: for every verb of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bot.commands.shape import misspelt, shape_of
from bot.commands.verbs import Verb, all_verbs
from bot.domain.answer import Exit
from bot.house import build
from bot.settings import Settings
from bot.store.journal import of_incident
from tests.commands.test_switchboard import Desk, desk, without_far_looks  # noqa: F401 - a fixture

VERBS = tuple(all_verbs().values())
CLOSED = tuple(one for one in VERBS if not shape_of(one).open)
WORDS = {"ENV": "staging", "SERVICE": "salons", "KEY": "status:1", "DIR": "there"}
TEXTS = ("TEXT", "REASON", "TITLE")


def said(verb: Verb) -> str:
    """The verb as its usage has it, with its first alternatives, without options and without a text."""
    rest = re.sub(r"\[.*?\]", " ", verb.usage.removeprefix(verb.name)).replace(" | ", "|")
    words = [token.split("|")[0] for token in rest.split() if "=" not in token and token not in TEXTS]
    return " ".join([verb.name, *(WORDS.get(word, word) for word in words)])


def entries(desk: Desk) -> int:  # noqa: F811
    """How much was done so far: every change is journalled, and so is every refusal."""
    return int(desk.house.store.read("SELECT COUNT(*) FROM journal")[0][0])


def refused(desk: Desk, line: str) -> str:  # noqa: F811
    before = entries(desk)
    answer = desk.say(line)
    assert answer.exit is Exit.USAGE, (line, answer.title)
    assert entries(desk) == before, line
    return answer.title


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One world for all that is refused, as nothing changes in it."""
    folder = tmp_path_factory.mktemp("calm")
    house = build(Settings(plan=without_far_looks(folder), database_url=f"sqlite:///{folder / 'drbot.db'}"))
    yield begun(Desk(house))
    house.close()


@pytest.fixture
def opened(desk: Desk) -> Desk:  # noqa: F811
    return begun(desk)


def begun(desk: Desk) -> Desk:  # noqa: F811
    """Seven incidents, two items."""
    for number in range(1, 8):
        desk.say(f"declare trouble {number}")
    desk.say("item add INC-1 raise the pool")
    desk.say("item add INC-1 lower the pool")
    return desk


@pytest.mark.parametrize("verb", CLOSED, ids=lambda verb: verb.name)
def test_an_option_that_a_verb_does_not_take_is_refused(calm: Desk, verb: Verb) -> None:
    first, _, rest = said(verb).removeprefix(verb.name).strip().partition(" ")
    if shape_of(verb).text_at == 0:
        return  # its text begins at once: the word is part of it
    line = f"{verb.name} zzz=1 {first} {rest}".strip()
    assert "zzz" in refused(calm, line)


@pytest.mark.parametrize(
    "verb", [one for one in VERBS if shape_of(one).words is not None], ids=lambda verb: verb.name
)
def test_a_word_that_a_verb_does_not_take_is_refused(calm: Desk, verb: Verb) -> None:
    most = shape_of(verb).words or 0
    words = said(verb).removeprefix(verb.name).split()
    filled = [*words, *("INC-7" for _ in range(most - len(words)))]
    refused(calm, " ".join([verb.name, *filled, "surplus"]))


@pytest.mark.parametrize("verb", CLOSED, ids=lambda verb: verb.name)
def test_a_misspelt_option_is_refused_with_the_right_one(calm: Desk, verb: Verb) -> None:
    for name in shape_of(verb).options:
        slip = name[1] + name[0] + name[2:] if len(name) > 1 else name * 2
        title = refused(calm, f"{said(verb)} {slip}=1")
        assert f"`{name}=`" in title, title


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ack INC-2 INC-3", "takes one at a time, and nothing was done. Say `ack INC-2`, then `ack INC-3`"),
        ("item done AI-2 AI-1", "Say `item done AI-2`, then `item done AI-1`"),
        ("oncall 1", "`oncall` does not take '1', and nothing was done. Did you mean `sev=1`?"),
        ("oncall 03:00", "Did you mean `at=03:00`?"),
        ("status now", "Did you mean `now=yes`?"),
        ("handover INC-3 too=bruno", "`handover` takes no too=, and nothing was done. Did you mean `to=`?"),
        ("incidents INC-3", "Did you mean `incident INC-3`?"),
        ("outbound retyr page:1", "Did you mean `outbound retry page:1`?"),
        ("edit PUB-1 txet=abc", "txet= is no option of `edit`, and nothing was done. Did you mean `text=`?"),
        ("edit PUB-1 sbject=hello stage=resolved", "Did you mean `subject=`?"),
        ("item add INC-1 raise it ower=ana", "Did you mean `owner=`?"),
        ("item add INC-1 ower=ana raise it", "Did you mean `owner=`?"),
        ("declare checkout is down sve=1", "If it is a word of the text, put it in quotes."),
        ("continue RB-1 skip=it is up again", "'is' is not part of skip=: put several words in quotes"),
        ("report edit INC-1 sectoin=Impact text=nobody noticed", "Did you mean `section=`?"),
        ("report edit INC-1 section=Impact txet=nobody", "Did you mean `text=`?"),
        ("note to=ana INC-1 hello", "`note` takes no to="),
        ("why INC-3 please", "`why` does not take 'please', and nothing was done. Say `why INC-3`"),
    ],
)
def test_what_was_probably_meant_is_told(calm: Desk, line: str, told: str) -> None:
    assert told in refused(calm, line)


@pytest.mark.parametrize(
    "line",
    [
        "backup staging zzz=1",
        "verify staging zzz=1",
        "restore staging zzz=1",
        "images production restore key=a zzz=1",
        "images production zzz=1",
        "failover api zzz=1",
        "failback api zzz=1",
        "run end-long-queries environment=production zzz=1",
    ],
)
def test_an_action_refuses_what_it_does_not_take(calm: Desk, line: str) -> None:
    assert "zzz" in refused(calm, line)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("note INC-1 pool size=10, and to=20", "pool size=10, and to=20"),
        ("note INC-1 DB_HOST=db2 is what it should be", "DB_HOST=db2 is what it should be"),
        ("note INC-1 text=abc", "text=abc"),
        ("sev INC-1 2 sev=1 was too much", "sev=1 was too much"),
    ],
)
def test_peoples_own_words_are_kept_whatever_signs_are_in_them(opened: Desk, line: str, kept: str) -> None:
    assert opened.say(line).exit is Exit.DONE
    assert any(kept in str(entry.data) for entry in of_incident(opened.house.store, 1))


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("declare the svc=api answers sve=1 in its logs", "the svc=api answers sve=1 in its logs"),
        ("declare deploy broke env=production", "deploy broke env=production"),
        ("declare “checkout sve=1” sev=2", "checkout sve=1"),
    ],
)
def test_a_title_keeps_what_only_looks_like_an_option(opened: Desk, line: str, title: str) -> None:
    assert opened.say(line).exit is Exit.DONE
    assert opened.house.incidents.get(8).title == title


def test_a_bare_name_hands_over(opened: Desk) -> None:
    assert opened.say("handover INC-3 bruno").title.startswith("Bruno Lima is the commander now")
    assert opened.say("handover INC-4 Bruno Lima").title.startswith("Bruno Lima is the commander now")
    assert opened.say("handover INC-5 to=bruno").title.startswith("Bruno Lima is the commander now")
    assert "nobody in the plan is called 'brumo'" in refused(opened, "handover INC-6 brumo").lower()
    assert "say one person" in refused(opened, "handover INC-6 bruno to=ana")


@pytest.mark.parametrize("name", ["usage", "env", "dev", "rev", "to", "size", "pool", "ip", "uuid"])
def test_a_word_of_its_own_is_no_slip(name: str) -> None:
    assert misspelt(name, ["sev"]) == ""
