"""Names of corrected collections: which raw one, and which map, can be read off them."""

import re

from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.identity import map_identity

LETTERS = 8
"""Of the map's identity that a name carries."""

_CORRECTED = re.compile(rf"(?P<raw>.+)__dohyo_(?P<identity>[0-9a-f]{{{LETTERS}}})", re.DOTALL)


def identity(fitted: AlignmentMap, strength: float = 1.0) -> str:
    """Return eight hex digits that tell this map at this strength from any other."""
    return map_identity(fitted, strength)[:LETTERS]


def corrected_name(raw: str, of_map: str) -> str:
    """Return the name of the corrected copy of a collection."""
    return f"{raw}__dohyo_{of_map}"


def raw_name(name: str) -> str | None:
    """Return the collection that this one is the corrected copy of; None if it is none."""
    match = _CORRECTED.fullmatch(name)
    return None if match is None else match["raw"]


def identity_in(name: str) -> str | None:
    """Return the identity of the map that a corrected collection was made by; None if raw."""
    match = _CORRECTED.fullmatch(name)
    return None if match is None else match["identity"]
