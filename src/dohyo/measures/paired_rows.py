"""One image row and one text row for each pair, the texts of an image averaged."""

import numpy as np

from dohyo.errors import CorpusError
from dohyo.measures.view import View, require_pairs
from dohyo.rows import F32, unit_rows


def paired_rows(view: View, what: str, least: int) -> tuple[F32, F32]:
    """Return images that have texts, and the direction of each one's mean text, both (g, d).

    Parameters
    ----------
    what : the measure, for the message
    least : fewest pairs that it can be taken on

    Raises
    ------
    CorpusError
        Without pairs, or with fewer than `least`.
    """
    pairs = require_pairs(view, what)
    captioned, member = np.unique(pairs, return_inverse=True)
    if len(captioned) < least:
        raise CorpusError(
            f"{what} needs {least} pairs, there are {len(captioned)}.", hint="Give more pairs."
        )
    if len(captioned) == len(pairs):
        order = np.argsort(pairs)
        return view.image[captioned], view.text[order]
    total = np.zeros((len(captioned), view.text.shape[1]))
    np.add.at(total, member, view.text)
    return view.image[captioned], unit_rows(total)
