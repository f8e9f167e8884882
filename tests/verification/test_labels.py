import numpy as np
import pytest
from sklearn.metrics import normalized_mutual_info_score

from dohyo.verification import labels as module
from dohyo.verification.labels import clusters_agree, neighbours_agree, prompts_agree
from worlds import sphere

RNG = np.random.default_rng


def test_the_majority_of_the_neighbours_decides_and_a_tie_goes_to_the_nearest():
    label = np.array([0, 0, 1, 1, 1])
    near = np.array([[1, 2, 3, 4], [2, 0, 3, 0], [3, 4, 0, 1], [0, 1, 2, 4], [2, 0, 3, 1]])
    # 0: three of class 1; 1: two each, nearest 1; 2: two each, nearest 1; 3: nearest 0; 4: 1
    assert neighbours_agree(near, label).tolist() == [0, 0, 1, 0, 1]


def test_a_prompt_is_right_for_its_class_and_a_class_without_one_is_not_judged():
    images = np.eye(3, dtype=np.float32)
    agreed = prompts_agree(images, np.eye(3, dtype=np.float32)[:2], np.array([0, 0, 2]))
    np.testing.assert_array_equal(agreed, [1, 0, np.nan])


def test_the_mean_over_items_is_the_normalised_mutual_information(monkeypatch):
    rng = RNG(0)
    cluster, kind = rng.integers(0, 3, 90), rng.integers(0, 4, 90)
    monkeypatch.setattr(module, "kmeans", lambda *_, **__: cluster)
    mean = clusters_agree(sphere(rng, 90, 4), kind, seed=0).mean()
    assert mean == pytest.approx(normalized_mutual_info_score(kind, cluster))


def test_clusters_of_tight_classes_are_the_classes():
    rng = RNG(1)
    centre, kind = np.eye(8, dtype=np.float32)[:3], rng.integers(0, 3, 60)
    tight = centre[kind] + 0.01 * rng.normal(size=(60, 8)).astype(np.float32)
    told = clusters_agree(tight, kind, seed=0).mean()
    loose = clusters_agree(sphere(rng, 60, 8), kind, seed=0).mean()
    assert told > 0.8
    assert loose < 0.3


@pytest.mark.parametrize("kind", [np.zeros(30, int), np.arange(4)], ids=["one class", "few"])
def test_without_two_classes_or_ten_items_nothing_is_said(kind):
    assert np.isnan(clusters_agree(sphere(RNG(2), len(kind), 4), kind, seed=0)).all()


def test_of_many_rows_a_sample_is_clustered(monkeypatch):
    monkeypatch.setattr(module, "ROWS", 50)
    kind = np.arange(80) % 2
    assert np.isfinite(clusters_agree(sphere(RNG(3), 80, 4), kind, seed=0)).sum() == 50
