"""Drafts from real-looking channels against what a careful person found in them.

The rules of the judge: a time counts within the truth's tolerance; a marked message counts where its
mark says it belongs; a fact counts only if a line of the body cites its message and carries the numbers
that the fact took from it. What may not be claimed is looked for by section.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.findings import Report, draft
from bot.findings.reading import same_number, stem
from bot.findings.transcript import case_of, read_transcript
from bot.report import render

DATA = Path(__file__).parents[1] / "data" / "transcripts"
NUMBER = re.compile(r"\d{1,2}:\d\d(?::\d\d)?|\d+(?:[.,]\d+)*")
TRANSCRIPTS = ("t1", "t4", "t6", *(f"n{number}" for number in range(1, 14)))
# Their channels show every turn of the bot, so that its journal is not needed.
ANNOUNCED = ("t1", "t4", "t6", "n4", "n5")
TIMES = ("started", "detected", "acknowledged", "identified", "mitigated", "resolved")
# Words of five letters and more that tell no cause.
USUAL = frozenset({"spike", "first", "cause", "before", "there"})
PLACES = {
    "mag": "Root Cause",
    "boom": "Impact",
    "memo": "Action Items",
    "white_check_mark": "Resolution",
    "pushpin": "In detail",
}


def load(name: str) -> bytes:
    """A transcript, with its secrets put together here: `{{token}}`, and the pieces of `{{join:a|b|c}}`."""
    token = "EA" + "AG" + "q7Zt0x4B" + "OZC9vLr2" * 3 + "kJu"
    text = (DATA / f"{name}.json").read_text().replace("{{token}}", token)
    return re.sub(r"\{\{join:([^}]*)\}\}", lambda found: found[1].replace("|", ""), text).encode()


@dataclass
class Judged:
    """What was looked for, and what of it was missed."""

    looked_for: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def ask(self, what: str, found: bool) -> None:
        self.looked_for.append(what)
        if not found:
            self.missed.append(what)

    @property
    def share(self) -> float:
        return 1 - len(self.missed) / len(self.looked_for) if self.looked_for else 1.0


class Draft:
    """One drafted transcript, cut into sections, with its labels as message times."""

    def __init__(self, name: str) -> None:
        self.raw: dict[str, Any] = json.loads(load(name))
        self.truth: dict[str, Any] = self.raw["truth"]
        case = case_of(read_transcript(load(name)))
        self.report: Report = draft(case)
        self.markdown = render(self.report)
        self.labels = {one.place.split("/")[1]: one.ref for one in case.said}
        entries = self.raw["bot_entries"]
        self.labels |= {one["ts"]: f"e{number}" for number, one in enumerate(entries, 1)}
        self.texts = {one["ts"]: one["text"] for one in (*self.raw["messages"], *entries)}
        self.sections = self._cut()
        self.body = [
            line for name, lines in self.sections.items() if "Appendix C" not in name for line in lines
        ]

    def _cut(self) -> dict[str, list[str]]:
        sections: dict[str, list[str]] = {"": []}
        name = ""
        for line in self.markdown.splitlines():
            if line.startswith("#"):
                name = line.lstrip("# ")
                sections[name] = []
            elif line.strip():
                sections[name].append(line)
        summary = sections["Summary"]
        start = next(index for index, line in enumerate(summary) if "**Impact:**" in line)
        sections["Impact"] = summary[start:]
        return sections

    def section(self, start: str) -> list[str]:
        return next(lines for name, lines in self.sections.items() if name.startswith(start))

    def cites(self, lines: list[str], ts: str) -> list[str]:
        label = re.escape(self.labels.get(ts, "?"))
        return [line for line in lines if re.search(rf"\[(?:[^\]]*, )?{label}(?:, [^\]]*)?\]", line)]

    def times_and_marks(self) -> Judged:
        judged = Judged()
        for name in TIMES:
            said = self.truth[f"{name}_at"]
            claim = getattr(self.report.times, name)
            if said is None:
                judged.ask(f"{name} is unknown", claim is None)
                continue
            off = abs((claim.at - datetime.fromisoformat(said)).total_seconds()) if claim else 1e9
            judged.ask(
                f"{name} {said}, off by {off:.0f} s", off <= self.truth["time_tolerance_s"][f"{name}_at"]
            )
        for message in self.raw["messages"]:
            for reaction in message.get("reactions", []):
                place = PLACES.get(reaction["name"])
                if place and message["ts"] not in self.truth.get("taken_back", ()):
                    cited = self.cites(self.section(place), message["ts"])
                    judged.ask(f"{reaction['name']} on {message['text'][:50]!r} in {place}", bool(cited))
        return judged

    def everything(self) -> Judged:
        judged = self.times_and_marks()
        truth, proof = self.truth, self.truth["evidence"]
        severity = self.report.severity
        judged.ask(
            f"severity {truth['severity']}", bool(severity and severity.text.startswith(truth["severity"]))
        )
        for text, evidence in zip(truth["impact"], proof["impact"], strict=True):
            judged.ask(f"impact: {text}", any(self.cites(self.section("Impact"), ts) for ts in evidence))
        cause = self.section("Root Cause")
        if truth["root_cause"]:
            judged.ask("root cause's evidence", any(self.cites(cause, ts) for ts in proof["root_cause"]))
            judged.ask("root cause's words", overlap(truth["root_cause"], " ".join(cause)) >= 0.5)
        else:
            judged.ask("no root cause is stated", not self.report.cause_known)
        for text, evidence in zip(truth["rejected_causes"], proof["rejected_causes"], strict=True):
            judged.ask(f"rejected: {text}", any(self.cites(self.body, ts) for ts in evidence))
        judged.ask(
            "resolution", any(self.cites(self.section("Resolution"), ts) for ts in proof["resolution"])
        )
        for item, evidence in zip(truth["action_items"], proof["action_items"], strict=True):
            lines = [line for ts in evidence for line in self.cites(self.section("Action Items"), ts)]
            line = " ".join(lines)
            judged.ask(f"action: {item['text']}", bool(lines))
            judged.ask(f"its owner {item['owner']}", (item["owner"] or "owner: not recorded") in line)
            judged.ask(f"its day {item['due']}", (item["due"] or "due: not recorded") in line)
        for fact in truth["facts"]:
            judged.ask(f"fact: {fact['text']}", self.tells(fact))
        return judged

    def tells(self, fact: dict[str, Any]) -> bool:
        """Whether the body cites the fact with the numbers that it took from its messages."""
        lines = " ".join(line for ts in fact["ts"] for line in self.cites(self.body, ts))
        source = " ".join(self.texts.get(ts, "") for ts in fact["ts"])
        written = NUMBER.findall(re.split(r", not ", fact["text"])[0])
        taken = [
            number
            for number in written
            if any(same_number(number, other) for other in NUMBER.findall(source))
        ]
        here = NUMBER.findall(lines)
        return bool(lines) and all(any(same_number(number, other) for other in here) for number in taken)


def overlap(wanted: str, text: str) -> float:
    """The share of the wanted words that a text holds."""
    words = {stem(word) for word in re.findall(r"[^\W\d_]{4,}", wanted.lower())}
    here = {stem(word) for word in re.findall(r"[^\W\d_]{4,}", text.lower())}
    return len(words & here) / len(words)


@pytest.fixture(scope="module", params=TRANSCRIPTS)
def drafted(request: pytest.FixtureRequest) -> Draft:
    return Draft(request.param)


def test_times_and_marked_facts_are_found(drafted: Draft) -> None:
    judged = drafted.times_and_marks()
    assert judged.share >= 0.9, judged.missed


def test_most_of_all_facts_are_found(drafted: Draft) -> None:
    judged = drafted.everything()
    assert judged.share >= 0.9, judged.missed


def test_nothing_appears_that_must_not(drafted: Draft) -> None:
    hidden = [*drafted.truth["must_not_appear"], "<!", "<@", "https://", "{{"]
    secret = re.findall(r"EAAG\w+", load("t6").decode())
    assert not [word for word in [*hidden, *secret] if word in drafted.markdown]


def test_a_suspected_cause_is_never_told_as_the_cause(drafted: Draft) -> None:
    cause = " ".join(drafted.section("Root Cause")).lower()
    known = (drafted.truth["root_cause"] or "").lower()
    for unproven in drafted.truth["unproven_causes"]:
        words = {word for word in re.findall(r"[a-z]{5,}", unproven.lower()) if word not in known}
        assert not [word for word in words - USUAL if word in cause]


def test_a_marked_cause_that_its_author_took_back_is_none(drafted: Draft) -> None:
    for ts in drafted.truth.get("taken_back", ()):
        assert not drafted.cites(drafted.section("Root Cause"), ts)
        assert any("taken back or denied later" in line for line in drafted.cites(drafted.body, ts))


def test_a_corrected_number_never_stands_alone(drafted: Draft) -> None:
    for wrong in drafted.truth["must_not_claim"]:
        numbers = re.match(r"([\d.,]+) .*\(corrected to ([\d.,]+)\)", wrong)
        if numbers:
            old, new = numbers.groups()
            stands = re.compile(rf"(?<![\w:.,/]){re.escape(old)}(?![\w:/])")
            assert not [line for line in drafted.body if stands.search(line) and new not in line]


def test_every_line_about_the_incident_names_its_evidence(drafted: Draft) -> None:
    bare = [
        line
        for line in drafted.body
        if line.startswith(("- ", "  - "))
        and not re.search(r"\[[em]\d+[^\]]*\]$", line)
        and "not recorded" not in line
        and "Left out here" not in line
    ]
    assert not bare


@pytest.mark.parametrize("name", ANNOUNCED)
def test_an_export_without_the_bots_journal_is_read_from_its_announcements(name: str) -> None:
    whole = json.loads(load(name))
    truth = whole["truth"]
    kept = {key: whole[key] for key in ("channel", "users", "messages", "events")}
    times = draft(case_of(read_transcript(json.dumps(kept).encode()))).times
    for which in TIMES:
        claim, said = getattr(times, which), truth[f"{which}_at"]
        assert (claim is None) == (said is None), which
        if claim is not None:
            off = abs((claim.at - datetime.fromisoformat(said)).total_seconds())
            assert off <= max(60, truth["time_tolerance_s"][f"{which}_at"]), which
