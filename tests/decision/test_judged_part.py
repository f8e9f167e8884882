"""Of a large corpus a sample of whole groups is judged, and the answer says so."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dohyo.corpus import Corpus
from dohyo.corrections.recipe import Recipe
from dohyo.decision.decide import judge
from dohyo.decision.judged_part import judged_part
from dohyo.decision.policy import Policy
from dohyo.verification.evaluate import Pool, evaluate
from dohyo.words import Words

DIM, DRAWS = 12, 40
SMALL = Policy(most_groups=100)


def corpus(groups: int, *, lone: int = 0, each: int = 1, seed: int = 0) -> Corpus:
    """Images, some without a text, and as many texts for each of the others."""
    rng = np.random.default_rng(seed)
    meaning = rng.normal(size=(groups + lone, DIM))
    of_text = np.repeat(rng.permutation(groups + lone)[:groups], each)
    away = 3 * np.eye(DIM)[0]
    texts = meaning[of_text] + 0.4 * rng.normal(size=(len(of_text), DIM)) - away
    return Corpus.from_arrays(
        (meaning + away).astype(np.float32),
        texts.astype(np.float32),
        of_text,
        captions=[f"of {image}" for image in of_text],
    )


@given(
    groups=st.integers(101, 400),
    lone=st.integers(0, 2_000),
    each=st.integers(1, 3),
    seed=st.integers(0, 9),
)
def test_whole_groups_come_and_lone_images_in_proportion(groups, lone, each, seed):
    whole = corpus(groups, lone=lone, each=each)
    part, told = judged_part(whole, SMALL, seed)
    assert len(np.unique(part.text_to_image)) == 100
    assert len(part.text) == 100 * each
    assert len(part.image) - 100 == min(lone * 100 // groups, 400)
    rows = {row.tobytes(): number for number, row in enumerate(whole.image)}
    for text, image in enumerate(part.text_to_image):
        assert part.caption[text] == f"of {rows[part.image[image].tobytes()]}"
    assert told[0].values == {"groups": 100, "of": groups, "seed": seed}


def test_a_small_corpus_and_one_without_pairs_are_judged_whole():
    small = corpus(100, lone=50)
    assert judged_part(small, SMALL, 0) == (small, ())
    loose = replace(corpus(150), text_to_image=None)
    assert judged_part(loose, SMALL, 0) == (loose, ())


def test_the_same_seed_draws_the_same_part():
    whole = corpus(300, lone=30)
    first, again, other = (judged_part(whole, SMALL, seed)[0] for seed in (1, 1, 2))
    assert first.fingerprint() == again.fingerprint() != other.fingerprint()


def test_the_verdict_says_what_it_was_judged_on():
    whole = corpus(300)
    decision = judge(whole, Recipe(method="center"), policy=SMALL)
    assert decision.reasons[-1].code == "sampled"
    for comparison in decision.protocols.values():
        assert comparison.after["recall_at_1"].n == 100
    for language, part in (("en", "100 of 300 groups"), ("ja", "300 グループから")):
        assert part in decision.reasons[-1].say(Words(language))
    assert "sampled" not in [
        reason.code for reason in judge(whole, Recipe(method="center")).reasons
    ]


def test_the_sample_estimates_a_collection_of_its_size_without_bias():
    """Its mean over many draws is that of corpora that were small from the start."""

    def recall(part: Corpus) -> float:
        [outcome] = evaluate(Pool(part), [Recipe(method="center")], "unseen_query")
        return float(outcome.ranked.recall_at_1.mean())

    whole = corpus(2_000, seed=3)
    drawn = [recall(judged_part(whole, SMALL, seed)[0]) for seed in range(DRAWS)]
    small = [recall(corpus(100, seed=100 + seed)) for seed in range(DRAWS)]
    error = np.hypot(np.std(drawn), np.std(small)) / np.sqrt(DRAWS)
    assert 0.5 < np.mean(small) < 0.99
    assert abs(np.mean(drawn) - np.mean(small)) < 3.5 * error
