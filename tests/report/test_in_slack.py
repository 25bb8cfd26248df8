"""The report as people meet it in Slack: its chart, its form, its buttons."""

from __future__ import annotations

import pytest
import requests

from bot.workspace.seen import SeenMessage
from tests.scenarios.outage import PATIENCE_S, Outage, one_outage

pytestmark = [pytest.mark.timeout(240)]


def report_of(outage: Outage, *words: str) -> SeenMessage:
    return outage.thread("Incident Report:", *words)


def test_a_report_is_read_changed_and_published_in_its_thread() -> None:
    with one_outage() as outage:
        ana, carla = outage.person("ana"), outage.person("carla")
        outage.alert()
        assert ana.press(outage.card("SEV-1"), "Acknowledge").ok
        outage.thread("Ana Souza acknowledged")
        assert ana.slash("/dr resolve INC-1", outage.home).ok
        assert report_of(outage, "State:", "draft").buttons == ["Edit…", "To review"]
        chart = ana.wait_for(lambda: _chart(outage), PATIENCE_S)
        assert chart.startswith(b"\x89PNG")

        assert ana.press(report_of(outage), "Edit…").ok
        sections = outage.told("ana", "Which section of INC-1's report?")
        assert ana.press(sections, "Root Cause").ok
        form = ana.wait_for_modal("Report of INC-1", PATIENCE_S)
        words = 'The disk was "full".\n\n- nobody watched it\n- section=Impact is a word here'
        assert ana.submit(form, {"text": words}).ok
        outage.told("ana", "The report of INC-1 is changed: Root Cause. It is version 1 now.")
        assert "section=Impact is a word here" in report_of(outage, "nobody watched it").words

        assert ana.press(report_of(outage), "To review").ok
        outage.thread("Ana Souza put the report to review, version 1. Carla Dias, please read it", "<@")
        report = ana.wait_for(
            lambda: found if "Publish" in (found := report_of(outage)).buttons else None, PATIENCE_S
        )
        assert carla.press(report, "Publish").ok
        assert carla.press(report, "Publish").ok
        outage.told("carla", "published by Carla Dias")
        outage.thread("Carla Dias published the report, version 1")
        ana.wait_for(lambda: report_of(outage).buttons == ["Edit…"] or None, PATIENCE_S)
        report_of(outage, "Version 1 was published by Carla Dias")

        assert ana.slash("/dr report export INC-1 as=print", outage.home).ok
        outage.told("ana", "comes to you in a direct message: inc-1-report-print.html")
        page = ana.wait_for(lambda: _sent(outage, "inc-1-report-print.html"), PATIENCE_S)
        assert page.startswith(b"<!doctype html>")
        assert b"nobody watched it" in page


def _chart(outage: Outage) -> bytes | None:
    ana = outage.person("ana")
    for message in ana.thread(outage.home, outage.card().ts):
        for file in message.body.get("files", []):
            if file["name"] == "inc-1-chart.png":
                assert file["alt_txt"]
                url = f"{outage.workspace.page_url}files/{file['id']}"
                answer = requests.get(url, timeout=10)
                assert answer.headers["Content-Type"] == "image/png"
                return answer.content
    return None


def _sent(outage: Outage, name: str) -> bytes | None:
    ana = outage.person("ana")
    for message in ana.channel(ana.direct()):
        for file in message.body.get("files", []):
            if file["name"] == name:
                return requests.get(f"{outage.workspace.page_url}files/{file['id']}", timeout=10).content
    return None
