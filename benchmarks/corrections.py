"""Hold the corrections beside what a user would pick from other libraries today.

    make bench

Every row is fitted on the same parts of the same corpus and ranked by the same code: figures are
mixed nDCG@10 and cross-modal recall@1 under both protocols, four folds, seed 0. A whole corpus is
fitted and applied for the time and the peak of NumPy's memory, of which each library row gives its
multiple of ours (above 1 is in our favour). The corpora are COCO's, where the measuring data lies
beside the checkout, and the pictures and captions of `dohyo demo`.
"""

import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dohyo import Corpus
from dohyo.corpus import MODALITIES, Modality
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.rows import F32, unit_rows
from dohyo.verification.compare import strata
from dohyo.verification.evaluate import Pool, arrange
from dohyo.verification.protocols import PROTOCOLS, Protocol, splits
from dohyo.verification.retrieval import joined, rank

COCO = Path(__file__).parents[2] / "shared" / "data" / "embeddings" / "coco500.npz"
RUNS, BETA, SHARED_DIRECTIONS = 3, 30.0, 50
METRICS = ("mixed_ndcg_at_10", "recall_at_1")

Move = Callable[[F32, Modality], Any]


@dataclass(frozen=True)
class Entry:
    """A way to fit a correction; `ours` names the method that it is held beside."""

    name: str
    fit: Callable[[Evidence], Move]
    ours: str | None = None


def main() -> None:
    warnings.simplefilter("ignore")
    every = [*own(), *libraries()]
    for name, corpus in corpora():
        print(f"\n{name}: {len(corpus.image)} images, {len(corpus.text)} texts, {corpus.dim}\n")
        print(
            "| correction | unseen query: nDCG / R@1 | unseen corpus: nDCG / R@1 | s | MiB "
            "| beside | time ÷ ours | memory ÷ ours |\n|---|---|---|---|---|---|---|---|"
        )
        spent: dict[str, tuple[float, float]] = {}
        for entry in every:
            seconds, peak = cost(entry, corpus)
            spent[entry.name] = seconds, peak
            reached = [
                " / ".join(f"{v:.3f}" for v in held_out(entry, corpus, p)) for p in PROTOCOLS
            ]
            ratios = ["", "", ""]
            if entry.ours is not None:
                mine = spent[entry.ours]
                ratios = [entry.ours, f"{seconds / mine[0]:.1f}", f"{peak / mine[1]:.1f}"]
            columns = [entry.name, *reached, f"{seconds:.2f}", f"{peak:.1f}", *ratios]
            print(f"| {' | '.join(columns)} |", flush=True)


def corpora() -> Iterator[tuple[str, Corpus]]:
    """Yield the corpora that can be had here, and say which cannot."""
    if COCO.is_file():
        with np.load(COCO, allow_pickle=False) as held:
            yield "coco500", Corpus.from_arrays(held["image"], held["text"])
    else:
        print("coco500: skipped, the measuring data is not there")
    try:
        from dohyo.demo import build
        from dohyo.encoders.builtin import load

        world = build(load("shapes-world"))
    except Exception as error:
        print(f"shapes world: skipped, {error}")
        return
    yield "shapes world", Corpus.from_arrays(world.image, world.text, world.text_to_image)


def held_out(entry: Entry, corpus: Corpus, protocol: Protocol) -> list[float]:
    """Return each of `METRICS`, averaged over the directions where the protocol says so."""
    pool, parts = Pool(corpus), []
    for split in splits(corpus, protocol):
        move = entry.fit(pool.evidence(split.fit_image, split.fit_text))
        gallery, queries = arrange(
            corpus, split, lambda x, modality, role, move=move: in_columns(move(x, modality), x)
        )
        parts.append(rank(queries, gallery))
    ranked, figures = joined(parts), []
    for metric in METRICS:
        value, stratum = ranked.metric(metric), strata(ranked, metric, protocol)
        each = [value] if stratum is None else [value[stratum == k] for k in np.unique(stratum)]
        figures.append(float(np.mean([np.nanmean(part) for part in each])))
    return figures


def in_columns(moved: Any, x: F32) -> F32:
    """Return unit rows in as many columns as x has, which is what a gallery wants."""
    return np.pad(unit_rows(moved), ((0, 0), (0, x.shape[1] - moved.shape[1])))


def cost(entry: Entry, corpus: Corpus) -> tuple[float, float]:
    """Return the least seconds of a few fits with one pass over both sides, and peak MiB."""

    def work() -> None:
        evidence = Evidence.of(corpus)
        move = entry.fit(evidence)
        for modality in MODALITIES:
            move(corpus.unit(modality), modality)

    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return min(taken), peak


def own() -> Iterator[Entry]:
    """Yield our methods, each with its defaults, and the plain forms that libraries offer."""
    recipes: dict[str, tuple[str, dict[str, float]]] = {
        "none": ("none", {}),
        "center": ("center", {}),
        "standardize": ("standardize", {}),
        "standardize λ=0": ("standardize", {"shrinkage": 0.0}),
        "whiten": ("whiten", {}),
        "gaussian_ot": ("gaussian_ot", {}),
        "spectral": ("spectral", {}),
        "displacement": ("displacement", {}),
    }
    for name, (method, parameters) in recipes.items():

        def fit(
            evidence: Evidence, method: str = method, parameters: dict[str, float] = parameters
        ) -> Move:
            return fit_map(method, evidence, parameters).apply

        yield Entry(name, fit)


def libraries() -> Iterator[Entry]:
    """Yield what other libraries offer; say in one line which are not installed."""
    for library, entries in (
        ("POT", transports),
        ("scikit-learn", estimators),
        ("scikit-network", graphs),
    ):
        try:
            yield from entries()
        except ImportError:
            print(f"{library}: skipped, not installed")


def centred(evidence: Evidence) -> tuple[F32, F32, Move]:
    """Return both sides centred and of length 1, and what centres new rows."""
    center = fit_map("center", evidence).apply
    image, text = center(evidence.image.rows, "image"), center(evidence.text.rows, "text")
    return image, text, center


def transports() -> Iterator[Entry]:
    """POT's domain adaptation: images are mapped to texts, both centred."""
    import ot

    made: dict[str, tuple[str, Callable[[], Any]]] = {
        "LinearTransport": ("gaussian_ot", lambda: ot.da.LinearTransport(reg=1e-3)),
        "SinkhornTransport": ("displacement", lambda: ot.da.SinkhornTransport(reg_e=0.05)),
        "EMDTransport": ("displacement", ot.da.EMDTransport),
    }
    for name, (ours, make) in made.items():

        def fit(evidence: Evidence, make: Callable[[], Any] = make) -> Move:
            image, text, center = centred(evidence)
            transport = make().fit(Xs=image.astype(np.float64), Xt=text.astype(np.float64))

            def move(x: F32, modality: Modality) -> Any:
                rows = center(x, modality)
                if modality == "text" or not len(rows):
                    return rows
                return transport.transform(Xs=rows.astype(np.float64))

            return move

        yield Entry(f"POT {name}", fit, ours)


def estimators() -> Iterator[Entry]:
    """scikit-learn: one estimator for each modality, or one for both that is given the pairs."""
    from sklearn.cross_decomposition import CCA, PLSSVD
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    alone: dict[str, tuple[str, Callable[[], Any]]] = {
        "StandardScaler": ("standardize λ=0", StandardScaler),
        "PCA, whitened": ("whiten", lambda: PCA(SHARED_DIRECTIONS, whiten=True)),
    }
    for name, (ours, make) in alone.items():

        def fit_alone(evidence: Evidence, make: Callable[[], Any] = make) -> Move:
            found = {
                modality: make().fit(getattr(evidence, modality).rows.astype(np.float64))
                for modality in MODALITIES
            }
            return lambda x, modality: found[modality].transform(x.astype(np.float64))

        yield Entry(f"scikit-learn {name}", fit_alone, ours)
    together: dict[str, Callable[[], Any]] = {
        "PLSSVD, pairs": lambda: PLSSVD(n_components=SHARED_DIRECTIONS, scale=False),
        "CCA, pairs": lambda: CCA(n_components=5, scale=False, max_iter=100, tol=1e-3),
    }
    for name, make in together.items():

        def fit_together(evidence: Evidence, make: Callable[[], Any] = make) -> Move:
            image, text = evidence.pairs()
            found = make().fit(evidence.image.rows[image], evidence.text.rows[text])

            def move(x: F32, modality: Modality) -> Any:
                if modality == "image":
                    return found.transform(x)
                # It has no call for the second side alone.
                return found.transform(np.zeros_like(x) + evidence.image.rows[:1], x)[1]

            return move

        yield Entry(f"scikit-learn {name}", fit_together, "gaussian_ot")


def graphs() -> Iterator[Entry]:
    """scikit-network: the embedding of the bipartite graph that `spectral` sees."""
    from sknetwork.embedding import GSVD

    def fit(evidence: Evidence) -> Move:
        image, text, center = centred(evidence)

        def affinity(rows: F32, anchors: F32) -> Any:
            return np.exp(BETA * ((rows @ anchors.T).astype(np.float64) - 1.0))

        weight = affinity(image, text)
        most = min(len(image), len(text), image.shape[1]) - 1
        found = GSVD(n_components=most).fit(weight)
        # It places new rows only; the mirror image places new columns in the same axes.
        mirror = copy(found)
        mirror.singular_vectors_right_ = found.singular_vectors_left_
        mirror.embedding_row_, mirror.embedding_col_ = found.embedding_col_, found.embedding_row_
        mirror.weights_col_ = weight.sum(axis=1)

        def move(x: F32, modality: Modality) -> Any:
            if not len(x):
                return x
            side, anchors = (found, text) if modality == "image" else (mirror, image)
            return side.predict(affinity(center(x, modality), anchors)).reshape(len(x), -1)

        return move

    yield Entry("scikit-network GSVD", fit, "spectral")


if __name__ == "__main__":
    main()
