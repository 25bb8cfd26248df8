"""Which entries of an archive are restored, left out or refused: an allow-list of what pg_dump puts in one.

Left out is what would act in the original's name (publications, subscriptions), what the target has of its
own (rights of things to come, taken over from the database that is replaced) or what belongs to another
server (security labels). Refused is what only a superuser may make: a restore never is one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from actions.failures import Refused

RESTORED = (
    "SCHEMA", "EXTENSION", "TYPE", "SHELL TYPE", "DOMAIN", "FUNCTION", "PROCEDURE", "AGGREGATE",
    "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "CAST", "COLLATION", "CONVERSION", "TABLE",
    "TABLE ATTACH", "TABLE DATA", "SEQUENCE", "SEQUENCE OWNED BY", "SEQUENCE SET", "VIEW",
    "MATERIALIZED VIEW", "MATERIALIZED VIEW DATA", "DEFAULT", "CONSTRAINT", "CHECK CONSTRAINT",
    "FK CONSTRAINT", "INDEX", "INDEX ATTACH", "TRIGGER", "RULE", "POLICY", "ROW SECURITY", "STATISTICS",
    "TEXT SEARCH PARSER", "TEXT SEARCH DICTIONARY", "TEXT SEARCH TEMPLATE", "TEXT SEARCH CONFIGURATION",
    "COMMENT", "ACL", "BLOB", "BLOBS", "BLOB METADATA", "BLOB COMMENTS",
)  # fmt: skip
SERVERS_OWN = "ACL of the server's own"
OF_LEFT_OUT = "COMMENT on what is left out"
LEFT_OUT = {
    "PUBLICATION": "a copy publishes nothing",
    "PUBLICATION TABLE": "a copy publishes nothing",
    "PUBLICATION TABLES IN SCHEMA": "a copy publishes nothing",
    "SUBSCRIPTION": "a copy takes nothing from the original's publishers",
    "SUBSCRIPTION TABLE": "a copy takes nothing from the original's publishers",
    "DEFAULT ACL": "rights of things to come are taken over from the database that is replaced",
    "SECURITY LABEL": "labels belong to the server",
    "EVENT TRIGGER": "only a superuser may make one, and a restore never is one: make it again by hand",
    SERVERS_OWN: "rights on what belongs to the server are given by its superuser",
    OF_LEFT_OUT: "what it speaks of is left out",
}
NEVER = {
    "PROCEDURAL LANGUAGE": "a language of its own; make it an extension",
    "FOREIGN DATA WRAPPER": "a way to another server",
    "SERVER": "a way to another server",
    "FOREIGN SERVER": "a way to another server",
    "USER MAPPING": "a password for another server",
    "FOREIGN TABLE": "a table that is on another server",
    "TRANSFORM": "a transform, which only a superuser may make",
    "ACCESS METHOD": "an access method, which only a superuser may make",
    "DATABASE": "a whole database",
    "DATABASE PROPERTIES": "settings of a whole database",
}
_KINDS = "|".join(sorted((re.escape(kind) for kind in (*RESTORED, *LEFT_OUT, *NEVER)), key=len, reverse=True))
_ENTRY = re.compile(rf"\d+; \d+ \d+ (?P<kind>{_KINDS}) (?P<rest>.*)\Z")
_SERVERS_OWN = re.compile(r"(?:- SCHEMA )?(?:pg_catalog|information_schema) ")
_OF_LEFT_OUT = re.compile(r"- (?:EVENT TRIGGER|PUBLICATION|SUBSCRIPTION) ")
_HEAD = re.compile(r"; +(?P<name>[A-Za-z ]+): (?P<value>.*)\Z")


@dataclass(frozen=True)
class Listing:
    """What `pg_restore -l` says: the head's words by name, and its entries (kind and line, in order)."""

    head: dict[str, str]
    entries: tuple[tuple[str, str], ...]

    def major(self, name: str) -> int:
        """The major version in the head's words ("Dumped from database version: 16.14"), 0 where none."""
        found = re.match(r"\d+", self.head.get(name, ""))
        return int(found[0]) if found else 0

    def of(self, *kinds: str) -> list[str]:
        """The lines of these kinds."""
        return [line for kind, line in self.entries if kind in kinds]

    @property
    def left_out(self) -> dict[str, int]:
        """How many of each kind are not restored."""
        return dict(Counter(kind for kind, _ in self.entries if kind in LEFT_OUT))

    @property
    def restored(self) -> bytes:
        """The list for `pg_restore -L`: everything else, in the archive's order."""
        return _lines(line for kind, line in self.entries if kind not in LEFT_OUT)

    @property
    def settings(self) -> bytes:
        """The list of what is set among the data: where sequences stand."""
        return _lines(self.of("SEQUENCE SET"))


def read_listing(text: str) -> Listing:
    """Read it. Raises Refused naming the first entry that is never restored, or that nobody knows."""
    head: dict[str, str] = {}
    entries: list[tuple[str, str]] = []
    for line in filter(str.strip, text.splitlines()):
        if line.startswith(";"):
            if found := _HEAD.match(line):
                head.setdefault(found["name"].strip(), found["value"].strip())
        else:
            entries.append((_kind(line), line))
    return Listing(head, tuple(entries))


def _kind(line: str) -> str:
    found = _ENTRY.match(line)
    if found is None:
        raise Refused(
            f"the archive holds an entry of a kind that no pg_dump of a database writes: {line[:120]!r}."
            " It was not run, and the backup may have been tampered with. Choose another backup, and tell"
            " whoever owns the bucket."
        )
    if found["kind"] in NEVER:
        raise Refused(
            f"the archive holds {NEVER[found['kind']]} ({found['kind']} {found['rest'][:80]}): a restore has"
            " no right to make it, and it would reach further than this database. Nothing was changed; leave"
            " it out of the backup, or restore this one by hand."
        )
    if found["kind"] == "ACL" and _SERVERS_OWN.match(found["rest"]):
        return SERVERS_OWN
    if found["kind"] == "COMMENT" and _OF_LEFT_OUT.match(found["rest"]):
        return OF_LEFT_OUT
    return found["kind"]


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
