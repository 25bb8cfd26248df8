"""The step of a restore that loads the backup into its shadow: plain SQL as it streams, an archive whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from psycopg import sql

from actions.backups.choice import Manifest
from actions.backups.leases import leased
from actions.failures import NotVerified, Refused
from actions.plan import Context, Evidence
from actions.restores.facts import size_text
from actions.restores.run import LOAD_TIMEOUT_S, Restore
from actions.restores.words import choosing
from actions.tools.aws.s3_stream import stream
from actions.tools.dumps.archive_load import load_archive
from actions.tools.dumps.left_out import NOT_BACK, left_out_text
from actions.tools.dumps.load import Loaded
from actions.tools.dumps.load_pace import Pace
from actions.tools.dumps.plain_load import load_plain
from actions.tools.dumps.read_ahead import read_ahead
from actions.tools.dumps.spool import spooled
from actions.tools.dumps.stages import drawn
from actions.tools.dumps.zstd_pack import unpacked
from actions.tools.postgres.server import Postgres, Session
from actions.tools.postgres.shadow import Names, make_shadow, require_ours


def load(restore: Restore, context: Context) -> Evidence:
    """Step: the backup into a fresh shadow. Whatever goes wrong, the shadow is dropped."""
    names = restore.names(context)
    with restore.locked(context) as session:
        if restore.swapped(session, names):
            return Evidence("was already swapped in")
        if restore.state(session, names):
            return Evidence(f"was already loaded into {names.shadow}")
        require_ours(session, names)
        with choosing(restore.params):
            return restore.or_drop(session, names, lambda: _Load(restore, context, session, names).done())


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The archive itself; a packing that cannot be read is a backup that cannot be used."""
    try:
        yield from unpacked(chunks)
    except NotVerified as error:
        raise Refused(f"{error}: the backup is damaged. Nothing of it was kept; choose another") from error


class _Load:
    """One load: what it reads, and the shadow that it makes for it."""

    def __init__(self, restore: Restore, context: Context, session: Session, names: Names) -> None:
        self._backup = restore.facts.backup
        self._restore = restore
        self._context = context
        self._session = session
        self._names = names
        self._server = restore.server(context)
        self._major = restore.facts.target.server_version // 10000
        self._hash = hashlib.sha256()
        self._read_bytes = 0

    def done(self) -> Evidence:
        self._restore.begin()
        bucket = self._restore.bucket(self._context)
        seen = self._restore.pinned(self._context)
        manifest = self._restore.manifest(self._context)
        with leased(bucket, self._backup.id, self._context.run):
            chunks = stream(bucket, seen)
            loaded = self._archive(chunks, manifest) if self._is_archive else self._plain(chunks, manifest)
        self._restore.seal(self._session, self._names, "loaded")
        rows = f"{loaded.rows:,} rows" if loaded.rows else "the rows"
        left_out = f"{loaded.left_out} on ownership, limits and publishing left out"
        missed = f"; left out: {left_out_text(loaded.kinds)}" if loaded.kinds else ""
        return Evidence(
            f"loaded {rows} into {loaded.tables} tables of {self._names.shadow}; its checksum held{missed}",
            {
                "read": size_text(self._read_bytes),
                "sha256": self._hash.hexdigest(),
                "statements": f"{loaded.statements} run, {left_out}",
            },
            "amber" if any(kind in NOT_BACK for kind in loaded.kinds) else "",
        )

    @property
    def _is_archive(self) -> bool:
        return self._backup.kind == "archive"

    def _plain(self, chunks: Iterator[bytes], manifest: Manifest | None) -> Loaded:
        """Read it into the shadow; the checksum is compared before anybody looks at that."""
        pace = Pace(self._context.progress, self._backup.size_bytes, self._backup.tables)
        shadow = self._shadow()
        extension = self._extension_maker(manifest)
        loaded = load_plain(shadow, self._names.run, self._read(chunks, pace), self._major, extension, pace)
        self._check_sha256()
        return loaded

    def _archive(self, chunks: Iterator[bytes], manifest: Manifest | None) -> Loaded:
        """Fetch it whole and compare its checksum, before there is a shadow; then load it side by side."""
        fetching = Pace(self._context.progress, self._backup.size_bytes, 0, "fetched")
        read = read_ahead(self._read(chunks, fetching))
        with drawn(_unpacked(read)) as archive, spooled(archive) as file:
            self._check_sha256()
            pace = Pace(self._context.progress, self._database_bytes, self._backup.tables, "restored")
            extension = self._extension_maker(manifest)
            return load_archive(
                self._server,
                self._shadow,
                file,
                self._names.run,
                self._major,
                extension,
                pace,
                LOAD_TIMEOUT_S,
            )

    @property
    def _database_bytes(self) -> int:
        return self._restore.facts.database_bytes

    def _shadow(self) -> Postgres:
        locale = (self._backup.collation, self._backup.ctype)
        return make_shadow(self._server, self._session, self._names, locale)

    def _read(self, chunks: Iterator[bytes], pace: Pace) -> Iterator[bytes]:
        """The chunks, hashed and counted. Given up half-way, it closes the connection that they come by."""
        with drawn(chunks) as source:
            for chunk in source:
                self._hash.update(chunk)
                self._read_bytes += len(chunk)
                pace.done_bytes += len(chunk)
                if self._is_archive:
                    pace.look()
                yield chunk

    def _check_sha256(self) -> None:
        found = self._hash.hexdigest()
        if found != self._backup.sha256:
            raise Refused(
                f"{self._backup.id} is not what its {self._backup.proof} says: SHA-256 {found[:16]}…,"
                f" promised {self._backup.sha256[:16]}…. Nothing of it was kept; choose another backup."
            )

    def _extension_maker(self, manifest: Manifest | None) -> Callable[[str, str], None]:
        """Extensions are made with drbot's own right, but only those that the manifest names."""
        allowed = {extension.name for extension in manifest.extensions} if manifest else set()

        def make(name: str, schema: str) -> None:
            if name not in allowed:
                raise Refused(f"the dump wants the extension {name}, of which its manifest says nothing")
            with self._server.session(self._names.run, self._names.shadow) as powerful:
                made = sql.SQL("CREATE EXTENSION IF NOT EXISTS {} WITH SCHEMA {}")
                powerful.execute(made.format(sql.Identifier(name), sql.Identifier(schema)))

        return make
