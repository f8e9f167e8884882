"""Where the benefit breaks, in sentences."""

from dohyo.decision.stress import Stress, Trial
from dohyo.reports.stress_series import called
from dohyo.words import Words


def breaking(found: Stress, words: Words) -> tuple[str, ...]:
    """Return in sentences at which level of which fault the benefit breaks, and why."""
    if found.unstressed.verdict != "correct":
        why = found.unstressed.reasons[0].say(words)
        return (words("stress.baseline", reason=why),)
    told = []
    for name in found.breaks_at:
        lost = [t for t in found.trials if t.condition == name and t.failed]
        told += [_broken(next((t for t in lost if t.broken), lost[0]), words)] if lost else []
    if not told:
        return (words("stress.holds", trials=len(found.trials)),)
    if len(told) < len(found.breaks_at):
        told.append(words("stress.others_hold"))
    return tuple(told)


def _broken(trial: Trial, words: Words) -> str:
    key = {"insufficient_data": "unproven", "do_not_correct": "refused"}[trial.verdict]
    return words(
        f"stress.{key if trial.broken else 'wavers'}",
        condition=called(trial, words),
        failed=trial.failed,
        draws=trial.draws,
        reason=trial.reasons[0].say(words),
    )
