"""What the docs promise to cover, they cover."""

import re
from pathlib import Path

import pytest

from dohyo.cli.main import COMMANDS
from dohyo.measures.registry import MEASURES

DOCS = Path(__file__).parents[1] / "docs"
README = (DOCS.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_has_a_page_with_a_picture_and_a_warning(name):
    page = (DOCS / "measures" / f"{name}.md").read_text(encoding="utf-8")
    assert f"`{name}`" in page
    assert f"../images/measures/{name}.png" in page
    assert (DOCS / "images" / "measures" / f"{name}.png").is_file()
    assert re.search("mislead", page, re.IGNORECASE)


def test_the_index_lists_every_measure_and_nothing_else():
    index = (DOCS / "measures" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\((\w+)\.md\)", index)) >= set(MEASURES)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_shows_every_command(command):
    assert f"dohyo {command} " in README or f"make {command}" in README


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda p: p.name)
def test_no_link_leads_nowhere(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [t for t in targets if not (page.parent / t).exists()] == []
