"""The page: every ending in both languages, nothing fetched, nothing unescaped."""

import re
import time
from html.parser import HTMLParser
from importlib.resources import files

import pytest

from dohyo.reports.html import render, summary
from dohyo.words import LANGUAGES, Words

COPY = files("dohyo.reports.page").joinpath("copy.js").read_text(encoding="utf-8")
ENDINGS = (
    "correct",
    "no_signal",
    "too_few",
    "unpaired",
    "several_texts",
    "harmed",
    "undecided",
)
VOID = {"meta", "link", "img", "br", "hr", "input", "path", "line", "use", "rect", "circle"}
FETCHING = {"src", "href", "xlink:href", "data", "poster", "srcset", "action", "background"}


class Outline(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.fetched: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.unbalanced: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [value for name, value in attrs if name == "id"]
        self.fetched += [v or "" for name, v in attrs if name in FETCHING]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)


def outline(page: str) -> Outline:
    parsed = Outline()
    parsed.feed(page)
    parsed.close()
    return parsed


@pytest.fixture(scope="module")
def pages(every_ending, facts):
    return {
        (ending, language): render(found, Words(language), facts=facts)
        for ending, found in every_ending.items()
        for language in LANGUAGES
    }


def test_the_endings_are_the_ones_meant(every_ending):
    assert tuple(every_ending) == ENDINGS
    verdicts = {name: found.decision.verdict for name, found in every_ending.items()}
    assert verdicts["correct"] == verdicts["several_texts"] == "correct"
    assert verdicts["no_signal"] == "do_not_correct"
    assert verdicts["too_few"] == verdicts["unpaired"] == "insufficient_data"
    assert not every_ending["unpaired"].decision.protocols


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ending", ENDINGS)
class TestEveryPage:
    def test_nothing_is_fetched_and_only_our_own_script_runs(self, pages, ending, language):
        page = pages[ending, language]
        read = outline(page)
        assert all(where.startswith(("#", "data:")) for where in read.fetched)
        assert [tag for tag, _ in read.tags].count("script") == 1
        assert f"<script>{COPY}</script>" in page
        addresses = re.findall(r"https?://[^\s\"'<>)]+", page)
        assert set(addresses) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
        assert "@import" not in page
        assert not re.search(r"url\((?!#)", page)

    def test_it_is_well_formed_and_can_be_read_aloud(self, pages, ending, language):
        read = outline(pages[ending, language])
        assert not read.unbalanced
        assert not read.open
        assert len(read.ids) == len(set(read.ids))
        assert read.headings[0] == 1
        assert read.headings.count(1) == 1
        steps = zip(read.headings, read.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps)
        attributes = {tag: [a for t, a in read.tags if t == tag] for tag in ("html", "svg", "th")}
        assert attributes["html"] == [{"lang": language}]
        assert all(a["role"] == "img" and a["aria-label"] for a in attributes["svg"])
        assert all(a["scope"] in {"row", "col"} for a in attributes["th"])
        counted = [tag for tag, _ in read.tags]
        assert counted.count("table") == counted.count("caption") > 0

    def test_the_answer_comes_first(self, pages, every_ending, ending, language):
        page = pages[ending, language]
        words, verdict = Words(language), every_ending[ending].decision.verdict
        told = outline(page)
        assert told.tags[[t for t, _ in told.tags].index("main") + 1][1]["class"].endswith(verdict)
        assert f'<span class="lamp {verdict} on">' in page
        assert page.count(' on">') == 1
        assert words(f"light.{verdict}") in page
        sentence = summary(every_ending[ending], words)
        assert page.index("<h1") < page.index(sentence) < page.index("<h2")

    def test_no_placeholder_or_python_is_left(self, pages, ending, language):
        text = re.sub(
            r"<style>.*?</style>|<script>.*?</script>|<svg.*?</svg>",
            "",
            pages[ending, language],
            flags=re.S,
        )
        assert not re.search(r"\{\w*\}|\bNone\b|\bnan\b|\binf\b|Estimate\(|e[+-]\d\d", text)


def test_a_caption_cannot_speak_html(pages):
    page = pages["correct", "en"].replace(f"<script>{COPY}</script>", "")
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "<b>encoder" not in page
    assert "--out <out>" not in page
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; &amp; &lt;img" in page


def test_what_was_refused_is_shown(pages, every_ending):
    page, words = pages["no_signal", "en"], Words()
    assert words("choice.refused_title") in page
    assert words.name(every_ending["no_signal"].illustrated.method) in page
    assert words("proof.untouched") in page
    assert words("choice.refused_title") not in pages["correct", "en"]


def test_where_nothing_could_be_tried_the_page_says_so(pages):
    page, words = pages["unpaired", "ja"], Words("ja")
    for key in ("choice.none", "proof.none", "searches.none", "gap.map_alone"):
        assert words(key) in page


def test_pictures_are_inside_and_named(pages):
    images = [a for tag, a in outline(pages["correct", "en"]).tags if tag == "img"]
    assert images
    assert all(a["src"].startswith("data:image/png;base64,") and a["alt"] for a in images)


def test_items_without_pictures_or_captions_are_numbered(pages):
    assert re.search(r'class="badge image">picture #\d+<', pages["several_texts", "en"])
    assert re.search(r'class="badge text">テキスト #\d+<', pages["several_texts", "ja"])


def test_the_same_findings_make_the_same_page(every_ending, facts, pages):
    again = render(every_ending["correct"], Words("ja"), facts=facts)
    assert again == pages["correct", "ja"]


def test_a_report_takes_less_than_six_seconds(every_ending, facts):
    started = time.monotonic()
    render(every_ending["correct"], Words(), facts=facts)
    assert time.monotonic() - started < 6
