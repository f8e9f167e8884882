import numpy as np
import pytest
from scipy.linalg import inv, sqrtm
from scipy.optimize import brentq

from dohyo.corpus import MODALITIES, Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.corrections.transport import barycentre
from worlds import paired, sphere

WORLD = paired(np.random.default_rng(0), 55, 5, texts_each=2)
CORPUS, NEW = WORLD.subset(np.arange(40)), WORLD.subset(np.arange(40, 55))


def unit(row):
    return row / np.sqrt(sum(a * a for a in row))


def whitener(rows):
    rows = rows.astype(float)
    covariance = np.cov(rows.T, ddof=0)
    shrunk = 0.1 * covariance + 0.9 * np.trace(covariance) / 5 * np.eye(5)
    return rows.mean(0), inv(sqrtm(shrunk)).real


def perplexity(beta, image, text):
    total = 0.0
    for x in image:
        weight = np.array([np.exp(beta * float(x @ y)) for y in text])
        share = weight / weight.sum()
        total += np.exp(-sum(p * np.log(p) for p in share))
    return total / len(image)


def reference(corpus, new, target, share=0.3):
    """The design's formula in plain loops: both sides of `new`, displaced."""
    means_roots = {side: whitener(corpus.unit(side)) for side in MODALITIES}

    def white(rows, side):
        mean, matrix = means_roots[side]
        return [unit(matrix @ (row - mean)) for row in rows.astype(float)]

    image, text = (white(corpus.unit(side), side) for side in MODALITIES)
    beta = brentq(lambda b: perplexity(b, image, text) - target, 0.01, 100, xtol=1e-10)
    kernel = [[np.exp(beta * (float(x @ y) - 1)) for y in text] for x in image]
    u, v = [1.0] * len(image), [1.0] * len(text)
    for _ in range(500):
        for i, row in enumerate(kernel):
            u[i] = 1 / (len(u) * sum(k * w for k, w in zip(row, v, strict=True)))
        for j in range(len(v)):
            v[j] = 1 / (len(v) * sum(kernel[i][j] * u[i] for i in range(len(u))))
    anchors = {"image": (text, v), "text": (image, u)}

    def moved(x, side):
        rows, weights = anchors[side]
        pulled = sum(
            w * np.exp(beta * float(x @ y)) * y for y, w in zip(rows, weights, strict=True)
        )
        return unit((1 - share) * x + share * unit(pulled))

    return {side: [moved(x, side) for x in white(new.unit(side), side)] for side in MODALITIES}


@pytest.fixture(scope="module")
def fitted():
    return fit_map("displacement", Evidence.of(CORPUS))


@pytest.mark.parametrize("side", MODALITIES)
def test_it_is_the_formula_in_plain_loops(fitted, side):
    wanted = reference(CORPUS, NEW, target=30.0)[side]
    np.testing.assert_allclose(fitted.apply(NEW.unit(side), side), wanted, atol=1e-4)


def plan(fitted):
    arrays = {name: array.astype(np.float64) for name, array in fitted.arrays.items()}
    kernel = np.exp(arrays["beta"] * (arrays["image_anchor"] @ arrays["text_anchor"].T - 1))
    return np.exp(arrays["image_potential"])[:, None] * kernel * np.exp(arrays["text_potential"])


def test_the_kept_potentials_make_a_plan_with_uniform_marginals(fitted):
    mass = plan(fitted)
    rows, columns = mass.sum(1), mass.sum(0)
    np.testing.assert_allclose(rows / rows.mean(), 1.0, atol=1e-4)
    np.testing.assert_allclose(columns / columns.mean(), 1.0, atol=1e-4)
    assert fitted.figures["marginal_error"] < 1e-6


@pytest.mark.parametrize(("texts", "target"), [(80, 30.0), (20, 10.0)])
def test_an_image_listens_to_as_many_texts_as_asked_or_half_of_those_there_are(texts, target):
    some = Corpus.from_arrays(CORPUS.image, CORPUS.text[:texts], paired=False)
    fitted = fit_map("displacement", Evidence.of(some))
    anchors = [fitted.arrays[f"{side}_anchor"].astype(float) for side in MODALITIES]
    reached = perplexity(float(fitted.arrays["beta"][0]), *anchors)
    assert reached == pytest.approx(target, rel=1e-4)
    assert fitted.figures["perplexity"] == pytest.approx(reached, rel=1e-4)


@pytest.mark.parametrize("side", MODALITIES)
def test_without_a_share_it_is_whitening(side):
    still = fit_map("displacement", Evidence.of(CORPUS), {"share": 0.0})
    white = fit_map("whiten", Evidence.of(CORPUS))
    np.testing.assert_allclose(
        still.apply(NEW.unit(side), side), white.apply(NEW.unit(side), side), atol=1e-6
    )


@pytest.mark.parametrize("side", MODALITIES)
def test_a_row_far_from_every_anchor_still_moves_somewhere(side):
    sharp = fit_map("displacement", Evidence.of(CORPUS), {"perplexity": 1.5})
    out = sharp.apply(-5 * NEW.unit(side), side)
    np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-6)


ODD = {
    "one text listened to": (CORPUS, {"perplexity": 1.0}),
    "all texts equal": (Corpus.from_arrays(CORPUS.image, np.ones((40, 5))), {}),
    "all images equal": (Corpus.from_arrays(np.ones((80, 5)), CORPUS.text), {}),
    "a single pair": (Corpus.from_arrays(np.eye(1, 5), np.eye(2, 5)[1:]), {}),
    "one dimension": (
        Corpus.from_arrays(np.ones((9, 1)), sphere(np.random.default_rng(2), 9, 1)),
        {},
    ),
}


@pytest.mark.parametrize(("corpus", "parameters"), ODD.values(), ids=ODD.keys())
def test_odd_evidence_leaves_no_number_undefined(corpus, parameters):
    fitted = fit_map("displacement", Evidence.of(corpus), parameters)
    for side in MODALITIES:
        out = fitted.apply(corpus.unit(side), side)
        np.testing.assert_allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("side", MODALITIES)
def test_pytorch_finds_the_same(fitted, side):
    torch = pytest.importorskip("torch")
    there = fitted.apply(torch.asarray(NEW.unit(side)), side)
    np.testing.assert_allclose(np.asarray(there), fitted.apply(NEW.unit(side), side), atol=1e-5)


def test_rows_moved_block_by_block_are_those_moved_at_once(fitted, monkeypatch):
    at_once = fitted.apply(NEW.unit("text"), "text")
    monkeypatch.setattr(barycentre, "ROWS_PER_BLOCK", 7)
    np.testing.assert_allclose(fitted.apply(NEW.unit("text"), "text"), at_once, atol=1e-6)
