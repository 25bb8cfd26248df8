"""Checks this folder without drbot: python3 verify.py [HASH KEPT ELSEWHERE]

Standard library only. It recomputes the hash of every entry in entries.jsonl, follows every link of
chain.csv, and compares both with head.txt. The exit code is 0 where all of it holds, and 1 where it does
not: then the first broken entry is named. README.md says how a hash is made.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from pathlib import Path

FIRST_PREVIOUS = "0" * 64
FIELDS = ("seq", "at", "kind", "actor", "incident", "run", "data", "previous", "hash")
COLUMNS = ["seq", "at", "kind", "previous", "hash", "exported"]
HEAD = {
    "incident": r"INC-[0-9]{1,18}",
    "entries": r"[0-9]{1,18}",
    "seq": r"[0-9]{1,18}",
    "hash": r"[0-9a-f]{64}",
}


class Broken(Exception):
    """The first thing that does not hold."""


class Link:
    """One row of chain.csv."""

    def __init__(self, line: int, row: list[str]) -> None:
        if len(row) != len(COLUMNS) or not re.fullmatch(r"[0-9]{1,18}", row[0]):
            raise Broken(f"chain.csv, line {line}: it is not a row of {', '.join(COLUMNS)}")
        self.seq = int(row[0])
        self.at, self.kind, self.previous, self.hash, exported = row[1:]
        if exported not in ("yes", "no"):
            raise Broken(f"chain.csv, line {line}: exported is neither yes nor no")
        self.exported = exported == "yes"


def read_chain(file: Path) -> list[Link]:
    """The whole chain, each link checked against the one before."""
    links: list[Link] = []
    with file.open(encoding="utf-8", newline="") as opened:
        rows = csv.reader(opened)
        if next(rows, None) != COLUMNS:
            raise Broken(f"chain.csv does not begin with {','.join(COLUMNS)}")
        for line, row in enumerate(rows, start=2):
            link = Link(line, row)
            expected = len(links) + 1
            previous = links[-1].hash if links else FIRST_PREVIOUS
            if link.seq != expected:
                raise Broken(f"entry {expected}: chain.csv has entry {link.seq} in its place")
            if link.previous != previous:
                raise Broken(f"entry {link.seq}: it is not chained to the entry before it")
            links.append(link)
    return links


def hash_of(entry: dict[str, object]) -> str:
    """SHA-256 of eight fields, joined by the byte 0x1f; what is null is empty."""
    parts = [entry[name] for name in ("previous", "seq", "at", "kind", "actor", "incident", "run", "data")]
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def read_entry(line: int, text: str) -> dict[str, object]:
    """One line of entries.jsonl."""
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict) or tuple(entry) != FIELDS or type(entry["seq"]) is not int:
        raise Broken(f"entries.jsonl, line {line}: it is not an entry with {', '.join(FIELDS)}")
    return entry


def check_entries(file: Path, links: list[Link], incident: str) -> int:
    """Every entry against its own hash, its place in the chain and its incident; how many there are."""
    expected = [link for link in links if link.exported]
    count = 0
    with file.open(encoding="utf-8", newline="\n") as opened:
        for line, text in enumerate(opened, start=1):
            entry = read_entry(line, text)
            if count == len(expected):
                raise Broken(f"entry {entry['seq']}: chain.csv knows of no such entry of this incident")
            link = expected[count]
            if entry["seq"] != link.seq:
                raise Broken(f"entry {link.seq}: entries.jsonl has entry {entry['seq']} in its place")
            if hash_of(entry) != entry["hash"]:
                raise Broken(f"entry {link.seq}: it was changed after it was written")
            if entry["incident"] not in (None, int(incident.rpartition("-")[2])):
                raise Broken(f"entry {link.seq}: it is of INC-{entry['incident']}, head.txt says {incident}")
            told = (link.at, link.kind, link.previous, link.hash)
            if (entry["at"], entry["kind"], entry["previous"], entry["hash"]) != told:
                raise Broken(f"entry {link.seq}: entries.jsonl and chain.csv tell of different entries")
            count += 1
    if count < len(expected):
        raise Broken(f"entry {expected[count].seq}: it is missing in entries.jsonl")
    return count


def read_head(file: Path) -> dict[str, str]:
    """head.txt: `name value` lines."""
    lines = file.read_text(encoding="utf-8").splitlines()
    head = {name: value for name, _, value in (line.partition(" ") for line in lines)}
    if not all(re.fullmatch(form, head.get(name, "")) for name, form in HEAD.items()):
        raise Broken("head.txt does not name incident, entries, seq and hash")
    return head


def check_head(head: dict[str, str], links: list[Link], count: int) -> None:
    """Whether the chain ends where the head says, with as many entries of the incident."""
    last = links[-1] if links else None
    seq, digest = (last.seq, last.hash) if last else (0, FIRST_PREVIOUS)
    if head["seq"] != str(seq):
        raise Broken(f"entry {seq + 1}: the chain ends at entry {seq}, head.txt says {head['seq']}")
    if head["hash"] != digest:
        raise Broken(f"entry {seq}: its hash is not the one in head.txt")
    if head["entries"] != str(count):
        raise Broken(f"entries.jsonl has {count} entries, head.txt says {head['entries']}")


def check(folder: Path, kept: str) -> str:
    """Everything, in order. Returns the verdict; raises Broken, OSError."""
    head = read_head(folder / "head.txt")
    links = read_chain(folder / "chain.csv")
    count = check_entries(folder / "entries.jsonl", links, head["incident"])
    check_head(head, links, count)
    if kept and kept not in {link.hash for link in links}:
        raise Broken(
            f"the hash kept elsewhere ({kept[:16]}…) is of no entry: the journal was cut off or rewritten"
        )
    entries = "1 entry" if count == 1 else f"{count} entries"
    elsewhere = " It holds the hash that was kept elsewhere." if kept else ""
    return (
        f"Whole: {entries} of {head['incident']} and a chain of {len(links)} links hold.{elsewhere}\n"
        f"Newest entry {head['seq']}: {head['hash']}"
    )


def main(arguments: list[str]) -> int:
    """Say the verdict; 0 where everything holds."""
    kept = arguments[0].rpartition(":")[2].strip().lower() if arguments else ""
    try:
        said, failed = check(Path(__file__).resolve().parent, kept), 0
    except Broken as error:
        said, failed = f"BROKEN: {error}", 1
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        said, failed = f"BROKEN: a file of this folder cannot be read: {error}", 1
    sys.stdout.write(f"{said}\n")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
