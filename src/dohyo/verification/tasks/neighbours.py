"""Within one modality: which of an item's neighbours a correction leaves it."""

from collections.abc import Sequence

import numpy as np

from dohyo.corpus import MODALITIES, Modality
from dohyo.verification.changed import changed_mean
from dohyo.verification.information import nearest
from dohyo.verification.scenes import Scene
from dohyo.verification.tasks.task import Task


def neighbours(scenes: Sequence[Scene], seed: int) -> Task | None:
    """Return the share of an item's nearest of its own kind that are still so, by modality.

    The nearest ten of other groups, a tenth of the fold if that is less. Before it is 1 by
    definition. The k-NN preservation of Venna & Kaski 2001 (trustworthiness's simpler sibling).

    Returns
    -------
    Task with `image_neighbours_kept` and `text_neighbours_kept`; None if no modality has two items
    """
    figures = {}
    for modality in MODALITIES:
        kept, group = [], []
        for scene in scenes:
            if len(scene.group[modality]) > 1:
                kept.append(_kept(scene, modality))
                group.append(scene.group[modality])
        if kept:
            after = np.concatenate(kept)
            name = f"{modality}_neighbours_kept"
            figures[name] = changed_mean(
                np.ones_like(after), after, np.concatenate(group), seed=seed
            )
    return Task(figures=figures) if figures else None


def _kept(scene: Scene, modality: Modality) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    group = scene.group[modality]
    before, after = scene.before, scene.after
    near = nearest(before.queries[modality], group, before.items[modality])
    then = nearest(after.queries[modality], group, after.items[modality])
    shared: np.ndarray[tuple[int], np.dtype[np.float64]] = (
        (near[:, :, None] == then[:, None, :]).any(axis=2).mean(axis=1)
    )
    return shared
