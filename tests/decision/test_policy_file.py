"""A policy as a person writes it, and what each mistake is answered with."""

import pytest

from dohyo.decision.policy import Policy, policy_for
from dohyo.decision.policy_file import RULES, read_policy, template, tolerance
from dohyo.errors import UsageError
from dohyo.words import LANGUAGES, Words


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_holds_every_rule_at_its_default(tmp_path, language):
    file = tmp_path / "policy.toml"
    file.write_text(template(Words(language)), encoding="utf-8")
    assert read_policy(file) == Policy()
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line.split(" = ")[0] for line in lines if " = " in line and line[0] != "#"] == [*RULES]


def test_what_is_left_out_keeps_its_default(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text("\N{BYTE ORDER MARK}recall_margin = 0\nkeep_dimension = true\n", "utf-8")
    assert read_policy(file) == Policy(recall_margin=0, keep_dimension=True)


BAD = {
    "unknown": ("recal_margin = 0.1", "recal_margin is no rule"),
    "table": ("[recall_margin]\nvalue = 1", "recall_margin is {'value': 1}, not a number"),
    "text": ('level = "high"', "level is 'high', not a number"),
    "true for a number": ("level = true", "level is True, not a number"),
    "nan": ("level = nan", "level is nan, not a number"),
    "out of range": ("recall_margin = 1.5", "recall_margin is 1.5, outside 0 to 1"),
    "negative": ("share_departure = -0.1", "share_departure is -0.1, outside"),
    "half a group": ("minimum_groups = 40.5", "minimum_groups is 40.5, not a whole number"),
    "number for a switch": ("keep_dimension = 1", "keep_dimension is 1, neither true nor false"),
    "no TOML": ("recall_margin =", "is not TOML"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD.keys())
def test_a_mistake_is_answered_with_file_and_key(tmp_path, text, said):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_policy(file)
    assert str(file) in caught.value.what
    assert said in caught.value.what


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.toml does not exist"):
        read_policy(tmp_path / "none.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"odd\.toml cannot be read as text"):
        read_policy(tmp_path / "odd.toml")


def test_an_option_overrides_the_file():
    given = Policy(growing=0.2, recall_margin=0.1)
    assert policy_for(None, policy=given) == given
    assert policy_for(0.9, policy=given) == Policy(growing=0.9, recall_margin=0.1)
    assert policy_for(None, keep_dimension=True, policy=given).keep_dimension
    assert policy_for(None, policy=Policy(keep_dimension=True)).keep_dimension


def test_values_are_shown_as_people_read_them():
    shown = {name: tolerance(name, Policy(), Words()) for name in RULES}
    assert shown["level"] == "95%"
    assert shown["neighbours_kept"] == "0.667"
    assert (shown["minimum_groups"], shown["keep_dimension"]) == ("40", "no")
