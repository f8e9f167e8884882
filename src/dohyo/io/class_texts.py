"""The text side of a corpus whose images have classes, but no captions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo import validation
from dohyo.errors import UsageError

SAVE = "Save `image` (n, d) and `text` (m, d), or give --images and --texts."
"""How to remedy a corpus without a text side."""


def texts_with_prompts(class_texts: NDArray[Any], further: NDArray[Any] | None) -> NDArray[Any]:
    """Return the class prompts and behind them whatever other texts there are.

    Parameters
    ----------
    class_texts : (k, d)
    further : (m, d), None if there are none

    Returns
    -------
    (k + m, d) in the wider of both types; the prompts themselves where nothing is added

    Raises
    ------
    CorpusError
        If one of them is no matrix of vectors, or they differ in d.
    """
    if further is None:
        return class_texts
    prompts = validation.vectors(class_texts, "class_text")
    texts = validation.vectors(further, "text")
    validation.same_dimension(texts, prompts, "class_text")
    return np.concatenate([prompts, texts])


def captions_with_names(
    class_names: list[str] | None, prompts: int, captions: list[str] | None
) -> list[str] | None:
    """Return the captions behind the names of the classes, by number where they have none."""
    if captions is None:
        return None
    return [*(class_names or map(str, range(prompts))), *captions]


def check_further(held: str, *, has_text: bool, unpaired: bool) -> None:
    """Refuse further texts where there is no place for them.

    Raises
    ------
    UsageError
        If the corpus has texts of its own, or it was not said that the texts have no pictures.
    """
    if has_text:
        raise UsageError(
            f"{held} has texts of its own, so it and --texts cannot be combined.",
            hint="Leave --texts out; it adds texts where a corpus has class texts alone.",
        )
    if not unpaired:
        raise UsageError(
            f"It is not said which picture of {held} each of the further texts belongs to.",
            hint="Say --unpaired: none of them belongs to any particular picture.",
        )
