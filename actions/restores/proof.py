"""Whether what is in a shadow is what its manifest promises, in sentences; and what could not be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from actions.backups.choice import Manifest
from actions.tools.postgres.content import Content, differences, empty_tables, hashed_otherwise, read_views
from actions.tools.postgres.definitions import read_definitions, redefined
from actions.tools.postgres.faults import read_faults
from actions.tools.postgres.inventory import read_inventory
from actions.tools.postgres.server import Session

SINCE = 3
"""The format of manifests since which all of this can be held against them."""
NAMED = 5


@dataclass(frozen=True)
class Judged:
    """`wrong`: why it is not what was backed up, the worst first. `beside`: what people should know of it."""

    wrong: tuple[str, ...]
    beside: tuple[str, ...] = ()


def judge(
    inside: Session, smoke: tuple[str, ...], found: Content, newest: dict[str, str], manifest: Manifest | None
) -> Judged:
    """Hold what was found in a session's database against the manifest, as far as that one says it."""
    faults = read_faults(inside)
    hollow = [f"{name}, which must never be" for name in empty_tables(inside, smoke)]
    if manifest is None:
        bare = () if found.tables else ("no table at all",)
        return Judged((*faults.values(), *hollow, *bare))
    old = manifest.format < SINCE
    counted_only = hashed_otherwise(inside) & manifest.content.tables.keys() if old else frozenset()
    counted = read_inventory(inside) if manifest.inventory else {}
    fewer = old and counted.get("indexes", 0) < manifest.inventory.get("indexes", 0)
    inherited = [said for about, said in faults.items() if old or about in manifest.faults]
    wrong = (
        *differences(_promised(manifest, read_views(inside)), found, counted_only),
        *(said for about, said in faults.items() if not old and about not in manifest.faults),
        *hollow,
        *_counts(counted, manifest.inventory, passed_over=("indexes",) if fewer else ()),
        *_ages(newest, manifest),
    )
    beside = [
        f"{few(inherited)}: " + ("an old manifest says nothing of it" if old else "as in the original")
        if inherited else "",
        f"{few(sorted(counted_only))}: only counted, for the hash in an old manifest says something else"
        if counted_only else "",
        f"{counted.get('indexes', 0)} indexes, the old manifest says {manifest.inventory.get('indexes', 0)}"
        " (it counted unfinished ones too, which no dump has)" if fewer else "",
        _redefined(inside, manifest),
    ]  # fmt: skip
    return Judged(wrong, tuple(filter(None, beside)))


def few(said: Sequence[str]) -> str:
    """The first five of them in one sentence."""
    more = f" and {len(said) - NAMED} more" if len(said) > NAMED else ""
    return f"{', '.join(said[:NAMED])}{more}"


def _promised(manifest: Manifest, views: tuple[str, ...]) -> Content:
    """What the manifest promises, without what an old one says of materialized views."""
    content = manifest.content
    tables = {name: table for name, table in content.tables.items() if name not in views}
    return replace(content, tables=tables)


def _counts(counted: dict[str, int], promised: Mapping[str, int], passed_over: tuple[str, ...]) -> list[str]:
    """How many there are of each kind, where that differs; an old manifest may not say it at all."""
    return [
        f"{counted.get(what, 0)} {what}, the manifest says {promised.get(what, 0)}"
        for what in sorted({*counted, *promised})
        if promised and what not in passed_over and counted.get(what, 0) != promised.get(what, 0)
    ]


def _redefined(inside: Session, manifest: Manifest) -> str:
    """What is defined otherwise than it was. Told, not held against it: servers may word a thing anew."""
    if not manifest.definitions or manifest.server_version // 10000 != inside.info.server_version // 10000:
        return ""
    moved = redefined(manifest.definitions, read_definitions(inside))
    return f"{few(moved)}: look at it before customers do" if moved else ""


def _ages(newest: dict[str, str], manifest: Manifest) -> list[str]:
    return [
        f"the newest {column} is {newest[column]}, the manifest says {at}"
        for column, at in manifest.newest.items()
        if column in newest and datetime.fromisoformat(newest[column]) != datetime.fromisoformat(at)
    ]
