"""The items that show a change best, and the old ones nearest to them."""

from collections.abc import Sequence

import numpy as np

from dohyo.corpus import MODALITIES, Modality
from dohyo.monitor.batch import Batch
from dohyo.monitor.explain.explanation import Example, Shown
from dohyo.monitor.explain.memory import Memory
from dohyo.monitor.explain.past import F64, Past
from dohyo.monitor.explain.reservoir import Item, item_of
from dohyo.reports.page.thumbnail import data_uri
from dohyo.rows import unit_rows

NEW = 4
"""Typical new items of a modality."""
OLD = 2
"""Old items beside each."""


def typical(
    modality: Modality, change: F64, memory: Memory, recent: Sequence[Batch]
) -> list[Example]:
    """Return the new items furthest along a change, with the old ones most like them.

    Parameters
    ----------
    change : (d,) from the old mean to the new one
    recent : batches since the change, where they can be read again; the sample that the memory
        keeps of the latest batches otherwise
    """
    past, old = memory.past[modality], memory.old.items(modality)
    length = float(np.linalg.norm(change))
    if not length or not old:
        return []
    axis = change / length
    scale = _scale(old, axis, past)
    # An old item that nobody can look at explains nothing; few keep their picture.
    old = [item for item in old if item.picture is not None or item.caption] or old
    new = _furthest(modality, axis, recent) or sorted(
        memory.new.items(modality), key=lambda item: -float(item.row @ axis)
    )
    rows = np.stack([item.row for item in old])
    found = []
    for item in new[:NEW]:
        cosine = rows @ item.row
        nearest = np.argsort(-cosine, kind="stable")[:OLD]
        found.append(
            Example(
                modality=modality,
                new=_shown(item, axis, past, scale),
                old=tuple(
                    _shown(old[place], axis, past, scale, float(cosine[place])) for place in nearest
                ),
            )
        )
    return found


def _scale(old: Sequence[Item], axis: F64, past: Past) -> float:
    """Return the standard deviation of the old items along the change."""
    along = np.array([float((item.row - past.mean) @ axis) for item in old])
    return max(float(np.sqrt((along * along).mean())), 1e-9)


def _furthest(modality: Modality, axis: F64, recent: Sequence[Batch]) -> list[Item]:
    best: list[tuple[float, Item]] = []
    assert modality in MODALITIES
    for batch in recent:
        side = batch.image if modality == "image" else batch.text
        if side is None or not len(side.rows):
            continue
        unit = unit_rows(np.asarray(side.rows))
        along = unit @ axis
        for place in np.argsort(-along, kind="stable")[:NEW]:
            best.append((float(along[place]), item_of(modality, side, int(place), unit)))
    best.sort(key=lambda each: -each[0])
    return [item for _, item in best[:NEW]]


def _shown(item: Item, axis: F64, past: Past, scale: float, cosine: float | None = None) -> Shown:
    return Shown(
        caption=item.caption,
        label=item.label,
        source=item.source,
        picture=None if item.picture is None else data_uri(item.picture),
        along=float((item.row - past.mean) @ axis) / scale,
        cosine=cosine,
    )
