"""Does one threshold serve for scores within a kind and across, for true matches?"""

from dohyo.errors import CorpusError
from dohyo.estimate import Estimate
from dohyo.measures.pair_scores import pair_scores
from dohyo.measures.score_overlap_random import overlap
from dohyo.measures.view import View


def score_overlap_matches(view: View) -> Estimate:
    """Overlap of the cosine scores of true matches within a modality and across.

    Returns
    -------
    Estimate in [0, 1]. 1: any threshold finds as many matches within a kind as across; 0: there
    is a threshold that all matches within a kind pass and none across, so that a search in both
    kinds at once shows one of them only.

    Raises
    ------
    CorpusError
        Without pairs, or with neither several texts to an image nor labels.

    Notes
    -----
    1 − max_t |F(t) − G(t)|, as in `score_overlap_random`. Where images have several texts: two
    texts of one image against an image and its text. Otherwise by labels: two images, or two
    texts, of one class against an image and a text of one class, the pair itself left out.
    2,000 rows of a side at most. Half-sampling over 20 blocks of groups, as there. With
    some hundred matches the figure is too low, near an overlap of 1 by more than the interval
    makes up for.
    """
    if view.text_to_image is None:
        raise CorpusError("The overlap of matches needs pairs.", hint="Give text_to_image.")
    scores = pair_scores(view)
    if scores.histogram("text", "group").any():
        return overlap(scores, [("text", "group")], ("cross", "group"))
    if view.label is None:
        raise CorpusError(
            "The overlap of matches needs several texts of an image, or labels.",
            hint="Give either.",
        )
    return overlap(scores, [("image", "label"), ("text", "label")], ("cross", "label"))
