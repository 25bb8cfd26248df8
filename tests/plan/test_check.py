"""`plan check` names each fault and each promise that cannot be kept, with its line."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

import pytest

from actions.registry import all_actions
from bot.plan.check import Finding, check_plan
from bot.plan.load import load_plan, read_plan
from bot.plan.models import DrPlan

BELEZZA = (Path(__file__).parents[2] / "data" / "belezza.yaml").read_text(encoding="utf-8")
ACTIONS = all_actions()
TODAY = date(2026, 3, 10)


def check(text: str, actions: Collection[str] = ACTIONS, today: date = TODAY) -> tuple[Finding, ...]:
    return check_plan(read_plan(text), actions, today=today)


def changed(old: str, new: str) -> str:
    assert old in BELEZZA, f"the plan no longer says {old!r}"
    return BELEZZA.replace(old, new)


def test_belezzas_plan_has_no_fault() -> None:
    found = check(BELEZZA)
    assert [one for one in found if one.level == "fault"] == []


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("rpo:", "RPO 1h, but the backup of `0 2 * * *` alone can lose 24h"),
        ("local: {title", "promised for 7d, but the script is told -r 30"),
        ("- Checksum verification", "no command of the document checks a checksum"),
        ("{leaves: Standard-IA", "cannot be served until it is restored"),
        ("{leaves: Glacier", "deletes images after 365d"),
        ("- {item: SSL Certificates", "“AWS Certificate Manager” in 2.3"),
        ("primary: {address: 1.2.3.4", "looks like an example"),
        ("secondary: {address: 5.6.7.8", "looks like an example"),
        ("health_check:", "whatever the name points to"),
        ("latest.sql.gz /tmp/", "which nothing in the plan writes"),
        ("github: {service", "all of the RTO of 4h"),
        ("stop api", "docker-compose (version 1) is unmaintained since July 2023"),
        ("command: curl -X POST http://localhost:8080/actuator/gc", "does not exist in Spring Boot"),
        ("command: curl http://localhost:8080/actuator/heapdump", "closed by default since Spring Boot 3.5"),
        ("actuator/metrics/system.cpu.usage", "exposes only `health`"),
        ("--scale api=3", "fixed name (belezza-api-prod)"),
        ("redis-cli FLUSHALL", "empties every database"),
        ("{file: Backup scripts", "/opt/belezza/scripts/"),
        ("{file: Docker compose files", "/opt/belezza"),
        ("{file: Environment files", "/opt/belezza/belezza-api/.env"),
        ("approved_by: null", "nobody has approved"),
        ("next_review: null", "it is due by 2026-03-31"),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_line(at: str, said: str) -> None:
    lines = BELEZZA.splitlines()
    here = [one for one in check(BELEZZA) if said in one.message]
    assert here, said
    assert any(at in lines[one.line - 1] for one in here), [(one.line, one.where) for one in here]
    assert all(one.level == "warning" for one in here)


def test_multi_line_commands_are_told_at_their_step() -> None:
    found = {one.where: one.message for one in check(BELEZZA)}
    assert "`duration`, an alias" in found["runbooks.pool-exhaustion.steps[2].command"]
    assert "now() - query_start" not in found["runbooks.pool-exhaustion.steps[2].command"]
    assert "/dr run end-long-queries" in found["runbooks.pool-exhaustion.steps[2].command"]
    assert "sleep is no readiness" in found["runbooks.full-system-recovery.steps[4].command"]
    assert "your-org is a placeholder" in found["runbooks.full-system-recovery.steps[1].command"]
    assert "OWNER/IMAGE" in found["runbooks.application-recovery.steps[2].command"]


def test_every_vacant_seat_is_told() -> None:
    vacant = [one.where for one in check(BELEZZA) if "seat of" in one.message]
    rows, seats = ("devops", "backend", "database"), ("primary", "secondary")
    assert vacant == [f"on_call.{row}.{seat}" for row in rows for seat in seats]


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("cron: 0 2 * * *", 'cron: "*/30 * * * *"', "RPO 1h"),
        ("-r 30", "-r 7", "the script is told"),
        ("location: /opt/belezza/belezza-api/scripts/", "location: /opt/belezza/scripts", "Backup scripts:"),
        ("approved_by: null", "approved_by: davi", "nobody has approved"),
        ("DevOps, primary: null", "DevOps, primary: ana", "primary seat of DevOps"),
        ("WHERE duration > interval", "WHERE now() - query_start > interval", "`duration`"),
        ("1.2.3.4", "200.147.3.157", "1.2.3.4 looks"),
        ("Premium Support, sla: 4h", "Premium Support, sla: 1h", "recovery needs"),
    ],
)
def test_a_warning_goes_when_its_cause_goes(old: str, new: str, gone: str) -> None:
    assert any(gone in one.message for one in check(BELEZZA))
    assert not any(gone in one.message for one in check(changed(old, new)))


def test_without_a_way_to_keep_the_rpo_the_check_says_one() -> None:
    start, end = BELEZZA.index("    between:"), BELEZZA.index("  images:                      # 2.2")
    found = [one.message for one in check(BELEZZA[:start] + BELEZZA[end:]) if "RPO 1h" in one.message]
    assert "archive_timeout=60" in found[0]


def test_an_unknown_action_is_a_fault_with_the_nearest_name() -> None:
    found = [
        one
        for one in check(BELEZZA, {*ACTIONS, "end-long-query"} - {"end-long-queries"})
        if one.level == "fault"
    ]
    assert found
    for one in found:
        assert "did you mean 'end-long-query'?" in one.message
        assert "end-long-queries" in BELEZZA.splitlines()[one.line - 1]


@pytest.mark.parametrize("written", [None, "2026-03", "2026-03-09"])
def test_an_overdue_review(written: str | None) -> None:
    text = changed("next_review: null", f"next_review: {written or 'null'}")
    overdue = [one for one in check(text, today=date(2026, 4, 2)) if "overdue since" in one.message]
    assert len(overdue) == 1
    assert ("2026-03-09" if written == "2026-03-09" else "2026-03-31") in overdue[0].message


def test_people_who_cannot_do_what_the_plan_asks_of_them() -> None:
    one_left = changed("roles: [approver, lead, communications]", "roles: [lead, communications]").replace(
        "[cto, approver]", "[cto]"
    )
    assert any("only Bruno Lima can approve a destructive run" in one.message for one in check(one_left))
    no_lead = changed("roles: [approver, lead, communications]", "roles: [approver]")
    assert any("Engineering lead is to be told" in one.message for one in check(no_lead))
    twins = changed('slack: "@bruno"', 'slack: "@ana"')
    assert any(one.level == "fault" and "same Slack account" in one.message for one in check(twins))
    alone = changed("second_person: true, ", "")
    assert any(one.level == "fault" and "one person alone" in one.message for one in check(alone))


def test_what_cannot_be_missing() -> None:
    said = " ".join(one.message for one in check_plan(DrPlan(), (), today=TODAY) if one.level == "fault")
    for wanted in ("SEV-1 has no row", "customers: true", "role on-call"):
        assert wanted in said


_KEY = "A" * 4 + "1b2C" * 8


@pytest.mark.parametrize(
    "line",
    [
        "# xoxb" + "-local-made-up-value",
        "url: postgresql://belezza:" + "hunter2hunter2@db/belezza",
        "# AKIA" + "ABCDEFGHIJKLMNOP",
        "password: " + "correct-horse-battery",
        "#   api_key=" + "0123456789abcdef",
        "-----BEGIN " + "PRIVATE KEY-----",
        f"note: {_KEY}",
        "# Authorization: Bearer " + "abcdefghijklmnopqrstu",
    ],
)
def test_what_looks_like_a_secret_is_a_fault_and_is_not_repeated(line: str) -> None:
    plan = read_plan(f"people: {{}}\n# {line}\n")
    found = [one for one in check_plan(plan, (), today=TODAY) if "looks like" in one.message]
    assert [(one.level, one.line) for one in found] == [("fault", 2)]
    assert line.split()[-1] not in found[0].message


def test_the_check_uses_the_file_it_was_read_from(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(BELEZZA, encoding="utf-8")
    assert all(one.line > 0 for one in check_plan(load_plan(path), ACTIONS))
