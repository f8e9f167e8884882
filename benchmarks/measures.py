"""Time the measures' kernels beside the libraries that offer the same figure.

    make bench

Both get the same unit rows and give the same figure (the difference is printed). Theirs is called
once before it is timed, so that nothing is compiled inside the clock. Medians of five runs.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import numpy as np

from dohyo import Corpus
from dohyo.engine.moments import moments
from dohyo.measures.frechet_distance import frechet
from dohyo.measures.ilisi import inverse_simpson
from dohyo.measures.kbet import acceptance
from dohyo.measures.search import search
from dohyo.measures.silhouette_by_modality import silhouettes
from dohyo.measures.sinkhorn_divergence import divergence, epsilon_of
from dohyo.measures.sliced_wasserstein import directions, wasserstein_squared

DIM, RUNS, SIZES = 512, 5, (500, 2_000)


@dataclass(frozen=True)
class Pair:
    """One figure, ours and theirs."""

    figure: str
    library: str
    ours: Callable[[], float]
    theirs: Callable[[], float]


def main() -> None:
    print("| figure | rows | beside | ours, ms | theirs, ms | theirs ÷ ours | difference |")
    print("|---|---|---|---|---|---|---|")
    for rows in SIZES:
        for pair in pairs(rows):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                apart = abs(pair.ours() - pair.theirs())
                mine, other = seconds(pair.ours), seconds(pair.theirs)
            print(
                f"| {pair.figure} | {rows:,} + {rows:,} | {pair.library} | {mine * 1e3:.1f} "
                f"| {other * 1e3:.1f} | {other / mine:.1f} | {apart:.0e} |",
                flush=True,
            )


def seconds(work: Callable[[], float]) -> float:
    """Return the median time of a few runs."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return median(taken)


def pairs(rows: int) -> Iterator[Pair]:
    """Yield every figure on one corpus of this size."""
    import ot
    import torch
    from scib_metrics import ilisi_knn, kbet
    from scib_metrics.nearest_neighbors import NeighborsResults
    from sklearn.metrics import silhouette_score
    from sklearn.neighbors import NearestNeighbors
    from torchmetrics.image.fid import _compute_fid

    rng = np.random.default_rng(0)
    meaning = rng.standard_normal((rows, DIM), dtype=np.float32)
    away = np.zeros(DIM, np.float32)
    away[0] = 4.0
    corpus = Corpus.from_arrays(
        meaning + away, meaning - away + 0.5 * rng.normal(size=meaning.shape)
    )
    image, text = corpus.unit("image"), corpus.unit("text")
    union, kind = np.concatenate([image, text]), np.repeat([0, 1], rows)
    every = np.arange(rows)

    yield Pair(
        "silhouette",
        "scikit-learn",
        lambda: float(silhouettes(union, kind, np.ones((1, len(union)), bool))[0]),
        lambda: float(silhouette_score(union, kind)),
    )

    def nearest_by_sklearn() -> tuple[np.ndarray, np.ndarray]:
        finder = NearestNeighbors(n_neighbors=91, algorithm="brute").fit(union)
        return finder.kneighbors(union)

    yield Pair(
        "own kind among ten nearest",
        "scikit-learn",
        lambda: float(search(corpus, every, every).same(10).mean()),
        lambda: float((kind[nearest_by_sklearn()[1][:, 1:11]] == kind[:, None]).mean()),
    )
    found = search(corpus, every, every)
    apart = np.sqrt(np.maximum(2 - 2 * found.similarity, 0))
    # scib counts an item as its own first neighbour and leaves it out again.
    known = NeighborsResults(
        indices=np.concatenate([np.arange(len(union))[:, None], found.index], axis=1),
        distances=np.concatenate([np.zeros((len(union), 1), np.float32), apart], axis=1),
    )
    yield Pair(
        "iLISI from given neighbours",
        "scib-metrics",
        lambda: float(np.median(inverse_simpson(found, found.index >= rows)) - 1),
        lambda: float(ilisi_knn(known, kind)),
    )
    fifty = known.subset_neighbors(51)
    yield Pair(
        "kBET from given neighbours",
        "scib-metrics",
        lambda: float(acceptance((found.index[:, :50] >= rows).sum(axis=1), 50, 0.5).mean()),
        lambda: float(kbet(fifty, kind)[0]),
    )
    lines = directions(DIM)

    def sliced() -> float:
        x, y = np.sort(lines @ image.T, axis=1), np.sort(lines @ text.T, axis=1)
        return float(wasserstein_squared(x.astype(np.float64), y.astype(np.float64)).mean())

    yield Pair(
        "sliced Wasserstein",
        "POT",
        sliced,
        lambda: float(ot.sliced_wasserstein_distance(image, text, projections=lines.T) ** 2),
    )
    cost = np.maximum(2.0 - 2.0 * (union @ union.T).astype(np.float64), 0.0)
    np.fill_diagonal(cost, 0.0)
    blur, weight = epsilon_of(cost), np.full((rows, 1), 1 / rows)

    def by_pot() -> float:
        flat = weight[:, 0]
        parts = [
            (cost[:rows, rows:], 1.0), (cost[:rows, :rows], -0.5), (cost[rows:, rows:], -0.5),
        ]  # fmt: skip
        return sum(share * dual(ot, flat, part, blur) for part, share in parts)

    yield Pair(
        "Sinkhorn divergence",
        "POT",
        lambda: float(divergence(cost, weight, weight, blur)[0]),
        by_pot,
    )

    def by_torchmetrics() -> float:
        x, y = torch.from_numpy(image).double(), torch.from_numpy(text).double()
        return float(
            _compute_fid(x.mean(0), torch.cov(x.T, correction=0), y.mean(0),
                         torch.cov(y.T, correction=0))
        )  # fmt: skip

    yield Pair(
        "Fréchet distance",
        "torchmetrics",
        lambda: frechet(moments(image), moments(text), shrinkage=0.0),
        by_torchmetrics,
    )


def dual(ot: object, flat: np.ndarray, cost: np.ndarray, blur: float) -> float:
    """Return the entropic cost from POT's log-domain potentials."""
    _, log = ot.sinkhorn(  # type: ignore[attr-defined]
        flat, flat, cost, blur, method="sinkhorn_log", log=True, stopThr=1e-7, numItermax=2000
    )
    return float(blur * (log["log_u"] @ flat + log["log_v"] @ flat)) + 2 * blur * np.log(len(flat))


if __name__ == "__main__":
    main()
