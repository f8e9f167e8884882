"""Can a straight cut tell pictures from sentences?"""

import numpy as np

from dohyo.estimate import Estimate
from dohyo.measures.modality_classifier import out_of_fold
from dohyo.measures.view import View
from dohyo.stats.bootstrap import bootstrap_mean


def linear_separability(view: View) -> Estimate:
    """Cross-validated accuracy of a logistic classifier of the modality.

    Returns
    -------
    Estimate in [0, 1]: the mean of the accuracy on images and on texts. 0.5 is chance; 1 says
    that one hyperplane separates the modalities, which any centring removes without mixing them.

    Raises
    ------
    CorpusError
        With fewer groups than folds, or a kind in one fold alone.

    Notes
    -----
    The classifier of `modality_classifier`, each row judged by the one that has not seen its
    group. At most 4,000 rows are used. Bootstrap over the groups' out-of-fold hits.
    """
    held_out = out_of_fold(view)
    hit = np.where(np.isnan(held_out.score), np.nan, (held_out.score > 0) == (held_out.kind == 1))
    return bootstrap_mean(hit, held_out.group, stratum=held_out.kind, seed=view.seed).share()
