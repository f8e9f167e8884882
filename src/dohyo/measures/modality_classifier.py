"""A straight cut between pictures and sentences, and what it says of rows it has not seen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dohyo.errors import CorpusError
from dohyo.measures.once_per_view import once_per_view
from dohyo.measures.view import View
from dohyo.rows import I64

FOLDS = 4
ROWS = 4_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OutOfFold:
    """What the classifiers say of rows that they were not fitted on.

    Attributes
    ----------
    score : (n,) signed distance from the cut, positive for a text; NaN where no classifier could
        be fitted. Comparable within a fold alone.
    kind : (n,) 0 for an image, 1 for a text
    group : (n,) group of each row in the view
    fold : (n,) the fold that the row was left out with
    """

    score: NDArray[np.float64]
    kind: I64
    group: I64
    fold: I64


@once_per_view
def out_of_fold(view: View) -> OutOfFold:
    """Fit a logistic classifier of the modality on all folds but one, in turn.

    Raises
    ------
    CorpusError
        With fewer groups than folds, or a kind in one fold alone.

    Notes
    -----
    Ridge-penalised logistic regression with balanced classes on standardised columns, folds by
    group so that a picture and its caption are never on both sides. At most 4,000 rows are used.
    Done once for a view, however many measures read it.
    """
    # scikit-learn takes longer to import than the rest of dohyo together.
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if view.groups < FOLDS:
        raise CorpusError(
            f"linear separability needs {FOLDS} groups, there are {view.groups}.",
            hint="Give more items.",
        )
    x, kind, group = view.union, view.modality, view.group
    rng = np.random.default_rng(view.seed)
    if len(x) > ROWS:
        some = np.sort(rng.choice(len(x), ROWS, replace=False))
        x, kind, group = x[some], kind[some], group[some]
    fold = rng.permutation(view.groups)[group] % FOLDS
    score = np.full(len(x), np.nan)
    for each in range(FOLDS):
        test = fold == each
        if not test.any() or len(np.unique(kind[~test])) < 2:
            continue
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", max_iter=300)
        )
        score[test] = model.fit(x[~test], kind[~test]).decision_function(x[test])
    if any(np.isnan(score[kind == each]).all() for each in (0, 1)):
        raise CorpusError(
            "linear separability needs items of each kind in two folds.", hint="Give more items."
        )
    return OutOfFold(score=score, kind=kind, group=group, fold=fold.astype(np.int64))
