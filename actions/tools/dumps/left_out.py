"""What of a dump is not run, by kind, as people read it: some of it comes back otherwise, some does not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.tools.dumps.archive_kinds import SERVERS_OWN

PUBLICATIONS, DEFAULTS = "publications", "default rights"
"""These the target may have of its own; what becomes of them is told at the hand-over."""
NOT_BACK = ("event triggers", "subscriptions", "security labels", "rights on the server's own")
"""These a person has to make again."""
_ENTRIES = {
    "PUBLICATION": PUBLICATIONS, "DEFAULT ACL": DEFAULTS, "EVENT TRIGGER": NOT_BACK[0],
    "SUBSCRIPTION": NOT_BACK[1], "SECURITY LABEL": NOT_BACK[2], SERVERS_OWN: NOT_BACK[3],
}  # fmt: skip
_STATEMENTS = {
    "CREATE PUBLICATION": PUBLICATIONS, "ALTER DEFAULT PRIVILEGES": DEFAULTS,
    "CREATE EVENT TRIGGER": NOT_BACK[0], "CREATE SUBSCRIPTION": NOT_BACK[1],
    "SECURITY LABEL": NOT_BACK[2], "GRANT": NOT_BACK[3], "REVOKE": NOT_BACK[3],
}  # fmt: skip
_FIRST_WORDS = re.compile(rb"(?:%s)\b" % "|".join(_STATEMENTS).encode(), re.IGNORECASE)


def kind_of_statement(text: bytes) -> str:
    """The kind of a statement that is left out; '' for ownership, limits and what only goes with another."""
    found = _FIRST_WORDS.match(text)
    return _STATEMENTS[found[0].decode().upper()] if found else ""


def kinds_of_entries(left_out: Mapping[str, int]) -> dict[str, int]:
    """The same of an archive's entries."""
    return {_ENTRIES[kind]: number for kind, number in left_out.items() if kind in _ENTRIES}


def left_out_text(kinds: Mapping[str, int]) -> str:
    """`2 default rights, 1 publications`; '' where there is nothing to say."""
    return ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
