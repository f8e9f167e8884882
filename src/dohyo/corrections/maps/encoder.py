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
