"""Which field is the key and which the vector: as the user says, or guessed by convention."""

from collections.abc import Sequence

from dohyo.errors import StoreError

IDS = ("id", "_id", "item_id", "key", "uuid")
VECTORS = ("vector", "embedding", "emb", "embeddings", "features")
"""Names taken, in this order."""


def choose_field(
    meaning: str, wanted: str | None, there: Sequence[str], usual: Sequence[str], where: str
) -> str:
    """Return the name of one field.

    Parameters
    ----------
    meaning : "key" or "vector", for the sentence
    wanted : what the user says, None for a guess
    there : fields that could be it
    usual : names by convention, best first
    where : store and collection, for the sentence

    Raises
    ------
    StoreError
        If the wanted one is not there, or none or several could be it and no name decides.
    """
    if wanted is not None:
        if wanted in there:
            return wanted
        raise StoreError(
            f"{where} has no field {wanted} that could be the {meaning}.",
            hint=f"There are: {', '.join(there) or 'none'}.",
        )
    named = [name for name in usual if name in there]
    if named:
        return named[0]
    if meaning == "vector" and len(there) == 1:
        return there[0]
    option = "--id-field" if meaning == "key" else "--vector-field"
    raise StoreError(
        f"{where} does not say which field is the {meaning}: {', '.join(there) or 'none'}.",
        hint=f"Say it with {option}.",
    )
