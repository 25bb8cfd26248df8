"""A real Chromium, driven as a person drives it."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, Error, Page, sync_playwright

ATTEMPTS = 5
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def absent() -> str:
    """Why it cannot run here, or ''."""
    return "" if shutil.which("chromium") else "chromium is not installed (Debian package chromium)"


def look_at(page: Page, url: str) -> None:
    """Go there; once more where containers that come and go elsewhere made Chromium give up the fetch."""
    for left in reversed(range(ATTEMPTS)):
        try:
            page.goto(url)
            return
        except Error as error:
            if "ERR_NETWORK_CHANGED" not in str(error) or not left:
                raise


@contextlib.contextmanager
def real_browser(*flags: str) -> Iterator[Browser]:
    """Debian's Chromium while the block runs, with flags beside the usual ones."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()
