"""Is there anything to align at all?"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dohyo.corpus import I64, blocks
from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.view import View
from dohyo.stats.bootstrap import bootstrap_mean
from dohyo.stats.permutation import DRAWS, permutation_p

QUERIES_PER_BLOCK = 1_024


def pairing_signal(view: View) -> Estimate:
    """Cross-modal R@1, averaged over both directions, with an exact permutation test.

    Returns
    -------
    Estimate in [0, 1] with p: how often the nearest item of the other kind is a true counterpart,
    and how probable so high a figure is if the pairs were dealt at random. `chance` is its
    expected value then. At chance, closing the gap cannot improve any search.

    Raises
    ------
    CorpusError
        Without pairs.

    Notes
    -----
    The test relabels the images by random permutations, 2,000 of them with the observed one
    counted (Phipson & Smyth 2010), both directions together. Bootstrap over groups.
    """
    pairs = view.text_to_image
    if pairs is None:
        raise CorpusError("The pairing signal needs pairs.", hint="Give text_to_image.")
    text_of_image = pairs[_nearest(view.image, view.text)]
    image_of_text = _nearest(view.text, view.image)
    captioned = np.isin(np.arange(len(view.image)), pairs)
    hit_image = np.where(captioned, text_of_image == np.arange(len(view.image)), np.nan)
    hit = np.concatenate([hit_image, image_of_text == pairs])
    result = bootstrap_mean(hit, view.group, stratum=view.modality, seed=view.seed)
    rng = np.random.default_rng(view.seed)
    draws = np.empty(DRAWS)
    for draw in range(DRAWS):
        dealt = rng.permutation(len(view.image))
        # Any image may be dealt the captions of another, so every row counts as a possible hit.
        draws[draw] = (
            (text_of_image == dealt).sum() / captioned.sum()
            + (dealt[image_of_text] == pairs).mean()
        ) / 2
    return replace(result.estimate(), p=permutation_p(result.value, draws))


def chance(view: View) -> float:
    """Return the expected R@1 when the pairs are dealt at random: one over the images.

    An image without captions asks nothing, so that direction goes by the captioned ones.
    """
    pairs = np.arange(len(view.image)) if view.text_to_image is None else view.text_to_image
    return (1.0 / len(np.unique(pairs)) + 1.0 / len(view.image)) / 2


def _nearest(queries: NDArray[np.float32], items: NDArray[np.float32]) -> I64:
    """Return the best-scoring item of each query, (queries,)."""
    return np.concatenate(
        [np.argmax(queries[b] @ items.T, axis=1) for b in blocks(len(queries), QUERIES_PER_BLOCK)]
    ).astype(np.int64)
