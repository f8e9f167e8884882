"""Which collections and which alias a migration is about."""

from dataclasses import dataclass

from dohyo.errors import StoreError, UsageError
from dohyo.migration.naming import corrected_name, raw_name
from dohyo.stores.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """From a raw collection to its corrected copy.

    Attributes
    ----------
    raw : never written
    target : the corrected copy
    alias : what applications search; None if there is none to switch
    before : what the alias stands for now; None if it is not there yet
    """

    raw: str
    target: str
    alias: str | None = None
    before: str | None = None


def route(store: Store, named: str, map_identity: str, *, alias: str | None = None) -> Route:
    """Return the route of what a user named: a raw collection, or an alias of one.

    Parameters
    ----------
    named : an alias may stand for the raw collection or for a corrected copy of it
    alias : to make or switch, where `named` is no alias itself

    Raises
    ------
    StoreError
        If there is no such collection, or its raw one is gone.
    UsageError
        If the name is that of a corrected copy, the store has no aliases, or the alias is taken.
    """
    stands_for = found(store, named)
    raw = raw_name(stands_for) or stands_for
    if stands_for == named != raw:
        raise UsageError(f"{named} is a corrected copy itself.", hint=f"Name {raw}, its raw one.")
    if raw not in store.collections():
        raise StoreError(
            f"{named} stands for {stands_for}, whose raw collection {raw} is gone.",
            hint="Restore it, or name another collection.",
        )
    target = corrected_name(raw, map_identity)
    if alias is None:
        alias = None if stands_for == named else named
    elif not store.has_aliases:
        raise UsageError(
            f"A {store.kind} store has no aliases.",
            hint="Leave --alias out; what to change in your program is printed at the end.",
        )
    return Route(
        raw=raw,
        target=target,
        alias=alias,
        before=None if alias is None else _before(store, alias, raw),
    )


def found(store: Store, named: str) -> str:
    """Return the collection that a name stands for.

    Raises
    ------
    StoreError
        If there is none.
    """
    stands_for = store.resolve(named)
    if stands_for is None:
        there = ", ".join(name for name in store.collections() if raw_name(name) is None)
        raise StoreError(
            f"The store has no collection and no alias {named}.",
            hint=f"There are: {there or 'none'}.",
        )
    return stands_for


def copies(store: Store, raw: str) -> tuple[str, ...]:
    """Return the names of all corrected copies of a collection."""
    return tuple(name for name in store.collections() if raw_name(name) == raw)


def _before(store: Store, alias: str, raw: str) -> str | None:
    before = store.resolve(alias)
    if before == alias:
        raise UsageError(
            f"{alias} is a collection, so it can be no alias.", hint="Choose another name."
        )
    if before is not None and raw not in (before, raw_name(before)):
        raise UsageError(
            f"The alias {alias} stands for {before}, which is neither {raw} nor a copy of it.",
            hint="Choose another name.",
        )
    return before
