"""Is there anything to align at all?"""

from dataclasses import replace

import numpy as np

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.view import View
from dohyo.stats.bootstrap import bootstrap_mean
from dohyo.stats.permutation import DRAWS, permutation_p


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
    counted (Phipson & Smyth 2010), both directions together. A sample of queries searches the
    whole corpus. Bootstrap over groups.
    """
    pairs = view.whole.text_to_image
    if pairs is None:
        raise CorpusError("The pairing signal needs pairs.", hint="Give text_to_image.")
    found, images = view.search, len(view.whole.image)
    asks_image = found.modality == 0
    image, text = found.row[asks_image], found.row[~asks_image]
    text_of_image, image_of_text = pairs[found.cross[asks_image]], found.cross[~asks_image]
    captioned = np.zeros(images, dtype=np.bool_)
    captioned[pairs] = True
    hit_image = np.where(captioned[image], text_of_image == image, np.nan)
    hit = np.concatenate([hit_image, image_of_text == pairs[text]])
    result = bootstrap_mean(hit, found.group, stratum=found.modality, seed=view.seed)
    rng = np.random.default_rng(view.seed)
    # Only the images that ask or are found need to be dealt anew; the rest could not matter.
    involved, place = np.unique(np.concatenate([image, image_of_text]), return_inverse=True)
    draws = np.empty(DRAWS)
    for draw in range(DRAWS):
        dealt = rng.choice(images, len(involved), replace=False)[place]
        # Any image may be dealt the captions of another, so every row counts as a possible hit.
        draws[draw] = (
            (text_of_image == dealt[: len(image)]).sum() / captioned[image].sum()
            + (dealt[len(image) :] == pairs[text]).mean()
        ) / 2
    return replace(result.share(), p=permutation_p(result.value, draws))


def chance(view: View) -> float:
    """Return the expected R@1 when the pairs are dealt at random: one over the images.

    An image without captions asks nothing, so that direction goes by the captioned ones.
    """
    whole = view.whole
    images = len(whole.image)
    captioned = images if whole.text_to_image is None else len(np.unique(whole.text_to_image))
    return (1.0 / captioned + 1.0 / images) / 2
