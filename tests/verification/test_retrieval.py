import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from dohyo.verification import lists
from dohyo.verification.lists import Gallery, Queries
from dohyo.verification.retrieval import METRICS, rank
from worlds import sphere

sizes = given(
    seed=st.integers(0, 2**32 - 1),
    items=st.integers(2, 40),
    groups=st.integers(1, 6),
    inside=st.booleans(),
)


def asked(seed, items, groups, inside):
    """A gallery of both kinds with few groups, so that queries have several counterparts or none;
    and queries that are the gallery itself, or strangers to it."""
    rng = np.random.default_rng(seed)

    def some(rows):
        return {
            "rows": sphere(rng, rows, 6),
            "group": rng.integers(0, groups, rows),
            "modality": rng.integers(0, 2, rows),
        }

    held = some(items)
    if inside:
        return Queries(**held, itself=np.arange(items)), Gallery(**held)
    return Queries(**some(7)), Gallery(**held)


def by_loops(queries, gallery):
    """Every metric of every query from its full ranking."""
    figures = {name: [] for name in METRICS}
    for q in range(len(queries.rows)):
        others = [
            i for i in range(len(gallery.rows)) if queries.itself is None or i != queries.itself[q]
        ]
        order = sorted(others, key=lambda i: (-float(queries.rows[q] @ gallery.rows[i]), i))
        cross = [bool(gallery.modality[i] != queries.modality[q]) for i in order]
        relevant = [
            c and bool(gallery.group[i] == queries.group[q])
            for i, c in zip(order, cross, strict=True)
        ]
        restricted = [r for r, c in zip(relevant, cross, strict=True) if c]
        gain = sum(1 / np.log2(2 + place) for place, r in enumerate(relevant[:10]) if r)
        ideal = sum(1 / np.log2(2 + place) for place in range(min(10, sum(relevant))))
        figures["cross_share"].append(np.mean(cross[:10]))
        if not any(relevant):
            for name in METRICS:
                if name != "cross_share":
                    figures[name].append(np.nan)
            continue
        figures["mixed_ndcg_at_10"].append(gain / ideal)
        figures["mixed_recall_at_1"].append(relevant[0])
        figures["mixed_recall_at_10"].append(any(relevant[:10]))
        figures["recall_at_1"].append(restricted[0])
        figures["recall_at_10"].append(any(restricted[:10]))
    return figures


@sizes
def test_every_metric_is_the_loop_over_queries(seed, items, groups, inside):
    queries, gallery = asked(seed, items, groups, inside)
    ranked, wanted = rank(queries, gallery), by_loops(queries, gallery)
    for name in METRICS:
        np.testing.assert_allclose(ranked.metric(name), wanted[name], atol=1e-12, err_msg=name)


@sizes
def test_mixed_ndcg_is_sklearns(seed, items, groups, inside):
    queries, gallery = asked(seed, items, groups, inside)
    scores = queries.rows @ gallery.rows.T
    relevant = (queries.group[:, None] == gallery.group) & (
        queries.modality[:, None] != gallery.modality
    )
    if inside:
        np.fill_diagonal(scores, -9.0)
    found = rank(queries, gallery).mixed_ndcg_at_10
    for q in np.flatnonzero(relevant.any(1)):
        theirs = ndcg_score(relevant[[q]], scores[[q]], k=10)
        assert found[q] == pytest.approx(theirs, abs=1e-12)


@sizes
def test_the_base_rate_is_the_share_of_the_other_kind_among_what_can_be_found(
    seed, items, groups, inside
):
    queries, gallery = asked(seed, items, groups, inside)
    wanted = [
        sum(m != kind for m in gallery.modality) / (items - inside) for kind in queries.modality
    ]
    np.testing.assert_allclose(rank(queries, gallery).base_rate, wanted)


def test_the_query_itself_is_never_found():
    """Each row's double in the other modality is its counterpart: right behind itself, were it
    not left out; and with two items, the other one is all there is."""
    rows = sphere(np.random.default_rng(0), 30, 8)
    twice = {
        "rows": np.concatenate([rows, rows]),
        "group": np.tile(np.arange(30), 2),
        "modality": np.repeat([0, 1], 30),
    }
    ranked = rank(Queries(**twice, itself=np.arange(60)), Gallery(**twice))
    assert (ranked.mixed_recall_at_1 == 1.0).all()
    assert (ranked.mixed_ndcg_at_10 == 1.0).all()
    two = {key: value[[0, 30]] for key, value in twice.items()}
    assert rank(Queries(**two, itself=np.arange(2)), Gallery(**two)).cross_share.tolist() == [1, 1]


def test_a_query_without_a_counterpart_has_no_figure_but_still_sees_a_mix():
    rows = sphere(np.random.default_rng(1), 6, 4)
    kind = np.array([0, 0, 0, 1, 1, 1])
    gallery = Gallery(rows=rows, group=np.array([0, 1, 2, 0, 1, 1]), modality=kind)
    ranked = rank(
        Queries(rows=rows, group=gallery.group, modality=kind, itself=np.arange(6)), gallery
    )
    lonely = [False, False, True, False, False, False]
    for name in METRICS:
        undefined = np.isnan(ranked.metric(name)).tolist()
        assert undefined == ([False] * 6 if name == "cross_share" else lonely)


def test_a_gallery_of_fewer_than_ten_leaves_the_ranks_beyond_it_open():
    queries, gallery = asked(0, 5, 2, inside=True)
    at_rank = rank(queries, gallery).cross_at_rank
    assert np.isnan(at_rank).tolist() == [[False] * 4 + [True] * 6] * 5


def test_the_share_of_the_first_ten_is_the_mean_over_ranks():
    ranked = rank(*asked(1, 40, 5, inside=True))
    np.testing.assert_allclose(ranked.cross_at_rank.mean(1), ranked.cross_share)


def test_queries_ranked_block_by_block_are_those_ranked_at_once(monkeypatch):
    queries, gallery = asked(2, 40, 5, inside=True)
    at_once = rank(queries, gallery)
    monkeypatch.setattr(lists, "QUERIES_PER_BLOCK", 7)
    in_blocks = rank(queries, gallery)
    for name in METRICS:
        np.testing.assert_array_equal(in_blocks.metric(name), at_once.metric(name))


@sizes
def test_a_rival_is_the_one_group_without_which_a_miss_is_a_hit(seed, items, groups, inside):
    queries, gallery = asked(seed, items, groups, inside)
    ranked = rank(queries, gallery)
    for query in range(len(queries.rows)):
        turning = []
        for group in set(gallery.group.tolist()) - {int(queries.group[query])}:
            itself = None if queries.itself is None else queries.itself[query]
            kept = np.flatnonzero(gallery.group != group)
            if len(kept) == (itself is not None):
                continue  # nothing is left to be found
            alone = Queries(
                rows=queries.rows[[query]],
                group=queries.group[[query]],
                modality=queries.modality[[query]],
                itself=None if itself is None else np.flatnonzero(kept == itself),
            )
            rest = Gallery(
                rows=gallery.rows[kept], group=gallery.group[kept], modality=gallery.modality[kept]
            )
            turned = rank(alone, rest).recall_at_1[0] == 1
            if turned and ranked.recall_at_1[query] == 0:
                turning.append(group)
        # Of more than ten, what follows a group that holds all of them is out of sight.
        if (gallery.modality != queries.modality[query]).sum() <= 10:
            assert turning == ([] if ranked.rival[query] < 0 else [ranked.rival[query]])
