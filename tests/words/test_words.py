"""Both languages say the same things, and only they say anything."""

import ast
import re
import string
import tomllib
from pathlib import Path

import pytest

import dohyo.reports
from dohyo import words
from dohyo.measures.registry import MEASURES
from dohyo.words import LANGUAGES, Words
from dohyo.words.words import sentences

REPORTS = Path(dohyo.reports.__file__).parent
KEYS = sorted(sentences("en"))
KANA = "ぁ-んァ-ヶ一-龠"
SENTENCE = re.compile(r"[A-Za-z’']+ [a-z’']+ [A-Za-z’']+")


def placeholders(text: str) -> set[tuple[str, str | None]]:
    return {(name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name}


def test_both_languages_hold_the_same_keys():
    assert sorted(sentences("ja")) == KEYS


def test_both_languages_fill_in_the_same_figures():
    english, japanese = sentences("en"), sentences("ja")
    assert [k for k in KEYS if placeholders(english[k]) != placeholders(japanese[k])] == []


def test_japanese_is_japanese():
    """Prose has kana or kanji in it, and Japanese punctuation behind them."""
    english, japanese = sentences("en"), sentences("ja")
    prose = [k for k in KEYS if len(re.sub(r"\{[^}]*\}", "", english[k]).split()) > 3]
    assert [k for k in prose if not re.search(f"[{KANA}]", japanese[k])] == []
    assert [k for k in KEYS if re.search(f"，|[{KANA}][,.]", japanese[k])] == []


def test_every_measure_has_a_name_and_a_reading():
    for language in LANGUAGES:
        for name in MEASURES:
            assert Words(language).measure(name) != name
            assert Words(language)(f"measure.{name}.reads")


@pytest.mark.parametrize(
    ("value", "shown"), [(4.2, "4"), (99.6, "100"), (137.2, "140"), (1437, "1,400"), (0, "0")]
)
def test_a_rough_count_has_two_digits(value, shown):
    told = Words()("tile.groups_note", needed=value)
    assert f"verdict: {shown}." in told


def test_negative_figures_get_a_true_minus():
    told = Words()("reason.no_gain", protocol="x", value=-0.02, bound=-0.1)
    assert "−0.02" in told
    assert "-" not in told


@pytest.mark.parametrize("path", sorted(REPORTS.rglob("*.py")), ids=lambda path: path.name)
def test_no_code_of_the_reports_holds_a_sentence(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    spoken = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare
    ]
    assert [text for text in spoken if SENTENCE.search(text)] == []


@pytest.mark.parametrize("path", sorted(REPORTS.rglob("*.j2")), ids=lambda path: path.name)
def test_no_template_holds_a_word(path):
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
    said = re.sub(r"<style>.*?</style>|<[^>]*>", " ", text, flags=re.S)
    assert set(re.findall(r"[^\W\d_]{2,}", said)) <= {"dohyo"}
    attributes = re.findall(r'(?:alt|aria-label|title)="([^"]*)"', text)
    assert not any(re.search(r"[^\W\d_]", value) for value in attributes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_file_overrides_a_sentence_of_another(language):
    """The files of one language are merged; a key in two of them would silently win."""
    folder = Path(words.__file__).parent
    keys = [
        key
        for file in sorted(folder.glob(f"{language}*.toml"))
        for key in flat_keys(tomllib.loads(file.read_text(encoding="utf-8")))
    ]
    assert len(keys) == len(set(keys))


def flat_keys(table: dict, prefix: str = "") -> list[str]:
    return [
        key
        for name, value in table.items()
        for key in (
            flat_keys(value, f"{prefix}{name}.") if isinstance(value, dict) else [prefix + name]
        )
    ]
