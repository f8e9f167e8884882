"""Vectors of one encoder mean nothing to a map of another."""

from dohyo.errors import MapError


def check_encoder(of_map: str | None, of_vectors: str | None) -> None:
    """Refuse vectors of another encoder than the map was fitted on.

    Parameters
    ----------
    of_map, of_vectors : fingerprints; None where it is unknown, which is no reason to refuse

    Raises
    ------
    MapError
        If both are known and differ.
    """
    if of_map is not None and of_vectors is not None and of_map != of_vectors:
        raise MapError(
            f"The map was fitted on vectors of {of_map}, these are of {of_vectors}.",
            hint="Fit a map for this encoder.",
        )


def require_encoder(of_map: str | None, of_vectors: str | None, *, say: str) -> None:
    """Refuse vectors that are not known to be of the encoder that the map was fitted on.

    Parameters
    ----------
    of_map, of_vectors : fingerprints; None where it is unknown, which is a reason to refuse
    say : how the user states the encoder of the vectors, for the sentence

    Raises
    ------
    MapError
        If one is unknown, or they differ.
    """
    if of_map is None:
        raise MapError(
            "The map does not say which encoder's vectors it was fitted on, so nothing tells "
            "whether it fits these.",
            hint="If they are of the same encoder, add --force (in Python force=True).",
        )
    if of_vectors is None:
        raise MapError(
            f"Nothing says which encoder these vectors are of; the map was fitted on {of_map}.",
            hint=f"State it with {say}, or add --force (in Python force=True).",
        )
    if of_map != of_vectors:
        raise MapError(
            f"The map was fitted on vectors of {of_map}, these are of {of_vectors}: another "
            "encoder, or one that has changed since.",
            hint="Fit a map for this encoder, or add --force (in Python force=True).",
        )
