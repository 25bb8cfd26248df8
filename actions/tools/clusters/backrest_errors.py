"""What pgBackRest's error codes mean for the person who asked, and whether trying again can help.

The codes are those of pgBackRest's own table of errors; its exit code is the code of the error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.failures import Refused, Transient
from actions.tools.command import Finished

_TOLD = re.compile(r"ERROR: \[(\d{3})\]: (.*)")
SAID_LIMIT = 260
MEANING: Mapping[int, str] = {
    26: "a file of the repository is not what it was when it was written (checksum)",
    28: "its repository holds no stanza of this name, or a damaged one",
    37: "its configuration lacks an option",
    38: "a server runs in that directory",
    40: "the directory is not empty, and not of this cluster",
    41: "a file of the repository cannot be opened",
    44: "the archive is of another cluster",
    45: "the archive already holds another file of that name",
    49: "its repository does not answer",
    50: "another pgBackRest works on the stanza now",
    51: "this is not the cluster that the stanza is of",
    53: "a folder of the repository cannot be opened",
    55: "the repository lacks a file, or the stanza is not there",
    56: "it cannot reach the server",
    58: "this is not the cluster that the stanza is of",
    68: "archive_command does not call pgbackrest",
    73: "a folder that it needs is missing",
    75: "that backup is not there, or may not be used",
    82: "the server's WAL did not reach the archive in time",
    87: "archive_mode is off",
    103: "the repository cannot be used",
}
FOR_NOW = frozenset({39, 49, 50, 56, 59, 63, 66, 82, 101})


def failure(finished: Finished, doing: str) -> Refused | Transient:
    """The sentence of a failed command: Transient where trying again can help, else Refused."""
    code, said = told(f"{finished.err}\n{finished.out}")
    code = code or finished.code
    meaning = MEANING.get(code, "")
    words = f": {meaning}" if meaning else ""
    quoted = f" (error {code:03d}: {said or finished.complaint})"
    kind = Transient if code in FOR_NOW else Refused
    return kind(f"pgBackRest could not {doing}{words}{quoted}")


def told(output: str) -> tuple[int, str]:
    """Code and words of the first error in what it wrote; 0 and '' where there is none."""
    found = _TOLD.search(output)
    return (int(found[1]), " ".join(found[2].split())[:SAID_LIMIT]) if found else (0, "")
