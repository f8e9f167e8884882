"""Days of the demo's traffic: repeatable, new every day, and changed where it is said."""

import numpy as np
import pytest

import dohyo
from dohyo.demo.traffic import CHANGES, Traffic, day, drift_of, write_days
from dohyo.encoders.builtin import load
from dohyo.errors import UsageError
from dohyo.io.read import read


@pytest.fixture(scope="module")
def encoder():
    return load("shapes-world")


def test_a_day_is_repeatable_and_no_two_are_alike(encoder):
    plan = Traffic(pictures=12)
    first, again, other = day(encoder, plan, 3), day(encoder, plan, 3), day(encoder, plan, 4)
    assert first.fingerprint() == again.fingerprint() != other.fingerprint()
    assert set(first.caption) != set(other.caption)
    assert first.picture.shape == (12, 64, 64, 3)
    assert len(first.source) == 12


def test_no_day_shows_a_picture_of_the_demo_itself(encoder, world):
    shown = day(encoder, Traffic(pictures=40), 0)
    nearest = (shown.unit("image") @ world.image.T).max(1)
    assert nearest.max() < 0.9999


def test_every_change_begins_on_its_day(encoder):
    quiet = [day(encoder, Traffic(pictures=10, drift="none"), number) for number in (0, 1)]
    for drift in sorted(set(CHANGES) - {"none"}):
        plan = Traffic(pictures=10, drift=drift, after=1)
        assert day(encoder, plan, 0).fingerprint() == quiet[0].fingerprint()
        assert day(encoder, plan, 1).fingerprint() != quiet[1].fingerprint()


def test_the_change_breaks_what_a_new_fit_mends(encoder, world):
    """Texts among the answers to pictures: under the demo's map, and under one fitted anew."""
    plan = Traffic(pictures=100, after=1)
    before, after = day(encoder, plan, 0), day(encoder, plan, 1)
    demo = dohyo.Corpus.from_arrays(world.image, world.text, world.text_to_image)
    old, new = (dohyo.align(each, "gaussian_ot", calibrate=1.0) for each in (demo, after))
    assert _cross(old, before) > 0.6
    assert _cross(old, after) < 0.2
    assert _cross(new, after) > 0.6


def _cross(fitted, corpus):
    items = np.concatenate([fitted.apply(corpus.image, "image"), fitted.apply(corpus.text, "text")])
    scores = fitted.apply(corpus.image, "image", "query") @ items.T
    np.fill_diagonal(scores, -1)  # nobody finds the very picture that he asks with
    return (np.argsort(-scores, 1)[:, :10] >= len(corpus.image)).mean()


def test_files_are_whole_when_they_are_yielded(encoder, tmp_path):
    for there, corpus in write_days(encoder, tmp_path, Traffic(pictures=10), 2):
        assert read(there).fingerprint() == corpus.fingerprint()
        assert read(there).source == corpus.source
        assert (read(there).label, corpus.label is None) == (None, False)


def test_too_few_pictures_are_refused():
    with pytest.raises(UsageError):
        Traffic(pictures=5)
    with pytest.raises(UsageError):
        drift_of("x")
