"""A new draft never writes over a person's words, whatever either of them says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.report.editing import as_body
from bot.report.merging import both, merge
from bot.report.paper import Paper, Section, read_paper, written

LINES = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), codec="utf-8"), max_size=30
)
TITLES = st.sampled_from(
    ["Summary", "Root Cause", "Resolution", "Action Items", "Cost", "Our own", "summary"]
)
BODIES = st.lists(
    LINES.filter(lambda line: not line.lstrip().startswith(("#", "```", "~~~"))), max_size=4
).map(lambda lines: "\n".join(lines).strip("\n"))
SECTIONS = st.builds(Section, TITLES, BODIES)
PAPERS = st.builds(Paper, BODIES, st.lists(SECTIONS, max_size=7).map(tuple))


def words(paper: Paper) -> set[tuple[str, str]]:
    return {(one.title.casefold(), line.rstrip()) for one in paper.sections for line in one.body.splitlines()}


def head(paper: Paper) -> set[str]:
    return {line.rstrip() for line in paper.head.splitlines() if line.strip()}


@given(PAPERS)
def test_cutting_and_joining_loses_no_word(paper: Paper) -> None:
    assert read_paper(written(paper)) == read_paper(written(read_paper(written(paper))))
    assert words(read_paper(written(paper))) == words(paper)


@given(st.text(max_size=400))
def test_any_text_is_cut_without_losing_a_line(text: str) -> None:
    joined = written(read_paper(text))
    kept = [line.strip() for line in joined.splitlines()]
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        inside = line.split("\x0b")[0].strip()
        assert not inside or inside in joined or any(inside.lstrip("# \t") in one for one in kept)


@given(PAPERS, PAPERS, PAPERS)
def test_what_a_person_wrote_is_never_lost(before: Paper, now: Paper, person: Paper) -> None:
    merged = merge(before, now, person).paper
    assert words(person) - words(before) <= words(merged)
    assert head(person) - head(before) <= head(merged)


@given(PAPERS, PAPERS, PAPERS)
def test_of_two_who_write_at_once_neither_loses_a_word(base: Paper, current: Paper, mine: Paper) -> None:
    found = both(base, current, mine)
    assert words(mine) - words(base) <= words(found)
    assert words(current) - words(base) <= words(found)
    for one in (mine, current):
        assert head(one) - head(base) <= head(found)


@given(PAPERS, PAPERS)
def test_where_only_one_wrote_their_text_stands(base: Paper, mine: Paper) -> None:
    assert words(both(base, base, mine)) == words(mine)
    assert words(both(base, mine, base)) == words(mine)


@given(PAPERS, PAPERS)
def test_where_nobody_changed_a_word_the_new_draft_stands(before: Paper, now: Paper) -> None:
    once = merge(before, now, before)
    assert words(once.paper) == words(now)
    assert not once.kept


@given(PAPERS, PAPERS, PAPERS)
def test_merging_twice_changes_nothing_more(before: Paper, now: Paper, person: Paper) -> None:
    once = merge(before, now, person).paper
    assert merge(now, now, once).paper == once


def paper(**sections: str) -> Paper:
    return Paper("# Report", tuple(Section(title, body) for title, body in sections.items()))


def test_an_untouched_section_is_renewed_and_a_changed_one_is_told_with_its_difference() -> None:
    before = paper(Impact="13 customers [m3]", Cause="not recorded", Lessons="none")
    now = paper(Impact="14 customers [m3]", Cause="a full disk [m9]", Lessons="none", Cost="12 min [e4]")
    person = paper(Impact="13 customers, all in Porto", Cause="not recorded", Lessons="Test restores.")
    merged = merge(before, now, person)
    assert merged.paper == paper(
        Impact="13 customers, all in Porto",
        Cause="a full disk [m9]",
        Lessons="Test restores.",
        Cost="12 min [e4]",
    )
    assert merged.renewed == ("Cause", "Cost")
    assert [(one.title, one.lines) for one in merged.kept] == [
        ("Impact", ("-13 customers, all in Porto", "+14 customers [m3]"))
    ]


def test_a_section_that_a_person_took_out_stays_out() -> None:
    before = paper(Impact="13 customers", Lucky="not recorded")
    merged = merge(
        before, paper(Impact="13 customers", Lucky="the tea was warm"), paper(Impact="13 customers")
    )
    assert merged.paper == paper(Impact="13 customers")


def test_the_words_of_one_section_cannot_become_another() -> None:
    body = as_body("# Big\n## Root Cause\nmine\n```\n# a comment\n## still code")
    text = written(Paper("# R", (Section("Impact", body), Section("Root Cause", "drafted"))))
    assert [one.title for one in read_paper(text).sections] == ["Impact", "Root Cause"]
    assert read_paper(text).body("root-cause") == "drafted"
    assert "# a comment\n## still code\n```" in text


def test_what_was_put_above_a_copy_comes_back_as_nobodys_words() -> None:
    handed = "# R\n\n> **State:** draft\n\n![The incident over time](a.png)\n\n> ours\n\n"
    text = handed + "## Impact\n> **State:** mine\n"
    assert read_paper(text).head == "# R\n\n> ours"
    assert read_paper(text).body("impact") == "> **State:** mine"


@given(st.text(alphabet="#`~ \n\r\ta", max_size=60))
def test_whatever_a_section_holds_the_others_are_as_they_were(text: str) -> None:
    whole = written(Paper("# R", (Section("Impact", as_body(text)), Section("Root Cause", "drafted"))))
    sections = read_paper(whole).sections
    assert [one.title for one in sections] == ["Impact", "Root Cause"]
    assert sections[1].body == "drafted"


def test_a_text_that_stands_in_the_others_already_is_not_put_below_it_again() -> None:
    base, mine = paper(Lessons="none"), paper(Lessons="Test restores.")
    once = both(base, paper(Lessons="Watch the disk."), mine)
    assert once == paper(Lessons="Watch the disk.\n\nTest restores.")
    assert both(base, once, mine) == once


def test_where_no_other_wrote_the_given_text_is_the_truth() -> None:
    base, mine = paper(Lessons="none", Impact="13"), paper(Impact="15", Cost="1 min")
    assert both(base, paper(Lessons="my first", Impact="14"), mine, ()) == mine
