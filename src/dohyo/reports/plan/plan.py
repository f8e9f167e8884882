"""The plan of one corpus."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dohyo.reports.plan.evidence import Evidence, evidence_of
from dohyo.reports.plan.sample_size import POWER
from dohyo.reports.plan.stages import Sizes, Stage, sizes_of, stages_of
from dohyo.value.changes import changes_of_report
from dohyo.value.costs import Costs
from dohyo.value.told import value_from_json
from dohyo.value.value import Value, value_of_changes
from dohyo.words import Words

SCHEMA_VERSION = 1


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Plan:
    """What to do next, stage by stage.

    Attributes
    ----------
    seen : the report's figures
    sizes : how many queries a stage must look at
    stages : in order
    value : what it is worth; None without costs
    """

    seen: Evidence
    sizes: Sizes
    stages: tuple[Stage, ...]
    value: Value | None

    def to_json(self, words: Words) -> dict[str, Any]:
        """Return the plan, its sentences in the language of `words`."""
        return {
            "schema_version": SCHEMA_VERSION,
            "verdict": self.seen.verdict,
            "method": self.seen.label,
            "corpus": dict(self.seen.corpus),
            "stages": [stage.to_json(words) for stage in self.stages],
            "sample_sizes": self.sizes.to_json()
            | {"power": POWER, "level": self.seen.policy["level"]},
            "value": None if self.value is None else self.value.to_json(),
        }


def plan_of(report: Mapping[str, Any], *, costs: Costs | None, run: str) -> Plan:
    """Return the plan that a report calls for.

    Parameters
    ----------
    report : `report.json` as it was parsed
    costs : a company's assumptions; those of the report if left out, and it has any
    run : folder of the report, as it is to be typed

    Raises
    ------
    UsageError
        If the report's own assumptions are not what they should be.
    """
    seen = evidence_of(report)
    value = None
    if costs is not None:
        changes = changes_of_report(report)
        value = value_of_changes(changes, costs, seen.verdict, seed=report["seed"])
    elif report.get("value") is not None:
        value = value_from_json(report["value"], where=f"{run}/report.json")
    sizes = sizes_of(seen)
    assumed = None if value is None else value.costs
    stages = stages_of(seen, sizes, assumed, run)
    return Plan(seen=seen, sizes=sizes, stages=stages, value=value)
