"""The command line tells who is harmed and where the benefit breaks."""

import json

import numpy as np
import pytest

from dohyo.words import Words


@pytest.fixture
def harmed_file(saved):
    """A small source whose pairs meet where much varies, which whitening takes away."""
    rng = np.random.default_rng(0)
    crawl, wide = np.arange(300)[:, None] >= 240, np.arange(24) < 12
    meaning = rng.normal(size=(300, 24))

    def side():
        pair = meaning + 0.35 * rng.normal(size=meaning.shape)
        stranger = np.where(crawl, 2.0, 1.0) * rng.normal(size=meaning.shape)
        return np.where(wide == crawl, pair, stranger) * np.where(wide, 3.0, 1.0)

    gap = 6.0 * (np.arange(24) == 0)
    label = crawl[:, 0].astype(np.int64)
    image, text = ((side() + sign * gap).astype(np.float32) for sign in (1, -1))
    return saved(image=image, text=text, label=label, class_name=np.array(["shop", "crawl"]))


def test_verify_names_a_harmed_segment(dohyo, harmed_file):
    said = dohyo("verify", harmed_file, "--method", "whiten", "--set", "shrinkage=0")
    assert said.code == 0
    assert Words()("segments.harmed_title") in said.out
    assert "“crawl” (60 groups): cross-modal R@1" in said.out
    assert Words()("section.stress") not in said.out


def test_verify_stresses_when_asked_and_only_then(dohyo, corpus_file):
    arguments = ("verify", corpus_file, "--method", "center", "--json")
    plain = json.loads(dohyo(*arguments).out)
    assert plain["verify"]["stress"] is None
    asked = json.loads(dohyo(*arguments, "--stress").out)
    assert asked["decision"]["verdict"] == "correct"
    assert "wrong_pairs" in asked["verify"]["stress"]["conditions"]
    told = dohyo("verify", corpus_file, "--method", "center", "--stress")
    assert Words()("section.stress") in told.out


def test_run_stresses_unless_it_is_told_not_to(dohyo, corpus_file):
    verdict = json.loads(dohyo("run", corpus_file, "--out", "with", "--json").out)
    assert verdict["decision"]["verdict"] == "correct"
    assert verdict["verify"]["stress"]["conditions"]
    assert verdict["verify"]["segments"]["segments"]
    without = json.loads(dohyo("run", corpus_file, "--out", "without", "--no-stress", "--json").out)
    assert without["verify"]["stress"] is None
    assert without["decision"] == verdict["decision"]


def test_what_a_stress_costs_in_time_is_told_as_progress(dohyo, corpus_file):
    said = dohyo("run", corpus_file, "--out", "out")
    assert Words()("progress.stress") in said.err
