"""The page in a real Chromium: what a person sees, presses and types, and that no alert text becomes HTML."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient

from bot.workspace import LocalWorkspace, ShortcutSeed
from bot.workspace.seed import Seed
from tests.real.browser import look_at

CHROMIUM = shutil.which("chromium")
if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip("chromium is not installed (Debian package chromium)", allow_module_level=True)
pytestmark = pytest.mark.system("chromium")

Connect = Callable[[LocalWorkspace, Callable[[AsyncApp], None]], None]
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> {{ 7*7 }} "><b>x'


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def button(action_id: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


CONFIRM = {
    "title": plain("End queries?"),
    "text": plain("Up to 20."),
    "confirm": plain("Run it"),
    "deny": plain("Not now"),
}
CARD: list[dict[str, Any]] = [
    {"type": "header", "text": plain("SEV-1 · Booking is down")},
    {
        "type": "actions",
        "elements": [button("run", "End queries", confirm=CONFIRM), button("ask", "Declare")],
    },
]
MODAL = {
    "type": "modal",
    "callback_id": "declare",
    "title": plain("Declare"),
    "submit": plain("Open it"),
    "blocks": [
        {
            "type": "input",
            "block_id": "title",
            "label": plain("What happens?"),
            "element": {"type": "plain_text_input", "action_id": "words"},
        }
    ],
}


def bot(app: AsyncApp) -> None:
    @app.action("run")
    async def run(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="6 queries ended", replace_original=True)

    @app.action("ask")
    async def ask(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("declare")
    async def declare(ack: Any, view: dict[str, Any], client: Any) -> None:
        words = view["state"]["values"]["title"]["words"]["value"]
        if words == "?":
            await ack(response_action="errors", errors={"title": "Say more"})
            return
        await ack()
        await client.chat_postMessage(channel="#general", text=f"declared: {words}")

    @app.command("/dr")
    async def dr(ack: Any, command: dict[str, str]) -> None:
        await ack(f"you said {command['text']}")

    @app.event("message")
    async def message() -> None:
        pass

    @app.event("app_home_opened")
    async def home(event: dict[str, Any], client: Any) -> None:
        view = {"type": "home", "blocks": [{"type": "header", "text": plain("Readiness")}]}
        await client.views_publish(user_id=event["user"], view=view)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(10_000)
    yield page
    page.close()


def visit(page: Page, ws: LocalWorkspace, name: str = "ana", place: str = "belezza-alerts") -> None:
    look_at(page, f"{ws.page_url}?as={name}#/{ws.channel_id(place)}")
    page.wait_for_selector("body[data-ready]")


def test_a_card_is_confirmed_pressed_and_replaced(
    ws: LocalWorkspace, client: WebClient, connect: Connect, page: Page
) -> None:
    connect(ws, bot)
    visit(page, ws)
    client.chat_postMessage(channel="#belezza-alerts", text="SEV-1", blocks=CARD)
    page.get_by_role("button", name="End queries").click()
    dialog = page.get_by_role("dialog", name="End queries?")
    dialog.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("heading", name="SEV-1 · Booking is down")).to_be_visible()
    page.get_by_role("button", name="End queries").click()
    dialog.get_by_role("button", name="Run it").click()
    expect(page.get_by_text("6 queries ended")).to_be_visible()


def test_a_modal_refuses_and_accepts(
    ws: LocalWorkspace, client: WebClient, connect: Connect, page: Page
) -> None:
    connect(ws, bot)
    client.chat_postMessage(channel="#general", text="SEV-1", blocks=CARD)
    visit(page, ws, place="general")
    page.get_by_role("button", name="Declare").click()
    modal = page.get_by_role("dialog", name="Declare")
    modal.get_by_role("button", name="Open it").click()
    expect(modal.get_by_text("Please complete this required field.")).to_be_visible()
    modal.get_by_label("What happens?").fill("?")
    modal.get_by_role("button", name="Open it").click()
    expect(modal.get_by_text("Say more")).to_be_visible()
    modal.get_by_label("What happens?").fill("the pool is full")
    modal.get_by_role("button", name="Open it").click()
    expect(page.get_by_text("declared: the pool is full")).to_be_visible()
    expect(modal).to_have_count(0)


def test_a_command_is_completed_and_answered_privately(
    ws: LocalWorkspace, connect: Connect, page: Page
) -> None:
    connect(ws, bot)
    visit(page, ws)
    field = page.get_by_role("combobox", name="Message #belezza-alerts")
    field.press_sequentially("/dr re")
    expect(page.get_by_role("option")).to_have_count(1)
    field.press("Tab")
    expect(field).to_have_value("/dr restore staging ")
    field.press("Enter")
    answer = page.get_by_test_id("message").filter(has_text="you said restore staging")
    expect(answer.get_by_text("Only visible to you")).to_be_visible()
    ws.set_commands([{"command": "/dr", "completions": [{"text": "/dr zebra", "hint": "new"}]}])
    expect(page.locator("body[data-ready]")).to_be_visible()
    field.press_sequentially("/dr z")
    page.wait_for_timeout(300)
    field.press("Backspace")
    expect(page.get_by_role("option")).to_contain_text("/dr zebra")


def test_an_app_that_does_not_answer_is_told_beside_the_button(
    ws: LocalWorkspace, client: WebClient, page: Page
) -> None:
    client.chat_postMessage(channel="#belezza-alerts", text="SEV-1", blocks=CARD)
    visit(page, ws)
    page.get_by_role("button", name="Declare").click()
    expect(page.get_by_role("alert")).to_contain_text("drbot didn’t respond")


def test_threads_reactions_and_another_person(ws: LocalWorkspace, page: Page) -> None:
    said = ws.person("bruno").say("anyone awake?", "belezza-alerts")
    visit(page, ws)
    message = page.get_by_test_id("message").filter(has_text="anyone awake?")
    message.hover()
    message.get_by_role("button", name="Reply in thread").click()
    page.get_by_role("combobox", name="Reply…").fill("root cause: *the pool*")
    page.get_by_role("combobox", name="Reply…").press("Enter")
    expect(page.get_by_label("Thread").get_by_text("the pool", exact=True)).to_be_visible()
    expect(page.get_by_text("1 reply")).to_be_visible()
    ws.person("bruno").react(said, "eyes")
    page.get_by_role("button", name="eyes, 1").first.click()
    expect(page.get_by_role("button", name="eyes, 2").first).to_be_visible()
    page.get_by_role("button", name="You are Ana Souza").click()
    page.get_by_role("menuitem", name="Bruno Lima").click()
    expect(page.get_by_role("button", name="You are Bruno Lima")).to_be_visible()


def test_app_home_and_deep_links(ws: LocalWorkspace, client: WebClient, connect: Connect, page: Page) -> None:
    connect(ws, bot)
    sent = client.chat_postMessage(channel="#general", text="look here")
    link = client.chat_getPermalink(channel=sent["channel"], message_ts=sent["ts"])["permalink"]
    look_at(page, link)
    expect(page.locator(".message.marked")).to_contain_text("look here")
    page.get_by_role("link", name="drbot · Home").click()
    expect(page.get_by_role("heading", name="Readiness")).to_be_visible()


def test_hostile_text_stays_text_everywhere(ws: LocalWorkspace, client: WebClient, page: Page) -> None:
    with LocalWorkspace(seed=Seed(team_name=HOSTILE, shortcuts=(ShortcutSeed(HOSTILE, "x"),))) as evil:
        client = WebClient(evil.bot_token, base_url=evil.api_url)
        raw = {"type": "raw_text", "text": HOSTILE}
        link = f"<javascript:window.hacked=1|{HOSTILE.replace('|', '')}>"
        blocks: list[dict[str, Any]] = [
            {"type": "header", "text": plain(HOSTILE)},
            {"type": "section", "text": {"type": "mrkdwn", "text": f"*{HOSTILE}* `{HOSTILE}` {link}"}},
            {
                "type": "section",
                "fields": [{"type": "mrkdwn", "text": HOSTILE}],
                "accessory": button("a", HOSTILE[:75]),
            },
            {"type": "context", "elements": [{"type": "mrkdwn", "text": HOSTILE}]},
            {
                "type": "markdown",
                "text": f"# {HOSTILE}\n[x](javascript:window.hacked=1)\n| a |\n| - |\n| {HOSTILE} |",
            },
            {"type": "table", "rows": [[raw], [raw]]},
            {"type": "image", "image_url": "javascript:window.hacked=1", "alt_text": HOSTILE},
        ]
        client.chat_postMessage(channel="#general", text=HOSTILE, blocks=blocks, username=HOSTILE)
        client.chat_postMessage(
            channel="#general", text=HOSTILE, attachments=[{"color": HOSTILE, "title": HOSTILE}]
        )
        evil.person("ana").say(HOSTILE, "general")
        client.conversations_setTopic(channel=evil.channel_id("general"), topic=HOSTILE)
        visit(page, evil, place="general")
        expect(page.get_by_test_id("message")).to_have_count(4)
        page.wait_for_timeout(200)
        assert page.evaluate("window.hacked") is None
        assert page.locator("img[src=x], #main script, a[href^='javascript']").count() == 0
        assert page.locator(".header").inner_text() == HOSTILE


def test_it_fits_a_phone(ws: LocalWorkspace, client: WebClient, browser: Browser) -> None:
    client.chat_postMessage(channel="#belezza-alerts", text="SEV-1", blocks=CARD)
    page = browser.new_page(viewport={"width": 390, "height": 844})
    try:
        visit(page, ws)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        expect(page.get_by_role("button", name="Declare")).to_be_visible()
        page.get_by_role("button", name="Show channels").click()
        page.get_by_role("link", name="general").click()
        expect(page.get_by_role("heading", name="general", level=1)).to_be_visible()
    finally:
        page.close()


@pytest.mark.parametrize("cut", ["**/static/main.js", "**/static/store.js", "**/local/see/world?*"])
def test_the_page_comes_up_though_the_network_changed_under_it(
    ws: LocalWorkspace, page: Page, cut: str
) -> None:
    left = [2]

    def fail_twice(route: Route) -> None:
        left[0] -= 1
        if left[0] >= 0:
            route.abort("failed")
        else:
            route.continue_()

    page.route(cut, fail_twice)
    visit(page, ws)
    expect(page.get_by_role("navigation", name="Channels")).to_contain_text("belezza-alerts")
    assert left[0] < 0


@pytest.mark.parametrize("sight", ["channel", "thread"])
def test_what_is_posted_while_the_page_is_read_is_on_it(
    ws: LocalWorkspace, client: WebClient, page: Page, sight: str
) -> None:
    """It comes after what the page was answered, and before the page is drawn: neither may lose it."""
    top = str(client.chat_postMessage(channel="#belezza-alerts", text="the first words")["ts"])
    thread = top if sight == "thread" else None

    def answer_late(route: Route) -> None:
        answer = route.fetch()
        client.chat_postMessage(channel="#belezza-alerts", text="words in between", thread_ts=thread)
        page.wait_for_timeout(300)
        route.fulfill(response=answer)

    page.route(f"**/local/see/{sight}?*", answer_late, times=1)
    look_at(page, f"{ws.page_url}?as=ana#/{ws.channel_id('belezza-alerts')}/t{top}")
    expect(page.get_by_text("words in between").last).to_be_visible()


def test_what_is_posted_before_the_page_listens_is_on_it(
    ws: LocalWorkspace, client: WebClient, page: Page
) -> None:
    page.add_init_script(
        "const Real = WebSocket; let late = true;"
        "window.WebSocket = function (url) {"
        "  if (!late) return new Real(url);"
        "  late = false;"
        "  const stand = { };"
        "  setTimeout(() => { const link = new Real(url);"
        "    link.onopen = () => stand.onopen?.(); link.onmessage = (one) => stand.onmessage?.(one);"
        "    link.onclose = () => stand.onclose?.(); }, 1500);"
        "  return stand; };"
    )
    look_at(page, f"{ws.page_url}?as=ana#/{ws.channel_id('belezza-alerts')}")
    page.wait_for_timeout(500)
    client.chat_postMessage(channel="#belezza-alerts", text="words before it listens")
    expect(page.get_by_text("words before it listens").last).to_be_visible()
