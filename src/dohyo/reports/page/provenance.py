"""Where the figures come from: definitions, and all that is needed to get them again."""

from collections.abc import Mapping

from dohyo.corrections.recipe import Recipe
from dohyo.reports.facts import Facts
from dohyo.reports.findings import Findings
from dohyo.reports.page.tables import Cell, Table
from dohyo.verification.judged.compare import JUDGED_METRICS
from dohyo.verification.protocols import FOLDS
from dohyo.verification.retrieval import METRICS
from dohyo.words import Words


def definitions(findings: Findings, words: Words) -> tuple[tuple[str, str], ...]:
    """Return (term, meaning) of every figure on the page, one line each."""
    signal_p = findings.decision.policy.signal_p
    proof = words("section.proof")
    measures = [
        (words(f"measure.{name}.name"), words(f"measure.{name}.reads"))
        for name in findings.before.estimates
    ]
    own = [
        (words.name(name), words(f"method.define.{name}"))
        for name in (*_judged(findings), *METRICS, "unseen_query", "unseen_corpus")
    ]
    ways = [
        (words(f"method.term.{name}"), words(f"method.define.{name}", **values))
        for name, values in (
            ("interval", {}),
            ("p", {}),
            ("chance", {"signal_p": signal_p}),
            ("choice", {"proof": proof}),
        )
    ]
    return (*measures, *own, *ways)


def _judged(findings: Findings) -> tuple[str, ...]:
    """Return the figures of judged queries that the page shows, and what they are."""
    if findings.decision.judged is None:
        return ()
    names = (name for name in JUDGED_METRICS if name not in METRICS)
    return (*names, "judged")


def provenance(findings: Findings, facts: Facts, words: Words) -> Table:
    """Lay out the facts that make the page reproducible."""
    corpus, decision = findings.corpus, findings.decision
    counts = {
        "images": len(corpus.image),
        "texts": len(corpus.text),
        "dim": corpus.dim,
        "groups": len(set(corpus.groups("text").tolist())) if corpus.paired else 0,
    }
    by_fold = [words.name(recipe.label) for recipe in decision.chosen_by_fold]
    unknown, growing = words("method.unknown"), decision.policy.growing
    rows = {
        "created": facts.created,
        "version": facts.dohyo_version,
        "command": facts.command or unknown,
        "seed": str(findings.seed),
        "folds": words("method.folds", k=len(by_fold) or FOLDS),
        "counts": words("method.counts" if corpus.paired else "method.counts_unpaired", **counts),
        "growing": words(
            "method.growing", share=words("figure.percent", value=f"{100 * growing:.3g}")
        ),
        **_pairs(findings, words),
        "encoder": corpus.encoder or unknown,
        "fingerprint": corpus.fingerprint(),
        "recipe": _recipe(decision.recipe, findings, words),
        **_index(findings.fitted.figures, words),
        "chosen_by_fold": words("figure.and").join(by_fold) or unknown,
        "seconds": words("method.seconds", seconds=f"{facts.seconds:.0f}"),
        "memory": words("method.memory", size=f"{facts.peak_memory_bytes / 2**20:,.0f}"),
    }
    return Table(
        caption=words("caption.reproduce"),
        head=(words("column.property"), words("column.value")),
        rows=tuple((Cell(words(f"method.row.{key}")), Cell(value)) for key, value in rows.items()),
        plain=True,
    )


def _pairs(findings: Findings, words: Words) -> dict[str, str]:
    """Return the row of the known pairs, if others than the corpus's own were judged by."""
    judged_on = findings.judged_on
    if judged_on is findings.corpus:
        return {}
    told = words(
        "method.pairs_from",
        groups=len(set(judged_on.groups("text").tolist())),
        fingerprint=judged_on.fingerprint(),
    )
    return {"pairs_from": told}


def _index(figures: Mapping[str, float], words: Words) -> dict[str, str]:
    """Return the row of how well the index of anchors finds neighbours, if the map has one."""
    if "graph_recall" not in figures:
        return {}
    shares = {name: 100 * figures[f"graph_{name}"] for name in ("recall", "weight")}
    told = words("method.index", k=int(figures["neighbours"]), **shares)
    return {"index": told}


def _recipe(recipe: Recipe, findings: Findings, words: Words) -> str:
    """Return the method with every parameter, those left at their default included."""
    used = findings.fitted.parameters
    listed = words("figure.and").join(f"{name} = {value:g}" for name, value in used.items())
    return words(
        "method.parameters_more" if listed else "method.parameters",
        method=words.name(recipe.label),
        parameters=listed,
        strength=recipe.strength,
    )
