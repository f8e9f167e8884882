"""Which collection a name stands for at this moment, and whether it holds corrected vectors."""

from dataclasses import dataclass

from dohyo.corpus import Modality
from dohyo.errors import MapError, StoreError, UsageError
from dohyo.migration.naming import corrected_name, identity_in, raw_name
from dohyo.migration.route import found
from dohyo.stores.protocol import Store


@dataclass(frozen=True, slots=True)
class Side:
    """Something to search.

    Attributes
    ----------
    named : a collection, or an alias of one
    only : the modality of all its rows; None if it holds both
    """

    named: str
    only: Modality | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A collection to search now.

    Attributes
    ----------
    collection : its own name
    only : the modality of all its rows; None if it holds both
    corrected : whether its vectors are corrected, so that the query must be too
    """

    collection: str
    only: Modality | None
    corrected: bool


def targets(
    store: Store, sides: tuple[Side, ...], map_identity: str | None, *, raw: bool = False
) -> tuple[Target, ...]:
    """Return what to search: all sides corrected, or all raw.

    Between the switch of one alias and that of the other, the raw collection of the first is
    searched: scores of corrected and of raw vectors cannot be compared.

    Parameters
    ----------
    map_identity : of the map that corrects the queries; None if there is none
    raw : search the raw collections, whatever the names stand for

    Raises
    ------
    StoreError
        If a name stands for nothing.
    UsageError
        If a collection is corrected and there is no map.
    MapError
        If it was corrected by another map.
    """
    now = [(found(store, side.named), side.only) for side in sides]
    corrected = not raw and all(raw_name(name) is not None for name, _ in now)
    if not corrected:
        return tuple(Target(raw_name(name) or name, only, False) for name, only in now)
    for name, _ in now:
        _check_map(name, map_identity)
    return tuple(Target(name, only, True) for name, only in now)


def corrected_copy(store: Store, named: str, map_identity: str) -> str:
    """Return the copy that a map made of a collection, whatever the alias stands for.

    Raises
    ------
    StoreError
        If the name stands for nothing, or the map has made no copy of it.
    MapError
        If the name is that of a copy which another map made.
    """
    now = found(store, named)
    if named == now and raw_name(now) is not None:
        _check_map(now, map_identity)
        return now
    raw = raw_name(now) or now
    copy = corrected_name(raw, map_identity)
    if copy in store.collections():
        return copy
    raise StoreError(
        f"{raw} has no copy that is corrected by this map ({map_identity}).",
        hint="Make one with dohyo migrate, with the same map and strength, or search without "
        "--map.",
    )


def _check_map(name: str, map_identity: str | None) -> None:
    made_by = identity_in(name)
    if map_identity is None:
        raise UsageError(
            f"{name} holds corrected vectors, and the query is not corrected.",
            hint="Give the map that it was migrated with (--map).",
        )
    if made_by != map_identity:
        raise MapError(
            f"{name} was corrected by the map {made_by}, not by this one ({map_identity}).",
            hint="Give the map and the strength that it was migrated with.",
        )
