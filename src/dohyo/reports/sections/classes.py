"""What clusters follow, and whether class texts find their pictures."""

from dohyo.reports.charts.cluster_composition import Parts, cluster_composition
from dohyo.reports.charts.reliability import reliability
from dohyo.reports.findings import Findings
from dohyo.reports.page.answer import touched
from dohyo.reports.page.class_tables import clustering_table, over_k_table, zero_shot_table
from dohyo.reports.page.tables import guardrails_table
from dohyo.reports.sections.section import Figure, Part, Prose, Section
from dohyo.verification.tasks.task import Task
from dohyo.words import Words


def classes(findings: Findings, words: Words) -> Section | None:
    """Lay out clusters by kind and class, and zero-shot classes; None where neither was had."""
    decision = findings.decision
    # Offsets and hub columns leave the vectors, and so clusters and classes, as they are.
    changed = any(recipe.moves for recipe in decision.chosen_by_fold)
    clustering, zero_shot = (decision.tasks.get(name) for name in ("clustering", "zero_shot"))
    if clustering is None and zero_shot is None:
        return None
    labelled = findings.judged_on.label is not None
    parts: list[Part] = [Prose(text=words("classes.lead" if labelled else "classes.lead_kinds"))]
    if touched(findings) and not changed:
        method = words.name(findings.illustrated.label)
        parts.append(Prose(text=words("classes.unmoved", method=method)))
    if zero_shot is not None:
        parts += _zero_shot(zero_shot, words, changed=changed)
    if clustering is not None:
        parts += _clustering(clustering, findings, words, changed=changed)
    if decision.by_classes and changed:
        parts.append(guardrails_table(findings, words))
    return Section(name="classes", parts=tuple(parts))


def _zero_shot(task: Task, words: Words, *, changed: bool) -> list[Part]:
    parts: list[Part] = [zero_shot_table(task, words, changed=changed)]
    bins = task.curves.get("reliability")
    if bins is None:
        return parts
    drawn = Figure(
        name="reliability",
        title=words("classes.reliability_title"),
        text=words("classes.reliability"),
        draw=lambda width: reliability(bins, words, changed=changed, width=width),
    )
    return [*parts, drawn, Prose(text=words("classes.calibration"), kind="small")]


def _clustering(task: Task, findings: Findings, words: Words, *, changed: bool) -> list[Part]:
    composition = task.curves["composition"]
    held = composition["before"][0]
    wanted: list[Parts] = []
    if sum(cluster["text"] * cluster["size"] for cluster in composition["before"]) > 0:
        wanted.append("kind")
    if "classes" in held:
        wanted.append("class")
    parts: list[Part] = [_composed(each, task, findings, words, changed=changed) for each in wanted]
    parts += [
        clustering_table(task, words, changed=changed),
        over_k_table(task, words, changed=changed),
        Prose(text=words("classes.note"), kind="small"),
    ]
    return parts


def _composed(by: Parts, task: Task, findings: Findings, words: Words, *, changed: bool) -> Figure:
    name = {"kind": "kinds", "class": "classes"}[by]
    names = findings.judged_on.class_name or ()
    return Figure(
        name=f"clusters_{name}",
        title=words(f"classes.{name}_title"),
        text=words(f"classes.{name}"),
        draw=lambda width: cluster_composition(
            task.curves["composition"], words, by=by, names=names, changed=changed, width=width
        ),
    )
