"""A real browser for the pages, where there is one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that fetches nothing of its own accord."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, html: str, folder: Path, *, width: int = 1100, scheme: str = "light"
) -> Iterator[tuple[Page, list[str]]]:
    """Open a page from a file; the list holds what it fetched and complained of."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request",
        lambda sent: (
            heard.append(sent.url) if not sent.url.startswith(("file:", "data:")) else None
        ),
    )
    try:
        page.goto(file.as_uri())
        yield page, heard
    finally:
        context.close()


def _outside(address: str) -> list[str]:
    return [] if address.startswith(("file:", "data:")) else [address]
