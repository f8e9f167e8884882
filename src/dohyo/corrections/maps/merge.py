"""Put the maps of several shards together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.extend import calibrated_on
from dohyo.corrections.maps.union import anchors_fit, keeps_of, part_of_map, sizes, union
from dohyo.errors import MapError, UsageError


def merge(maps: Sequence[AlignmentMap]) -> AlignmentMap:
    """Return the map of all the items that several maps were fitted on.

    Parameters
    ----------
    maps : two or more, of one method, parameters, dimension and encoder, fitted on shards that
        share no items

    Returns
    -------
    AlignmentMap: that of one pass over all shards, up to rounding, see `extend`. Offsets of
    calibrated scores are averaged, each by the number of items it was learnt on.

    Raises
    ------
    UsageError
        If there are fewer than two maps.
    MapError
        If two maps differ in what they must share, or are of the same corpus; if the method
        cannot be added to, or a map holds no statistics; if there would be too many anchors.
    """
    if len(maps) < 2:
        raise UsageError(
            f"{len(maps)} map cannot be merged." if maps else "There are no maps to merge.",
            hint="Name two or more.",
        )
    first = maps[0]
    for other in maps[1:]:
        _check_alike(first, other)
    known = [each.corpus for each in maps if each.corpus is not None]
    if len(set(known)) < len(known):
        raise MapError(
            "Two of the maps were fitted on the same corpus, whose items would then count twice.",
            hint="Name each shard's map once.",
        )
    if keeps_of(first.method) == "rows":
        anchors_fit([sizes(each) for each in maps])
    arrays, figures = union(first, [part_of_map(each) for each in maps])
    if all("offset" in each.arrays for each in maps):
        learnt = _offset(maps)
        arrays["offset"] = np.array([learnt["offset_image"], learnt["offset_text"]], np.float32)
        figures |= learnt
    reasons = first.reasons if all(each.reasons == first.reasons for each in maps) else ()
    encoder = next((each.encoder for each in maps if each.encoder is not None), None)
    return replace(
        first, arrays=arrays, figures=figures, encoder=encoder, corpus=None, reasons=reasons
    )


def _offset(maps: Sequence[AlignmentMap]) -> dict[str, float]:
    learnt = [calibrated_on(each) for each in maps]
    weight = np.array(
        [each["calibrated_on_images"] + each["calibrated_on_texts"] for each in learnt]
    )
    share = weight / weight.sum()
    return {
        name: float(
            sum(each[name] for each in learnt)
            if name.startswith("calibrated")
            else share @ [each[name] for each in learnt]
        )
        for name in learnt[0]
    }


def _check_alike(first: AlignmentMap, other: AlignmentMap) -> None:
    pairs: dict[str, tuple[Any, Any]] = {
        "method": (first.method, other.method),
        "dimension": (first.dimension, other.dimension),
        "parameters": (_listed(first), _listed(other)),
    }
    if None not in (first.encoder, other.encoder):
        pairs["encoder"] = (first.encoder, other.encoder)
    for name, (here, there) in pairs.items():
        if here != there:
            raise MapError(
                f"The maps differ in their {name}: {here} and {there}.",
                hint="Merge maps that were fitted alike on shards of one collection.",
            )


def _listed(fitted: AlignmentMap) -> str:
    return ", ".join(f"{k} = {v:g}" for k, v in sorted(fitted.parameters.items())) or "none"
