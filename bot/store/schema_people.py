"""The tables of what people are told, and of what they decide: clocks, the outside, duties, reports."""

from __future__ import annotations

PEOPLE_TABLES: tuple[str, ...] = (
    # The response clock of an incident (section 4.1). round: how often it was started; stopped_at: '' while
    # it runs. reason: why the round began; outcome: how it ended; held: who had acknowledged it before the
    # round, by the moment. began_at: the beginning by today's wall clock, start_ms by one that never jumps,
    # which is that of boot.
    """CREATE TABLE IF NOT EXISTS clocks (
        incident BIGINT PRIMARY KEY, round BIGINT NOT NULL, severity TEXT NOT NULL, started_at TEXT NOT NULL,
        began_at TEXT NOT NULL, due_at TEXT NOT NULL, response_ms BIGINT NOT NULL, boot TEXT NOT NULL,
        start_ms BIGINT NOT NULL, stopped_at TEXT NOT NULL, reason TEXT NOT NULL, outcome TEXT NOT NULL,
        held TEXT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS clocks_running ON clocks (boot, incident) WHERE stopped_at = ''""",
    # The lines of the communication plan that a round tells, fixed when it begins. told_at: '' before;
    # outcome then: told, vacant. due_ms is start_ms of its clock and after_ms. late: '' in time, 'late' until
    # the alarm was raised, 'alarmed'.
    """CREATE TABLE IF NOT EXISTS tells (
        incident BIGINT NOT NULL, round BIGINT NOT NULL, step BIGINT NOT NULL, tell TEXT NOT NULL,
        ways TEXT NOT NULL, roles TEXT NOT NULL, after_ms BIGINT NOT NULL, due_at TEXT NOT NULL,
        due_ms BIGINT NOT NULL, told_at TEXT NOT NULL, outcome TEXT NOT NULL, late TEXT NOT NULL,
        said TEXT NOT NULL, PRIMARY KEY (incident, round, step))""",
    """CREATE INDEX IF NOT EXISTS tells_due ON tells (due_ms) WHERE told_at = ''""",
    """CREATE INDEX IF NOT EXISTS tells_late ON tells (incident) WHERE late = 'late'""",
    # What is to be sent outside: pages, mails, the status page, posts. key: what it is, so that it is asked
    # for once. thread: what goes in order and shares the remote's id. remote: that id, once it is known.
    # state: waiting, sending (its end is unknown until it is stored), done, refused, unsure.
    """CREATE TABLE IF NOT EXISTS outbound (
        key TEXT PRIMARY KEY, way TEXT NOT NULL, thread TEXT NOT NULL, incident BIGINT, action TEXT NOT NULL,
        about TEXT NOT NULL,
        payload TEXT NOT NULL, position BIGINT NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL,
        retry_at TEXT NOT NULL, remote TEXT NOT NULL, said TEXT NOT NULL, created_at TEXT NOT NULL,
        done_at TEXT NOT NULL)""",
    """CREATE UNIQUE INDEX IF NOT EXISTS outbound_order ON outbound (way, position)""",
    """CREATE INDEX IF NOT EXISTS outbound_thread ON outbound (thread, position)""",
    """CREATE INDEX IF NOT EXISTS outbound_open ON outbound (way, position)
        WHERE state IN ('waiting', 'sending')""",
    """CREATE INDEX IF NOT EXISTS outbound_incident ON outbound (incident)""",
    # The pages of an incident at the pager (bot/domain/pager.Page), and what the pager told and nobody has
    # read yet: body is a PagerEvent as JSON.
    """CREATE TABLE IF NOT EXISTS pages (
        key TEXT PRIMARY KEY, incident BIGINT NOT NULL, ours BIGINT NOT NULL, state TEXT NOT NULL,
        severity TEXT NOT NULL, asked_at TEXT NOT NULL, held TEXT NOT NULL, remote TEXT NOT NULL,
        former TEXT NOT NULL, round BIGINT NOT NULL, job TEXT NOT NULL, heard_at TEXT NOT NULL,
        noted BIGINT NOT NULL, asked BIGINT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS pages_incident ON pages (incident)""",
    """CREATE INDEX IF NOT EXISTS alerts_pager ON alerts (source, incident) WHERE source = 'pagerduty'""",
    """CREATE INDEX IF NOT EXISTS pages_remote ON pages (remote) WHERE remote <> ''""",
    """CREATE TABLE IF NOT EXISTS pager_events (
        key TEXT PRIMARY KEY, occurred_at TEXT NOT NULL, body TEXT NOT NULL, folded BIGINT NOT NULL,
        at TEXT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS pager_events_waiting ON pager_events (occurred_at) WHERE folded = 0""",
    # Pages that PagerDuty did not take, and whose people were told another way.
    """CREATE TABLE IF NOT EXISTS pager_reserves (job TEXT PRIMARY KEY, at TEXT NOT NULL)""",
    # A text for the outside: drafted, edited, approved by whoever the plan allows, then sent by the outbound.
    # state: draft, approved, withdrawn; what became of an approved one is its job's state. recipient: the
    # address of a mail. shown: the job's state that its card was last drawn with.
    """CREATE TABLE IF NOT EXISTS publications (
        id BIGINT PRIMARY KEY, incident BIGINT NOT NULL, kind TEXT NOT NULL, stage TEXT NOT NULL,
        subject TEXT NOT NULL, text TEXT NOT NULL, state TEXT NOT NULL, recipient TEXT NOT NULL,
        components TEXT NOT NULL, impact TEXT NOT NULL, next_update_s BIGINT NOT NULL,
        drafted_by TEXT NOT NULL, drafted_at TEXT NOT NULL, edited_by TEXT NOT NULL, edited_at TEXT NOT NULL,
        decided_by TEXT NOT NULL, decided_at TEXT NOT NULL, job TEXT NOT NULL, request_key TEXT NOT NULL,
        shown TEXT NOT NULL DEFAULT '')""",
    """CREATE INDEX IF NOT EXISTS publications_incident ON publications (incident, id)""",
    """CREATE INDEX IF NOT EXISTS publications_sending ON publications (job) WHERE state = 'approved'""",
    """CREATE UNIQUE INDEX IF NOT EXISTS publications_request ON publications (request_key)
        WHERE request_key <> ''""",
    # When the outside was promised its next update ('' where nothing is promised); the promise that people
    # were last reminded of, before and after its time; and when a mail was drafted by itself.
    """CREATE TABLE IF NOT EXISTS outside (
        incident BIGINT PRIMARY KEY, next_update_at TEXT NOT NULL, soon_told TEXT NOT NULL,
        late_told TEXT NOT NULL, mail_offered_at TEXT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS outside_due ON outside (next_update_at) WHERE next_update_at <> ''""",
    # Who leads, who talks, who works: a role of one incident (not of the plan) and its present holder.
    """CREATE TABLE IF NOT EXISTS duties (
        incident BIGINT NOT NULL, duty TEXT NOT NULL, person TEXT NOT NULL, since TEXT NOT NULL,
        PRIMARY KEY (incident, duty))""",
    # The report as people have it: its state, and each version that was kept. published: the version that
    # was last published, 0 before.
    """CREATE TABLE IF NOT EXISTS reports (
        incident BIGINT PRIMARY KEY, state TEXT NOT NULL, version BIGINT NOT NULL, by_whom TEXT NOT NULL,
        at TEXT NOT NULL, published BIGINT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS report_versions (
        incident BIGINT NOT NULL, version BIGINT NOT NULL, by_whom TEXT NOT NULL, at TEXT NOT NULL,
        drafted TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (incident, version))""",
    # What is to be done so that it does not happen again. owner: a plan id or '', due: a day or ''.
    """CREATE TABLE IF NOT EXISTS action_items (
        id BIGINT PRIMARY KEY, incident BIGINT NOT NULL, text TEXT NOT NULL, owner TEXT NOT NULL,
        due TEXT NOT NULL, state TEXT NOT NULL, evidence TEXT NOT NULL, created_by TEXT NOT NULL,
        created_at TEXT NOT NULL, ended_at TEXT NOT NULL, reminded_at TEXT NOT NULL,
        request_key TEXT NOT NULL)""",
    """CREATE INDEX IF NOT EXISTS action_items_incident ON action_items (incident, id)""",
    """CREATE INDEX IF NOT EXISTS action_items_open ON action_items (due) WHERE state = 'open'""",
    """CREATE UNIQUE INDEX IF NOT EXISTS action_items_request ON action_items (request_key)
        WHERE request_key <> ''""",
    # What a digest asks: the incidents and presses of a period, and what was ever grave.
    """CREATE INDEX IF NOT EXISTS incidents_opened ON incidents (opened_at)""",
    """CREATE INDEX IF NOT EXISTS incidents_resolved ON incidents (resolved_at)""",
    """CREATE INDEX IF NOT EXISTS incidents_grave ON incidents (id) WHERE severity IN ('SEV-1', 'SEV-2')""",
    """CREATE INDEX IF NOT EXISTS runs_requested ON runs (requested_at)""",
    """CREATE INDEX IF NOT EXISTS journal_regraded ON journal (incident) WHERE kind = 'severity-changed'""",
)
