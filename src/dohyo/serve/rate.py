"""How often one caller may ask: a bucket of tokens for each."""

import math
import time
from collections import OrderedDict

from dohyo.rollout.refusal import Refusal

MOST_CALLERS = 10_000


class Rate:
    """A bucket for each caller: it holds `burst` requests and fills by `per_second`."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second, self._burst = per_second, burst
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def spend(self, caller: str) -> None:
        """Take one request from a caller's bucket.

        Raises
        ------
        Refusal
            429 with the seconds until there is one again.
        """
        if not self._per_second:
            return
        at = time.monotonic()
        left, since = self._held.pop(caller, (float(self._burst), at))
        left = min(self._burst, left + (at - since) * self._per_second)
        if left < 1:
            self._held[caller] = left, at
            raise Refusal(
                429,
                "rate",
                f"{caller} asks more than {self._per_second:g} times a second.",
                hint="Wait as Retry-After says.",
                retry_after=max(1, math.ceil((1 - left) / self._per_second)),
            )
        self._held[caller] = left - 1, at
        if len(self._held) > MOST_CALLERS:
            self._held.popitem(last=False)
