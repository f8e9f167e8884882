"""Can a straight cut tell pictures from sentences?"""

import numpy as np

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.view import View
from dohyo.stats.bootstrap import bootstrap_mean

FOLDS = 4
ROWS = 4_000


def linear_separability(view: View) -> Estimate:
    """Cross-validated accuracy of a logistic classifier of the modality.

    Returns
    -------
    Estimate in [0, 1]: the mean of the accuracy on images and on texts. 0.5 is chance; 1 says
    that one hyperplane separates the modalities, which any centring removes without mixing them.

    Raises
    ------
    CorpusError
        With fewer groups than folds.

    Notes
    -----
    Ridge-penalised logistic regression with balanced classes on standardised columns, folds by
    group so that a picture and its caption are never on both sides. At most 4,000 rows are used.
    Bootstrap over the groups' out-of-fold hits.
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
    hit = np.full(len(x), np.nan)
    for each in range(FOLDS):
        test = fold == each
        if not test.any() or len(np.unique(kind[~test])) < 2:
            continue
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=0.1, class_weight="balanced", max_iter=300)
        )
        hit[test] = model.fit(x[~test], kind[~test]).predict(x[test]) == kind[test]
    if any(np.isnan(hit[kind == each]).all() for each in (0, 1)):
        raise CorpusError(
            "linear separability needs items of each kind in two folds.", hint="Give more items."
        )
    return bootstrap_mean(hit, group, stratum=kind, seed=view.seed).estimate()
