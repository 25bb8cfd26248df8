"""Writes an incident's journal into a folder that can be checked without drbot."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bot.domain.answer import UsageError
from bot.store import journal
from bot.store.database import Store
from bot.store.journal import Head, Written

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
VERIFIER = Path(__file__).with_name("verify.py")
COLUMNS = ("seq", "at", "kind", "previous", "hash", "exported")


@dataclass(frozen=True)
class Exported:
    """What was written: how many entries of the incident, and the end of the whole journal's chain."""

    folder: Path
    entries: int
    head: Head


def export_journal(store: Store, incident: int, folder: Path, report: str) -> Exported:
    """Write entries.jsonl, chain.csv, report.md, README.md, verify.py and, last, head.txt.

    `report` is the incident's report as Markdown. Raises UsageError where the folder is there already or
    cannot be written: nothing that exists is ever touched.
    """
    head = journal.newest(store)
    try:
        folder.mkdir(mode=0o700)
        exported, example = _entries(store, incident, head, folder / "entries.jsonl")
        _chain(store, head, exported, folder / "chain.csv")
        (folder / "report.md").write_text(report, encoding="utf-8")
        (folder / "verify.py").write_bytes(VERIFIER.read_bytes())
        read_me = _read_me(incident, len(exported), head, example)
        (folder / "README.md").write_text(read_me, encoding="utf-8")
        told = f"incident INC-{incident}\nentries {len(exported)}\nseq {head.seq}\nhash {head.hash}\n"
        (folder / "head.txt").write_text(told, encoding="utf-8")
    except FileExistsError as error:
        raise UsageError(
            f"{folder} is there already, and nothing is written over: say to=ANOTHER-FOLDER"
        ) from error
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written ({error.strerror or error}); what is there of it is incomplete:"
            " delete it and say to=A-FOLDER-ELSEWHERE"
        ) from error
    return Exported(folder, len(exported), head)


def _entries(store: Store, incident: int, head: Head, file: Path) -> tuple[frozenset[int], Written | None]:
    """A line for each entry, and which is the shortest: the README works with it."""
    seqs: set[int] = set()
    shortest: Written | None = None
    with file.open("x", encoding="utf-8", newline="\n") as opened:
        for entry in journal.written_of_incident(store, incident, head.seq):
            seqs.add(entry.seq)
            opened.write(json.dumps(_fields(entry), ensure_ascii=False, default=str) + "\n")
            if shortest is None or len(entry.data) < len(shortest.data):
                shortest = entry
    return frozenset(seqs), shortest


def _fields(entry: Written) -> Mapping[str, object]:
    """`data` stays the text that was hashed: JSON inside of JSON, so that not a byte of it is lost."""
    return {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "incident": entry.incident,
        "run": entry.run,
        "data": entry.data,
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _chain(store: Store, head: Head, exported: frozenset[int], file: Path) -> None:
    with file.open("x", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened, lineterminator="\n")
        rows.writerow(COLUMNS)
        for one in journal.chain(store, head.seq):
            rows.writerow(
                (one.seq, one.at, one.kind, one.previous, one.hash, "yes" if one.seq in exported else "no")
            )


def _read_me(incident: int, entries: int, head: Head, example: Written | None) -> str:
    parts = list(_hashed(example)) if example else []
    return _template().render(incident=incident, entries=entries, head=head, example=example, parts=parts)


def _hashed(entry: Written) -> Iterator[str]:
    for part in (entry.previous, entry.seq, entry.at, entry.kind, entry.actor, entry.incident, entry.run):
        yield "" if part is None else str(part)
    yield entry.data


@cache
def _template() -> Template:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return made.get_template("journal_export.md.j2")
