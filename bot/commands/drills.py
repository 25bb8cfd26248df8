"""Verbs for the plan's drills: hold one and measure it, their record, the certificate."""

from __future__ import annotations

from textwrap import shorten

from bot.commands.desk import Desk
from bot.commands.grammar import Said, yes_or_no
from bot.commands.verbs import verb
from bot.domain.answer import Answer, Exit, Table, UsageError
from bot.domain.drill import Drill, DrillState, PartState, parse_drill_ref
from bot.domain.entry import Json
from bot.drills.certificate import certificate_markdown
from bot.drills.record import promises_of
from bot.drills.trend import DrillRecord, drill_record, drill_records, sparkline
from bot.drills.verdict import Promises
from bot.drills.view import DrillView, certificate_of, drill_view, trouble_with
from bot.drills.words import overdue_words, span
from bot.plan.promises import PlannedTest
from bot.store.database import utc_now

SIGNS = {
    PartState.HELD: "✓",
    PartState.FAILED: "✗",
    PartState.DOING: "▸",
    PartState.SPARED: "–",
    PartState.TODO: "○",
}
RECORD_LIMIT = 20
FOUND_LIMIT = 150


@verb("drill", "drill NAME [dry_run=yes]")
def drill(desk: Desk, said: Said) -> Answer:
    """Hold a drill of the plan now, measured against its promises; or show one that was held (DRILL-3)."""
    name = said.word(0, "the drill")
    strange = sorted(set(said.options) - {"dry_run"})
    if strange:
        raise UsageError(f"a drill takes no {strange[0][:40]}=: what it does is the plan's")
    dry_run = yes_or_no(said.options, "dry_run")
    if name.upper().startswith("DRILL-"):
        return _card(desk, said, desk.drills.get(_number(" ".join(said.words))))
    wanted = " ".join(said.words)
    if dry_run:
        return _would(desk, *desk.drills.find(wanted))
    held = desk.drills.hold(said.person, wanted, said.where.request_key)
    return _card(desk, said, held, f"{held.ref} begins: {held.title}." if not held.ended_at else "")


@verb("drills", "drills [NAME]", strangers=True)
def drills(desk: Desk, said: Said) -> Answer:
    """The record of the plan's drills: verdicts, recovery times against the promise, and what is overdue."""
    if said.words:
        return _record(desk, *desk.drills.find(" ".join(said.words)))
    found = drill_records(desk.store, desk.plan, utc_now())
    promises = promises_of(desk.plan)
    tests = desk.plan.testing.tests if desk.plan.testing else {}
    by_people = [f"{test.title} ({name}) is held by people." for name, test in tests.items() if not test.does]
    due = sum(1 for one in found if one.due.is_due)
    title = f"The plan has {len(found)} drill{'' if len(found) == 1 else 's'}, {due or 'none'} due."
    columns = ("drill", "last held", "verdict", "RTO p50 / max", "RPO", "next due", "trend")
    lines = [_promised(promises), *by_people]
    data: dict[str, Json] = {"drills": [_record_json(one) for one in found]}
    rows = tuple(_row(one) for one in found)
    return Answer(title, tuple(lines), Table(columns, rows) if rows else None, data=data)


@verb("certificate", "certificate DRILL-3", strangers=True)
def certificate(desk: Desk, said: Said) -> Answer:
    """The certificate of a drill that has ended, as Markdown to print and sign; JSON with --json."""
    held = desk.drills.get(_number(said.word(0, "the drill")))
    if held.state is DrillState.UNDER_WAY:
        raise UsageError(f"{held.ref} is under way: its certificate is there when it has ended")
    if not held.certificate:
        raise UsageError(f"{held.ref} has no certificate: {held.said}")
    found = certificate_of(held)
    if found is None:
        raise UsageError(
            f"the certificate of {held.ref} was written in a form that this version cannot read; the journal"
            " still holds it: `journal verify`"
        )
    trouble = trouble_with(desk.store, found)
    title = f"{held.ref} {held.state.value}: {held.title}."
    lines = (f"It does not stand as it was journalled: {trouble}.",) if trouble else ()
    proof: Json = {"seq": found.journal.seq, "hash": found.journal.hash} if found.journal else None
    data: dict[str, Json] = {"certificate": found.as_json(), "journal": proof, "trouble": trouble}
    return Answer(
        title,
        lines,
        document=certificate_markdown(found, trouble),
        exit=Exit.FAILED if trouble else Exit.DONE,
        data=data,
    )


def as_json(one: Drill) -> dict[str, Json]:
    """A drill for `--json`."""
    return {
        "drill": one.ref,
        "name": one.name,
        "title": one.title,
        "state": one.state.value,
        "started_by": one.started_by,
        "started_at": one.started_at,
        "ended_at": one.ended_at or None,
        "rto_s": one.rto_s,
        "rpo_s": one.rpo_s,
        "said": one.said,
        "parts": [
            {
                "action": part.doing.action,
                "state": part.state.value,
                "run": f"RUN-{part.run}" if part.run else None,
                "said": part.said,
            }
            for part in one.parts
        ],
    }


def _card(desk: Desk, said: Said, held: Drill, title: str = "") -> Answer:
    """The drill; in Slack its card says the rest, a shell has only these lines."""
    title = title or f"{held.ref} {held.state.value}: {held.title}."
    lines = tuple(_lines(drill_view(desk.store, desk.plan, held))) if said.where.face == "shell" else ()
    failed = held.state is DrillState.FAILED
    return Answer(title, lines, drill=held.id, exit=Exit.FAILED if failed else Exit.DONE, data=as_json(held))


def _lines(shown: DrillView) -> list[str]:
    held = shown.drill
    lines = [_part_line(part.state, part.doing.title, part.run, part.said) for part in held.parts]
    if shown.certificate is not None:
        groups = [f"{name} {span(seconds)}" for name, seconds in shown.certificate.groups if seconds >= 0.05]
        lines.append(" · ".join(groups))
    if held.state is DrillState.UNDER_WAY:
        return [*lines, _promised(shown.promises), *([shown.now] if shown.now else [])]
    caveat = shown.certificate.caveat if shown.certificate else ""
    return [
        *lines,
        *([caveat] if caveat else []),
        held.said,
        f"`certificate {held.ref}` prints the certificate.",
    ]


def _part_line(state: PartState, title: str, run: int, said: str) -> str:
    ref = f" (RUN-{run})" if run else ""
    return f"{SIGNS[state]} {title}{ref}{f': {said}' if said else ''}"


def _would(desk: Desk, name: str, test: PlannedTest) -> Answer:
    """What the drill would do; nothing is begun."""
    steps = [
        f"{number}. {offer.label or offer.action}: run {offer.action}"
        + "".join(f" {key}={value}" for key, value in offer.params.items())
        for number, offer in enumerate(test.does, 1)
    ]
    lines = steps or ["drbot runs nothing for it: it is held by people."]
    lines += [_promised(promises_of(desk.plan)), "Nothing was stored and nothing will run."]
    return Answer(
        f"This is what `drill {name}` would do.", tuple(lines), data={"drill": name, "does": list(steps)}
    )


def _record(desk: Desk, name: str, test: PlannedTest) -> Answer:
    """One drill's record."""
    one = drill_record(desk.store, desk.plan, name, test, utc_now())
    found = desk.drills.recent(name, RECORD_LIMIT)
    rows = tuple(
        (
            held.ref,
            held.started_at[:16].replace("T", " "),
            desk.plan.called(held.started_by),
            held.state.value,
            _time(held.rto_s),
            _time(held.rpo_s),
            shorten(held.said, FOUND_LIMIT, placeholder=" …"),
        )
        for held in found
    )
    lines = [_promised(promises_of(desk.plan)), f"{test.every.capitalize()}, next due {_due(one)}."]
    if one.held:
        lines.append(f"Recovery times of the last {len(one.held)}: {sparkline(one.held)} {_times(one)}")
    title = f"{test.title}: held {len(found)} time{'' if len(found) == 1 else 's'}."
    if len(found) == RECORD_LIMIT:
        title = f"{test.title}: the last {RECORD_LIMIT} times."
    columns = ("drill", "when (UTC)", "by", "verdict", "RTO", "RPO", "what was found")
    data: dict[str, Json] = {**_record_json(one), "held": [as_json(held) for held in found]}
    return Answer(title, tuple(lines), Table(columns, rows) if rows else None, data=data)


def _row(one: DrillRecord) -> tuple[str, ...]:
    last = one.last
    when = last.started_at[:16].replace("T", " ") + " UTC" if last else "never"
    verdict = last.state.value if last else "–"
    if one.under_way is not None:
        verdict = f"{one.under_way.ref} under way"
    return (one.name, when, verdict, _times(one), _time(one.rpo_s), _due(one), sparkline(one.held) or "–")


def _record_json(one: DrillRecord) -> dict[str, Json]:
    return {
        "name": one.name,
        "title": one.test.title,
        "every": one.test.every,
        "last": one.last.ref if one.last else None,
        "verdict": one.last.state.value if one.last else None,
        "rto_p50_s": one.rto_p50_s,
        "rto_max_s": one.rto_max_s,
        "rpo_s": one.rpo_s,
        "due_at": one.due.at.isoformat() if one.due.at else None,
        "overdue_s": one.due.overdue.total_seconds(),
    }


def _due(one: DrillRecord) -> str:
    if one.due.at is None:
        return "now: it never passed"
    overdue = overdue_words(one.due.overdue)
    return f"{one.due.at:%Y-%m-%d}{f', {overdue}' if overdue else ''}"


def _times(one: DrillRecord) -> str:
    if one.rto_p50_s is None or one.rto_max_s is None:
        return "–"
    return f"{span(one.rto_p50_s)} / {span(one.rto_max_s)}"


def _time(seconds: float | None) -> str:
    return "–" if seconds is None else span(seconds)


def _promised(promises: Promises) -> str:
    said = [
        f"{name} {span(seconds)}"
        for name, seconds in (("RTO", promises.rto_s), ("RPO", promises.rpo_s))
        if seconds is not None
    ]
    return f"Promised: {', '.join(said)}." if said else "The plan promises no RTO and no RPO."


def _number(text: str) -> int:
    try:
        return parse_drill_ref(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
