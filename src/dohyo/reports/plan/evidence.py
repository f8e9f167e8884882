"""What a plan is made from: the figures of a written report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dohyo.decision.reason import Reason
from dohyo.decision.verdict import Verdict
from dohyo.estimate import Estimate
from dohyo.value.changes import FOUND, changes_of_report

PAIRED = ("unseen_query", "unseen_corpus")
RECALL = "recall_at_1"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Evidence:
    """The figures of a report that gates are made of; None where it has none.

    Attributes
    ----------
    verdict, label : of the decision; the label joins a method and its options by `+`
    corpus : images, texts, groups, fingerprint
    reasons : why, as codes; as sentences of the report's language where it has no codes
    policy : the tolerances
    found : change of the share of mixed searches that find a match in their first ten
    today, then : that share before and after
    harm : change of cross-modal R@1 under the protocol where it could fall most
    base_rate : share of the other kind in the collection, by the query's kind
    kept : share of an item's neighbours of its own kind that stay, the kind that keeps less
    """

    verdict: Verdict
    label: str
    corpus: Mapping[str, Any]
    reasons: tuple[Reason | str, ...]
    policy: Mapping[str, Any]
    found: Estimate | None
    today: float | None
    then: float | None
    harm: Estimate | None
    base_rate: Mapping[str, float]
    kept: Estimate | None


def evidence_of(report: Mapping[str, Any]) -> Evidence:
    """Return what a report says, `report.json` as it was parsed."""
    decision, verify = report["decision"], report["verify"]
    found = changes_of_report(report).found
    protocols = {name: verify[name] for name in FOUND if _compared(verify.get(name))}
    harms = [
        Estimate.from_json(protocols[name]["change"][RECALL])
        for name in PAIRED
        if name in protocols
    ]
    information = decision.get("information") or {}
    kept = [Estimate.from_json(e) for e in information.get("neighbours_kept", {}).values()]
    growing = decision["policy"]["growing"]
    return Evidence(
        verdict=decision["verdict"],
        label=label_of(decision),
        corpus=report["corpus"],
        reasons=_reasons(decision),
        policy=decision["policy"],
        found=None if found is None else found.estimate(),
        today=_level(protocols, "before", growing),
        then=_level(protocols, "after", growing),
        harm=min(harms, key=lambda each: each.low, default=None),
        base_rate=next((each["base_rate"] for each in protocols.values()), {}),
        kept=min(kept, key=lambda each: each.low, default=None),
    )


def label_of(decision: Mapping[str, Any]) -> str:
    """Return a method with what it is composed with, as `Recipe.label` writes it."""
    options = [name for name in ("hubs", "calibrate") if decision["parameters"].get(name)]
    alone = decision["method"]
    return "+".join([alone, *(name for name in options if name != alone)])


def _compared(each: Any) -> bool:
    return isinstance(each, dict) and "change" in each


def _level(protocols: Mapping[str, Any], when: str, growing: float) -> float | None:
    levels = {name: each[when][FOUND[name]]["value"] for name, each in protocols.items()}
    if "judged" in levels:
        return float(levels["judged"])
    if not levels:
        return None
    query, corpus = (levels.get(name, 0.0) for name in PAIRED)
    return float((1 - growing) * query + growing * corpus)


def _reasons(decision: Mapping[str, Any]) -> tuple[Reason | str, ...]:
    codes = decision.get("reason_codes")
    if codes is None:
        return tuple(decision["reasons"])
    return tuple(Reason(each["code"], each["values"]) for each in codes)
