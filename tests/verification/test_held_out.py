import numpy as np

from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import fit_map
from dohyo.corrections.recipe import Recipe
from dohyo.verification.held_out import held_out_fold
from worlds import paired

CORPUS = paired(np.random.default_rng(0), 60, 12, texts_each=2, gap=1.0)


def test_the_first_fold_is_moved_by_a_map_that_was_fitted_without_it():
    held = CORPUS.folds()[0]
    seen = CORPUS.subset(np.setdiff1d(np.arange(60), held))
    before, after = held_out_fold(CORPUS, Recipe(method="center", strength=0.7))
    assert before.fingerprint() == CORPUS.subset(held).fingerprint()
    fitted = fit_map("center", Evidence.of(seen))
    for side in ("image", "text"):
        wanted = fitted.apply(before.unit(side), side, strength=0.7)
        np.testing.assert_allclose(after.unit(side), wanted, atol=1e-6)
    np.testing.assert_array_equal(after.groups("text"), before.groups("text"))
