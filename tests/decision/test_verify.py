import json
from dataclasses import replace

import numpy as np
import pytest

from dohyo.corrections.recipe import Recipe
from dohyo.decision.align import align
from dohyo.decision.decide import decide, judge
from dohyo.decision.verify import verify
from dohyo.errors import MapError, UsageError
from dohyo.words import Words
from worlds import paired

WORLD = paired(np.random.default_rng(2), 200, 16)
GAPPED, UNSEEN = WORLD.subset(np.arange(100)), WORLD.subset(np.arange(100, 200))
CENTER = Recipe(method="center")


def said(decision):
    figures = {name: each.to_json() for name, each in decision.protocols.items()}
    return json.dumps([decision.to_json(Words()), figures])


def test_auto_decides_and_a_name_or_recipe_is_judged():
    assert said(verify(GAPPED).decision) == said(decide(GAPPED))
    assert said(verify(GAPPED, "center").decision) == said(judge(GAPPED, CENTER))
    half = replace(CENTER, strength=0.5)
    assert said(verify(GAPPED, half).decision) == said(judge(GAPPED, half))


def test_a_map_of_this_very_corpus_is_fitted_anew_without_each_fold():
    """Taken as it is, it would be judged on rows that it was fitted on."""
    fitted = align(GAPPED, "displacement")
    found = verify(GAPPED, fitted)
    assert found.refitted
    refitted = judge(GAPPED, Recipe(method="displacement", parameters=fitted.parameters))
    assert said(found.decision) == said(refitted)
    assert said(found.decision) != said(judge(GAPPED, fitted))


def test_a_map_of_another_corpus_is_taken_as_it_is():
    found = verify(UNSEEN, align(GAPPED, "center"))
    assert not found.refitted
    assert said(found.decision) == said(judge(UNSEEN, align(GAPPED, "center")))


def test_a_map_that_does_not_fit_is_refused():
    narrow = align(paired(np.random.default_rng(0), 50, 8), "center")
    with pytest.raises(MapError, match=r"^The map takes 8 columns, the corpus has 16\. "):
        verify(GAPPED, narrow)
    theirs = align(replace(GAPPED, encoder="a"), "center")
    with pytest.raises(MapError, match=r"^The map was fitted on vectors of .*, these are of "):
        verify(replace(UNSEEN, encoder="b"), theirs)
    assert verify(UNSEEN, theirs).decision.protocols  # an encoder unknown is given the doubt


def test_an_unknown_method_is_refused():
    with pytest.raises(UsageError, match=r"^There is no method 'centre'\. "):
        verify(GAPPED, "centre")


def test_it_serialises_with_the_parts_of_the_report():
    document = json.loads(json.dumps(verify(GAPPED).to_json(Words())))
    assert set(document) == {"verify", "candidates", "decision", "judged", "refitted"}
    assert document["decision"]["verdict"] == "correct"
