"""What the correction judged does for each task, where the choice had not looked."""

from collections.abc import Sequence
from dataclasses import replace

from dohyo.decision.family import adjusted
from dohyo.decision.verdict import Decision
from dohyo.verification.evaluate import Corrector, Pool
from dohyo.verification.scenes import scenes
from dohyo.verification.tasks.registry import every_task


def with_tasks(decision: Decision, pool: Pool, by_fold: Sequence[Corrector]) -> Decision:
    """Return the decision with the figures of every task, and everything tested corrected.

    Parameters
    ----------
    by_fold : what each fold was corrected by, chosen without it
    """
    held_out = scenes(pool, by_fold, seed=decision.seed)
    return adjusted(replace(decision, tasks=every_task(held_out, seed=decision.seed)))
