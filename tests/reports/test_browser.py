"""The page in a real browser, where there is one."""

import html
import re
import shutil
import subprocess

import pytest

from dohyo.reports.html import render
from dohyo.words import LANGUAGES, Words

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = 375
WRAPPER = """<!DOCTYPE html><title>waiting</title>
<iframe id="phone" style="width:{width}px;height:900px;border:0" srcdoc="{page}"></iframe>
<script>
  const phone = document.getElementById("phone");
  addEventListener("load", () => {{
    const inside = phone.contentDocument;
    const shown = [...inside.querySelectorAll("svg")].filter(s => s.getClientRects().length);
    const texts = shown.flatMap(s => [...s.querySelectorAll("text")]);
    const sizes = texts.filter(t => t.textContent).map(t => t.getBoundingClientRect().height);
    document.title = [
      "width", inside.documentElement.scrollWidth,
      "pictures", shown.length,
      "least", Math.floor(Math.min(...sizes.filter(s => s > 0))),
    ].join(" ");
  }});
</script>"""


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", ["correct", "no_signal", "unpaired"])
def test_a_phone_shows_the_page_without_scrolling_sideways(
    every_ending, facts, tmp_path, ending, language
):
    page = render(every_ending[ending], Words(language), facts=facts)
    dom, told = browse(WRAPPER.format(width=PHONE, page=html.escape(page)), tmp_path)
    title = re.search(r"<title>width (\d+) pictures (\d+) least (\d+)</title>", dom)
    assert title, dom[:200]
    width, pictures, least = map(int, title.groups())
    assert width <= PHONE
    assert pictures == len(re.findall('<div class="narrow"', page))
    assert least >= 11  # pixels: a line of the smallest writing in a picture
    assert "CONSOLE" not in told, told


def browse(page: str, folder) -> tuple[str, str]:
    """Return the document after loading, and what the browser said."""
    file = folder / "wrapper.html"
    file.write_text(page, encoding="utf-8")
    switches = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-logging=stderr",
        f"--user-data-dir={folder / 'profile'}",
    ]
    done = subprocess.run(
        [CHROMIUM, *switches, "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, done.stderr
