"""The night in which nobody answers at first, played at the page by those who are called in turn."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from playwright.sync_api import Page, expect

from bot.demo.databases import PRODUCTION
from bot.workspace.seen import SeenMessage
from tests.real.browser import look_at
from tests.scenarios.people import ANNOTATIONS, Outside

PATIENCE_S = 60.0
PATIENCE_MS = PATIENCE_S * 1000
CUSTOMERS = "customers@belezza.example"
OUR_WORDS = "Bookings fail since 19:00. Your data is safe; we are bringing the database back."
NOTED = "todo: @bruno keep a standby of the database ready, by 2026-12-11"
Shoot = Callable[[str], None]


class Story:
    """Each step is what one person does, and what everybody sees of it afterwards."""

    def __init__(self, outside: Outside, page: Page, shoot: Shoot) -> None:
        self._outside = outside
        self._page = page
        self._shoot = shoot
        self._home = outside.cast.home

    def play(self) -> None:
        """Database down, nobody answers, escalation, commander, the outside, restore, report, items."""
        self._database_goes_down()
        self._nobody_answers()
        self._carla_takes_command()
        self._carla_tells_the_outside()
        self._the_database_comes_back()
        self._it_is_over()
        self._what_is_to_be_done_is_kept()

    def _database_goes_down(self) -> None:
        with psycopg.connect(self._outside.world.databases.url(PRODUCTION), autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
        self._outside.alert("firing")
        self._wait(lambda: self._card())

    def _nobody_answers(self) -> None:
        self._wait(lambda: self._outside.pager.actions == ["trigger"])
        letters = self._outside.post
        self._wait(lambda: len(letters.letters) == 2)
        called = [letter.to for letter in letters.letters]
        assert called == [("carla@belezza.example",), ("davi@belezza.example",)]
        assert all(subject.startswith("SEV-1 INC-1 unanswered") for subject in letters.subjects)
        self._wait(lambda: self._says("CTO was told"))
        self._look("carla", thread=True)
        self._shoot("unanswered")

    def _carla_takes_command(self) -> None:
        self._look("carla")
        self._press("Take command")
        self._wait(lambda: self._outside.pager.actions == ["trigger", "acknowledge"])
        self._wait(lambda: "Carla Dias (commander)" in self._card().words)
        assert "answered after" in self._card().words
        self._wait(lambda: {"U0BLZ0003", "U0BLZ0004"} <= self._in_its_channel())
        assert len(self._outside.post.letters) == 2, "who answered is called no more"

    def _carla_tells_the_outside(self) -> None:
        self._look("carla")
        self._press("Tell outside…")
        self._dialog("Draft")
        self._wait(lambda: self._in_thread("Approve and send"))
        assert not self._outside.page.incidents, "nothing is told outside by itself"
        self._look("carla", thread=True)
        self._press("Edit…")
        self._page.get_by_role("dialog").get_by_label("Text, as it will appear").fill(OUR_WORDS)
        self._dialog("Save")
        self._wait(lambda: self._thread_says(OUR_WORDS, button="Approve and send"))
        self._look("carla", thread=True)
        self._shoot("draft")
        self._press("Approve and send")
        self._dialog("Send it")
        self._wait(lambda: self._outside.page.texts() == [("investigating", OUR_WORDS)])
        self._wait(lambda: "next update due" in self._card().words)
        look_at(self._page, f"{self._outside.page.url}/")
        expect(self._page.get_by_text(OUR_WORDS)).to_be_visible()
        self._shoot("status-page")

    def _the_database_comes_back(self) -> None:
        self._look("ana")
        self._press("Runbook: Database Recovery")
        self._approve("Stop a service")
        self._done_by_hand("Download latest backup")
        self._approve("Restore a database", typed="production")
        self._approve("Start a service")
        self._wait(lambda: self._thread_says("Runbook: Database Recovery", "✓  6."))
        with psycopg.connect(self._outside.world.databases.url(PRODUCTION)) as connection:
            (rows,) = connection.execute("SELECT count(*) FROM agendamentos").fetchone() or (0,)
        assert rows > 0
        self._the_outside_hears_the_rest()

    def _approve(self, title: str, typed: str = "") -> None:
        """Bruno reads the plan card of this title and approves it."""
        button = "Approve…" if typed else "Approve"
        self._wait(lambda: self._thread_says(title, button=button))
        self._look("bruno", thread=True)
        if typed:
            self._shoot("restore")
        self._press(button)
        if typed:
            self._page.get_by_role("dialog").get_by_role("textbox").fill(typed)
        self._dialog("Approve")
        self._wait(lambda: self._thread_says(title, "Done and verified"))

    def _done_by_hand(self, title: str) -> None:
        self._wait(lambda: self._thread_says(title, "press Done", button="Done"))
        self._look("ana", thread=True)
        self._press("Done")

    def _the_outside_hears_the_rest(self) -> None:
        cast = self._outside.cast
        for line in ("/dr draft INC-1 mail", "/dr draft INC-1 social", "/dr draft INC-1 status resolved"):
            assert cast.ana.slash(line, self._home).ok
            self._wait(lambda: self._in_thread("Approve and send"))
            self._look("carla", thread=True)
            self._press("Approve and send")
            self._dialog("Send it")
            self._wait(lambda: not self._in_thread("Approve and send"))
        self._wait(lambda: self._outside.page.texts()[-1][0] == "resolved")
        self._wait(lambda: (CUSTOMERS,) in [letter.to for letter in self._outside.post.letters])
        self._wait(lambda: len(self._outside.network.posts) == 1)

    def _it_is_over(self) -> None:
        cast = self._outside.cast
        card = self._card()
        said = cast.ana.say("root cause: a migration dropped the public schema", self._home, card.ts)
        cast.bruno.react(said, "mag")
        cast.bruno.react(cast.ana.say(NOTED, self._home, card.ts), "memo")
        self._outside.alert("resolved")
        self._wait(lambda: "is over" in self._card().words)
        self._wait(lambda: self._outside.pager.actions[-1] == "resolve")
        self._wait(lambda: self._says("Incident Report"))
        self._look("carla", thread=True)
        self._shoot("report")

    def _what_is_to_be_done_is_kept(self) -> None:
        self._look("carla")
        self._press("Keep 1 action item")
        self._wait(lambda: "1 action item" in self._card().buttons)
        told = self._outside.cast.bruno.slash("/dr items INC-1", self._home)
        assert told.ok
        wanted = "Bruno Lima  ·  due Friday 2026-12-11"
        self._wait(lambda: any(wanted in one.words for one in self._heard("bruno")))
        self._look("bruno")
        self._shoot("action-items")

    def _in_its_channel(self) -> set[str]:
        """Who is in the incident's own channel."""
        own = next(one for one in self._outside.cast.ana.channels() if str(one["name"]).startswith("inc-1-"))
        members = own["members"]
        assert isinstance(members, list)
        return set(map(str, members))

    def _heard(self, who: str) -> list[SeenMessage]:
        return (self._outside.cast.bruno if who == "bruno" else self._outside.cast.ana).ephemerals(self._home)

    def _card(self) -> SeenMessage:
        found = (
            one for one in self._outside.cast.ana.channel(self._home) if ANNOTATIONS["summary"] in one.words
        )
        card = next(found, None)
        if card is None:
            raise LookupError("there is no card")
        return card

    def _thread(self) -> list[SeenMessage]:
        return self._outside.cast.ana.thread(self._home, self._card().ts)[1:]

    def _says(self, words: str) -> bool:
        return any(words in one.words for one in self._thread())

    def _thread_says(self, *words: str, button: str = "") -> bool:
        return any(
            all(word in one.words for word in words) and (not button or button in one.buttons)
            for one in self._thread()
        )

    def _in_thread(self, button: str) -> SeenMessage | None:
        return next((one for one in reversed(self._thread()) if button in one.buttons), None)

    def _look(self, who: str, thread: bool = False) -> None:
        below = f"/t{self._card().ts}" if thread else ""
        look_at(self._page, f"{self._outside.world.page_url}?as={who}#/{self._home}{below}")

    def _press(self, name: str) -> None:
        self._page.get_by_role("button", name=name, exact=True).last.click()

    def _dialog(self, button: str) -> None:
        self._page.get_by_role("dialog").get_by_role("button", name=button, exact=True).last.click()

    def _wait(self, holds: Callable[[], object]) -> None:
        """Until it holds; a card that is not there yet does not. Raises TimeoutError."""

        def look() -> bool | None:
            try:
                return True if holds() else None
            except LookupError:
                return None

        self._outside.cast.ana.wait_for(look, PATIENCE_S)
