"""Several profiles side by side, as one page that needs nothing but a browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dohyo.measures.difference import Difference, number_of_tests
from dohyo.measures.profile import Profile
from dohyo.measures.registry import Kind
from dohyo.reports import profile_charts as charts
from dohyo.reports.page import digits
from dohyo.reports.page.paper import Width, fill, pictures
from dohyo.reports.page.profile_answer import CENTRES, SIGNAL, ProfileAnswer, answer, chance_level
from dohyo.reports.page.profile_tables import figure_cell
from dohyo.reports.page.tables import Cell, Table
from dohyo.reports.profile_series import by_kind
from dohyo.reports.theme import Chart
from dohyo.words import Words

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LEVEL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettered:
    """A profile under the letter that stands for it on the page."""

    letter: str
    name: str
    note: str
    answer: ProfileAnswer


def render_comparison(
    profiles: Sequence[tuple[str, Profile]], found: Sequence[Difference], words: Words
) -> str:
    """Return the comparison as one HTML document: no script, nothing fetched.

    Parameters
    ----------
    profiles : name and profile of each, at most 26
    found : what `differences` says of these profiles
    """
    held = [profile for _, profile in profiles]
    everything = {name: None for profile in held for name in profile.estimates}
    groups = by_kind(everything)
    letters = LETTERS[: len(held)]
    names = tuple(name for name, _ in profiles)
    real = [each for each in found if each.adjusted is not None and each.adjusted <= LEVEL]
    page: dict[str, Any] = {
        "title": words("compare.title", names=words("figure.and").join(names)),
        "name": words("compare.name"),
        "subject": words("compare.subject", count=len(held)),
        "sections": [
            (key, words(f"compare.section.{key}")) for key in ("charts", "table", "differences")
        ],
        "headline": words("compare.headline", names=words("figure.and").join(names)),
        "summary": summary(held, found, words),
        "profiles": [_lettered(*each, words) for each in zip(letters, profiles, strict=True)],
        "groups": [(kind, words(f"profile.kind.{kind}")) for kind in groups],
        "charts": _charts(held, groups, letters, words),
        "tables": [_table(kind, own, held, names, words) for kind, own in groups.items()],
        "biased": any(digits.biased(e) for profile in held for e in profile.estimates.values()),
        "tested": words("compare.tested", tests=number_of_tests(found), real=len(real)),
        "differences": _differences(real, letters, words),
    }
    return fill("compare.html.j2", words, page, styles=("page.css", "profile.css"))


def summary(profiles: Sequence[Profile], found: Sequence[Difference], words: Words) -> str:
    """Return in two sentences who has something to align, and how many differences are real."""
    signals = [answer(profile, words).signal for profile in profiles]
    real = sum(each.adjusted is not None and each.adjusted <= LEVEL for each in found)
    return words("figure.between").join(
        (
            words("compare.aligned", count=signals.count("yes"), total=len(profiles)),
            words("compare.tested", tests=number_of_tests(found), real=real),
        )
    )


def _lettered(letter: str, named: tuple[str, Profile], words: Words) -> Lettered:
    name, profile = named
    told = answer(profile, words)
    signal, centres = profile.estimates.get(SIGNAL), profile.estimates.get(CENTRES)
    note = told.summary
    if signal is not None and centres is not None:
        note = words(
            "compare.note",
            found=digits.percent(signal, words),
            chance=chance_level(profile, words),
            distance=digits.figure(centres),
        )
    return Lettered(letter=letter, name=name, note=note, answer=told)


def _charts(
    profiles: Sequence[Profile], groups: dict[Kind, list[str]], letters: str, words: Words
) -> dict[str, Any]:
    def every(width: Width) -> dict[str, Chart]:
        return {
            kind: charts.side_by_side(
                [
                    (name, _references(name, profiles), [p.estimates.get(name) for p in profiles])
                    for name in own
                ],
                letters,
                words,
                width=width,
            )
            for kind, own in groups.items()
        }

    return pictures(every)


def _references(name: str, profiles: Sequence[Profile]) -> tuple[float | None, ...]:
    """Return each profile's value without a gap: a base rate differs from corpus to corpus."""
    return tuple(profile.references.get(name) for profile in profiles)


def _table(
    kind: Kind, own: Sequence[str], profiles: Sequence[Profile], names: Sequence[str], words: Words
) -> Table:
    heads = [f"{letter} {name}" for letter, name in zip(LETTERS, names, strict=False)]
    return Table(
        caption=words("profile.caption.kind", kind=words(f"profile.kind.{kind}")),
        head=(words("profile.column.measure"), *heads),
        rows=tuple(
            (
                Cell(words.measure(name), words(f"measure.{name}.reads")),
                *(
                    figure_cell(profile.estimates[name], words)
                    if name in profile.estimates
                    else Cell(profile.absent.get(name, "–"), tone="why")
                    for profile in profiles
                ),
            )
            for name in own
        ),
    )


def _differences(real: Sequence[Difference], letters: str, words: Words) -> Table:
    columns = ("measure", "pair", "change", "z", "p", "adjusted")
    return Table(
        caption=words("compare.caption"),
        head=tuple(words(f"compare.column.{column}") for column in columns),
        rows=tuple(
            (
                Cell(words.measure(each.measure)),
                Cell(f"{letters[each.first]} → {letters[each.second]}"),
                Cell(f"{each.change:+.3g}".replace("-", digits.MINUS)),
                Cell(f"{each.z or 0.0:+.1f}".replace("-", digits.MINUS)),
                Cell(digits.chance_of(each.p)),
                Cell(digits.chance_of(each.adjusted)),
            )
            for each in real
        ),
    )
