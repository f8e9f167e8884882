"""Pictures of pages, kept where somebody asks for them, to be looked at."""

import os
from pathlib import Path

SHOTS = os.environ.get("DOHYO_SCREENSHOTS")
"""Folder where the pages' pictures are kept for somebody to look at."""


def keep(page, name):
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
