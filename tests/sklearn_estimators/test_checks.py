"""scikit-learn's own checks."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import SkipTestWarning
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from dohyo.sklearn import MapTransformer, ModalityAligner


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.EstimatorCheckFailedWarning")
@parametrize_with_checks(
    [
        ModalityAligner(),
        ModalityAligner("whiten", strength=0.5, parameters={"shrinkage": 0.5}),
        ModalityAligner("standardize"),
        ModalityAligner("none"),
        MapTransformer(),
    ]
)
def test_scikit_learn_accepts_it(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", [ModalityAligner(), MapTransformer()])
def test_check_estimator_fails_and_expects_to_fail_nothing(estimator):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkipTestWarning)
        results = check_estimator(estimator)
    good = ("passed", "skipped")
    told = [str(each["check_name"]) for each in results if each["status"] not in good]
    assert told == []
    assert np.sum([each["status"] == "passed" for each in results]) > 30
