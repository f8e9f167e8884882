"""Fit a correction: `dohyo.align`."""

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.decision.decide import decide
from dohyo.decision.policy import Policy, policy_for
from dohyo.errors import UsageError
from dohyo.judgements import Judgements
from dohyo.progress import Progress, silent


def align(
    corpus: Corpus,
    method: str = "auto",
    *,
    growing: float | None = None,
    pairs_from: Corpus | None = None,
    judgements: Judgements | None = None,
    policy: Policy | None = None,
    keep_dimension: bool = False,
    seed: int = 0,
    progress: Progress = silent,
    **parameters: float,
) -> AlignmentMap:
    """Fit one method on the whole corpus, or let `auto` choose one.

    Parameters
    ----------
    method : a name in the registry, or "auto"
    parameters : those of the method; see its `fit`
    growing : share in [0, 1] of the searches that will hit items added after the fit, a half if
        left out; 0 for a collection that nothing is added to. It weighs the protocols by which
        "auto" chooses, and what calibrated scores are learnt from
    pairs_from : for "auto" on a corpus without pairs, known pairs of the same encoder to judge by
    judgements : for "auto", what people said answers their queries: then these are the yardstick
    policy : for "auto", the tolerances; `growing` and `keep_dimension` override it
    keep_dimension : for "auto", whether to try only corrections that add no columns
    seed : for "auto", the seed of folds and resampling
    progress : for "auto", told where it is

    Returns
    -------
    AlignmentMap. From "auto" it carries the reasons, and it is the identity ("none") unless the
    verdict is to correct.

    Raises
    ------
    UsageError
        If the method or a parameter is unknown or out of range, "auto" is given parameters, or
        another method what only "auto" looks at.
    """
    if method != "auto":
        for name, given in (
            ("pairs_from", pairs_from),
            ("judgements", judgements),
            ("policy", policy),
        ):
            if given is not None:
                raise UsageError(
                    f"{name} judges what auto chooses, but {method} was named.",
                    hint='Leave it out, or let "auto" choose.',
                )
        if keep_dimension:
            raise UsageError(
                f"keep_dimension tells auto what to try, but {method} was named.",
                hint="Leave it out; a method adds columns only with calibrate or hubs.",
            )
        if growing is not None:
            parameters |= {"growing": growing}
        return fit_map(method, Evidence.of(corpus), parameters, source=corpus)
    if parameters:
        raise UsageError(
            f"auto takes no parameters, but was given {', '.join(parameters)}.",
            hint="Name a method to set its parameters.",
        )
    decision = decide(
        corpus,
        policy=policy_for(growing, keep_dimension=keep_dimension, policy=policy),
        pairs_from=pairs_from,
        judgements=judgements,
        seed=seed,
        progress=progress,
    )
    return decision.fit(corpus)
