"""What the target's owner may do on the server: after the hand-over what the dump made may do it too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from actions.backups.choice import Manifest
from actions.restores.facts import RestoreParams, TargetFacts
from actions.tools.postgres.server import Session

_POWERS = """
    SELECT CASE WHEN rolsuper THEN 'a superuser' ELSE (
        SELECT 'a member of ' || string_agg(p.rolname, ', ' ORDER BY p.rolname) FROM pg_roles p
        WHERE p.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')
          AND pg_has_role(r.oid, p.oid, 'MEMBER')) END
    FROM pg_roles r WHERE rolname = %s
"""
_MAKES_CODE = ("functions", "materialized views")


@dataclass(frozen=True)
class Owner:
    """`powers` are words: `a superuser`, or which powerful roles it is a member of; '' where it has none."""

    powers: str = ""


def owner_of(session: Session, target: TargetFacts) -> Owner:
    """What the target's owner may do on the server itself."""
    row = session.execute(_POWERS.encode(), [target.owner]).fetchone()
    return Owner(str(row[0]) if row and row[0] else "")


def against_powers(
    owner: Owner, target: TargetFacts, params: RestoreParams, manifest: Manifest | None
) -> Iterator[str]:
    """An objection: code from elsewhere, or from nobody knows where, would act as somebody powerful.

    A database that comes back to its own environment has the code that it had: that is a remark only.
    """
    if owner.powers and _makes_code(manifest) and not _comes_back(params, manifest):
        yield f"{_told(owner, target, manifest)}. {_mend(target)}"


def remarks_on_powers(
    owner: Owner, target: TargetFacts, params: RestoreParams, manifest: Manifest | None
) -> Iterator[str]:
    """The same as a remark, where the code is the environment's own."""
    if owner.powers and _makes_code(manifest) and _comes_back(params, manifest):
        yield f"{_told(owner, target, manifest)}, as what is there now does. {_mend(target)}"


def _makes_code(manifest: Manifest | None) -> bool:
    """Whether there is any; a manifest that counts nothing leaves it open."""
    if manifest is None or not manifest.inventory:
        return True
    return any(manifest.inventory.get(kind) for kind in _MAKES_CODE)


def _comes_back(params: RestoreParams, manifest: Manifest | None) -> bool:
    return manifest is not None and params.from_environment == params.environment


def _told(owner: Owner, target: TargetFacts, manifest: Manifest | None) -> str:
    what = "the functions of the backup" if manifest else "whatever functions the backup may hold"
    return (
        f"{target.database} belongs to {target.owner}, {owner.powers}: after the hand-over {what} may act as"
        " that, run programs on the database's host, without anybody calling them"
    )


def _mend(target: TargetFacts) -> str:
    return (
        f'Give it an owner without such power: ALTER DATABASE "{target.database}" OWNER TO a role that has'
        " none"
    )
