"""The report as files: nothing in them runs or loads, every label leads somewhere, paper takes it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.report import Reports
from bot.report.exporting import export
from bot.report.hypertext import body_html, page
from bot.report.paper import read_paper
from bot.store.workspace import keep_workspace_url
from tests.report.lived import BIA, Life, live
from tests.report.test_states import PLAN

ALLOWED = set(
    re.findall(r"\w+", "html head meta title style body h1 h2 h3 h4 h5 h6 p ul ol li a b strong em")
) | set(re.findall(r"\w+", "code pre blockquote table thead tbody tr th td hr br span figure img"))
HOSTILE = """# Incident Report: <script>alert(1)</script> & "quotes"

> **State:** draft

## Root Cause
<img src=x onerror=alert(1)> ![pixel](https://evil.example/p.png) [press](javascript:alert(1))
[data](data:text/html,<script>alert(1)</script>) <https://evil.example> [ok](https://good.example/?a=1&b="2")
</body></html><iframe src="https://evil.example"></iframe> \ue000e1"><script>\ue001 [e12] \\[e12\\] `[e12]`
<style>body{display:none}</style> [e1"onclick="x] &lt;script&gt; &#60;script&#62;

## Appendix C: Evidence
- [e12] 2026-09-30 03:02:10 UTC, drbot, journal, alert-fired
- [m13] 2026-09-30 03:04:10 UTC, Ana, message C0INC1/1790737470.000000
"""


class Seen(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def harmless(html: str) -> Seen:
    seen = Seen(html)
    for tag, attributes in seen.tags:
        assert tag in ALLOWED, tag
        assert not [name for name in attributes if name.startswith("on")], attributes
        address = str(attributes.get("href") or "")
        assert not address or re.match(r"(?:#|https?://|mailto:|[^:]*$)", address, re.IGNORECASE), address
        assert str(attributes.get("src") or "data:image/png").startswith("data:image/png")
    return seen


def test_hostile_words_are_only_shown() -> None:
    html = page(HOSTILE, 'a "title" </title><script>', b"\x89PNG", "https://belezza.slack.com/")
    seen = harmless(html)
    assert "default-src 'none'; img-src data:" in html
    assert not [one for one in seen.tags if one[0] == "iframe"]
    assert [one["src"] for tag, one in seen.tags if tag == "img"] == ["data:image/png;base64,iVBORw=="]


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=300), st.sampled_from(["", "- ", "> ", "| a | b |\n| --- | --- |\n| ", "## ", "```\n"])
)
def test_any_words_are_only_shown(text: str, lead: str) -> None:
    harmless(body_html(lead + text, "https://belezza.slack.com/"))


def test_a_label_is_an_anchor_and_a_message_leads_to_slack() -> None:
    html = body_html(HOSTILE, "https://belezza.slack.com/")
    assert '<a href="#e12">e12</a>' in html
    assert html.count('<b id="e12">') == 1
    assert "https://belezza.slack.com/archives/C0INC1/p1790737470000000" in html
    assert "<code>[e12]</code>" in html
    assert "slack.com" not in body_html(HOSTILE)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    lived = live(tmp_path / "drbot.db")
    lived.store.write(lambda tx: keep_workspace_url(tx, "https://belezza.slack.com/"))
    yield lived
    lived.store.close()


def test_every_label_of_a_report_leads_to_its_evidence(life: Life, tmp_path: Path) -> None:
    (file,) = export(life.store, PLAN, Reports(life.store, PLAN).shown(1), "html", tmp_path / "out")
    html = file.read_text(encoding="utf-8")
    seen = harmless(html)
    led = {
        str(one["href"])[1:] for tag, one in seen.tags if tag == "a" and str(one.get("href")).startswith("#")
    }
    there = {str(one["id"]) for _, one in seen.tags if one.get("id")}
    assert led
    assert led <= there
    assert len(html) < 500_000


def test_markdown_has_its_chart_beside_and_comes_back_without_it(life: Life, tmp_path: Path) -> None:
    reports = Reports(life.store, PLAN)
    text, picture = export(life.store, PLAN, reports.shown(1), "md", tmp_path / "out")
    assert picture.read_bytes().startswith(b"\x89PNG")
    markdown = text.read_text(encoding="utf-8")
    assert f"![The incident over time]({picture.name})" in markdown
    assert "> **State:** A draft, written from the record as it stands." in markdown
    done = reports.edit(BIA, 1, markdown.replace("## Lessons Learned\n", "## Lessons Learned\nOurs.\n"))
    assert done.changed == ("Lessons Learned",)
    assert "**State:**" not in read_paper(reports.shown(1).text).head


def test_chromium_prints_it(life: Life, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None and not os.environ.get("CI"):
        pytest.skip("chromium is not installed (Debian package chromium)")
    assert chromium is not None
    (file,) = export(life.store, PLAN, Reports(life.store, PLAN).shown(1), "print", tmp_path / "out")
    pdf = tmp_path / "report.pdf"
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    subprocess.run(
        [chromium, *flags, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", file.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))
    assert 3 <= pages <= 6
