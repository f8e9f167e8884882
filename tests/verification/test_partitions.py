from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.corpus import Corpus
from dohyo.verification.partitions import (
    LEAST_GROUPS,
    MOST_SEGMENTS,
    OUTSIDE,
    partitions,
)
from worlds import paired

RNG = np.random.default_rng


def cut(corpus, kind):
    return next((each for each in partitions(corpus) if each.kind == kind), None)


def sizes(partition):
    return [int((partition.segment == place).sum()) for place in range(len(partition.names))]


def with_labels(corpus, labels, names=None):
    return replace(corpus, label=np.asarray(labels, np.int64), class_name=names)


def test_without_pairs_there_is_nothing_to_cut():
    known = paired(RNG(0), 60)
    assert partitions(Corpus.from_arrays(known.image, known.text, paired=False)) == ()


def test_a_plain_corpus_is_cut_by_rarity_alone():
    (only,) = partitions(paired(RNG(0), 60))
    assert (only.kind, only.names) == ("rarity", ("common", "middle", "rare"))
    assert sizes(only) == [20, 20, 20]


def test_a_picture_far_from_all_others_is_rare():
    corpus = paired(RNG(0), 60)
    image = corpus.image.copy()
    image[:5] = 9 * RNG(1).normal(size=(5, 16))
    segment = cut(replace(corpus, image=image), "rarity").segment
    assert (segment[:5] == 2).all()


def test_rarity_is_the_mean_distance_to_the_ten_nearest():
    corpus = paired(RNG(3), 50)
    rows = corpus.unit("image").astype(np.float64)
    distance = np.sort(1 - rows @ rows.T + 9 * np.eye(50), axis=1)[:, :10].mean(axis=1)
    segment = cut(corpus, "rarity").segment
    order = np.argsort(distance)
    assert (np.diff(segment[order]) >= 0).all()


def test_captions_are_told_apart_by_their_characters_in_any_script():
    captions = ["犬", "二匹の犬がいる", "二匹の犬が広い公園で元気に走り回っている"] * 20
    corpus = replace(paired(RNG(0), 60), caption=tuple(captions))
    lengths = cut(corpus, "caption_length")
    assert lengths.names == ("short", "middle", "long")
    np.testing.assert_array_equal(lengths.segment, np.tile([0, 1, 2], 20))


def test_several_captions_count_with_their_mean_length():
    known = paired(RNG(0), 60, texts_each=3)
    owner = known.groups("text")
    # The later a group the longer its captions on average, but the fewer they are.
    kept = (np.arange(180) % 3 < 3 - owner // 20) | (owner >= 40) & (np.arange(180) % 3 == 0)
    corpus = Corpus.from_arrays(known.image, known.text[kept], owner[kept])
    texts = corpus.groups("text")
    captions = tuple("x" * (30 + int(owner)) for owner in texts)
    segment = cut(replace(corpus, caption=captions), "caption_length").segment
    np.testing.assert_array_equal(segment, np.repeat([0, 1, 2], 20))


def test_classes_carry_their_names_and_sources_theirs():
    corpus = with_labels(paired(RNG(0), 60), np.arange(60) % 2, ("cat", "dog"))
    assert cut(corpus, "label").names == ("cat", "dog")
    assert cut(with_labels(corpus, corpus.label), "label").names == ("0", "1")
    sources = cut(replace(corpus, source=("shop",) * 30 + ("crawl",) * 30), "source")
    assert sources.names == ("crawl", "shop")
    np.testing.assert_array_equal(sources.segment, np.repeat([1, 0], 30))


def test_one_class_or_source_is_no_segment():
    corpus = replace(with_labels(paired(RNG(0), 60), np.zeros(60)), source=("shop",) * 60)
    assert [each.kind for each in partitions(corpus)] == ["rarity"]


def test_segments_too_small_are_gathered_and_counted():
    labels = np.concatenate([np.zeros(40), np.arange(1, 5).repeat(5)])
    gathered = cut(with_labels(paired(RNG(0), 60), labels), "label")
    assert (gathered.names, sizes(gathered)) == (("0", None), [40, 20])
    assert (gathered.pooled, gathered.left_out) == (4, 0)


def test_what_is_too_small_even_together_is_left_out_and_counted():
    labels = np.concatenate([np.arange(2).repeat(28), np.arange(2, 6)])
    kept = cut(with_labels(paired(RNG(0), 60), labels), "label")
    assert (kept.names, sizes(kept)) == (("0", "1"), [28, 28])
    assert (kept.pooled, kept.left_out) == (0, 4)
    assert (kept.segment[56:] == OUTSIDE).all()


def test_pictures_without_texts_do_not_count():
    """They neither ask nor can be found as a counterpart."""
    known = paired(RNG(0), 60)
    corpus = Corpus.from_arrays(known.image, known.text[:40], np.arange(40))
    assert sizes(cut(corpus, "rarity")) == pytest.approx([13.3] * 3, abs=1)
    # Two classes of 30, of which the second has 10 groups with texts.
    labelled = with_labels(corpus, np.arange(60) // 30)
    assert cut(labelled, "label").names == ("0", "1")
    fewer = with_labels(corpus, np.arange(60) // 31)
    assert cut(fewer, "label") is None


def test_of_very_many_classes_the_largest_are_told_apart():
    count = (MOST_SEGMENTS + 10) * 20
    labels = np.concatenate([np.arange(count) % (MOST_SEGMENTS + 10), np.full(5, 3)])
    found = cut(with_labels(paired(RNG(0), len(labels), 4), labels), "label")
    assert len(found.names) == MOST_SEGMENTS + 1
    assert "3" in found.names
    assert found.pooled == 10


@given(
    seed=st.integers(0, 999),
    classes=st.integers(1, 30),
    groups=st.integers(12, 90),
)
def test_every_segment_can_be_judged_and_no_group_is_in_two(seed, classes, groups):
    rng = RNG(seed)
    corpus = with_labels(paired(rng, groups, 4), rng.integers(0, classes, groups))
    for each in partitions(corpus):
        assert min(sizes(each)) >= LEAST_GROUPS
        assert each.segment.max() == len(each.names) - 1
        assert sum(sizes(each)) + (each.segment == OUTSIDE).sum() == groups


def test_rarity_in_a_large_corpus_is_against_a_sample_and_almost_the_same(monkeypatch):
    corpus = paired(RNG(0), 300, 8)
    whole = cut(corpus, "rarity").segment
    monkeypatch.setattr("dohyo.verification.partitions.REFERENCES", 200)
    sampled = cut(corpus, "rarity").segment
    assert 0.75 < (sampled == whole).mean() < 1
