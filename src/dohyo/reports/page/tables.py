"""The tables of the page, every cell already in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from dohyo.decision.choose import Candidate
from dohyo.estimate import Estimate
from dohyo.reports.findings import Findings
from dohyo.reports.page import digits
from dohyo.reports.page.answer import LIST, RECALL, touched
from dohyo.verification.compare import Comparison
from dohyo.verification.protocols import PROTOCOLS, Protocol
from dohyo.verification.retrieval import METRICS
from dohyo.words import Words


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, a smaller line under it, and its tone: go, stop or none."""

    text: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; the first cell of each row is its heading."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def profile_table(findings: Findings, words: Words) -> Table:
    """Lay out every measure; with an after only where something was corrected."""
    before, after = findings.before, findings.after
    corrected = after is not before
    rows = []
    for name, estimate in before.estimates.items():
        row = [
            Cell(words(f"measure.{name}.name"), words(f"measure.{name}.reads")),
            _cell(estimate, words),
        ]
        if corrected:
            later = after.estimates.get(name)
            row.append(Cell("–") if later is None else _cell(later, words))
        row.append(Cell(f"{before.references[name]:.2g}"))
        rows.append(tuple(row))
    columns = ["measure", "before" if corrected else "today"]
    columns += ["after"] * corrected + ["reference"]
    return _table("profile", columns, rows, words)


def candidates_table(findings: Findings, words: Words) -> Table:
    """Lay out every correction tried, with its changes and what became of it."""
    columns = ["candidate", "standing", "mixed"]
    columns += [f"{kind}_{protocol}" for kind in ("gain", "harm") for protocol in PROTOCOLS]
    rows = [_candidate_row(each, findings, words) for each in findings.decision.candidates]
    return _table("candidates", [*columns, "why"], rows, words)


def _candidate_row(each: Candidate, findings: Findings, words: Words) -> tuple[Cell, ...]:
    standing = standing_of(each, findings)
    tone = {"chosen": "go", "passes": "", "fails": "stop"}[standing]
    scores = [each.scores[protocol] for protocol in PROTOCOLS]
    return (
        Cell(words.name(each.recipe.method)),
        Cell(words(f"standing.{standing}"), tone=tone),
        _cell(each.mixed.estimate(), words),
        *(_cell(score.gain.estimate(), words, signed=True) for score in scores),
        *(_cell(score.harm.estimate(), words, signed=True) for score in scores),
        Cell(words("figure.between").join(reason.say(words) for reason in each.why)),
    )


def standing_of(candidate: Candidate, findings: Findings) -> str:
    """Return "chosen", "passes" or "fails"."""
    if candidate.recipe == findings.decision.recipe:
        return "chosen"
    return "passes" if candidate.passes else "fails"


def protocol_table(protocol: Protocol, findings: Findings, words: Words) -> Table:
    """Lay out the held-out figures of a protocol; only today's where nothing was applied."""
    compared = findings.decision.protocols[protocol]
    changed = touched(findings)
    rows = []
    for metric in METRICS:
        row = [Cell(words.name(metric)), _cell(compared.before[metric], words)]
        change = compared.change[metric]
        if changed:
            row += [_cell(compared.after[metric], words), _cell(change, words, signed=True)]
        row.append(Cell(f"{change.n:,}"))
        if changed:
            row.append(Cell(digits.chance_of(change.p)))
        rows.append(tuple(row))
    columns = ["figure", "before", "after", "change", "n", "p"]
    return _table(protocol, columns if changed else ["figure", "today", "n"], rows, words)


def guardrails_table(findings: Findings, words: Words) -> Table:
    """Lay out what was tolerated against what was found on held-out data."""
    policy, compared = findings.decision.policy, findings.decision.protocols
    sides = [compared[protocol] for protocol in PROTOCOLS]
    rows = [
        (
            Cell(words(f"guardrail.{name}")),
            Cell(words(f"guardrail.{name}_rule", margin=policy.recall_margin)),
            *(_cell(side.change[metric], words, signed=True) for side in sides),
        )
        for name, metric in (("gain", LIST), ("harm", RECALL))
    ]
    for kind in ("image", "text"):
        base = f"{sides[-1].base_rate[kind]:.2f}"
        rows.append(
            (
                Cell(words("guardrail.share", kind=words.name(kind))),
                Cell(words("guardrail.share_rule", limit=policy.share_departure, base=base)),
                *(_share(side, kind) for side in sides),
            )
        )
    columns = ["guardrail", "rule", *PROTOCOLS]
    return _table("guardrails", columns, rows, words, level=digits.level(policy.level, words))


def _share(side: Comparison, kind: str) -> Cell:
    places = digits.decimals(side.after["cross_share"])
    return Cell(digits.number(side.cross_share_by_modality[kind], places))


def _cell(estimate: Estimate, words: Words, *, signed: bool = False) -> Cell:
    """Return a figure above its interval, marked if it lies outside."""
    shown = digits.figure(estimate, signed=signed)
    if digits.biased(estimate):
        shown = f"{shown} {words('figure.biased')}"
    return Cell(shown, digits.interval(estimate, words, signed=signed))


def _table(
    name: str,
    columns: Iterable[str],
    rows: Iterable[tuple[Cell, ...]],
    words: Words,
    **values: str,
) -> Table:
    return Table(
        caption=words(f"caption.{name}", **values),
        head=tuple(words(f"column.{column}") for column in columns),
        rows=tuple(rows),
    )
