import warnings

import numpy as np
import pytest
from sklearn.metrics import homogeneity_score, normalized_mutual_info_score

from dohyo.errors import CorpusError
from dohyo.measures import cluster_mixing as mixing_module
from dohyo.measures import cluster_nmi_labels as labels_module
from dohyo.measures import cluster_nmi_modality as modality_module
from dohyo.measures import modality_clusters as module
from dohyo.measures.cluster_heterogeneity import curve
from dohyo.measures.cluster_mixing import cluster_mixing
from dohyo.measures.cluster_nmi_labels import cluster_nmi_labels
from dohyo.measures.cluster_nmi_modality import cluster_nmi_modality
from dohyo.measures.modality_clusters import clusters
from dohyo.measures.view import View
from worlds import paired, sphere, turn, view_of

MEASURES = (cluster_mixing, cluster_nmi_modality, cluster_nmi_labels)


def labelled(seed, groups=120, dim=6, **world):
    corpus = paired(np.random.default_rng(seed), groups, dim, **world)
    image = corpus.unit("image")
    label = (image[:, 0] > 0) + 2 * (image[:, 1] > 0)
    return View(
        image=image,
        text=corpus.unit("text"),
        text_to_image=corpus.groups("text"),
        label=label.astype(np.int64),
        seed=seed,
    )


@pytest.mark.parametrize("gap", [0.0, 0.3, 3.0])
def test_they_are_sklearns_figures_averaged_over_k(gap):
    view = labelled(0, gap=gap, texts_each=2)
    found = clusters(view)
    assert found.counts == (2, 5, 10, 20)  # 50 would leave seven rows to a cluster
    kind, label = view.modality, view.label[view.group]
    mixed = [1 - homogeneity_score(kind, m) for m in found.member()]
    assert cluster_mixing(view).value == pytest.approx(np.mean(mixed), abs=1e-9)
    for measure, of in ((cluster_nmi_modality, kind), (cluster_nmi_labels, label)):
        wanted = [normalized_mutual_info_score(of, m) for m in found.member()]
        assert measure(view).value == pytest.approx(np.mean(wanted), abs=1e-9)


def test_the_entropy_is_a_naive_sum_over_clusters():
    view = labelled(1, gap=0.4)
    for point, member in zip(curve(view), clusters(view).member(), strict=True):
        inside = 0.0
        for cluster in range(point.k):
            kinds = view.modality[member == cluster]
            shares = [np.mean(kinds == kind) for kind in (0, 1)]
            inside -= len(kinds) / 240 * sum(p * np.log2(p) for p in shares if p)
        assert point.entropy == pytest.approx(inside, abs=1e-9)


def test_a_gap_separates_and_no_gap_mixes():
    apart, mixed = labelled(2, gap=3.0), labelled(2, gap=0.0)
    assert cluster_mixing(apart).value == 0.0
    assert clusters(apart).counts[0] == 2
    assert curve(apart)[0].nmi_modality == pytest.approx(1.0)
    assert cluster_mixing(mixed).value == pytest.approx(mixing_module.well_mixed(mixed), abs=0.01)
    assert cluster_nmi_modality(mixed).value < 2 * modality_module.by_chance(mixed)


def test_the_curve_lies_between_perfect_mixing_and_separation():
    points = curve(labelled(3, gap=0.3))
    assert [p.k for p in points] == [2, 5, 10, 20]
    for point in points:
        assert point.separated == 0.0 < point.entropy < 1.0
        assert 0.9 < point.mixed < 1.0
        assert 0 < point.nmi_labels < 1
    assert points[-1].mixed < points[0].mixed  # smaller clusters look purer by chance
    assert curve(view_of(*(sphere(np.random.default_rng(0), 30, 4),) * 2))[0].nmi_labels is None


def test_labels_dealt_at_random_are_worth_what_chance_says():
    view = labelled(4, 300)
    dealt = View(
        image=view.image,
        text=view.text,
        text_to_image=view.text_to_image,
        label=np.random.default_rng(4).permutation(view.label),
    )
    chance = labels_module.by_chance(dealt)
    assert cluster_nmi_labels(dealt).value == pytest.approx(chance, abs=0.03)
    assert cluster_nmi_labels(view).low > labels_module.by_chance(view)


def test_a_rotation_hardly_matters():
    """Clusters are found from random starts; rounding may send one elsewhere."""
    view = labelled(5, gap=0.3)
    turned = turn(np.random.default_rng(5), 6).astype(np.float32)
    moved = View(
        image=view.image @ turned,
        text=view.text @ turned,
        text_to_image=view.text_to_image,
        label=view.label,
        seed=5,
    )
    for measure in MEASURES:
        assert measure(moved).value == pytest.approx(measure(view).value, abs=0.05)


@pytest.fixture(scope="module")
def redrawn():
    """Three measures on 400 corpora and their 4,800 halves: one k and one start each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "COUNTS", (5,))
        patch.setattr(module, "RESTARTS", 1)
        views = [labelled(seed, 60, 4, gap=0.4, noise=0.8) for seed in range(400)]
        return [[measure(view) for view in views] for measure in MEASURES]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_interval_covers_what_corpora_of_this_size_show(redrawn, place):
    truth = np.mean([e.value for e in redrawn[place]])
    covered = sum(e.low <= truth <= e.high for e in redrawn[place])
    assert 0.925 * 400 <= covered <= 0.995 * 400


def test_without_pairs_the_labels_of_the_images_are_read_alone():
    view = labelled(6)
    alone = View(image=view.image, text=view.text, text_to_image=None, label=view.label)
    member = clusters(alone).member()[:, :120]
    wanted = np.mean([normalized_mutual_info_score(view.label, m) for m in member])
    assert cluster_nmi_labels(alone).value == pytest.approx(wanted, abs=1e-9)
    assert 0 <= labels_module.by_chance(alone) < 0.5


def test_where_they_cannot_be_taken_they_say_why():
    rng = np.random.default_rng(7)
    rows = sphere(rng, 30, 4)
    with pytest.raises(CorpusError, match=r"^Clusters by class need labels\. Give labels\.$"):
        cluster_nmi_labels(view_of(rows, rows))
    one = View(image=rows, text=rows, text_to_image=None, label=np.zeros(30, np.int64))
    with pytest.raises(CorpusError, match=r"^Clusters by class need two classes\. Give more"):
        cluster_nmi_labels(one)
    for measure in MEASURES[:2]:
        with pytest.raises(CorpusError, match=r"^Clusters need 20 items, there are 2\. Give more"):
            measure(view_of(rows[:1], rows[:1]))
        with pytest.raises(CorpusError, match=r"^An interval"):
            measure(view_of(rows, rows[:5], np.zeros(5, int)))


def test_duplicates_are_one_point_and_never_warn():
    same = np.ones((300, 3), np.float32) / np.float32(np.sqrt(3))
    three = np.repeat(sphere(np.random.default_rng(8), 3, 3), 100, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cluster_mixing(view_of(same, same, np.arange(300))).value == pytest.approx(1.0)
        assert clusters(view_of(three, three)).counts == (2,)
        assert np.isfinite(cluster_nmi_modality(view_of(three, three)).value)
