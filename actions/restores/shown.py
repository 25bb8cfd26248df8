"""What a person sees before a restore is approved: the rows of the card, and how long it may take."""

from __future__ import annotations

from collections.abc import Iterator

from actions.amounts import counted
from actions.restores.facts import RestoreFacts, RestoreParams, size_text, version_text
from actions.restores.service import of_service

RATES_BYTES_S = {"plain": 51e6, "archive": 70e6}
KINDS = {"plain": "plain SQL", "archive": "archive"}


def forecast_s(facts: RestoreFacts) -> float:
    """From the rates measured on two cores, until past runs tell better."""
    return round(1.0 + facts.database_bytes / RATES_BYTES_S.get(facts.backup.kind, 51e6), 1)


def shown(params: RestoreParams, facts: RestoreFacts) -> tuple[tuple[str, str], ...]:
    """The rows of a restore's card."""
    target = facts.target
    return (
        ("target", f"{target.place} ({params.environment}), {size_text(target.size_bytes)}"),
        *of_backup(params, facts),
        *((("stopped", ", ".join(facts.writers)),) if facts.writers else ()),
        *_service(facts),
        ("connections to cut", "; ".join(target.sessions) or "none now"),
        ("away for", "well under a second, at the swap"),
        ("way back", f"the {target.database} of now is kept beside for 24 h"),
    )


def _service(facts: RestoreFacts) -> Iterator[tuple[str, str]]:
    if facts.service.url:
        yield "service", f"{of_service(facts)} {facts.service.said}; asked again after the swap"


def of_backup(params: RestoreParams, facts: RestoreFacts) -> Iterator[tuple[str, str]]:
    """The rows of the server and the chosen backup, which a rehearsal shows as well."""
    target, backup = facts.target, facts.backup
    yield (
        "server",
        f"PostgreSQL {version_text(target.server_version)}, identifier {target.system_identifier}",
    )
    kind = KINDS.get(backup.kind, backup.kind)
    yield "backup", f"{backup.id} of {params.from_environment}, {kind}, {size_text(backup.size_bytes)}"
    yield "data of", f"{backup.taken_at}, {backup.age} old"
    if backup.newest:
        yield "newest row", backup.newest
    yield "holds", f"{backup.rows:,} rows in {backup.tables} tables" if backup.tables else "not known"
    yield "made by", f"PostgreSQL {version_text(backup.server_version)}"
    yield "proof", backup.proof
    yield "sha256", backup.sha256
    if facts.asked.holds:
        yield "must hold", "; ".join(proves for proves, _ in facts.asked.holds)[:300]
    yield "made harmless by", _harmless(params, facts)
    yield "free disk", "not known" if target.free_bytes is None else size_text(target.free_bytes)


def _harmless(params: RestoreParams, facts: RestoreFacts) -> str:
    if facts.asked.defuse:
        return f"{counted(len(facts.asked.defuse), 'statement')}, before anybody can connect"
    if params.from_environment == params.environment:
        return "nothing: it comes back to where it is from"
    return f"nothing: the plan names no defuse for {params.from_environment}"
