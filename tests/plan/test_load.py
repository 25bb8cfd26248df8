"""Loading says every fault at once, each with its line, and raises nothing but PlanFaults."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.plan.load import LARGEST_BYTES, Fault, PlanFaults, load_plan, read_plan
from bot.plan.models import DrPlan

BELEZZA = Path(__file__).parents[2] / "data" / "belezza.yaml"


def faults(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(PlanFaults) as caught:
        read_plan(text)
    return [(fault.line, fault.path, fault.message) for fault in caught.value.faults]


def test_every_fault_at_once_with_its_line() -> None:
    found = faults(
        "people:\n"
        "  ana: {nme: Ana, roles: ana}\n"
        "correlation:\n"
        "  window: 5 minuts\n"
        "  by: [host]\n"
        "environments:\n"
        "  production:\n"
        "    match: ['env is production']\n"
        "    customers: perhaps\n"
        "risks:\n"
        "  enormous: {ask: [], approve: []}\n"
        "severities:\n"
        "  SEV-9: {description: worse, response: 1m}\n"
    )
    said = {(line, path): message for line, path, message in found}
    assert "did you mean 'name'?" in said[2, "people.ana.nme"]
    assert said[2, "people.ana.name"] == "'name' is missing"
    assert "must be a list" in said[2, "people.ana.roles"]
    assert "5 minuts" in said[4, "correlation.window"]
    assert "'component', 'environment' or 'alertname'" in said[5, "correlation.by[0]"]
    assert "is not a matcher" in said[8, "environments.production.match[0]"]
    assert "neither true nor false" in said[9, "environments.production.customers"]
    assert (11, "risks.enormous") in said
    assert (13, "severities.SEV-9") in said
    assert len(found) == 9


def test_double_keys_are_told_beside_the_rest() -> None:
    found = faults("people: {}\nworkers: {}\npeople: {}\n")
    assert [line for line, _, _ in found] == [2, 3]
    assert "already in line 1" in found[1][2]


def test_a_syntax_error_has_its_line_and_what_came_before_is_still_checked() -> None:
    found = faults("peeple: {}\npeople:\n  ana: {name: Ana\nrisks: {}\n")
    assert any(line == 1 and "did you mean 'people'?" in said for line, _, said in found)
    assert any(line >= 3 and "this is not YAML" in said for line, _, said in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("people: &all {}\nrunbooks: *all\n", "anchors"),
        ("files: !!python/object/apply:os.system [id]\n", "tag"),
        ("files: " + "[" * 500 + "]" * 500, "nested deeper"),
        ("people: {}\n---\npeople: {}\n", "second document"),
        ("? [a, b]\n: c\n", "key must be a text"),
        ("- a list\n", "key: value"),
        ("only words", "key: value"),
        ("", "empty"),
        ("# only a comment\n", "empty"),
        ("people: \x07\n", "control characters"),
    ],
)
def test_hostile_and_empty_files_are_refused(text: str, said: str) -> None:
    assert any(said in message for _, _, message in faults(text))


def test_an_alias_bomb_costs_nothing() -> None:
    bomb = "a: &a [x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{f'*{chr(97 + n)},' * 9}]\n" for n in range(20)
    )
    began = time.monotonic()
    assert "anchors" in faults(bomb)[0][2]
    assert time.monotonic() - began < 20, "9^20 copies would take for ever"


def test_names_that_lead_nowhere() -> None:
    found = faults(
        "people:\n  ana: {name: Ana, roles: [on-call]}\n"
        "on_call:\n  devops: {role: DevOps, primary: anna, secondary: '[Name]'}\n"
        "environments:\n  production: {customers: true}\n"
        "risks:\n  low: {ask: [oncall], approve: []}\n"
        "runbooks:\n"
        "  pool:\n"
        "    title: Pool\n"
        "    component: database\n"
        "    actions:\n"
        "      - {action: look, params: {environment: prod}}\n"
        "      - {action: look, params: {environment: '{environment}'}, environments: [stagin]}\n"
    )
    assert [(line, path) for line, path, _ in found] == [
        (4, "on_call.devops.primary"),
        (8, "risks.low.ask[0]"),
        (12, "runbooks.pool.component"),
        (14, "runbooks.pool.actions[0].params.environment"),
        (15, "runbooks.pool.actions[1].environments[0]"),
    ]
    assert "did you mean 'ana'?" in found[0][2]
    assert "did you mean 'on-call'?" in found[1][2]


def test_text_stays_what_is_written() -> None:
    plan = read_plan(
        "document: {title: no, version: 1.0, last_updated: 2026-02, owner: 0x1F, review: monthly}\n"
        "people: {on: {name: 12:30}}\n"
    )
    assert plan.document is not None
    assert (plan.document.title, plan.document.version, plan.document.owner) == ("no", "1.0", "0x1F")
    assert plan.people["on"].name == "12:30"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for path, said in (
        (tmp_path / "absent.yaml", "DR_PLAN"),
        (tmp_path, "cannot be read"),
        (_written(tmp_path / "large.yaml", b"#" * (LARGEST_BYTES + 1)), "larger than"),
        (_written(tmp_path / "latin.yaml", "people: {}\n# são".encode("latin-1")), "UTF-8"),
    ):
        with pytest.raises(PlanFaults, match=said):
            load_plan(path)


def _written(path: Path, body: bytes) -> Path:
    path.write_bytes(body)
    return path


def test_a_large_file_of_nonsense_is_refused_soon() -> None:
    text = "".join(f"key{number}: [{number}]\n" for number in range(50_000))
    began = time.monotonic()
    with pytest.raises(PlanFaults, match=r"and [0-9]+ more"):
        read_plan(text)
    assert time.monotonic() - began < 20


def test_the_plan_remembers_its_lines() -> None:
    plan = load_plan(BELEZZA)
    assert plan.source is not None
    line = plan.source.line("objectives", "rpo")
    assert plan.source.text.splitlines()[line - 1].strip().startswith("rpo:")
    assert plan.source.line("objectives", "rpo", "nowhere") == line


@settings(deadline=None)
@given(st.text(max_size=400))
@example("a: \ud800")
@example("a: b: c")
@example("%YAML 9.9\n---\n")
@example("\ufeff\ufeffpeople: {}")
def test_any_text_is_a_plan_or_plan_faults(text: str) -> None:
    _try(text)


_WORDS = st.sampled_from(
    [
        *DrPlan.model_fields,
        "ana",
        "name",
        "match",
        "params",
        "actions",
        "words",
        "title",
        "SEV-1",
        "cron",
        "database",
    ]
)
_SCALARS = st.one_of(
    st.none(), st.text(max_size=12), st.integers(), st.sampled_from(["1h", 'a="b"', "* * * * *"])
)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(_WORDS, _TREES, max_size=6))
def test_any_tree_of_known_words_is_a_plan_or_plan_faults(tree: dict[str, object]) -> None:
    _try(json.dumps(tree, ensure_ascii=False))


@settings(deadline=None)
@given(st.integers(0, 20_000), st.integers(0, 200), st.text(max_size=5))
def test_a_damaged_plan_is_a_plan_or_plan_faults(start: int, length: int, put: str) -> None:
    text = BELEZZA.read_text(encoding="utf-8")
    _try(text[:start] + put + text[start + length :])


def _try(text: str) -> None:
    found: tuple[Fault, ...] = ()
    said = ""
    try:
        read_plan(text)
        refused = False
    except PlanFaults as error:
        refused, found, said = True, error.faults, str(error)
    assert refused == bool(found)
    assert all(fault.message in said for fault in found[:100])
    assert all(0 <= fault.line <= len(text.splitlines()) + 2 for fault in found)
