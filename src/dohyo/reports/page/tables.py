"""The tables of the page, every cell already in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from dohyo.decision.by_labels import GAINS
from dohyo.decision.choose import Candidate
from dohyo.estimate import Estimate
from dohyo.reports.findings import Findings
from dohyo.reports.page import digits
from dohyo.reports.page.answer import LIST, RECALL, touched
from dohyo.verification.compare import Comparison
from dohyo.verification.protocols import PROTOCOLS, Protocol
from dohyo.words import Words

CLASSES = (*GAINS, "label_accuracy_image")
MOST_COLUMNS = 7
"""A table with more of them is set in smaller type."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, a smaller line under it, and its tone: go, stop, wraps or none."""

    text: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; the first cell of each row is its heading. A plain one holds no figures."""

    piece: ClassVar[str] = "table"
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    plain: bool = False

    @property
    def look(self) -> str:
        """The class of the style sheet: dense where there are many columns."""
        return "plain" if self.plain else "dense" if len(self.head) > MOST_COLUMNS else ""


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
    if findings.decision.by_classes:
        return _classes_candidates(findings, words)
    deciding = findings.decision.deciding
    mixed = "mixed_judged" if "judged" in deciding else "mixed"
    columns = ["candidate", "standing", mixed, "share"]
    columns += [f"{kind}_{protocol}" for kind in ("gain", "harm") for protocol in deciding]
    rows = [_candidate_row(each, findings, words) for each in findings.decision.candidates]
    return _table("candidates", [*columns, "kept", "why"], rows, words)


def _classes_candidates(findings: Findings, words: Words) -> Table:
    """Lay out the corrections tried where classes decide."""
    rows = []
    for each in findings.decision.candidates:
        told = {} if each.information is None else each.information.classes
        changes = [told[name].change.estimate() if name in told else None for name in CLASSES]
        rows.append(
            (
                *_name_and_standing(each, findings, words),
                _cell(each.merit.estimate(), words),
                *(Cell("–") if e is None else _cell(e, words, signed=True) for e in changes),
                Cell(_kept(each)),
                Cell(words("figure.between").join(reason.say(words) for reason in each.why)),
            )
        )
    columns = ["candidate", "standing", "classes_mean", *(f"change_{name}" for name in CLASSES)]
    return _table("candidates", [*columns, "kept", "why"], rows, words)


def _name_and_standing(each: Candidate, findings: Findings, words: Words) -> tuple[Cell, Cell]:
    standing = standing_of(each, findings)
    tone = {"chosen": "go", "passes": "", "fails": "stop"}[standing]
    return Cell(words.name(each.recipe.label)), Cell(words(f"standing.{standing}"), tone=tone)


def _candidate_row(each: Candidate, findings: Findings, words: Words) -> tuple[Cell, ...]:
    scores = [each.scores[protocol] for protocol in findings.decision.deciding]
    return (
        *_name_and_standing(each, findings, words),
        _cell(each.mixed.estimate(), words),
        Cell(digits.figure(each.share.estimate())),
        *(_cell(score.gain.estimate(), words, signed=True) for score in scores),
        *(_cell(score.harm.estimate(), words, signed=True) for score in scores),
        Cell(_kept(each)),
        Cell(words("figure.between").join(reason.say(words) for reason in each.why)),
    )


def _kept(each: Candidate) -> str:
    """Return the shares of a picture's and of a text's neighbours of their own kind that stay."""
    if each.information is None:
        return "–"
    return " / ".join(
        digits.figure(kept.estimate()) for kept in each.information.neighbours.values()
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
    for metric in compared.change:
        row = [Cell(words.name(metric)), _cell(compared.before[metric], words)]
        change = compared.change[metric]
        if changed:
            row += [_cell(compared.after[metric], words), _cell(change, words, signed=True)]
        row.append(Cell(f"{change.n:,}"))
        if changed:
            row.append(Cell(digits.chance_of(change.p_shown)))
        rows.append(tuple(row))
    columns = ["figure", "before", "after", "change", "n", "p"]
    return _table(protocol, columns if changed else ["figure", "today", "n"], rows, words)


def guardrails_table(findings: Findings, words: Words) -> Table:
    """Lay out what was tolerated against what was found on held-out data."""
    if findings.decision.by_classes:
        return _class_guardrails(findings, words)
    if findings.decision.judged is not None:
        return _judged_guardrails(findings, words)
    policy, compared = findings.decision.policy, findings.decision.protocols
    sides = [compared[protocol] for protocol in PROTOCOLS]
    rows = [
        (
            Cell(words(f"guardrail.{name}")),
            Cell(words(f"guardrail.{name}_rule", margin=policy.recall_margin)),
            *(
                _guarded(_cell(side.change[metric], words, signed=True), protocol, findings, words)
                for protocol, side in zip(PROTOCOLS, sides, strict=True)
            ),
        )
        for name, metric in (("gain", LIST), ("harm", RECALL))
    ]
    for kind in ("image", "text"):
        base = f"{sides[-1].base_rate[kind]:.2f}"
        rows.append(
            (
                Cell(words("guardrail.share", kind=words.name(kind))),
                Cell(words("guardrail.share_rule", limit=policy.share_departure, base=base)),
                *(
                    _guarded(_share(side, kind), protocol, findings, words)
                    for protocol, side in zip(PROTOCOLS, sides, strict=True)
                ),
            )
        )
    rows += _information_rows(findings, words)
    columns = ["guardrail", "rule", *PROTOCOLS]
    return _table("guardrails", columns, rows, words, level=digits.level(policy.level, words))


def _class_guardrails(findings: Findings, words: Words) -> Table:
    """Lay out the rules where classes decide; what is gained first."""
    policy, told = findings.decision.policy, findings.decision.information
    classes = {} if told is None else told.classes
    gains = [_cell(classes[n].change.estimate(), words, signed=True) for n in GAINS if n in classes]
    shown = words("figure.and").join(cell.text for cell in gains)
    notes = words("figure.and").join(cell.note for cell in gains)
    rule = Cell(words("guardrail.class_gain_rule"))
    rows = [(Cell(words("guardrail.class_gain")), rule, Cell(shown, notes, tone="wraps"))]
    rows += [(name, rule, found) for name, rule, _, found in _information_rows(findings, words)]
    columns = ["guardrail", "rule", "held_out_pictures"]
    level = digits.level(policy.level, words)
    return _table("class_guardrails", columns, rows, words, level=level)


def _judged_guardrails(findings: Findings, words: Words) -> Table:
    """Lay out the rules where judged queries decide, and what pairs may still forbid."""
    policy, compared = findings.decision.policy, findings.decision.protocols
    margin = policy.recall_margin

    def row(name: str, rule: str, protocol: Protocol, metric: str) -> tuple[Cell, ...]:
        label = Cell(words(f"guardrail.{name}"), words(f"column.{protocol}"))
        cell = _cell(compared[protocol].change[metric], words, signed=True)
        asked = protocol == "judged"
        return (
            label,
            Cell(words(f"guardrail.{rule}_rule", margin=margin)),
            cell if asked else _guarded(cell, protocol, findings, words),
        )

    rows = [
        row("judged_gain", "gain", "judged", "judged_ndcg_at_10"),
        row("judged_harm", "harm", "judged", "judged_recall_at_10"),
        *(row("harm", "harm", each, RECALL) for each in PROTOCOLS if each in compared),
    ]
    for kind, rate in compared["judged"].base_rate.items():
        rule = words("guardrail.share_rule", limit=policy.share_departure, base=f"{rate:.2f}")
        name = words("guardrail.share", kind=words.name(kind))
        rows.append((Cell(name), Cell(rule), _share(compared["judged"], kind)))
    rows += [(name, rule, found) for name, rule, _, found in _information_rows(findings, words)]
    columns = ["guardrail", "rule", "value"]
    return _table("guardrails", columns, rows, words, level=digits.level(policy.level, words))


def _guarded(cell: Cell, protocol: Protocol, findings: Findings, words: Words) -> Cell:
    """Return the cell, marked if the policy does not ask for this protocol."""
    policy = findings.decision.policy
    if protocol in policy.guarded:
        return cell
    growing = words("figure.percent", value=f"{100 * policy.growing:.3g}")
    idle = words("guardrail.idle", growing=growing)
    note = words("figure.and").join(filter(None, (cell.note, idle)))
    return Cell(cell.text, note, tone="wraps")


def _information_rows(findings: Findings, words: Words) -> list[tuple[Cell, ...]]:
    """Lay out what the correction kept of each kind by itself, measured on an unseen corpus."""
    policy, told = findings.decision.policy, findings.decision.information
    if told is None:
        return []
    nowhere = Cell("–")
    rows: list[tuple[Cell, ...]] = [
        (
            Cell(words("guardrail.neighbours", kind=words.name(kind))),
            Cell(
                words(
                    "guardrail.neighbours_rule",
                    share=policy.neighbours_kept,
                    centred=digits.figure(told.centred[kind].estimate()),
                )
            ),
            nowhere,
            _cell(kept.share(), words),
        )
        for kind, kept in told.neighbours.items()
    ]
    rows += [
        (
            Cell(words("guardrail.labels", figure=words.name(name))),
            Cell(words("guardrail.labels_rule", margin=policy.label_margin)),
            nowhere,
            _cell(figure.change.estimate(), words, signed=True),
        )
        for name, figure in told.classes.items()
    ]
    return rows


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
