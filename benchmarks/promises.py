"""How often the 95 % intervals of a change cover it: a longer version of tests/decision.

python benchmarks/promises.py --corpora 400
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # where the populations are

from dohyo.corrections.recipe import Recipe
from dohyo.decision.policy import Policy
from dohyo.verification.protocols import PROTOCOLS
from populations import gap, held_out, wide_gap

FIRST = 200_000
METHODS = ("calibrate", "center", "gaussian_ot", "displacement")
METRICS = ("mixed_ndcg_at_10", "recall_at_1", "cross_share")


def main() -> None:
    """Print one row for each population, method, protocol and metric."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", type=int, default=400)
    corpora = parser.parse_args().corpora
    print("| population | correction | protocol | figure | n | true change | coverage | 95 % |")
    print("|---|---|---|---|---|---|---|---|")
    for name, population in (("narrow gap", gap), ("wide gap", wide_gap)):
        for method in METHODS:
            proofs = [
                held_out(population(s), Recipe(method=method), Policy(), seed=s)
                for s in range(FIRST, FIRST + corpora)
            ]
            for protocol in PROTOCOLS:
                for metric in METRICS:
                    found = [proof.protocols[protocol].change[metric] for proof in proofs]
                    truth = np.mean([each.value for each in found])
                    rate = np.mean([each.low <= truth <= each.high for each in found])
                    low, high = wilson(float(rate), corpora)
                    print(
                        f"| {name} | {method} | {protocol} | {metric} | {corpora} "
                        f"| {truth:+.4f} | {rate:.3f} | {low:.3f} … {high:.3f} |",
                        flush=True,
                    )


def wilson(rate: float, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a rate (Wilson 1927)."""
    middle = (rate + z**2 / (2 * trials)) / (1 + z**2 / trials)
    reach = z * np.sqrt(rate * (1 - rate) / trials + z**2 / (4 * trials**2)) / (1 + z**2 / trials)
    return float(middle - reach), float(middle + reach)


if __name__ == "__main__":
    main()
