import numpy as np
import ot
import pytest

from dohyo.corpus import MODALITIES, Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.rows import unit_rows
from worlds import paired

WORLD = paired(np.random.default_rng(0), 75, 5, texts_each=2)
CORPUS, NEW = WORLD.subset(np.arange(60)), WORLD.subset(np.arange(60, 75))
each_side = pytest.mark.parametrize("side", MODALITIES)


@pytest.fixture(scope="module")
def fitted():
    return fit_map("ot", Evidence.of(CORPUS))


def centred(rows, side):
    return unit_rows(rows - CORPUS.unit(side).mean(axis=0)).astype(float)


@each_side
def test_an_item_goes_half_way_to_the_barycentre_of_pots_plan(fitted, side):
    image, text = (centred(CORPUS.unit(each), each) for each in MODALITIES)
    beta = float(fitted.arrays["beta"][0])
    even = np.full(60, 1 / 60), np.full(120, 1 / 120)
    coupled = ot.sinkhorn(*even, 1 - image @ text.T, 1 / beta, numItermax=50_000, stopThr=1e-12)
    there = {"image": 60 * coupled @ text, "text": 120 * coupled.T @ image}[side]
    wanted = unit_rows(0.5 * centred(CORPUS.unit(side), side) + 0.5 * there)
    np.testing.assert_allclose(fitted.apply(CORPUS.unit(side), side), wanted, atol=1e-4)


@each_side
def test_without_a_share_it_is_centering(side):
    still = fit_map("ot", Evidence.of(CORPUS), {"share": 0.0})
    plain = fit_map("center", Evidence.of(CORPUS))
    np.testing.assert_allclose(
        still.apply(NEW.unit(side), side), plain.apply(NEW.unit(side), side), atol=1e-6
    )


def test_half_way_the_two_sides_meet_and_beyond_it_they_part_again():
    apart = []
    for share in (0.0, 0.5, 1.0):
        fitted = fit_map("ot", Evidence.of(CORPUS), {"share": share, "perplexity": 3.0})
        both = [fitted.apply(CORPUS.unit(side), side).astype(float) for side in MODALITIES]
        apart.append(ot.emd2([], [], ot.dist(*both)))
    assert apart[1] < apart[0] / 2
    assert apart[1] < apart[2]


def test_the_regularisation_follows_the_data():
    """A fixed ε would blur a tight corpus and shatter a wide one."""
    tight = Corpus.from_arrays(CORPUS.image, CORPUS.text[:60])
    found = fit_map("ot", Evidence.of(tight), {"perplexity": 12.0}).figures
    assert found["perplexity"] == pytest.approx(12.0, rel=1e-4)
    assert fit_map("ot", Evidence.of(tight)).figures["perplexity"] == pytest.approx(30, rel=1e-4)


def test_unbalanced_a_subject_of_one_side_alone_is_coupled_less():
    """Images of twelve subjects, texts of nine: somebody must take the other images' mass."""
    rng = np.random.default_rng(3)
    centre = np.repeat(rng.normal(size=(12, 8)), 15, axis=0)
    image, text = centre + 0.3 * rng.normal(size=(2, 180, 8))
    lopsided = Corpus.from_arrays(image, text[:135], paired=False)
    weight = {}
    for unbalanced in (0.0, 0.5):
        given = {"perplexity": 10.0, "unbalanced": unbalanced}
        potential = fit_map("ot", Evidence.of(lopsided), given).arrays["image_potential"]
        # The kernel has little to offer to the images without a text: their weight makes up for it.
        weight[unbalanced] = potential[135:].mean() - potential[:135].mean()
    assert 0 < weight[0.5] < weight[0.0] / 2


@each_side
def test_pytorch_finds_the_same(fitted, side):
    torch = pytest.importorskip("torch")
    there = fitted.apply(torch.asarray(NEW.unit(side)), side)
    np.testing.assert_allclose(np.asarray(there), fitted.apply(NEW.unit(side), side), atol=1e-5)
