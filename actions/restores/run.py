"""One planned restore: its names, its locks, and what it has written on its shadow (decision 0004)."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator

import msgspec
import psycopg

from actions.backups.choice import MANIFEST, Manifest
from actions.failures import NotVerified, Refused
from actions.plan import Context, Evidence
from actions.restores.facts import RestoreFacts, RestoreParams
from actions.tools.aws.s3 import Bucket, ObjectSeen
from actions.tools.postgres.server import Postgres, Session, databases, sentence
from actions.tools.postgres.shadow import Names, drop_shadow, made_by, restore_lock, seal, seal_of

LOAD_TIMEOUT_S = 4 * 3600.0


class Restore:
    """What every step of a restore shares. A rehearsal is a restore that never swaps."""

    def __init__(self, params: RestoreParams, facts: RestoreFacts, rehearsal: bool = False) -> None:
        self.params = params
        self.facts = facts
        self.rehearsal = rehearsal
        self._began_s: float | None = None

    def begin(self) -> None:
        """The load begins now."""
        self._began_s = time.monotonic()

    @property
    def spent_s(self) -> float:
        """Since the load began; 0 where another life of the bot began it."""
        return round(time.monotonic() - self._began_s, 1) if self._began_s is not None else 0.0

    def server(self, context: Context) -> Postgres:
        return context.tools.postgres(self.params.environment)

    def bucket(self, context: Context) -> Bucket:
        return context.tools.backups(self.params.from_environment)

    def names(self, context: Context) -> Names:
        return Names(self.facts.target.database, context.run, self.rehearsal, self.server(context).bot)

    @contextlib.contextmanager
    def locked(self, context: Context) -> Iterator[Session]:
        """An admin session with the target's restore lock. Raises Refused where another restore has it."""
        with restore_lock(self.server(context), self.names(context)) as session:
            yield session

    @property
    def comes_back(self) -> bool:
        """Whether the backup is of the very environment that it is restored into."""
        return self.params.from_environment == self.params.environment

    @property
    def untouched(self) -> str:
        return f"{self.facts.target.database} was not touched"

    def swapped(self, session: Session, names: Names) -> bool:
        """Whether this run's swap is done: the planned target is under the name of the old one."""
        present = databases(session)
        return (
            not self.rehearsal
            and names.old in present
            and present[names.old].oid == self.facts.target.oid
            and names.database in present
        )

    def state(self, session: Session, names: Names) -> str:
        """`loaded`, `verified`, `defused`, `ready`; '' where there is no shadow of this run's backup."""
        state = seal_of(session, names.shadow)
        return state.removeprefix(self.sealed(names)) if state.startswith(self.sealed(names)) else ""

    def seal(self, session: Session, names: Names, state: str) -> None:
        seal(session, names.shadow, self.sealed(names, state))

    def sealed(self, names: Names, state: str = "") -> str:
        """The words on the shadow that say so."""
        # The backup is named, for another memory of drbot may have had a run of the same number.
        backup = self.facts.backup
        return f"{made_by(names)}, {backup.sha256} {backup.manifest_sha256}: {state}"

    def or_drop(self, session: Session, names: Names, work: Callable[[], Evidence]) -> Evidence:
        """Do the work; whatever goes wrong, the shadow is dropped.

        Raises NotVerified where it cannot be dropped now (a full disk): the way back tries it again.
        """
        try:
            return work()
        except BaseException as error:
            if left := _not_dropped(session, names):
                raise NotVerified(f"{error} {names.shadow} could not be dropped now: {left}") from error
            raise

    def pinned(self, context: Context) -> ObjectSeen:
        """The backup's object. Raises Refused where it is not the one that was shown."""
        backup = self.facts.backup
        seen = self.bucket(context).head(backup.key)
        if (seen.etag, seen.size_bytes) != (backup.etag, backup.size_bytes):
            raise Refused(
                f"{backup.id} was overwritten after it was shown: nothing was changed; choose again"
            )
        return seen

    def manifest(self, context: Context) -> Manifest | None:
        """The backup's manifest, read again. Raises Refused where it is not the one that was shown."""
        backup = self.facts.backup
        if not backup.manifest_sha256:
            return None
        data = self.bucket(context).read(backup.key + MANIFEST)
        if hashlib.sha256(data).hexdigest() != backup.manifest_sha256:
            raise Refused(f"the manifest of {backup.id} was replaced after it was shown: choose again")
        return msgspec.json.decode(data, type=Manifest)


def _not_dropped(session: Session, names: Names) -> str:
    """Drop the shadow; why not, '' where it is gone or where nobody can be asked any more."""
    try:
        if not session.closed:
            drop_shadow(session, names)
    except psycopg.Error as error:
        return "" if session.closed else sentence(error)
    except Refused as error:  # another bot's
        return str(error)
    return ""
