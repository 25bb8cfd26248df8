"""A report as one HTML file: no script, nothing loaded from elsewhere, evidence as anchors, ready to print.

Markdown is read by markdown-it with HTML switched off, so that whatever people wrote is only shown; the
page's own policy forbids scripts, frames, forms and every address but its own pictures.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# Two letters of nobody's, to carry an evidence label through the reading of Markdown.
_OPEN, _CLOSE = "\ue000", "\ue001"
_LABELS = re.compile(r"(?<!\\)\[((?:[em]\d+)(?:, [em]\d+)*)\](?!\()")
_CARRIED = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_PLACE = re.compile(r"\bmessage ([CGD][A-Z0-9]{2,20})/(\d{9,11}\.\d{6})\b")
_BOX = re.compile(r"^\[([ xX])\]\s")


def page(markdown: str, title: str, chart: bytes = b"", workspace: str = "", printed: bool = False) -> str:
    """The whole page. `workspace` is Slack's address (`https://team.slack.com/`), '' where it is not known;
    `printed` is the page for paper. Never raises, whatever the text holds."""
    picture = base64.b64encode(chart).decode() if chart else ""
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=True)
    head, body = _parts(markdown, workspace)
    return environment.get_template("report.html.j2").render(
        title=title,
        head=head,
        body=body,
        picture=picture,
        printed=printed,
    )


def _parts(markdown: str, workspace: str) -> tuple[str, str]:
    """The page's HTML above its first section, and from there on."""
    html = body_html(markdown, workspace)
    head, mark, rest = html.partition("<h2")
    return head, mark + rest


def body_html(markdown: str, workspace: str = "") -> str:
    """Markdown as HTML in which nothing runs and nothing is loaded."""
    clean = markdown.replace(_OPEN, "").replace(_CLOSE, "").replace("\x00", "")
    carried = _LABELS.sub(rf"{_OPEN}\1{_CLOSE}", clean)
    tokens = _reader().parse(carried)
    seen: set[str] = set()
    evidence = False
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            evidence = token.tag == "h2" and tokens[index + 1].content.startswith("Appendix C")
            token.attrSet("id", _anchor(tokens[index + 1].content))
        if token.children:
            token.children = _marked(token.children, evidence, seen, workspace)
    return str(_reader().renderer.render(tokens, _reader().options, {}))


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table").disable("image")


def _marked(children: Sequence[Token], evidence: bool, seen: set[str], workspace: str) -> list[Token]:
    """Text with its labels as links (or, in the list of evidence, as what they lead to)."""
    made: list[Token] = []
    for place, child in enumerate(children):
        if child.type == "link_open":
            child.attrSet("rel", "noopener noreferrer nofollow")
        if child.type not in ("text", "code_inline"):
            made.append(child)
            continue
        if child.type == "code_inline":
            child.content = _CARRIED.sub(r"[\1]", child.content)
            made.append(child)
            continue
        html = escape(child.content)
        if place == 0:
            html = _BOX.sub(
                lambda hit: '<span class="box">%s</span> ' % ("☐" if hit[1] == " " else "☑"), html
            )
        html = _CARRIED.sub(lambda hit: _links(hit[1], evidence, seen), html)
        if evidence and workspace.startswith("https://"):
            html = _PLACE.sub(lambda hit: _permalink(hit, workspace), html)
        made.append(Token("html_inline", "", 0, content=html))
    return made


def _links(labels: str, evidence: bool, seen: set[str]) -> str:
    parts = []
    for label in labels.split(", "):
        if evidence and label not in seen:
            seen.add(label)
            parts.append(f'<b id="{label}">{label}</b>')
        else:
            parts.append(f'<a href="#{label}">{label}</a>')
    return f'<span class="proof">[{", ".join(parts)}]</span>'


def _permalink(hit: re.Match[str], workspace: str) -> str:
    address = f"{workspace.rstrip('/')}/archives/{hit[1]}/p{hit[2].replace('.', '')}"
    return f'<a href="{escape(address)}" rel="noopener noreferrer">message {hit[1]}/{hit[2]}</a>'


def _anchor(title: str) -> str:
    """An id for a section that no evidence label can be."""
    return "s-" + ("-".join(re.findall(r"[a-z0-9]+", title.lower()))[:60] or "section")
