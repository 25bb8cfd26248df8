"""The tables. One dialect serves SQLite and PostgreSQL; JSON is text, times are ISO 8601 UTC text."""

from __future__ import annotations

from bot.store.schema_people import PEOPLE_TABLES

VERSION = 1

TABLES: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS journal (
        seq BIGINT PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL,
        incident BIGINT, run BIGINT, data TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS journal_incident ON journal (incident, seq)""",
    """CREATE INDEX IF NOT EXISTS journal_run ON journal (run, seq)""",
    # An alert's identity is (source, fingerprint); starts_at tells one firing from the next.
    # judged: 0 while triage has not folded the row into an incident since its last change; until then
    # last_seen is the moment of that change. truncated: how many more its notification left out.
    """CREATE TABLE IF NOT EXISTS alerts (
        source TEXT NOT NULL, fingerprint TEXT NOT NULL, status TEXT NOT NULL, starts_at TEXT NOT NULL,
        ends_at TEXT NOT NULL, name TEXT NOT NULL, labels TEXT NOT NULL, annotations TEXT NOT NULL,
        url TEXT NOT NULL, grouped TEXT NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
        times BIGINT NOT NULL, judged BIGINT NOT NULL, incident BIGINT, severity TEXT NOT NULL,
        truncated BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (source, fingerprint))""",
    """CREATE INDEX IF NOT EXISTS alerts_unjudged ON alerts (last_seen) WHERE judged = 0""",
    """CREATE INDEX IF NOT EXISTS alerts_incident ON alerts (incident) WHERE incident IS NOT NULL""",
    """CREATE TABLE IF NOT EXISTS incidents (
        id BIGINT PRIMARY KEY, title TEXT NOT NULL, severity TEXT NOT NULL, severity_held BIGINT NOT NULL,
        state TEXT NOT NULL, component TEXT NOT NULL, environment TEXT NOT NULL, correlation TEXT NOT NULL,
        impact TEXT NOT NULL, why TEXT NOT NULL, alert_names TEXT NOT NULL, alerts_firing BIGINT NOT NULL,
        alerts_total BIGINT NOT NULL, notifications BIGINT NOT NULL, truncated BIGINT NOT NULL,
        opened_at TEXT NOT NULL, acknowledged_at TEXT NOT NULL, acknowledged_by TEXT NOT NULL,
        resolved_at TEXT NOT NULL, resolved_by TEXT NOT NULL, channel TEXT NOT NULL, thread TEXT NOT NULL,
        last_alert_at TEXT NOT NULL, updated_at TEXT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS incidents_correlation ON incidents (correlation, id)""",
    """CREATE INDEX IF NOT EXISTS incidents_open ON incidents (id) WHERE state <> 'resolved'""",
    """CREATE TABLE IF NOT EXISTS runs (
        id BIGINT PRIMARY KEY, action TEXT NOT NULL, title TEXT NOT NULL, risk TEXT NOT NULL,
        target TEXT NOT NULL, environment TEXT NOT NULL, params TEXT NOT NULL, facts TEXT NOT NULL,
        plan TEXT NOT NULL, digest TEXT NOT NULL, state TEXT NOT NULL, incident BIGINT,
        requested_by TEXT NOT NULL, requested_at TEXT NOT NULL, expires_at TEXT NOT NULL,
        approved_by TEXT NOT NULL, approved_at TEXT NOT NULL, started_at TEXT NOT NULL,
        ended_at TEXT NOT NULL, position BIGINT NOT NULL, current TEXT NOT NULL, outcome TEXT NOT NULL,
        undo_of BIGINT, undone_by BIGINT, undo_until TEXT NOT NULL, evidence TEXT NOT NULL,
        request_key TEXT NOT NULL, began BIGINT NOT NULL DEFAULT 0)""",
    # began: how many changing steps (then undo steps) were begun, so that a resumed engine knows of them.
    """CREATE INDEX IF NOT EXISTS runs_state ON runs (state)""",
    """CREATE INDEX IF NOT EXISTS runs_action ON runs (action, id)""",
    """CREATE INDEX IF NOT EXISTS runs_incident ON runs (incident)""",
    """CREATE INDEX IF NOT EXISTS runs_started ON runs (started_at)""",
    """CREATE INDEX IF NOT EXISTS runs_target ON runs (target, ended_at)""",
    # request_key makes a press that arrives twice one proposal ('' where there is none).
    """CREATE UNIQUE INDEX IF NOT EXISTS runs_request ON runs (request_key) WHERE request_key <> ''""",
    """CREATE TABLE IF NOT EXISTS locks (
        target TEXT PRIMARY KEY, run BIGINT NOT NULL, since TEXT NOT NULL)""",
    # closed_at is '' while it is open; afterwards only runs that ended later count.
    """CREATE TABLE IF NOT EXISTS breakers (
        target TEXT PRIMARY KEY, opened_at TEXT NOT NULL, runs TEXT NOT NULL, closed_at TEXT NOT NULL)""",
    # One engine at a time: whoever holds the lease runs and recovers workflows.
    """CREATE TABLE IF NOT EXISTS leases (
        name TEXT PRIMARY KEY, holder TEXT NOT NULL, until_at TEXT NOT NULL)""",
    # The outbox: what Slack should show (wanted) against what it shows (shown).
    # key: incident:7:card, incident:7:thread:<seq>, run:12:card, channel:7, digest, home:<user>.
    # sending: set before the call, so that a crash in between is looked up by metadata, not posted twice.
    """CREATE TABLE IF NOT EXISTS outbox (
        key TEXT PRIMARY KEY, kind TEXT NOT NULL, subject BIGINT NOT NULL, channel TEXT NOT NULL,
        parent TEXT NOT NULL, wanted BIGINT NOT NULL, shown BIGINT NOT NULL, rank BIGINT NOT NULL,
        ts TEXT NOT NULL, sending BIGINT NOT NULL, retry_at TEXT NOT NULL, error TEXT NOT NULL,
        payload TEXT NOT NULL, created_at TEXT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS outbox_due ON outbox (rank, created_at) WHERE wanted > shown""",
    # People's words live here, not in the journal: a deleted message is really gone (its hash stays).
    """CREATE TABLE IF NOT EXISTS messages (
        channel TEXT NOT NULL, ts TEXT NOT NULL, thread_ts TEXT NOT NULL, incident BIGINT,
        author TEXT NOT NULL, author_name TEXT NOT NULL, text TEXT NOT NULL, edited BIGINT NOT NULL,
        deleted BIGINT NOT NULL, marks TEXT NOT NULL, PRIMARY KEY (channel, ts))""",
    """CREATE INDEX IF NOT EXISTS messages_incident ON messages (incident, ts)""",
    # Slack delivers at least once: an event or interaction seen before is not acted on again.
    """CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, at TEXT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS seen_at ON seen (at)""",
    # A person led through a runbook. run: the run that it waits for, 0 while it waits for a person.
    """CREATE TABLE IF NOT EXISTS walks (
        id BIGINT PRIMARY KEY, runbook TEXT NOT NULL, title TEXT NOT NULL, environment TEXT NOT NULL,
        incident BIGINT, state TEXT NOT NULL, started_by TEXT NOT NULL, started_at TEXT NOT NULL,
        ended_at TEXT NOT NULL, said TEXT NOT NULL, steps TEXT NOT NULL, run BIGINT NOT NULL,
        request_key TEXT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS walks_active ON walks (id) WHERE state = 'under way'""",
    """CREATE INDEX IF NOT EXISTS walks_run ON walks (run) WHERE run <> 0""",
    """CREATE INDEX IF NOT EXISTS walks_incident ON walks (incident)""",
    """CREATE UNIQUE INDEX IF NOT EXISTS walks_request ON walks (request_key) WHERE request_key <> ''""",
    # What drbot looked at by itself for an incident: its own run, another incident's (shared), or why not.
    """CREATE TABLE IF NOT EXISTS looked (
        incident BIGINT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, run BIGINT NOT NULL,
        shared BIGINT NOT NULL, at TEXT NOT NULL, said TEXT NOT NULL, PRIMARY KEY (incident, name))""",
    """CREATE INDEX IF NOT EXISTS looked_name ON looked (name, at)""",
    """CREATE INDEX IF NOT EXISTS looked_run ON looked (run)""",
    """CREATE INDEX IF NOT EXISTS looked_at ON looked (at)""",
    # What the plan's schedules last did. due_at: the moment that was answered, so that none is done twice.
    # outcome: '' where the run or drill tells it, else seen, held, missed, refused, done or failed.
    """CREATE TABLE IF NOT EXISTS schedules (
        name TEXT PRIMARY KEY, due_at TEXT NOT NULL, run BIGINT, drill BIGINT, said TEXT NOT NULL,
        outcome TEXT NOT NULL DEFAULT '', attempt BIGINT NOT NULL DEFAULT 1)""",
    # A drill of section 5.1: its parts one after the other, then its certificate ('' while under way).
    """CREATE TABLE IF NOT EXISTS drills (
        id BIGINT PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL, state TEXT NOT NULL,
        started_by TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT NOT NULL, parts TEXT NOT NULL,
        rto_s DOUBLE PRECISION, rpo_s DOUBLE PRECISION, said TEXT NOT NULL, certificate TEXT NOT NULL,
        request_key TEXT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS drills_name ON drills (name, id)""",
    """CREATE INDEX IF NOT EXISTS drills_active ON drills (id) WHERE state = 'under way'""",
    """CREATE UNIQUE INDEX IF NOT EXISTS drills_request ON drills (request_key) WHERE request_key <> ''""",
    *PEOPLE_TABLES,
)
