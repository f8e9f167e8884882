"""Which rows may change sides if the modality does not matter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Exchange:
    """Rows of the union, and how their sides are dealt anew under the null.

    Attributes
    ----------
    first : (a,) rows that are images
    second : (b,) rows that are texts; with `paired`, second[i] belongs to first[i] and a = b
    paired : whether only the two rows of a pair may be exchanged
    """

    first: I64
    second: I64
    paired: bool

    def swaps(self, rng: np.random.Generator, draws: int) -> NDArray[np.float32]:
        """Return (pairs, draws) of ±1: −1 where the two rows of a pair change sides."""
        coins = rng.integers(0, 2, size=(len(self.first), draws), dtype=np.int8)
        return (coins * 2 - 1).astype(np.float32)

    def labels(self, rng: np.random.Generator, draws: int) -> NDArray[np.bool_]:
        """Return (draws, a + b): which rows of first, then second, are called images."""
        own = np.repeat([True, False], [len(self.first), len(self.second)])
        if self.paired:
            stay = self.swaps(rng, draws).T > 0
            return np.concatenate([stay, ~stay], axis=1)
        return rng.permuted(np.tile(own, (draws, 1)), axis=1)


def exchange(text_to_image: I64 | None, images: int, texts: int, seed: int) -> Exchange:
    """Return what may be exchanged in a corpus.

    Notes
    -----
    Without pairs all rows are exchangeable if the modality does not matter. With pairs only the
    two rows of a pair are. Of several texts of one image a seeded one is taken, because they are
    more alike than an image and a text can be expected to be even without a gap, and an image
    without a text has nobody to change sides with. The test is exact either way.
    """
    if text_to_image is None:
        return Exchange(
            first=np.arange(images), second=np.arange(images, images + texts), paired=False
        )
    order = np.random.default_rng(seed).permutation(texts)
    first, place = np.unique(text_to_image[order], return_index=True)
    return Exchange(first=first, second=images + order[place], paired=True)
