"""Whether the verdict survives the faults that data in use has."""

from dohyo.decision.stress import Stress, Trial
from dohyo.estimate import Estimate
from dohyo.reports.charts.stress import stress as chart
from dohyo.reports.findings import Findings
from dohyo.reports.page import digits
from dohyo.reports.page.stress_words import breaking
from dohyo.reports.page.tables import Cell, Table
from dohyo.reports.sections.section import Aside, Figure, Part, Prose, Section
from dohyo.reports.stress_series import called
from dohyo.verification.protocols import PROTOCOLS
from dohyo.verification.stress.registry import CONDITIONS
from dohyo.words import Words


def stress(findings: Findings, words: Words) -> Section | None:
    """Lay out the verdict under each fault, and where the benefit breaks; None if not done."""
    found = findings.stress
    if found is None:
        return None
    policy = findings.decision.policy
    lead = [words("stress.lead")]
    if found.sampled:
        lead.append(words("stress.sampled", groups=f"{found.unstressed.groups:,}"))
    between, parts = words("figure.between"), list[Part]()
    told = breaking(found, words)
    if all(trial.verdict == "correct" for trial in (found.unstressed, *found.trials)):
        lead += told
    else:
        tone = "insufficient_data" if _only_open(found) else "do_not_correct"
        parts.append(Aside(title=words("stress.breaks_title"), sentences=told, tone=tone))
    shortened = between.join((words("stress.yardstick"), words("stress.shortened")))
    parts += [
        Figure(
            name="stress",
            title=words("stress.chart_title"),
            text=words("stress.chart", margin=policy.recall_margin),
            draw=lambda width: chart(found, policy, words, width=width),
        ),
        Prose(text=shortened),
        _table(found, words),
        Prose(text=words("stress.stands_title"), kind="heading"),
        Prose(text=tuple(words(f"stress.stands.{name}") for name in CONDITIONS), kind="list"),
    ]
    return Section(name="stress", parts=(Prose(text=between.join(lead)), *parts))


def _only_open(found: Stress) -> bool:
    """Tell whether nothing is refused for certain: the data alone no longer decides."""
    refused = [t for t in found.trials if t.broken and t.verdict == "do_not_correct"]
    return not refused and found.unstressed.verdict != "do_not_correct"


def _table(found: Stress, words: Words) -> Table:
    columns = ["fault", "verdict", "n"]
    columns += [f"{figure}_{protocol}" for figure in ("gain", "harm") for protocol in PROTOCOLS]
    return Table(
        caption=words("caption.stress"),
        head=tuple(words(f"column.{column}") for column in columns),
        rows=tuple(_row(trial, words) for trial in (found.unstressed, *found.trials)),
    )


def _row(trial: Trial, words: Words) -> tuple[Cell, ...]:
    tone = "go" if trial.verdict == "correct" else "stop"
    changes = [side.get(protocol) for side in (trial.gain, trial.harm) for protocol in PROTOCOLS]
    return (
        Cell(called(trial, words), tone="wraps"),
        Cell(words(f"light.{trial.verdict}"), _drawn(trial, words), tone=tone),
        Cell(f"{trial.groups:,}"),
        *(_cell(change, words) for change in changes),
    )


def _drawn(trial: Trial, words: Words) -> str:
    if trial.draws == 1:
        return ""
    return words("stress.draws", failed=trial.failed, draws=trial.draws)


def _cell(change: Estimate | None, words: Words) -> Cell:
    if change is None:
        return Cell("–")
    return Cell(digits.figure(change, signed=True), digits.interval(change, words, signed=True))
