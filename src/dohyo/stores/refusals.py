"""What every store refuses, in the same words whichever it is."""

from collections.abc import Iterable

from dohyo.errors import StoreError
from dohyo.stores.protocol import Id


def no_collection(where: str, name: str, there: Iterable[str]) -> StoreError:
    """Return the error for a name that stands for nothing; `there` are those that do."""
    names = ", ".join(sorted(there)) or "none"
    return StoreError(
        f"{where} has no collection {' '.join(name.split())}.", hint=f"There are: {names}."
    )


def collection_exists(where: str, name: str) -> StoreError:
    """Return the error for a new collection whose name is taken."""
    return StoreError(f"{where} has a collection {name} already.", hint="Drop it first.")


def alias_is_collection(where: str, alias: str) -> StoreError:
    """Return the error for an alias whose name a collection has."""
    return StoreError(
        f"{where}: {alias} is a collection and can be no alias.", hint="Choose another name."
    )


def other_dimension(where: str, collection: str, dimension: int, given: int) -> StoreError:
    """Return the error for vectors that do not fit: `dimension` columns there, `given` here."""
    return StoreError(
        f"{where}: {collection} holds vectors of {dimension} columns, these have {given}.",
        hint="Check that they come from the same encoder, and are corrected or not, as those are.",
    )


def no_vector(where: str, collection: str, key: Id) -> StoreError:
    """Return the error for a row without a vector."""
    return StoreError(
        f"{where}: row {key} of {collection} has no vector.", hint="Delete it or embed it again."
    )


def no_key(where: str, collection: str) -> StoreError:
    """Return the error for a row whose key is empty."""
    return StoreError(
        f"{where}: {collection} has a row without a key.", hint="Give it one, or delete it."
    )
