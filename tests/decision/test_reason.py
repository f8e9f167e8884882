import pytest

from dohyo.decision.reason import Reason
from dohyo.words import Words


def test_a_reason_is_said_with_its_figures_and_names_that_a_reader_knows():
    reason = Reason("all_guardrails", {"method": "gaussian_ot"})
    said = reason.say(Words())
    assert "gaussian_ot" not in said
    assert Words().name("gaussian_ot") in said


def test_a_reason_cannot_be_changed_afterwards():
    figures = {"groups": 3.0, "needed": 40.0}
    reason = Reason("too_few_groups", figures)
    figures["groups"] = 99.0
    assert reason.values["groups"] == 3.0
    with pytest.raises(TypeError):
        reason.values["groups"] = 99.0
