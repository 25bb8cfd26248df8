"""Rendering the environment file: whole, private, once, and back again; never a value in sight."""

from __future__ import annotations

import os

import msgspec
import pytest

from actions.plan import Evidence, Refused
from tests.actions.running import run, undo
from tests.secrets.conftest import NAMES, VALUES, Vault
from tests.secrets.rendering import (
    FORMER,
    WANTED,
    around,
    assert_silent,
    context,
    held,
    mode_of,
    planned_render,
)


def _saying(done: list[Evidence], word: str) -> list[Evidence]:
    return [one for one in done if one.said.startswith(word)]


def test_a_new_file_is_written_in_order_and_for_its_owner_alone(vault: Vault) -> None:
    facts, plan = planned_render(vault)
    assert (facts.former, facts.added, facts.changed, facts.removed) == (None, NAMES, (), ())
    done = run(plan, vault.tools, 7)
    assert list(held(vault)) == list(NAMES)
    assert held(vault) == WANTED
    assert mode_of(vault.path) == 0o600
    head = vault.path.read_text().partition("\n")[0]
    assert head.startswith(f"# Written by drbot (RUN-7) from the secret {vault.tool.secret}, version ")
    assert_silent(msgspec.json.encode(facts), plan.facts, plan.warnings, done, *(one.values for one in done))


def test_a_umask_that_opens_files_does_not_open_this_one(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    before = os.umask(0)
    try:
        run(planned_render(vault)[1], vault.tools, 7)
    finally:
        os.umask(before)
    assert {mode_of(found) for found in vault.path.parent.iterdir()} == {0o600}


def test_the_former_file_is_compared_by_name_kept_and_put_back(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    vault.path.chmod(0o640)
    facts, plan = planned_render(vault)
    assert facts.added == ("JWT_KEY",)
    assert facts.changed == ("DB_PASSWORD",)
    assert facts.removed == ("OLD",)
    assert facts.unchanged == ("DB_USER",)
    assert any("only the former file holds OLD" in warning for warning in plan.warnings)
    done = run(plan, vault.tools, 7)
    assert held(vault) == WANTED
    kept = vault.path.with_name(".env.before-7")
    assert (kept.read_text(), mode_of(kept)) == (FORMER, 0o600)
    back = undo(plan, vault.tools, 7, times=2)
    assert (vault.path.read_text(), mode_of(vault.path)) == (FORMER, 0o640)
    assert around(vault) == {".env"}
    assert back[1].said.endswith("was as before already")
    assert_silent(msgspec.json.encode(facts), plan.facts, plan.warnings, done, back)


def test_where_there_was_no_file_undo_takes_it_away(vault: Vault) -> None:
    _, plan = planned_render(vault)
    run(plan, vault.tools, 7)
    undo(plan, vault.tools, 7, times=2)
    assert around(vault) == set()


@pytest.mark.parametrize("former", [None, FORMER])
def test_every_step_twice_is_once(vault: Vault, former: str | None) -> None:
    if former is not None:
        vault.path.write_text(former)
    _, plan = planned_render(vault)
    done = run(plan, vault.tools, 7, times=2)
    assert held(vault) == WANTED
    assert "had done so already" in _saying(done, "wrote")[1].said
    assert vault.path.with_name(".env.before-7").read_text() == (former or "")
    assert around(vault) == {".env", ".env.before-7"}


def test_pieces_of_a_key_that_was_pasted_into_the_file_are_not_taken_for_names(vault: Vault) -> None:
    vault.path.write_text("KEY=-----BEGIN\nMIIEpAIBAAKCAQEAlocal==\nlocalword=\n")
    facts, plan = planned_render(vault)
    assert (facts.removed, facts.unnamed) == (("KEY",), 2)
    assert "MIIE" not in f"{facts}{plan.warnings}"
    assert "localword" not in f"{facts}{plan.warnings}"


def test_undo_half_way_leaves_the_former_file(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    _, plan = planned_render(vault)
    plan.steps[0].do(context(vault))  # and the second step failed
    undo(plan, vault.tools, 7, times=2)
    assert vault.path.read_text() == FORMER
    assert around(vault) == {".env"}
    _, plan = planned_render(vault)
    undo(plan, vault.tools, 8, times=2)  # not even the first step was done
    assert vault.path.read_text() == FORMER


def test_undo_spares_what_a_person_wrote_since(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    _, plan = planned_render(vault)
    run(plan, vault.tools, 7)
    with vault.path.open("a") as file:
        file.write("ADDED=by hand\n")
    with pytest.raises(Refused, match="was changed by someone else since"):
        undo(plan, vault.tools, 7)
    assert "ADDED" in vault.path.read_text()


def test_undo_says_when_what_was_kept_is_gone(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    _, plan = planned_render(vault)
    run(plan, vault.tools, 7)
    vault.path.with_name(".env.before-7").unlink()
    with pytest.raises(Refused, match="was taken away by someone"):
        undo(plan, vault.tools, 7)
    assert held(vault) == WANTED


def test_undo_of_an_older_run_does_not_take_back_a_later_one(vault: Vault) -> None:
    vault.path.write_text(FORMER)
    _, older = planned_render(vault)
    run(older, vault.tools, 7)
    vault.put({**VALUES, "DB_USER": "other"})
    _, later = planned_render(vault)
    run(later, vault.tools, 8)
    with pytest.raises(Refused, match="changed by someone else since"):
        undo(older, vault.tools, 7)
    assert held(vault)["DB_USER"] == "other"


def test_nothing_to_do_is_refused_but_an_open_file_is_closed(vault: Vault) -> None:
    run(planned_render(vault)[1], vault.tools, 7)
    with pytest.raises(Refused, match=r"holds what .* says already"):
        planned_render(vault)
    vault.path.chmod(0o644)
    facts, plan = planned_render(vault)
    assert facts.unchanged == NAMES
    run(plan, vault.tools, 8)
    assert mode_of(vault.path) == 0o600


def test_numbers_and_truths_are_written_as_they_are(vault: Vault) -> None:
    vault.put('{"DB_USER": 1.50, "DB_PASSWORD": 12345678901234567890, "JWT_KEY": true}')
    run(planned_render(vault)[1], vault.tools, 7)
    assert held(vault) == {"DB_USER": "1.50", "DB_PASSWORD": "12345678901234567890", "JWT_KEY": "true"}
