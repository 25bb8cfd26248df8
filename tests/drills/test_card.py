"""The card of a drill: legal whatever the records hold, and what a person reads of it in each state."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answer import Answer
from bot.domain.drill import Drill, DrillPart, DrillState, PartState
from bot.domain.run import PlanText, Run, RunState
from bot.domain.walk import Doing
from bot.drills.certificate import Against, Certificate, PhaseRow, certificate_markdown
from bot.drills.certificate import Part as CertifiedPart
from bot.drills.measure import Rehearsed
from bot.drills.verdict import Promises
from bot.drills.view import DrillView
from bot.slack.blocks import Card
from bot.slack.cards.answer import answer_card
from bot.slack.cards.drill import drill_card
from tests.drills.test_progress import run
from tests.slack import hostile
from tests.slack.test_cards_legal import accept, hard

seconds = st.one_of(st.none(), st.floats(0, 10**9))
kept = st.one_of(st.none(), st.booleans())
parts = st.builds(
    DrillPart,
    doing=st.builds(Doing, action=hostile.texts, label=hostile.texts),
    only_looks=st.booleans(),
    state=st.sampled_from(PartState),
    run=st.integers(0, 5),
    said=hostile.texts,
)
drills = st.builds(
    Drill,
    id=st.integers(1, 10**9),
    name=hostile.texts,
    title=hostile.texts,
    state=st.sampled_from(DrillState),
    started_by=hostile.texts,
    started_at=hostile.times,
    ended_at=hostile.times,
    parts=st.lists(parts, max_size=20).map(tuple),
    said=hostile.texts,
)
certificates = st.builds(
    Certificate,
    ref=hostile.texts,
    drill=hostile.texts,
    title=hostile.texts,
    section=hostile.texts,
    every=hostile.texts,
    owner=hostile.texts,
    asked_by=hostile.texts,
    started_at=hostile.times,
    ended_at=hostile.times,
    passed=st.booleans(),
    recovered=st.booleans(),
    said=hostile.texts,
    objectives=st.lists(
        st.builds(
            Against,
            name=hostile.texts,
            title=hostile.texts,
            promised_s=seconds,
            measured_s=seconds,
            kept=kept,
        ),
        max_size=3,
    ).map(tuple),
    parts=st.lists(
        st.builds(
            CertifiedPart,
            title=hostile.texts,
            action=hostile.texts,
            run=hostile.texts,
            state=hostile.texts,
            said=hostile.texts,
            facts=hostile.pairs,
        ),
        max_size=4,
    ).map(tuple),
    rehearsed=st.lists(
        st.builds(
            Rehearsed,
            run=hostile.texts,
            backup=hostile.texts,
            data_of=hostile.times,
            newest_row=hostile.times,
            rows=st.one_of(st.none(), st.integers(0, 10**18)),
            tables=st.one_of(st.none(), st.integers(0, 10**6)),
        ),
        max_size=3,
    ).map(tuple),
    phases=st.lists(
        st.builds(
            PhaseRow,
            group=hostile.texts,
            title=hostile.texts,
            seconds=st.floats(0, 10**6),
            run=hostile.texts,
            said=hostile.texts,
            held=st.booleans(),
        ),
        max_size=20,
    ).map(tuple),
    groups=st.lists(st.tuples(hostile.texts, st.floats(0, 10**6)), max_size=15).map(tuple),
    proofs=st.just(()),
)
views = st.builds(
    DrillView,
    drill=drills,
    runs=st.dictionaries(st.integers(1, 5), hostile.runs, max_size=4),
    promises=st.builds(Promises, rto_s=seconds, rpo_s=seconds),
    certificate=st.one_of(st.none(), certificates),
)
PROMISES = Promises(4 * 3600.0, 3600.0)
DRILL = Drill(
    3,
    "restore",
    "Backup restore to staging",
    DrillState.UNDER_WAY,
    "ana",
    "2026-11-23T11:12:00Z",
    parts=(
        DrillPart(Doing("rehearse-restore", "Rehearse a restore"), state=PartState.DOING, run=7),
        DrillPart(Doing("look-at-backups", "Look at the backups"), only_looks=True),
    ),
)


@hard
@given(views)
def test_drill_cards_are_legal(shown: DrillView) -> None:
    accept(drill_card(shown))


@hard
@given(certificates, hostile.texts)
def test_certificates_keep_their_shape_and_ping_nobody(paper: Certificate, trouble: str) -> None:
    text = certificate_markdown(paper, trouble)
    assert "\x00" not in text
    accept(answer_card(Answer("The certificate", document=text)))
    for line in text.splitlines():
        assert not line.startswith(("    ", "\t")), "nothing becomes a block of code"
    heads = [line for line in text.splitlines() if line.startswith("#")]
    assert len(heads) == 7 + len(paper.rehearsed) - 1 + sum(1 for part in paper.parts if part.facts)


def running(position: int, current: str) -> Run:
    plan = PlanText(("Check that the backup is unchanged",), ("Load it", "Verify it"), ("Ask it",), ())
    return replace(run(7, RunState.RUNNING), plan=plan, position=position, current=current)


def words(card: Card) -> str:
    return str(card.blocks)


def buttons(card: Card) -> list[tuple[str, str]]:
    rows = [block for block in card.blocks if block["type"] == "actions"]
    return [(one["text"]["text"], one["value"]) for row in rows for one in row["elements"]]


def test_under_way_its_steps_are_ticked_off() -> None:
    card = drill_card(DrillView(DRILL, {7: running(2, "Verify it: 3 of 9 tables")}, PROMISES))
    told = words(card)
    for said in (
        "🎯 Drill under way: Backup restore to staging", "*DRILL-3*", "promised RTO 4 h, RPO 1 h",
        "✓  Check that the backup is unchanged", "✓  Load it", "▸  Verify it", "○  Ask it",
        "Now: RUN-7 Verify it: 3 of 9 tables", "○  Look at the backups",
    ):  # fmt: skip
        assert said in told, said
    assert buttons(card) == [("Show RUN-7", "show RUN-7")]
    assert card.text == "DRILL-3 Backup restore to staging · under way: promised RTO 4 h, RPO 1 h"


def test_what_waits_says_for_what() -> None:
    card = drill_card(DrillView(DRILL, {7: run(7, RunState.PROPOSED)}, PROMISES))
    assert "waits: another run works there" in words(card)


PAPER = Certificate(
    "DRILL-3", "restore", "Backup restore to staging", "5.1 and 5.2", "monthly", "DevOps", "Ana Lima",
    "2026-11-23T11:12:00Z", "2026-11-23T11:13:15Z", False, True, "x",
    (
        Against("RTO", "Recovery Time Objective", 14400.0, 72.4, True),
        Against("RPO", "Recovery Point Objective", 3600.0, 33120.0, False),
    ),
    (), (Rehearsed("RUN-7", "belezza.sql.gz", "2026-11-23T02:00:00Z", "", 8231904, 9, 10**9),),
    (), (("load", 30.0), ("verify", 15.0), ("between them", 0.01)), (),
)  # fmt: skip


def test_the_verdict_has_promised_beside_measured() -> None:
    said = (
        "Recovery worked, in 1 min 12 s. RPO 1 h promised, 9 h 12 min measured: the backup is from 02:00 UTC."
    )
    ended = replace(DRILL, state=DrillState.FAILED, ended_at="2026-11-23T11:13:15Z", said=said)
    card = drill_card(DrillView(ended, {}, PROMISES, PAPER))
    told = words(card)
    for shown in (
        "🟠 Recovered, and a promise was missed: Backup restore to staging", "took 75 s", "*Recovered*\\nyes",
        "✅ *1 min 12 s* of 4 h", "❌ *9 h 12 min* of 1 h", "8,231,904 rows in 9 tables", "belezza.sql.gz",
        "load    30 s  " + "▇" * 16 + "\\nverify  15 s  " + "▇" * 8,
    ):  # fmt: skip
        assert shown in told, shown
    assert "between them" not in told
    assert buttons(card) == [("Certificate", "certificate DRILL-3"), ("Hold again", "drill restore")]
    assert said in card.text


def test_what_was_not_recovered_says_which_part_broke() -> None:
    broken = (
        replace(DRILL.parts[0], state=PartState.FAILED, said="RUN-7 undone: 2 of 9 tables differ"),
        replace(DRILL.parts[1], state=PartState.HELD, run=8),
    )
    ended = replace(
        DRILL, state=DrillState.FAILED, parts=broken, said="Recovery did not work: tables differ."
    )
    told = words(drill_card(DrillView(ended, {}, PROMISES, replace(PAPER, recovered=False, rehearsed=()))))
    assert "*Recovered*\\n*no*" in told
    assert "✗  Rehearse a restore  RUN-7\\n      RUN-7 undone: 2 of 9 tables differ" in told
    assert "Look at the backups" not in told.split("Hold ")[0]
