import json

import numpy as np
import pytest

from dohyo.corrections.evidence import Evidence
from dohyo.corrections.recipe import LADDER, Recipe
from dohyo.corrections.registry import METHODS
from worlds import paired


def test_a_recipe_is_frozen_also_against_who_made_it():
    mine = {"shrinkage": 0.5}
    recipe = Recipe(method="whiten", parameters=mine)
    mine["shrinkage"] = 0.1
    assert recipe.parameters["shrinkage"] == 0.5
    with pytest.raises(TypeError):
        recipe.parameters["shrinkage"] = 0.1


def test_it_fits_its_method_with_its_parameters():
    fitted = Recipe(method="whiten", parameters={"shrinkage": 0.5}).fit(
        Evidence.of(paired(np.random.default_rng(0), 20, 4))
    )
    assert (fitted.method, dict(fitted.parameters)) == ("whiten", {"shrinkage": 0.5})


def test_it_serialises():
    recipe = Recipe(method="center", strength=0.5)
    assert json.loads(json.dumps(recipe.to_json())) == {
        "method": "center",
        "parameters": {},
        "strength": 0.5,
    }


def test_the_ladder_climbs_in_the_order_of_the_registry():
    order = list(METHODS)
    climbed = [order.index(rung.method) for rung in LADDER]
    assert climbed == sorted(climbed)
    assert "none" not in {rung.method for rung in LADDER}
