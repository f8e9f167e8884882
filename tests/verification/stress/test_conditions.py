"""Each condition spoils what it says and leaves the rest."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.corpus import Corpus
from dohyo.rows import unit_rows
from dohyo.verification.stress.registry import CONDITIONS, spoiled
from worlds import paired

RNG = np.random.default_rng


def world(groups=100, texts_each=1, dim=16):
    plain = paired(RNG(0), groups, dim, texts_each=texts_each)
    return replace(
        plain,
        label=np.arange(groups) % 4,
        caption=tuple(map(str, range(groups * texts_each))),
        source=tuple(map(str, range(groups))),
        picture=np.zeros((groups, 2, 2, 3), np.uint8),
    )


def changed(before, after):
    """Which rows differ in direction."""
    return np.flatnonzero((unit_rows(before) * unit_rows(after)).sum(1) < 0.99999)


@given(
    name=st.sampled_from(list(CONDITIONS)),
    seed=st.integers(0, 99),
    groups=st.integers(8, 60),
    texts_each=st.integers(1, 3),
)
def test_what_is_spoiled_is_still_a_corpus(name, seed, groups, texts_each):
    corpus = world(groups, texts_each)
    for level in CONDITIONS[name].levels:
        found = spoiled(corpus, name, level, seed=seed)
        again = Corpus.from_arrays(
            found.image,
            found.text,
            found.text_to_image,
            found.label,
            found.caption,
            pictures=found.picture,
            sources=found.source,
        )
        assert again.fingerprint() == found.fingerprint()
        repeated = spoiled(corpus, name, level, seed=seed)
        assert repeated.fingerprint() == found.fingerprint()
    assert corpus.fingerprint() == world(groups, texts_each).fingerprint()


@pytest.mark.parametrize("name", [name for name in CONDITIONS if name != "float16_storage"])
def test_another_seed_or_draw_spoils_other_rows(name):
    corpus, level = world(), CONDITIONS[name].levels[0]
    first, seed, draw = (
        spoiled(corpus, name, level, seed=s, draw=d).fingerprint()
        for s, d in ((0, 0), (1, 0), (0, 1))
    )
    assert len({first, seed, draw}) == 3


@pytest.mark.parametrize("level", [0.05, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("texts_each", [1, 3])
def test_wrong_pairs_are_wrong_and_as_many_as_said(level, texts_each):
    corpus = world(texts_each=texts_each)
    found = spoiled(corpus, "wrong_pairs", level, seed=1)
    wrong = found.text_to_image != corpus.groups("text")
    assert wrong.sum() == round(level * 100) * texts_each
    # The vectors stay, each picture still has as many texts, and texts stay together.
    assert found.image is corpus.image
    assert found.text is corpus.text
    counts = np.bincount(found.text_to_image, minlength=100)
    assert (counts == texts_each).all()


def test_more_wrong_pairs_are_those_of_the_level_before_and_others():
    corpus = world()
    some, more = (
        set(
            np.flatnonzero(
                spoiled(corpus, "wrong_pairs", level, seed=0).text_to_image != corpus.groups("text")
            )
        )
        for level in (0.1, 0.4)
    )
    assert some < more


def test_near_duplicates_are_new_groups_almost_the_same():
    corpus = world(texts_each=2)
    found = spoiled(corpus, "near_duplicates", 0.2, seed=0)
    assert (len(found.image), len(found.text)) == (120, 240)
    np.testing.assert_array_equal(found.image[:100], corpus.image)
    first = np.array(found.source[100:]).astype(int)  # a source names its group here
    likeness = (found.unit("image")[100:] * corpus.unit("image")[first]).sum(1)
    assert likeness.min() > 0.995
    assert likeness.max() < 1
    for copy, group in zip(range(100, 120), first, strict=True):
        (texts,) = np.nonzero(found.text_to_image == copy)
        (own,) = np.nonzero(corpus.groups("text") == group)
        likeness = (found.unit("text")[texts] * corpus.unit("text")[own]).sum(1)
        assert (likeness > 0.995).all()
        assert [found.caption[t] for t in texts] == [corpus.caption[t] for t in own]
    np.testing.assert_array_equal(found.label[100:], corpus.label[first])
    assert found.image_id is None


def test_half_of_the_classes_keep_a_tenth():
    found = spoiled(world(), "class_imbalance", 0.1, seed=0)
    assert sorted(np.bincount(found.label)) == [2, 2, 25, 25]


def test_without_labels_clusters_stand_for_classes():
    rng = RNG(0)
    centre = 5 * rng.normal(size=(10, 16))
    rows = (np.repeat(centre, 20, axis=0) + rng.normal(size=(200, 16)) * 0.1).astype("f4")
    corpus = replace(Corpus.from_arrays(rows, rows), source=tuple(map(str, np.arange(200) // 20)))
    found = spoiled(corpus, "class_imbalance", 0.1, seed=0)
    sizes = np.unique(found.source, return_counts=True)[1]
    assert (sizes == 20).sum() >= 4
    assert (sizes < 5).sum() >= 4
    assert len(found.image) == sizes.sum() < 140


def test_another_domain_has_its_structure_and_its_pairs_but_lies_elsewhere():
    """In more columns than the corpus varies in, as an encoder has them."""
    rng = RNG(0)
    meaning = rng.normal(size=(400, 12)) @ rng.normal(size=(12, 256))
    image = meaning + 2 * rng.normal(size=meaning.shape) / 4
    text = meaning + 2 * rng.normal(size=meaning.shape) / 4
    corpus = Corpus.from_arrays(image.astype("f4"), text.astype("f4"))
    found = spoiled(corpus, "other_domain", 0.1, seed=0)
    moved = changed(corpus.image, found.image)
    assert len(moved) == 40
    np.testing.assert_array_equal(changed(corpus.text, found.text), moved)
    for before, after in ((corpus, found), (found, corpus)):
        pairs = (before.unit("image")[moved] * before.unit("text")[moved]).sum(1)
        same = (after.unit("image")[moved] * after.unit("text")[moved]).sum(1)
        np.testing.assert_allclose(pairs, same, atol=0.05)
    rest = np.setdiff1d(np.arange(400), moved)
    variance = np.linalg.svd(corpus.unit("image")[rest], full_matrices=False)[2][:12]
    inside = [
        (np.linalg.norm(c.unit("image")[moved] @ variance.T, axis=1)) for c in (corpus, found)
    ]
    assert inside[0].mean() > 0.9
    assert inside[1].mean() < 0.5


def test_broken_vectors_are_of_all_four_kinds():
    corpus = world(800)
    found = spoiled(corpus, "corrupted_vectors", 0.01, seed=0)
    for before, after in ((corpus.unit("image"), found.image), (corpus.unit("text"), found.text)):
        broken = np.flatnonzero((before != after).any(axis=1))
        assert len(broken) == 8
        length = np.linalg.norm(after[broken], axis=1)
        likeness = (before[broken] * unit_rows(after[broken])).sum(1)
        assert (length > 100).sum() == 2
        assert np.isclose(likeness, -1).sum() == 2
        assert (np.ptp(after[broken], axis=1) == 0).sum() == 2
        assert np.isfinite(after).all()


def test_float16_storage_is_half_precision():
    found = spoiled(world(), "float16_storage", 1.0, seed=0)
    assert found.image.dtype == found.text.dtype == np.float16
    assert np.abs(found.unit("image") - world().unit("image")).max() < 1e-3
