"""Many tests at once: Holm's step-down correction."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the adjusted p-values, in the order given.

    Rejecting where the adjusted value is at most α keeps the chance of even one false rejection
    at α, however the tests depend on each other (Holm 1979, Scand. J. Statist. 6).

    Parameters
    ----------
    p_values : each in [0, 1]

    Raises
    ------
    ValueError
        If a value is no probability.
    """
    if not all(0.0 <= p <= 1.0 for p in p_values):
        raise ValueError(f"not all of these are probabilities: {list(p_values)}")
    adjusted = [0.0] * len(p_values)
    so_far = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        so_far = max(so_far, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = so_far
    return adjusted
