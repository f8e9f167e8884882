"""How long a stage will take still, as far as its own pace tells."""

from dataclasses import dataclass

LEAST_SECONDS, LEAST_SHARE = 3.0, 0.02
"""Before that much is done, the pace is that of a start, and nothing is said."""
SECONDS_BETWEEN_LINES, SHARE_BETWEEN_LINES = 10.0, 0.1


@dataclass(slots=True)
class TimeLeft:
    """The pace of the stage that is under way; a run's own notebook, and no result."""

    label: str = ""
    start: float = 0.0
    first: int = 0
    stages: int = 0
    said: tuple[str, int, float] | None = None

    def left(self, done: int, total: int, label: str, now: float) -> int | None:
        """Return the seconds left of a stage, None where its pace tells nothing.

        A stage tells its pace when it counts one thing to the end, rows as a rule. A later one that
        begins in the middle of a count is a step among others, each at a pace of its own.

        Parameters
        ----------
        now : seconds of a clock that never goes back
        """
        if label != self.label or done < self.first:
            self.label, self.start, self.first = label, now, done
            self.stages += 1
        alone = self.first == 0 or self.stages == 1  # what goes on after a kill begins anywhere
        gone, made = now - self.start, done - self.first
        if not alone or gone < LEAST_SECONDS or made < LEAST_SHARE * total:
            return None
        return round(gone * (total - done) / made)

    def is_due(self, done: int, total: int, stage: str, now: float) -> bool:
        """Return whether a plain line is due: for a new stage, a tenth of it, or ten seconds."""
        if self.said is not None and self.said[0] == stage:
            _, before, when = self.said
            far = done - before >= SHARE_BETWEEN_LINES * total
            if done >= before and not far and now - when < SECONDS_BETWEEN_LINES:
                return False
        self.said = stage, done, now
        return True
