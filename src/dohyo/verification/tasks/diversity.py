"""Do the first ten results say different things?"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import MODALITIES
from dohyo.rows import F32, I64, blocks, unit_rows
from dohyo.verification.alpha_ndcg import alpha_ndcg
from dohyo.verification.changed import Changed, changed_mean
from dohyo.verification.lists import DEPTH
from dohyo.verification.scenes import Scene
from dohyo.verification.tasks.first_ten import FirstTen, Found, first_ten
from dohyo.verification.tasks.task import Task

F64 = NDArray[np.float64]
LISTS_PER_BLOCK = 1_024


def diversity(scenes: Sequence[Scene], seed: int) -> Task | None:
    """Return how much the first ten differ from one another, each item asking its fold.

    - `distinct_groups`, `distinct_labels`: how many there are among the ten. Labels are counted
      where every item has one.
    - `list_distance`: mean cosine distance of two items of the list, in [0, 2]. Both lists are
      measured by the vectors as they were before, the mean of each kind taken out. By each one's
      own vectors a correction that only shrinks the space would look dull, and one that spreads
      it lively; with the means left in, the gap alone would make any list of both kinds diverse.
    - `alpha_ndcg_at_10`: see `alpha_ndcg`. An item answers when it has the query's label, or is
      of its group where labels are not known; the aspects are the two kinds, so a list that
      answers with one of them earns less. Where one item answers each query, and there are no
      labels, it is mixed nDCG@10.

    Returns
    -------
    Task with these figures, as far as the corpus has what they need; None without both kinds
    """
    known = [(scene, ten) for scene in scenes if (ten := first_ten(scene)) is not None]
    if not known:
        return None
    labelled = all((ten.label >= 0).all() for _, ten in known)
    group, before, after = [], [], []
    for scene, ten in known:
        here, ruler = ten.judged(seed), _ruler(scene)
        group.append(ten.group[here])
        before.append(_figures(ten, ten.before, ruler, here, labelled=labelled))
        after.append(_figures(ten, ten.after, ruler, here, labelled=labelled))
    figures: dict[str, Changed] = {}
    for name in before[0]:
        one, other = (np.concatenate([fold[name] for fold in each]) for each in (before, after))
        if not np.isnan(one).all():
            figures[name] = changed_mean(one, other, np.concatenate(group), seed=seed)
    return Task(figures=figures)


def _ruler(scene: Scene) -> F32:
    """Return the rows by which lists are measured: images, then texts, as they were, centred."""
    sides = [scene.before.vectors[modality] for modality in MODALITIES]
    return np.concatenate([unit_rows(side - side.mean(0, dtype=np.float64)) for side in sides])


def _figures(
    ten: FirstTen, found: Found, ruler: F32, here: NDArray[np.bool_], *, labelled: bool
) -> Mapping[str, F64]:
    """Return each figure of the judged queries' lists, (q,)."""
    mixed = found.mixed[here]
    meaning = ten.label if labelled else ten.group
    figures = {"distinct_groups": _distinct(ten.group[mixed])}
    if labelled:
        figures["distinct_labels"] = _distinct(ten.label[mixed])
    return figures | {
        "list_distance": _mean_distance(ruler, mixed),
        "alpha_ndcg_at_10": alpha_ndcg(
            meaning[mixed] == meaning[here][:, None],
            ten.kind[mixed],
            _wanted(meaning, ten.kind)[here],
        ),
    }


def _distinct(values: I64) -> F64:
    """Return how many different values each row holds."""
    ordered = np.sort(values, axis=1)
    number: F64 = 1.0 + (ordered[:, 1:] != ordered[:, :-1]).sum(axis=1)
    return number


def _mean_distance(ruler: F32, lists: I64) -> F64:
    """Return 1 − the mean inner product of two of a list's items, (q,)."""
    distance = np.empty(len(lists))
    for block in blocks(len(lists), LISTS_PER_BLOCK):
        rows = ruler[lists[block]]
        whole = rows.sum(axis=1)
        pairs = np.vecdot(whole, whole) - np.vecdot(rows, rows).sum(axis=1)
        distance[block] = 1.0 - pairs / (DEPTH * (DEPTH - 1))
    return distance


def _wanted(meaning: I64, kind: I64) -> I64:
    """Return how many other items of either kind mean the same as each item, (n, 2)."""
    _, member = np.unique(meaning, return_inverse=True)
    counts = np.zeros((int(member.max()) + 1, 2), np.int64)
    np.add.at(counts, (member, kind), 1)
    others: I64 = counts[member] - (kind[:, None] == np.arange(2))
    return others
