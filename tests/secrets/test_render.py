"""Rendering the environment file: whole, private, once, and back again; never a value in sight."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
import pytest

from actions.environment_file import render_environment_file
from actions.environment_file_survey import EnvironmentFileFacts
from actions.plan import Context, Evidence, NotVerified, Plan, Refused, Transient
from actions.tools.env_text import read
from tests.actions.running import planned, run, undo
from tests.real.aws import DENIED
from tests.secrets.conftest import HUSH, NAMES, VALUES, Vault

FORMER = "OLD=local-old\nDB_USER=belezza\nDB_PASSWORD='former word'\n"
WANTED = {name: str(VALUES[name]) for name in NAMES}


def _planned(vault: Vault) -> tuple[EnvironmentFileFacts, Plan]:
    return planned(render_environment_file, vault.tools, environment="staging")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _held(vault: Vault) -> dict[str, str]:
    return read(vault.path.read_text())


def _around(vault: Vault) -> set[str]:
    return {found.name for found in vault.path.parent.iterdir()}


def _silent(*told: object) -> None:
    shown = "".join(str(one) for one in told)
    for value in (*HUSH, "local-old", "former word"):
        assert value not in shown


def _context(vault: Vault, number: int = 7) -> Context:
    return Context(vault.tools, number)


def test_a_new_file_is_written_in_order_and_for_its_owner_alone(vault: Vault) -> None:
    facts, plan = _planned(vault)
    assert (facts.former, facts.added, facts.changed, facts.removed) == (None, NAMES, (), ())
    done = run(plan, vault.tools, 7)
    assert list(_held(vault)) == list(NAMES)
    assert _held(vault) == WANTED
    assert _mode(vault.path) == 0o600
    head = vault.path.read_text().partition("\n")[0]
    assert head.startswith(f"# Written by drbot (RUN-7) from the secret {vault.tool.secret}, version ")
    _silent(msgspec.json.encode(facts), plan.facts, plan.warnings, done, *(one.values for one in done))


def test_a_umask_that_opens_files_does_not_open_this_one(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    before = os.umask(0)
    try:
        run(_planned(vault)[1], vault.tools, 7)
    finally:
        os.umask(before)
    assert {_mode(found) for found in vault.path.parent.iterdir()} == {0o600}


def test_the_former_file_is_compared_by_name_kept_and_put_back(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    vault.path.chmod(0o640)
    facts, plan = _planned(vault)
    assert facts.added == ("JWT_KEY",)
    assert facts.changed == ("DB_PASSWORD",)
    assert facts.removed == ("OLD",)
    assert facts.unchanged == ("DB_USER",)
    assert any("only the former file holds OLD" in warning for warning in plan.warnings)
    done = run(plan, vault.tools, 7)
    assert _held(vault) == WANTED
    kept = vault.path.with_name(".env.before-7")
    assert (kept.read_text(), _mode(kept)) == (FORMER, 0o600)
    back = undo(plan, vault.tools, 7, times=2)
    assert (vault.path.read_text(), _mode(vault.path)) == (FORMER, 0o640)
    assert _around(vault) == {".env"}
    assert back[1].said.endswith("was as before already")
    _silent(msgspec.json.encode(facts), plan.facts, plan.warnings, done, back)


def test_where_there_was_no_file_undo_takes_it_away(vault: Vault) -> None:
    _, plan = _planned(vault)
    run(plan, vault.tools, 7)
    undo(plan, vault.tools, 7, times=2)
    assert _around(vault) == set()


@pytest.mark.parametrize("former", [None, FORMER])
def test_every_step_twice_is_once(vault: Vault, former: str | None) -> None:
    if former is not None:
        vault.path.write_text(former)
    _, plan = _planned(vault)
    done = run(plan, vault.tools, 7, times=2)
    assert _held(vault) == WANTED
    assert "had done so already" in _saying(done, "wrote")[1].said
    assert vault.path.with_name(".env.before-7").read_text() == (former or "")
    assert _around(vault) == {".env", ".env.before-7"}


def _saying(done: list[Evidence], word: str) -> list[Evidence]:
    return [one for one in done if one.said.startswith(word)]


def test_pieces_of_a_key_that_was_pasted_into_the_file_are_not_taken_for_names(vault: Vault) -> None:
    vault.path.write_text("KEY=-----BEGIN\nMIIEpAIBAAKCAQEAlocal==\nlocalword=\n")
    facts, plan = _planned(vault)
    assert (facts.removed, facts.unnamed) == (("KEY",), 2)
    assert "MIIE" not in f"{facts}{plan.warnings}"
    assert "localword" not in f"{facts}{plan.warnings}"


def test_undo_half_way_leaves_the_former_file(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    _, plan = _planned(vault)
    plan.steps[0].do(_context(vault))  # and the second step failed
    undo(plan, vault.tools, 7, times=2)
    assert vault.path.read_text() == FORMER
    assert _around(vault) == {".env"}
    _, plan = _planned(vault)
    undo(plan, vault.tools, 8, times=2)  # not even the first step was done
    assert vault.path.read_text() == FORMER


def test_undo_spares_what_a_person_wrote_since(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    _, plan = _planned(vault)
    run(plan, vault.tools, 7)
    with vault.path.open("a") as file:
        file.write("ADDED=by hand\n")
    with pytest.raises(Refused, match="was changed by someone else since"):
        undo(plan, vault.tools, 7)
    assert "ADDED" in vault.path.read_text()


def test_undo_says_when_what_was_kept_is_gone(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    _, plan = _planned(vault)
    run(plan, vault.tools, 7)
    vault.path.with_name(".env.before-7").unlink()
    with pytest.raises(Refused, match="was taken away by someone"):
        undo(plan, vault.tools, 7)
    assert _held(vault) == WANTED


def test_undo_of_an_older_run_does_not_take_back_a_later_one(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    _, older = _planned(vault)
    run(older, vault.tools, 7)
    vault.put({**VALUES, "DB_USER": "other"})
    _, later = _planned(vault)
    run(later, vault.tools, 8)
    with pytest.raises(Refused, match="changed by someone else since"):
        undo(older, vault.tools, 7)
    assert _held(vault)["DB_USER"] == "other"


def test_nothing_to_do_is_refused_but_an_open_file_is_closed(vault: Vault) -> None:
    run(_planned(vault)[1], vault.tools, 7)
    with pytest.raises(Refused, match=r"holds what .* says already"):
        _planned(vault)
    vault.path.chmod(0o644)
    facts, plan = _planned(vault)
    assert facts.unchanged == NAMES
    run(plan, vault.tools, 8)
    assert _mode(vault.path) == 0o600


def test_missing_odd_and_unwritable_values_are_refused_by_name(vault: Vault) -> None:
    with pytest.raises(Refused, match="holds no SMTP_HOST, SMTP_PORT: nothing was changed"):
        _planned(vault.wanting("DB_USER", "SMTP_HOST", "SMTP_PORT"))
    vault.put({**VALUES, "JWT_KEY": {"a": 1}})
    with pytest.raises(Refused, match="no single text for JWT_KEY"):
        _planned(vault)
    vault.put({**VALUES, "JWT_KEY": "local'word"})
    with pytest.raises(Refused, match="the value of JWT_KEY holds a quote") as refused:
        _planned(vault)
    assert "local'word" not in str(refused.value)
    with pytest.raises(Refused, match="the plan names no variable"):
        _planned(vault.wanting())
    assert _around(vault) == set()


def test_numbers_and_truths_are_written_as_they_are(vault: Vault) -> None:
    vault.put('{"DB_USER": 1.50, "DB_PASSWORD": 12345678901234567890, "JWT_KEY": true}')
    run(_planned(vault)[1], vault.tools, 7)
    assert _held(vault) == {"DB_USER": "1.50", "DB_PASSWORD": "12345678901234567890", "JWT_KEY": "true"}


def test_targets_that_are_no_plain_file_are_refused(vault: Vault) -> None:
    other = vault.path.with_name("other")
    other.write_text(FORMER)
    vault.path.symlink_to(other)
    with pytest.raises(Refused, match="is a symbolic link"):
        _planned(vault)
    vault.path.unlink()
    vault.path.mkdir()
    with pytest.raises(Refused, match="is a directory"):
        _planned(vault)
    vault.path.rmdir()
    os.mkfifo(vault.path)
    with pytest.raises(Refused, match="is no plain file"):
        _planned(vault)
    with pytest.raises(Refused, match=r"the directory .* is not there"):
        _planned(vault.at(vault.path.parent / "nowhere" / ".env"))
    with pytest.raises(Refused, match="must be a whole path"):
        _planned(vault.at(Path(".env")))
    assert other.read_text() == FORMER


def test_former_files_that_are_no_text_or_too_large_are_refused(vault: Vault) -> None:
    vault.path.write_bytes(b"\xff\xfe")
    with pytest.raises(Refused, match="is no UTF-8 text"):
        _planned(vault)
    vault.path.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(Refused, match="is larger than"):
        _planned(vault)


def test_a_directory_that_anybody_may_write_is_refused(vault: Vault) -> None:
    vault.path.parent.chmod(0o777)
    with pytest.raises(Refused, match="anybody may write into"):
        _planned(vault)
    vault.path.parent.chmod(0o700)


def test_what_is_kept_under_the_run_s_name_by_another_is_not_overwritten(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    _, plan = _planned(vault)
    vault.path.with_name(".env.before-7").write_text("of an earlier drbot")
    with pytest.raises(Refused, match=r"\.env\.before-7 is there already"):
        plan.before[1].do(_context(vault))


def test_a_secret_that_changed_is_drift_and_refused(vault: Vault) -> None:
    planned_facts, plan = _planned(vault)
    vault.put({**VALUES, "DB_USER": "other"})
    now, _ = _planned(vault)
    assert "has another version now" in (render_environment_file.drift(planned_facts, now) or "")
    assert render_environment_file.drift(now, now) is None
    with pytest.raises(Refused, match="has another version now"):
        plan.before[0].do(_context(vault))
    plan.steps[0].do(_context(vault))
    with pytest.raises(Refused, match="has another version now"):
        plan.steps[1].do(_context(vault))
    assert not vault.path.exists()


def test_a_file_that_changed_is_drift_and_refused(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    planned_facts, plan = _planned(vault)
    vault.path.write_text(FORMER + "MORE=1\n")
    now, _ = _planned(vault)
    assert "was changed since" in (render_environment_file.drift(planned_facts, now) or "")
    for step in (plan.before[1], plan.steps[0], plan.steps[1]):
        with pytest.raises(Refused, match=r"changed since it was shown|not the file that was shown"):
            step.do(_context(vault))
    assert "MORE" in vault.path.read_text()
    with pytest.raises(Refused, match="names other variables now"):
        _planned(vault)[1].before[0].do(_context(vault.wanting("DB_USER")))


@pytest.mark.parametrize("spoil", ["mode", "value", "gone", "more"])
def test_a_file_that_is_not_as_written_is_not_verified(vault: Vault, spoil: str) -> None:
    _, plan = _planned(vault)
    for step in plan.steps:
        step.do(_context(vault))
    if spoil == "mode":
        vault.path.chmod(0o644)
    elif spoil == "gone":
        vault.path.unlink()
    elif spoil == "more":
        vault.path.write_text(vault.path.read_text() + "MORE=1\n")
    else:
        vault.path.write_text(vault.path.read_text().replace("DB_USER=belezza", "DB_USER=other"))
    with pytest.raises(NotVerified, match=r"\.env") as refused:
        plan.after[0].do(_context(vault))
    _silent(refused.value)


def test_aws_gone_denied_or_without_the_secret(vault: Vault) -> None:
    _, plan = _planned(vault)
    with vault.way.refuse(), pytest.raises(Transient):
        plan.before[0].do(_context(vault))
    with vault.way.answer(400, DENIED), pytest.raises(Refused, match="drbot needs secretsmanager"):
        plan.before[0].do(_context(vault))
    vault.delete()
    with pytest.raises(Refused, match="marked for deletion"):
        plan.before[0].do(_context(vault))
    assert _around(vault) == set()


def test_a_file_of_another_user_is_refused_unless_root(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.path.write_text(FORMER)
    monkeypatch.setattr(os, "geteuid", lambda: vault.path.stat().st_uid + 1)
    with pytest.raises(Refused, match="belongs to user"):
        _planned(vault)
