"""Running a program as the user that owns a cluster's files: PostgreSQL refuses to be run by root."""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from pathlib import Path

from actions.failures import Refused


def as_user(user: str, argv: Sequence[str | Path]) -> tuple[str | Path, ...]:
    """The argument list that runs `argv` as `user` in `/`, and ends it when drbot ends.

    Raises Refused where there is no such user, or drbot may not become it.
    """
    known = known_user(user)
    dying = ("setpriv", "--pdeathsig", "KILL")
    here = ("--", "env", "-C", "/", *argv)
    if known.pw_uid == os.geteuid():
        return (*dying, *here)
    if os.geteuid() != 0:
        own = pwd.getpwuid(os.geteuid()).pw_name
        raise Refused(
            f"the cluster's files belong to {user}, and drbot runs as {own}: run it as {user} or as root."
            " Nothing was changed."
        )
    identity = ("--reuid", str(known.pw_uid), "--regid", str(known.pw_gid), "--init-groups")
    return (*dying, *identity, *here)


def known_user(user: str) -> pwd.struct_passwd:
    """The user's entry. Raises Refused where the system has none of that name."""
    try:
        return pwd.getpwnam(user)
    except KeyError as error:
        raise Refused(
            f"this machine has no user {user!r}, who is to own the cluster's files. Nothing was changed."
        ) from error


def give(path: Path, user: str) -> None:
    """Make the user the owner of what drbot made, where drbot is not that user itself."""
    known = known_user(user)
    if known.pw_uid != os.geteuid():
        os.chown(path, known.pw_uid, known.pw_gid, follow_symlinks=False)
