import numpy as np
import ot
import pytest
from scipy.linalg import orthogonal_procrustes

from dohyo.corpus import MODALITIES, Corpus
from dohyo.corrections import spectral
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.errors import CorpusError
from worlds import paired, turn

DIM = 6
WORLD = paired(np.random.default_rng(0), 70, DIM, texts_each=2)
CORPUS, NEW = WORLD.subset(np.arange(50)), WORLD.subset(np.arange(50, 70))
BETA = 8.0

each_side = pytest.mark.parametrize("side", MODALITIES)


def fitted(corpus=CORPUS, **parameters):
    return fit_map("spectral", Evidence.of(corpus), {"beta": BETA} | parameters)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def centred(side, corpus):
    mean = CORPUS.unit(side).mean(0, dtype=np.float64)
    return unit(corpus.unit(side).astype(np.float64) - mean)


def reference(corpus, kept, power):
    """Coordinates of both sides: POT's plan, NumPy's full SVD, the trivial component cut off."""
    x, y = centred("image", CORPUS), centred("text", CORPUS)
    n, m = len(x), len(y)
    plan, log = ot.sinkhorn(
        np.full(n, 1 / n), np.full(m, 1 / m), 1 - x @ y.T, 1 / BETA, stopThr=1e-12, log=True
    )
    left, value, right = np.linalg.svd(plan * np.sqrt(n * m))
    assert value[0] == pytest.approx(1.0, abs=1e-6)
    some = slice(1, kept + 1)
    sides = {"image": (y, log["v"], right.T), "text": (x, log["u"], left)}
    out = {}
    for side, (anchors, weight, vectors) in sides.items():
        mass = np.exp(BETA * centred(side, corpus) @ anchors.T) * np.ravel(weight)
        share = mass / mass.sum(axis=1, keepdims=True)
        scale = np.sqrt(len(anchors)) * value[some] ** (power - 1)
        out[side] = unit(share @ vectors[:, some] * scale)
    return np.concatenate([out[side] for side in MODALITIES])


def moved(found, corpus):
    return np.concatenate([found.apply(corpus.unit(side), side) for side in MODALITIES])


@pytest.mark.parametrize("corpus", [CORPUS, NEW], ids=["items of the fit", "new items"])
@pytest.mark.parametrize(
    ("components", "kept"), [(1.0, 6), (0.5, 3), (0.0, 1)], ids=["all", "half", "one"]
)
@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_inner_products_are_those_of_the_components(corpus, components, kept, power):
    found = fitted(components=components, power=power)
    assert found.figures["kept_components"] == kept
    out, wanted = moved(found, corpus), reference(corpus, kept, power)
    np.testing.assert_allclose(out @ out.T, wanted @ wanted.T, atol=2e-4)


def test_no_turn_brings_the_components_nearer_to_the_centred_vectors():
    found = fitted()
    placed, before = [], []
    for side, other in (("image", "text"), ("text", "image")):
        rows = found.arrays[f"{side}_anchor"].astype(np.float64)
        anchors = found.arrays[f"{other}_anchor"].astype(np.float64)
        mass = np.exp(BETA * rows @ anchors.T + found.arrays[f"{other}_potential"])
        share = mass / mass.sum(axis=1, keepdims=True)
        placed.append(share @ found.arrays[f"{side}_place"] / np.sqrt(len(rows)))
        before.append(rows / np.sqrt(len(rows)))
    best, _ = orthogonal_procrustes(np.concatenate(placed), np.concatenate(before))
    np.testing.assert_allclose(best, np.eye(DIM), atol=1e-4)


@each_side
def test_rows_in_another_order_give_the_same_map(side):
    order = np.random.default_rng(1).permutation(50)
    mixed = Corpus.from_arrays(CORPUS.image[order], CORPUS.text[::-1], paired=False)
    there = fitted(mixed).apply(NEW.unit(side), side)
    np.testing.assert_allclose(there, fitted().apply(NEW.unit(side), side), atol=2e-5)


@each_side
def test_a_turned_corpus_has_a_turned_map(side):
    turned = turn(np.random.default_rng(2), DIM)
    there = Corpus.from_arrays(CORPUS.image @ turned, CORPUS.text @ turned, paired=False)
    out = fitted(there).apply(NEW.unit(side) @ turned, side)
    np.testing.assert_allclose(out, fitted().apply(NEW.unit(side), side) @ turned, atol=1e-4)


@each_side
def test_a_small_step_in_is_a_small_step_out(side):
    x = NEW.unit(side).astype(np.float64)
    step = np.random.default_rng(3).normal(size=x.shape)
    nearby = x + 1e-4 * unit(step)
    apart = fitted(beta=30.0).apply(nearby, side) - fitted(beta=30.0).apply(x, side)
    assert np.linalg.norm(apart, axis=1).max() < 1e-2


ODD = {
    "all texts equal": Corpus.from_arrays(CORPUS.image, np.ones((50, DIM))),
    "all images equal": Corpus.from_arrays(np.ones((100, DIM)), CORPUS.text),
    "a single pair": Corpus.from_arrays(np.eye(1, DIM), np.eye(2, DIM)[1:]),
    "two of each": Corpus.from_arrays(np.eye(2, DIM), np.eye(4, DIM)[2:]),
    "the same row often": Corpus.from_arrays(
        np.repeat(CORPUS.image[:5], 6, axis=0), np.repeat(CORPUS.text[:3], 10, axis=0)
    ),
}


@pytest.mark.parametrize("corpus", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("power", [0.0, 1.0])
def test_odd_evidence_leaves_no_number_undefined(corpus, power):
    found = fitted(corpus, power=power)
    assert np.isfinite(list(found.figures.values())).all()
    for side in MODALITIES:
        out = found.apply(NEW.unit(side), side)
        np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-6)


@each_side
def test_a_row_far_from_every_anchor_still_has_a_place(side):
    out = fitted(beta=256.0).apply(-5 * NEW.unit(side), side)
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-6)


def test_a_graph_beyond_memory_is_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr(spectral, "DENSE_ENTRIES", 4_999)
    with pytest.raises(CorpusError) as caught:
        fitted()
    assert str(caught.value) == (
        "spectral keeps a graph of 50 × 100 edges, more than 4,999. "
        "Fit it on a sample of a few thousand groups and apply the map to the rest."
    )


def test_rows_placed_block_by_block_are_those_placed_at_once(monkeypatch):
    found = fitted()
    at_once = found.apply(NEW.unit("text"), "text")
    monkeypatch.setattr(spectral, "ROWS_PER_BLOCK", 7)
    np.testing.assert_allclose(found.apply(NEW.unit("text"), "text"), at_once, atol=1e-6)


def test_its_figures_say_what_is_bias_and_what_is_noise():
    figures = fitted(components=0.5).figures
    x, y = centred("image", CORPUS), centred("text", CORPUS)
    plan = ot.sinkhorn(np.full(50, 1 / 50), np.full(100, 1 / 100), 1 - x @ y.T, 1 / BETA)
    value = np.linalg.svd(plan * np.sqrt(5_000), compute_uv=False)
    assert figures["bias_share"] == pytest.approx(1 / (value**2).sum(), rel=1e-4)
    assert figures["spectral_gap"] == pytest.approx(1 - value[1], abs=1e-5)
    assert figures["signal_components"] + figures["noise_components"] == 3
    assert figures["marginal_error"] < 1e-6


@each_side
def test_pytorch_gets_the_same_rows(side):
    torch = pytest.importorskip("torch")
    arrays, x = fitted().arrays, NEW.unit(side)
    there = {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}
    out = spectral.transform(there, torch.from_numpy(x), side)
    np.testing.assert_allclose(out.numpy(), spectral.transform(arrays, x, side), atol=1e-5)
