"""The text of an environment file: read alike by Compose 1, python-dotenv and a shell, or not written."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from actions.plan import Refused
from actions.tools.env_text import read, render

TRICKY = {
    "PLAIN": "postgres://belezza@db:5432/belezza?x=1&y=2",
    "EMPTY": "",
    "BLANKS": "  two  blanks  ",
    "HASH": "a #b # c",
    "DOLLAR": "pa$word$HOME$$x",
    "SIGNS": "!`*?[]{}()<>|;&~%@^",
    "EQUALS": "a=b==",
    "UNICODE": "São Paulo ✓",
    "LAST": "true",
}


@given(st.dictionaries(st.sampled_from(["A", "B_1", "_c"]), st.text(max_size=40), min_size=1))
def test_what_is_written_is_read_back_the_same_or_refused_by_name(values: dict[str, str]) -> None:
    try:
        text = render("from a test", list(values), values)
    except Refused:
        return
    assert read(text) == values
    assert list(read(text)) == list(values)


@pytest.mark.parametrize(
    ("value", "what"),
    [("a\nB=1", "line's end"), ("a\rb", "line's end"), ("it's", "a quote"), ('"', "a quote"),
     ("a\\b", "a backslash"), ("${HOME}", r"\$\{"), ("\x00", "control character"), ("\u2028", "line's end")],
)  # fmt: skip
def test_a_value_that_readers_take_differently_is_refused_without_being_shown(value: str, what: str) -> None:
    with pytest.raises(
        Refused, match=f"the value of JWT_KEY holds {what}|the value of JWT_KEY holds a"
    ) as no:
        render("", ["JWT_KEY"], {"JWT_KEY": f"local{value}word"})
    assert "local" not in str(no.value)


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "A=B", "A\n", "Ä"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="is no name for a variable"):
        render("", [name], {name: "x"})


def test_the_header_stays_one_comment() -> None:
    assert render("from\nEVIL=1", ["A"], {"A": "1"}) == "# from EVIL=1\nA=1\n"


def test_other_text_is_read_without_failing() -> None:
    assert read("export A=1\n\n# x\nB = 'two' # c\nC\n=\n???\n") == {"A": "1", "B": "two"}


def test_a_shell_reads_the_same(tmp_path: Path) -> None:
    (tmp_path / "env").write_text(render("from a test", list(TRICKY), TRICKY))
    script = f"set -a; . {tmp_path}/env; exec env -0"
    done = subprocess.run(
        ["/bin/sh", "-c", script],
        capture_output=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    )
    found = dict(line.split("=", 1) for line in done.stdout.decode().split("\0") if line)
    assert {name: found[name] for name in TRICKY} == TRICKY


@pytest.mark.parametrize("where", ["env_file", ".env"])
def test_compose_reads_the_same(tmp_path: Path, where: str) -> None:
    compose = shutil.which("docker-compose")
    if compose is None:
        pytest.skip("docker-compose is not installed (Debian package docker-compose)")
    (tmp_path / ".env").write_text(render("from a test", list(TRICKY), TRICKY))
    service: dict[str, object] = {"image": "api"}
    if where == "env_file":
        service["env_file"] = ".env"
    else:
        service["environment"] = {name: f"${{{name}}}" for name in TRICKY}
    (tmp_path / "docker-compose.yml").write_text(json.dumps({"version": "3", "services": {"api": service}}))
    done = subprocess.run(
        [compose, "config"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = yaml.safe_load(done.stdout)["services"]["api"]["environment"]
    found = {name: str(value).replace("$$", "$") for name, value in shown.items()}
    assert found == TRICKY
