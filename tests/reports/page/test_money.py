"""Amounts are written as each language writes them, no finer than their interval."""

import pytest

from dohyo.estimate import Estimate
from dohyo.reports.page import money
from dohyo.reports.page.value_words import number, payback
from dohyo.value.value import Payback
from dohyo.words import Words

EN, JA = Words("en"), Words("ja")


def estimate(value, low, high):
    return Estimate(value=value, low=low, high=high, n=100, seed=0)


@pytest.mark.parametrize(
    ("given", "currency", "english", "japanese"),
    [
        ((305_747, 157_239, 1_339_887), "JPY", "¥0.3 million", "30 万円"),
        ((28_411, 25_100, 31_900), "JPY", "¥28,000", "2.8 万円"),
        ((-28_411, -31_900, -25_100), "USD", "−$28,000", "−2.8 万ドル"),
        ((4_321, 4_280, 4_360), "EUR", "€4,320", "4,320 ユーロ"),
        ((4_321, 4_280, 4_360), "CHF", "4,320 CHF", "4,320 CHF"),
        ((0.2, -0.1, 0.5), "USD", "$0.2", "0.2 ドル"),
        ((2.4e8, 2.1e8, 2.8e8), "JPY", "¥240 million", "2.4 億円"),
        ((2_030, 2_030, 2_030), "USD", "$2,030", "2,030 ドル"),
        ((0, 0, 0), "USD", "$0", "0 ドル"),
    ],
)
def test_an_amount_has_the_digits_of_its_interval(given, currency, english, japanese):
    assert money.figure(estimate(*given), currency, EN) == english
    assert money.figure(estimate(*given), currency, JA) == japanese


def test_an_interval_is_written_as_finely_and_in_the_same_unit():
    told = estimate(305_747, 157_239, 1_339_887)
    assert money.interval(told, "JPY", EN) == "¥0.2 million to ¥1.3 million"
    assert money.interval(told, "JPY", JA) == "20 万円 ～ 130 万円"
    assert money.interval(estimate(5, 5, 5), "JPY", EN) == "no spread"


@pytest.mark.parametrize(
    ("value", "english", "japanese"),
    [
        (60_000, "¥60,000", "6 万円"),
        (50, "¥50", "50 円"),
        (0, "¥0", "0 円"),
        (0.25, "¥0.25", "0.25 円"),
    ],
)
def test_a_given_amount_is_written_as_given(value, english, japanese):
    assert (money.plain(value, "JPY", EN), money.plain(value, "JPY", JA)) == (english, japanese)


def test_a_lopsided_interval_does_not_end_at_zero():
    assert number(estimate(75.4, 36.1, 295.3), EN) == ("80", "40 to 300")
    told = estimate(754, 361, 2_953)
    assert money.figure(told, "USD", EN) == "$800"
    assert money.interval(told, "USD", EN) == "$400 to $3,000"


@pytest.mark.parametrize(
    ("months", "said"),
    [
        ((2.96, 0.73, 7.5), "3.0 months (0.7 to 7.5 months)"),
        ((20.4, 7.3, 31.0), "20 months (7 to 31 months)"),
        ((20.4, 7.3, float("inf")), "20 months (7 months or more, perhaps never)"),
        ((float("inf"), 7.3, float("inf")), "never"),
        ((4.0, 4.0, 4.0), "4.0 months"),
        ((250.0, 90.0, 900.0), "> 100 months (90 to > 100 months)"),
    ],
)
def test_months_are_said_with_their_interval(months, said):
    value, low, high = months
    assert payback(Payback(value=value, low=low, high=high), EN) == said
