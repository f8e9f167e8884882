"""What a correction kept of each modality by itself, resampled, and held against the policy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit  # scipy.stats takes half a second to import

from dohyo.corpus import MODALITIES
from dohyo.decision.policy import Policy
from dohyo.decision.reason import Reason, groups_to_decide
from dohyo.stats.bootstrap import Resampled, bootstrap_mean
from dohyo.verification.changed import Changed
from dohyo.verification.information import Kept

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Information:
    """What a correction kept, on held-out items, every interval clustered by group.

    Attributes
    ----------
    neighbours : share of an item's nearest neighbours of its own kind that stay, by modality
    centred : the same had the mean alone been taken out: the least that any correction changes
    classes : label_accuracy_image, label_accuracy_text (by the majority of neighbours),
        zero_shot_accuracy and cluster_nmi of the images; those for which there are labels
    effective_rank : by modality (splits, 2), before and after in each split; empty for a part
        of the items
    """

    neighbours: Mapping[str, Resampled]
    centred: Mapping[str, Resampled]
    classes: Mapping[str, Changed]
    effective_rank: Mapping[str, F64]

    def to_json(self) -> dict[str, Any]:
        """Return every estimate; that of the rank from the spread over the folds."""
        return {
            "neighbours_kept": {n: r.share().to_json() for n, r in self.neighbours.items()},
            "neighbours_kept_by_centering": {
                n: r.share().to_json() for n, r in self.centred.items()
            },
            **{name: each.to_json() for name, each in self.classes.items()},
            "effective_rank": {
                name: {
                    "before": _over_folds(ranks[:, 0]),
                    "after": _over_folds(ranks[:, 1]),
                    "change": _over_folds(ranks[:, 1] - ranks[:, 0]),
                }
                for name, ranks in self.effective_rank.items()
            },
        }


def information(kept: Kept, *, seed: int) -> Information:
    """Resample what a correction kept, by group."""
    neighbours: dict[str, Resampled] = {}
    centred: dict[str, Resampled] = {}
    ranks: dict[str, F64] = {}
    classes: dict[str, Changed] = {}
    for number, name in enumerate(MODALITIES):
        side = kept.of(kept.modality == number)
        if not len(side.group):
            continue
        neighbours[name] = bootstrap_mean(side.neighbours, side.group, seed=seed)
        centred[name] = bootstrap_mean(side.neighbours_centred, side.group, seed=seed)
        if len(side.effective_rank):
            ranks[name] = side.effective_rank[:, :, number]
        _add(classes, f"label_accuracy_{name}", side.label_accuracy, side, seed)
    _add(classes, "zero_shot_accuracy", kept.zero_shot_accuracy, kept, seed)
    _add(classes, "cluster_nmi", kept.cluster_nmi, kept, seed)
    return Information(
        neighbours=neighbours, centred=centred, classes=classes, effective_rank=ranks
    )


def lost(found: Information, policy: Policy) -> tuple[Reason, ...]:
    """Return the reason for every guardrail of kept information that the figures fail."""
    return (*_neighbours(found, policy), *_labels(found, policy))


def _neighbours(found: Information, policy: Policy) -> list[Reason]:
    reasons = []
    for name, kept in found.neighbours.items():
        least = found.centred[name]
        # Both were resampled with the same draws, so their difference is, too.
        spare = replace(
            kept,
            value=kept.value - policy.neighbours_kept * least.value,
            replicates=kept.replicates - policy.neighbours_kept * least.replicates,
        )
        if spare.lower_bound(policy.level) > 0:
            continue
        open_ = spare.value > 0
        reasons.append(
            Reason(
                "neighbours_undecided" if open_ else "neighbours",
                {
                    "modality": name,
                    "value": kept.value,
                    "centred": least.value,
                    "wanted": policy.neighbours_kept * least.value,
                    "groups": groups_to_decide(spare, policy.level, spare.value),
                },
            )
        )
    return reasons


def _labels(found: Information, policy: Policy) -> list[Reason]:
    reasons = []
    for name, figure in found.classes.items():
        change = figure.change
        if change.lower_bound(policy.level) > -policy.label_margin:
            continue
        room = change.value + policy.label_margin
        reasons.append(
            Reason(
                "labels_undecided" if room > 0 else "labels",
                {
                    "figure": name,
                    "value": change.value,
                    "bound": change.lower_bound(policy.level),
                    "margin": policy.label_margin,
                    "groups": groups_to_decide(change, policy.level, room),
                },
            )
        )
    return reasons


def _add(into: dict[str, Changed], name: str, figure: F64, kept: Kept, seed: int) -> None:
    """Add a figure of before and after, (q, 2), unless no item has it."""
    if np.isnan(figure).all():
        return
    before, after, change = (
        bootstrap_mean(values, kept.group, seed=seed)
        for values in (figure[:, 0], figure[:, 1], figure[:, 1] - figure[:, 0])
    )
    into[name] = Changed(before=before, after=after, change=change)


def _over_folds(figures: F64) -> dict[str, float]:
    """Return the mean over folds with its t interval; the mean alone where there is one fold."""
    value, folds = float(figures.mean()), len(figures)
    if folds < 2:
        return {"value": value}
    error = float(figures.std(ddof=1) / np.sqrt(folds))
    reach = float(stdtrit(folds - 1, 0.975)) * error
    return {"value": value, "low": value - reach, "high": value + reach, "n": folds}
