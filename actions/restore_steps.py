"""The steps of a restore. Each may be repeated: it looks first at what is already true (decision 0004)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
from psycopg import sql

from actions.backups import MANIFEST, Manifest
from actions.failures import NotVerified, Refused
from actions.plan import Context, Evidence
from actions.restore_facts import RestoreFacts, RestoreParams, size_text
from actions.restore_words import choosing, told, verified
from actions.restore_writers import require_stopped
from actions.tools.content import differences, empty_tables, faults, read_content
from actions.tools.dump_load import Loader
from actions.tools.postgres import Postgres, Session, databases
from actions.tools.s3_stream import stream
from actions.tools.shadow import (
    Names,
    drop_shadow,
    hand_over,
    make_shadow,
    reopen,
    restore_lock,
    seal,
    seal_of,
)
from actions.tools.swap import Exchange, exchange, rights_of, rows_written

LOAD_TIMEOUT_S = 4 * 3600.0


class Restore:
    """The parts of one planned restore; every method is the `do` of one step."""

    def __init__(self, params: RestoreParams, facts: RestoreFacts) -> None:
        self.params = params
        self.facts = facts

    def server(self, context: Context) -> Postgres:
        return context.tools.postgres(self.params.environment)

    def names(self, context: Context) -> Names:
        return Names(self.facts.target.database, context.run)

    def swapped(self, session: Session, names: Names) -> bool:
        """Whether this run's swap is done: the planned target is under the name of the old one."""
        present = databases(session)
        return (
            names.old in present
            and present[names.old].oid == self.facts.target.oid
            and names.database in present
        )

    def _state(self, session: Session, names: Names) -> str:
        """`loaded`, `verified`, `ready`; '' where there is no shadow, or it is not of this run's backup."""
        state = seal_of(session, names.shadow)
        return state.removeprefix(self._sealed(names)) if state.startswith(self._sealed(names)) else ""

    def _seal(self, session: Session, names: Names, state: str) -> None:
        seal(session, names.shadow, self._sealed(names) + state)

    def _sealed(self, names: Names) -> str:
        # The backup is named, for another memory of drbot may have had a run of the same number.
        backup = self.facts.backup
        return f"drbot run {names.run}, {backup.sha256} {backup.manifest_sha256}: "

    def manifest(self, context: Context) -> Manifest | None:
        """The backup's manifest, read again. Raises Refused where it is not the one that was shown."""
        backup = self.facts.backup
        if not backup.manifest_sha256:
            return None
        data = context.tools.backups(self.params.from_environment).read(backup.key + MANIFEST)
        if hashlib.sha256(data).hexdigest() != backup.manifest_sha256:
            raise Refused(f"the manifest of {backup.id} was replaced after it was shown: choose again")
        return msgspec.json.decode(data, type=Manifest)

    def load(self, context: Context) -> Evidence:
        """Step: the backup into a fresh shadow. Whatever goes wrong, the shadow is dropped."""
        names, backup = self.names(context), self.facts.backup
        with restore_lock(self.server(context), names) as session:
            if self.swapped(session, names):
                return Evidence("was already swapped in")
            if self._state(session, names):
                return Evidence(f"was already loaded into {names.shadow}")
            with choosing(self.params):
                return self._or_drop(
                    session, names, lambda: self._load(context, session, names, backup.size_bytes)
                )

    def _or_drop(self, session: Session, names: Names, work: Callable[[], Evidence]) -> Evidence:
        try:
            return work()
        except Exception:
            if not session.closed:
                drop_shadow(session, names)
            raise

    def _load(self, context: Context, session: Session, names: Names, size_bytes: int) -> Evidence:
        server, backup = self.server(context), self.facts.backup
        bucket = context.tools.backups(self.params.from_environment)
        seen = bucket.head(backup.key)
        if (seen.etag, seen.size_bytes) != (backup.etag, size_bytes):
            raise Refused(
                f"{backup.id} was overwritten after it was shown: nothing was changed; choose again"
            )
        manifest = self.manifest(context)
        inside = make_shadow(server, session, names)
        allowed = {extension.name for extension in manifest.extensions} if manifest else set()

        def make_extension(name: str, schema: str) -> None:
            if name not in allowed:
                raise Refused(f"the dump wants the extension {name}, of which its manifest says nothing")
            with server.session(names.run, names.shadow) as powerful:
                made = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} WITH SCHEMA {}")
                powerful.execute(made.format(sql.Identifier(name), sql.Identifier(schema)))

        with inside.session(names.run, statement_timeout_s=LOAD_TIMEOUT_S) as into:
            into.execute("SET synchronous_commit = off")
            into.execute("SET maintenance_work_mem = '256MB'")
            loader = Loader(into, self.facts.target.server_version // 10000, make_extension, context.progress)
            loaded = loader.load(stream(bucket, seen), seen.size_bytes)
        if loaded.sha256 != backup.sha256:
            raise Refused(
                f"{backup.id} is not what its {backup.proof} says: SHA-256 {loaded.sha256[:16]}…, promised"
                f" {backup.sha256[:16]}…. The shadow was dropped; choose another backup."
            )
        self._seal(session, names, "loaded")
        return Evidence(
            f"loaded {loaded.rows:,} rows into {loaded.tables} tables of {names.shadow}; its checksum held",
            {
                "read": size_text(loaded.size_bytes),
                "sha256": loaded.sha256,
                "statements": f"{loaded.statements} run, {loaded.left_out} on ownership and limits left out",
            },
        )

    def verify(self, context: Context) -> Evidence:
        """Step: what is in the shadow is what was backed up. Asked as the role that owns only the shadow."""
        server, names = self.server(context), self.names(context)
        with restore_lock(server, names) as session:
            if self.swapped(session, names):
                return Evidence("was already swapped in")
            state = self._state(session, names)
            if state in ("verified", "ready"):
                return Evidence(f"{names.shadow} was already verified")
            if state != "loaded":
                raise NotVerified(f"{names.shadow} was not loaded to the end; the target was not touched")
            return self._or_drop(session, names, lambda: self._verify(context, server, session, names))

    def _verify(self, context: Context, server: Postgres, session: Session, names: Names) -> Evidence:
        manifest = self.manifest(context)
        with reopen(server, session, names).session(names.run, statement_timeout_s=LOAD_TIMEOUT_S) as inside:
            found = read_content(inside, context.progress)
            wrong = list(faults(inside))
            wrong += [f"{name}, which must never be" for name in empty_tables(inside, server.smoke_tables)]
            if manifest:
                wrong = [*differences(manifest.content, found), *wrong]
            elif not found.tables:
                wrong.append("no table at all")
            if wrong:
                raise NotVerified(told(wrong, self.facts))
            inside.execute("ANALYZE")
        self._seal(session, names, "verified")
        return verified(found, manifest)

    def hand_over(self, context: Context) -> Evidence:
        """Step: everything in the shadow to the target's owner, with the target's settings."""
        server, names = self.server(context), self.names(context)
        with restore_lock(server, names) as session:
            if self.swapped(session, names):
                return Evidence("was already swapped in")
            if self._state(session, names) not in ("verified", "ready"):
                raise NotVerified(f"{names.shadow} was not verified; the target was not touched")
            hand_over(server, session, names, self.facts.target.owner)
            self._seal(session, names, "ready")
        return Evidence(
            f"{self.facts.target.owner} owned {names.shadow}, with the settings of {names.database}"
        )

    def swap(self, context: Context) -> Evidence:
        """Step: both renames in one transaction. Old or new is there at any moment, never none."""
        server, names = self.server(context), self.names(context)
        with restore_lock(server, names) as session:
            if self.swapped(session, names):
                return Evidence(f"was already swapped; the database from before is {names.old}")
            if self._state(session, names) != "ready":
                raise NotVerified(f"{names.shadow} is not ready to be swapped in; the target was not touched")
            require_stopped(context, self.params.environment, self.facts.writers)
            with server.session(context.run, names.shadow) as inside:
                written = rows_written(inside)
            change = Exchange(
                live=names.database,
                live_oid=self.facts.target.oid,
                away=names.old,
                coming=names.shadow,
                coming_oid=databases(session)[names.shadow].oid,
            )
            comment = seal_of(session, names.database)
            told_later = {
                "drbot": names.run,
                "came": change.coming_oid,
                "written": written,
                "comment": comment,
            }
            kept = msgspec.json.encode(told_later).decode()
            also = [
                *rights_of(session, names.database, names.database),
                _comment(names.database, comment or None),
                _comment(names.old, kept),
            ]
            spent_s = exchange(server, session, names.run, change, also)
        return Evidence(
            f"swapped in {spent_s:.2f} s; the database from before is kept as {names.old}",
            {"away for": f"{spent_s:.2f} s", "kept": names.old},
        )

    def check_new(self, context: Context) -> Evidence:
        """Check: the target is the restored one, answers, and its tables are filled."""
        server, names = self.server(context), self.names(context)
        with server.admin(context.run) as session:
            if not self.swapped(session, names):
                raise NotVerified(f"{names.database} is not the restored database")
        with server.session(context.run) as inside:
            hollow = empty_tables(inside, server.smoke_tables)
            row = inside.execute(
                "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^(pg_|information_schema)'"
            ).fetchone()
        if hollow:
            raise NotVerified(f"{names.database} answers, but {', '.join(hollow)}")
        filled = f", {', '.join(server.smoke_tables)} filled" if server.smoke_tables else ""
        return Evidence(f"{names.database} answered with {row[0] if row else 0} tables{filled}")


def _comment(database: str, words: str | None) -> sql.Composed:
    return sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), sql.Literal(words))
