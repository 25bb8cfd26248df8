"""Looking at a secret: its names, and never more than that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.plan import Evidence, Refused, Transient
from actions.secrets.look import look_at_secrets
from tests.actions.running import planned, run
from tests.real.aws import DENIED
from tests.secrets.conftest import HUSH, Vault


def _look(vault: Vault) -> Evidence:
    facts, plan = planned(look_at_secrets, vault.tools, environment="staging")
    done = run(plan, vault.tools, 7)
    told = f"{facts}{plan}{done}"
    assert not any(value in told for value in HUSH)
    return done[-1]


def test_it_tells_which_names_are_there_and_which_are_not(vault: Vault) -> None:
    found = _look(vault.wanting("DB_USER", "JWT_KEY", "SMTP_HOST"))
    assert "holds 2 of the plan's 3 variables; missing: SMTP_HOST; it changed 20" in found.said
    assert found.light == "red"
    assert _look(vault.wanting("DB_USER", "JWT_KEY")).light == "green"
    assert found.values["there"] == "DB_USER, JWT_KEY"
    assert found.values["not in the plan"] == "DB_PASSWORD, UNUSED"
    before = found.values["version"]
    vault.put({"DB_USER": None, "JWT_KEY": ["x"], "SMTP_HOST": 25})
    found = _look(vault.wanting("DB_USER", "JWT_KEY", "SMTP_HOST"))
    assert "holds 1 of the plan's 3 variables; no single text: DB_USER, JWT_KEY" in found.said
    assert found.values["version"] != before


@pytest.mark.parametrize("text", ["[1, 2]", "not json: local-password", '"text"', "{", "[" * 5000])
def test_what_is_no_object_is_refused_without_a_word_of_it(vault: Vault, text: str) -> None:
    vault.put(text)
    with pytest.raises(Refused, match="is not a JSON object of names and values") as refused:
        _look(vault)
    assert "local-password" not in str(refused.value)
    assert refused.value.__context__ is None  # a parser's error would hold the secret


def test_a_binary_secret_is_refused(vault: Vault) -> None:
    vault.aws.secrets.put_secret_value(SecretId=vault.tool.secret, SecretBinary=b"\x00\x01")
    with pytest.raises(Refused, match="it is binary"):
        _look(vault)


def test_a_secret_that_is_gone_or_never_was_says_so(vault: Vault) -> None:
    vault.delete()
    with pytest.raises(Refused, match="is not there or marked for deletion"):
        _look(vault)
    nowhere = replace(vault, tool=replace(vault.tool, secret="belezza/nowhere"))
    with pytest.raises(Refused, match=r"check the plan's secrets\.secret"):
        _look(nowhere)


def test_aws_refuses_hangs_or_denies(vault: Vault) -> None:
    hasty = replace(vault, tool=replace(vault.tool, timeout_s=0.5))
    with vault.way.refuse(), pytest.raises(Transient, match="did not answer"):
        _look(hasty)
    with vault.way.hang(), pytest.raises(Transient, match="did not answer"):
        _look(hasty)
    with vault.way.answer(400, DENIED), pytest.raises(Refused, match="drbot needs secretsmanager:GetSecret"):
        _look(hasty)


def test_the_tool_never_shows_values_or_keys(vault: Vault) -> None:
    shown = f"{vault.tool}{vault.tool.read()}"
    assert not any(value in shown for value in HUSH)
    assert "local-word" not in shown
