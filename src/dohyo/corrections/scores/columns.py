"""Write what is added to a score as further columns, so that any index serves it.

An inner product of longer rows is the old score plus a bonus that depends on the item and on the
modality of the query.
"""

from typing import Any

from array_api_compat import array_namespace

from dohyo.corpus import Modality, Role
from dohyo.rows import unit_rows

SIGN = {"image": 1.0, "text": -1.0}


def with_offset(x: Any, offset: tuple[float, float], modality: Modality, role: Role) -> Any:
    """Add one column whose sign depends on modality and role.

    Parameters
    ----------
    x : (n, d) unit rows, of any array library
    offset : what an image query, and what a text query, adds to the score of an item of the
        other modality

    Returns
    -------
    (n, d + 1) unit rows. For a query of one modality, the inner product with an item is
    proportional to x·item ± offset/2: + across modalities, − within.

    Notes
    -----
    An item has c·s and a query −s·offset/(2c), where s is 1 for an image and −1 for a text. The
    lengths of all items are equal, and so are those of all queries of a modality, so that the
    rows may be scaled to length 1 and cosine ranks as the inner product does. Design, section 5.
    """
    largest = max(map(abs, offset))
    share = (largest / 2) ** 0.5
    if role == "item" or share == 0:
        last = SIGN[modality] * share
    else:
        last = -SIGN[modality] * offset[modality == "text"] / (2 * share)
    return unit_rows(_beside(x, last))


def with_bonus(x: Any, bonus: Any, ceiling: float, modality: Modality, role: Role) -> Any:
    """Add three columns: an item's bonus for an image query, that for a text query, and a filler.

    Parameters
    ----------
    x : (n, d) unit rows, of any array library
    bonus : (n, 2) what is added to an item's score for an image query and for a text query;
        not looked at for a query
    ceiling : positive, at least the length of any item's bonus

    Returns
    -------
    (n, d + 3) unit rows. For a query of one modality, the inner product with an item is
    proportional to x·item + bonus of the item for that modality.

    Notes
    -----
    An item has bonus/√c and a query √c, where c is the ceiling, so that both go to 0 together.
    The filler gives all items the same length, and is 0 for queries, as when a search by inner
    product is reduced to one by cosine (Bachrach et al. 2014, RecSys).
    """
    xp = array_namespace(x)
    share = ceiling**0.5
    if role == "query":
        wide = x
        for asked in ("image", "text", None):
            wide = _beside(wide, share if asked == modality else 0.0)
        return unit_rows(wide)
    last = bonus / share if share else xp.zeros_like(bonus)
    room = ceiling - xp.sum(last * last, axis=1)
    filler = xp.sqrt(xp.where(room > 0, room, xp.zeros_like(room)))
    return unit_rows(xp.concat([x, last, filler[:, None]], axis=1))


def ceiling_of(hubs: float, offset: tuple[float, float] = (0.0, 0.0)) -> float:
    """Return the longest bonus there can be: closeness is at most 1, for either kind of query."""
    return float(2**0.5 * (hubs + max(map(abs, offset))))


def scale_of(ceiling: float) -> float:
    """Return by how much `with_bonus` shrinks scores, scaling both rows to length 1."""
    return 1.0 + ceiling


def _beside(x: Any, value: float) -> Any:
    xp = array_namespace(x)
    return xp.concat([x, xp.full_like(x[:, :1], value)], axis=1)
