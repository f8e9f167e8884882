"""Fit a correction: `dohyo.align`."""

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.decision.decide import decide
from dohyo.errors import UsageError
from dohyo.progress import Progress, silent


def align(
    corpus: Corpus,
    method: str = "auto",
    *,
    seed: int = 0,
    progress: Progress = silent,
    **parameters: float,
) -> AlignmentMap:
    """Fit one method on the whole corpus, or let `auto` choose one.

    Parameters
    ----------
    method : a name in the registry, or "auto"
    parameters : those of the method; see its `fit`
    seed : for "auto", the seed of folds and resampling
    progress : for "auto", told where it is

    Returns
    -------
    AlignmentMap. From "auto" it carries the reasons, and it is the identity ("none") unless the
    verdict is to correct.

    Raises
    ------
    UsageError
        If the method or a parameter is unknown or out of range, or "auto" is given parameters.
    """
    if method != "auto":
        return fit_map(method, Evidence.of(corpus), parameters, source=corpus)
    if parameters:
        raise UsageError(
            f"auto takes no parameters, but was given {', '.join(parameters)}.",
            hint="Name a method to set its parameters.",
        )
    return decide(corpus, seed=seed, progress=progress).fit(corpus)
