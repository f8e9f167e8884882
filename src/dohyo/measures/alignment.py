"""How far apart the two halves of a pair are."""

import numpy as np

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.view import View, require_pairs
from dohyo.stats.leave_one_out import leave_one_out


def alignment(view: View) -> Estimate:
    """Mean squared distance of true pairs.

    Returns
    -------
    Estimate in [0, 4], in squared length of unit vectors. 0: every pair coincides; 2: a pair is
    at right angles, like two random directions. It grows with the gap and with loose pairs alike.

    Raises
    ------
    CorpusError
        Without pairs, or with fewer than two.

    Notes
    -----
    E‖x − y‖² over true pairs, the alignment loss with α = 2 of Wang & Isola 2020 (arXiv
    2005.10242); each text counts once. A mean has no bias: delete-one-group jackknife
    about the figure, a picture and its texts left out together.
    """
    pairs = require_pairs(view, "Alignment")
    step = view.image[pairs].astype(np.float64) - view.text
    _, member, texts = np.unique(pairs, return_inverse=True, return_counts=True)
    if len(texts) < 2:
        raise CorpusError("Alignment needs two pairs.", hint="Give more pairs.")
    total = np.bincount(member, np.einsum("ij,ij->i", step, step))
    without = (total.sum() - total) / (len(pairs) - texts)
    value = float(total.sum() / len(pairs))
    return leave_one_out(value, without, seed=view.seed, inside=(0.0, 4.0))
