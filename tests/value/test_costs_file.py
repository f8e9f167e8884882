"""A cost file is read as it was meant, or refused in one sentence that names it and the key."""

import tomllib

import pytest

from dohyo.errors import UsageError
from dohyo.value.costs import KINDS
from dohyo.value.costs_file import costs_of, read_costs, template
from dohyo.words import LANGUAGES, Words


def document(**changed: object) -> dict:
    return {"currency": "JPY"} | dict.fromkeys(KINDS, 1) | changed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_can_be_read_and_explains_every_key(language, tmp_path):
    text = template(Words(language))
    path = tmp_path / "costs.toml"
    path.write_text(text, encoding="utf-8")
    costs = read_costs(path)
    assert set(costs.amounts) == set(KINDS)
    lines = text.splitlines()
    for name in ("currency", *KINDS):
        place = next(i for i, line in enumerate(lines) if line.startswith(f"{name} ="))
        assert lines[place - 1].startswith("# ")


def test_the_two_templates_differ_in_words_and_currency_alone():
    english, japanese = (tomllib.loads(template(Words(each))) for each in LANGUAGES)
    assert english["searches_per_day"] == japanese["searches_per_day"]
    assert [100 * x for x in english["hourly_cost"]] == japanese["hourly_cost"]


@pytest.mark.parametrize("given", [[2, 3, 5], {"low": 2, "likely": 3, "high": 5}])
def test_a_range_is_three_numbers_in_either_writing(given):
    amount = costs_of(document(hourly_cost=given), where="x").amounts["hourly_cost"]
    assert amount.to_json() == {"low": 2.0, "likely": 3.0, "high": 5.0}


BAD = {
    "negative": ({"hourly_cost": -1}, "hourly_cost is negative"),
    "negative low": ({"hourly_cost": [-1, 0, 1]}, "hourly_cost is negative"),
    "unknown": ({"hourly_costs": 1}, "hourly_costs is no cost"),
    "text": ({"day_rate": "600"}, "day_rate is '600'"),
    "true": ({"day_rate": True}, "day_rate is True"),
    "two numbers": ({"day_rate": [1, 2]}, "day_rate is"),
    "a text in a range": ({"day_rate": [1, "2", 3]}, "day_rate is"),
    "falling": ({"day_rate": [3, 2, 1]}, "day_rate runs from 3 over 2 to 1"),
    "likely outside": ({"day_rate": [1, 9, 3]}, "day_rate runs from"),
    "a key of a range missing": ({"day_rate": {"low": 1, "high": 2}}, "day_rate has the keys"),
    "an empty range": ({"day_rate": {}}, "day_rate has the keys"),
    "not finite": ({"day_rate": float("nan")}, "day_rate is nan"),
    "infinite": ({"day_rate": float("inf")}, "day_rate is inf"),
    "a share above 1": ({"mixed_share": 1.5}, "mixed_share is 1.5, more than 1"),
    "a long month": ({"working_days_per_month": 32}, "more than 31"),
    "no code": ({"currency": "yen"}, "currency is 'yen'"),
    "a number as currency": ({"currency": 1}, "currency is 1"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_cost_is_named_with_its_file(case):
    changed, said = BAD[case]
    with pytest.raises(UsageError) as told:
        costs_of(document(**changed), where="costs.toml")
    assert said in told.value.what
    assert told.value.what.startswith("costs.toml")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("name", ["currency", *KINDS])
def test_every_key_is_needed(name):
    whole = document()
    del whole[name]
    with pytest.raises(UsageError, match=f"{name} is missing"):
        costs_of(whole, where="costs.toml")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"# nothing\n", "is empty"),
        (b"currency = ", "is not TOML"),
        (b"\xff\xfe\x00", "cannot be read as text"),
    ],
)
def test_a_file_that_is_no_cost_file_is_named(content, said, tmp_path):
    path = tmp_path / "costs.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        read_costs(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        read_costs(tmp_path / "costs.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_costs(tmp_path)
