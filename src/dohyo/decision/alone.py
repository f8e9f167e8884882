"""The answer on one correction, where there was nothing to choose."""

from dohyo.corrections.recipe import NOTHING
from dohyo.decision.choose import Choice
from dohyo.decision.policy import Policy
from dohyo.decision.proof import Proof
from dohyo.decision.reason import Reason
from dohyo.decision.verdict import Decision, verdict_of
from dohyo.verification.evaluate import Corrector, recipe_of


def decided_alone(
    corrector: Corrector,
    proof: Proof,
    signal: Reason | None,
    policy: Policy,
    *,
    k: int,
    seed: int,
    by_classes: bool = False,
) -> Decision:
    """Return the decision on a correction by its held-out figures.

    Parameters
    ----------
    signal : why there is nothing to align whatever the figures, None if there is something
    k : number of folds, each corrected by the same
    by_classes : whether classes were judged, and not searches
    """
    recipe = recipe_of(corrector)
    choice = Choice(candidates=(), recipe=recipe)
    verdict, reasons = verdict_of(choice, proof.failed, by_classes=by_classes)
    if signal is not None:
        verdict, reasons = "do_not_correct", (signal,)
    return Decision(
        verdict=verdict,
        recipe=recipe if verdict == "correct" else NOTHING,
        reasons=reasons,
        candidates=(),
        chosen_by_fold=(recipe,) * k,
        protocols=proof.protocols,
        policy=policy,
        seed=seed,
        information=proof.information,
        segments=proof.segments,
    )
