"""What the large objects of a database hold, read a piece at a time: none has to fit into memory whole."""

from __future__ import annotations

from actions.tools.postgres.server import Session, whole

# Read by lo_get, as their owner may: the catalogue they lie in is a superuser's.
_PIECES = """
    WITH RECURSIVE piece AS (
        SELECT p.oid, p.at, octet_length(p.data) AS bytes, encode(sha256(p.data), 'hex') AS digest
        FROM (SELECT oid, 0::bigint AS at, lo_get(oid, 0, 1048576) AS data FROM pg_largeobject_metadata) p
        UNION ALL
        SELECT n.oid, n.at, octet_length(n.data), encode(sha256(n.data), 'hex')
        FROM (SELECT oid, at + bytes AS at, lo_get(oid, at + bytes, 1048576) AS data FROM piece
              WHERE bytes = 1048576) n)
    SELECT count(*) FILTER (WHERE at = 0),
           coalesce(sum(hashtextextended(concat_ws(' ', oid, at, digest), 0)::numeric), 0)::text FROM piece
"""


def read_large_objects(session: Session) -> tuple[int, str]:
    """How many there are, and a hash of what they hold that does not depend on their order."""
    row = session.execute(_PIECES).fetchone()
    return (whole(row[0]), str(row[1])) if row else (0, "")
