"""How large the gap is, in a picture and in figures."""

from dohyo.reports.charts.gap_map import gap_map
from dohyo.reports.charts.gap_profile import gap_profile
from dohyo.reports.findings import Findings, headline
from dohyo.reports.page.passages import passages
from dohyo.reports.page.tables import profile_table
from dohyo.reports.profile_charts import component_map
from dohyo.reports.sections.section import Figure, Part, Prose, Section
from dohyo.words import Words


def gap(findings: Findings, words: Words) -> Section:
    """Lay out where pictures and texts lie, and the headline measures."""
    shown = headline(findings)
    text = passages(shown, words)
    between = words("figure.between")
    parts: list[Part] = [
        Prose(text=words("gap.lead")),
        _map(shown, text.map, text.map_share, words),
    ]
    parts.append(
        Figure(
            name="profile",
            title=words("gap.profile_title"),
            text=between.join(filter(None, (words("gap.profile_chart"), _after(shown, words)))),
            draw=lambda width: gap_profile(
                shown.before, shown.after if _corrected(shown) else None, words, width=width
            ),
        )
    )
    parts.append(profile_table(shown, words))
    small = [words("gap.profile_sampled") if shown.before.sampled else "", text.biased, text.absent]
    parts += [Prose(text=each, kind="small") for each in small if each]
    parts.append(
        Figure(
            name="components",
            title=words("profile.chart.component_title"),
            text=words("gap.components"),
            draw=lambda width: component_map(findings.components, words, width=width),
        )
    )
    return Section(name="gap", parts=tuple(parts))


def _map(findings: Findings, text: str, share: str, words: Words) -> Figure:
    before, after = findings.gap_map
    illustrated = bool(findings.decision.candidates)
    return Figure(
        name="gap_map",
        title=words("gap.map_title"),
        text=text + words("figure.between") + share,
        draw=lambda width: gap_map(before, after if illustrated else None, words, width=width),
    )


def _after(findings: Findings, words: Words) -> str:
    if not _corrected(findings):
        return ""
    key = "profile_after" if findings.decision.recipe.moves else "profile_after_scores"
    told = "classes" if findings.decision.by_classes else "proof"
    return words(f"gap.{key}", proof=words(f"section.{told}"))


def _corrected(findings: Findings) -> bool:
    return findings.after is not findings.before
