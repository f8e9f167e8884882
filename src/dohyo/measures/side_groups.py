"""One side of a view, its groups numbered among themselves."""

import numpy as np

from dohyo.measures.view import View
from dohyo.rows import F32, I64


def side_groups(view: View, number: int) -> tuple[F32, I64, int]:
    """Return one side's rows (n, d), each row's group numbered from 0 (n,), and the groups' count.

    Parameters
    ----------
    view : the corpus
    number : 0 for the images, 1 for the texts
    """
    rows = view.text if number else view.image
    group = view.group[view.modality == number]
    held, member = np.unique(group, return_inverse=True)
    return rows, member.astype(np.int64), len(held)
