"""Where the environment file is not rendered, or not believed: each refusal, by name and never by value."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from actions.plan import NotVerified, Refused, Transient
from actions.secrets.environment_file import render_environment_file
from tests.real.aws import DENIED
from tests.secrets.conftest import VALUES, Vault
from tests.secrets.rendering import (
    FORMER,
    around,
    assert_silent,
    context,
    planned_render,
)


def test_missing_odd_and_unwritable_values_are_refused_by_name(vault: Vault) -> None:
    with pytest.raises(Refused, match="holds no SMTP_HOST, SMTP_PORT: nothing was changed"):
        planned_render(vault.wanting("DB_USER", "SMTP_HOST", "SMTP_PORT"))
    vault.put({**VALUES, "JWT_KEY": {"a": 1}})
    with pytest.raises(Refused, match="no single text for JWT_KEY"):
        planned_render(vault)
    vault.put({**VALUES, "JWT_KEY": "local'word"})
    with pytest.raises(Refused, match="the value of JWT_KEY holds a quote") as refused:
        planned_render(vault)
    assert "local'word" not in str(refused.value)
    with pytest.raises(Refused, match="the plan names no variable"):
        planned_render(vault.wanting())
    assert around(vault) == set()


def test_targets_that_are_no_plain_file_are_refused(vault: Vault) -> None:
    other = vault.path.with_name("other")
    other.write_text(FORMER)
    vault.path.symlink_to(other)
    with pytest.raises(Refused, match="is a symbolic link"):
        planned_render(vault)
    vault.path.unlink()
    vault.path.mkdir()
    with pytest.raises(Refused, match="is a directory"):
        planned_render(vault)
    vault.path.rmdir()
    os.mkfifo(vault.path)
    with pytest.raises(Refused, match="is no plain file"):
        planned_render(vault)
    with pytest.raises(Refused, match=r"the directory .* is not there"):
        planned_render(vault.at(vault.path.parent / "nowhere" / ".env"))
    with pytest.raises(Refused, match="must be a whole path"):
        planned_render(vault.at(Path(".env")))
    assert other.read_text() == FORMER


def test_former_files_that_are_no_text_or_too_large_are_refused(vault: Vault) -> None:
    vault.path.write_bytes(b"\xff\xfe")
    with pytest.raises(Refused, match="is no UTF-8 text"):
        planned_render(vault)
    vault.path.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(Refused, match="is larger than"):
        planned_render(vault)


def test_a_directory_that_anybody_may_write_is_refused(vault: Vault) -> None:
    vault.path.parent.chmod(0o777)
    with pytest.raises(Refused, match="anybody may write into"):
        planned_render(vault)
    vault.path.parent.chmod(0o700)


def test_what_is_kept_under_the_run_s_name_by_another_is_not_overwritten(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    _, plan = planned_render(vault)
    vault.path.with_name(".env.before-7").write_text("of an earlier drbot")
    with pytest.raises(Refused, match=r"\.env\.before-7 is there already"):
        plan.before[1].do(context(vault))


def test_a_secret_that_changed_is_drift_and_refused(vault: Vault) -> None:
    planned_facts, plan = planned_render(vault)
    vault.put({**VALUES, "DB_USER": "other"})
    now, _ = planned_render(vault)
    assert "has another version now" in (render_environment_file.drift(planned_facts, now) or "")
    assert render_environment_file.drift(now, now) is None
    with pytest.raises(Refused, match="has another version now"):
        plan.before[0].do(context(vault))
    plan.steps[0].do(context(vault))
    with pytest.raises(Refused, match="has another version now"):
        plan.steps[1].do(context(vault))
    assert not vault.path.exists()


def test_a_file_that_changed_is_drift_and_refused(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    planned_facts, plan = planned_render(vault)
    vault.path.write_text(FORMER + "MORE=1\n")
    now, _ = planned_render(vault)
    assert "was changed since" in (render_environment_file.drift(planned_facts, now) or "")
    for step in (plan.before[1], plan.steps[0], plan.steps[1]):
        with pytest.raises(Refused, match=r"changed since it was shown|not the file that was shown"):
            step.do(context(vault))
    assert "MORE" in vault.path.read_text()
    with pytest.raises(Refused, match="names other variables now"):
        planned_render(vault)[1].before[0].do(context(vault.wanting("DB_USER")))


@pytest.mark.parametrize("spoil", ["mode", "value", "gone", "more"])
def test_a_file_that_is_not_as_written_is_not_verified(vault: Vault, spoil: str) -> None:
    _, plan = planned_render(vault)
    for step in plan.steps:
        step.do(context(vault))
    if spoil == "mode":
        vault.path.chmod(0o644)
    elif spoil == "gone":
        vault.path.unlink()
    elif spoil == "more":
        vault.path.write_text(vault.path.read_text() + "MORE=1\n")
    else:
        vault.path.write_text(vault.path.read_text().replace("DB_USER=belezza", "DB_USER=other"))
    with pytest.raises(NotVerified, match=r"\.env") as refused:
        plan.after[0].do(context(vault))
    assert_silent(refused.value)


def test_aws_gone_denied_or_without_the_secret(vault: Vault) -> None:
    _, plan = planned_render(vault)
    with vault.way.refuse(), pytest.raises(Transient):
        plan.before[0].do(context(vault))
    with vault.way.answer(400, DENIED), pytest.raises(Refused, match="drbot needs secretsmanager"):
        plan.before[0].do(context(vault))
    vault.delete()
    with pytest.raises(Refused, match="marked for deletion"):
        plan.before[0].do(context(vault))
    assert around(vault) == set()


def test_a_file_of_another_user_is_refused_unless_root(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.path.write_text(FORMER)
    monkeypatch.setattr(os, "geteuid", lambda: vault.path.stat().st_uid + 1)
    with pytest.raises(Refused, match="belongs to user"):
        planned_render(vault)
