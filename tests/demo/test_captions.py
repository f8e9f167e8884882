import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dohyo.demo.captions import describe, prompts, vocabulary
from dohyo.demo.scenes import COLOURS, KINDS, series

SIZES = {
    **dict.fromkeys(("big", "large", "huge"), "big"),
    "medium": "medium",
    **dict.fromkeys(("small", "little", "tiny"), "small"),
}
TEXTURES = {
    "plain": "plain",
    **dict.fromkeys(("striped", "stripy"), "striped"),
    **dict.fromkeys(("dotted", "spotted"), "dotted"),
}
PLACE_WORDS = {
    "meadow": ("meadow", "grass"), "sea": ("sea", "waves"), "night": ("night", "dark"),
    "desert": ("desert", "sand"), "snow": ("snow", "snowy"), "sunset": ("sunset", "evening"),
}  # fmt: skip
NOUNS = {**{kind: kind for kind in KINDS}, **{f"{kind}s": kind for kind in KINDS}}
NOUNS |= {"crosses": "cross"}
ADJECTIVES = "|".join([*SIZES, *TEXTURES, *COLOURS])
NOUN_PHRASE = re.compile(rf"\b(an?|two|three|some) ((?:(?:{ADJECTIVES}) )*)({'|'.join(NOUNS)})\b")

scenes = st.integers(0, 2**32 - 1).map(lambda seed: next(iter(series("demo", seed, 1))))
lots = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def says(thing, number, adjectives, noun):
    """Whether a noun phrase, read by itself, is true of a thing."""
    counts = {"a": (1,), "an": (1,), "two": (2,), "three": (3,), "some": (2, 3)}
    return (
        NOUNS[noun] == thing.kind
        and thing.count in counts[number]
        and all(
            word == thing.colour
            or SIZES.get(word) == thing.size
            or TEXTURES.get(word) == thing.texture
            for word in adjectives.split()
        )
    )


@given(scene=scenes, rng=lots)
def test_a_caption_says_only_what_is_true_of_the_things_it_mentions(scene, rng):
    caption = describe(scene, rng)
    phrases = NOUN_PHRASE.findall(caption.text)
    assert len(phrases) == len(caption.mentions) in (1, 2)
    for phrase, mention in zip(phrases, caption.mentions, strict=True):
        assert says(scene.things[mention], *phrase), caption.text
    nouns = [word for word in caption.text.split() if word.strip(",") in NOUNS]
    assert len(nouns) == len(phrases)


@given(scene=scenes, rng=lots)
def test_a_caption_names_no_place_but_its_own(scene, rng):
    words = set(describe(scene, rng).text.replace(",", "").split())
    for place, names in PLACE_WORDS.items():
        assert place == scene.place or not words & set(names)


@given(scene=scenes, rng=lots)
def test_a_relation_agrees_with_the_coordinates(scene, rng):
    caption = describe(scene, rng)
    if len(caption.mentions) == 1:
        return
    one, other = (scene.things[i] for i in caption.mentions)
    between = caption.text[slice(*[m.end() for m in NOUN_PHRASE.finditer(caption.text)])]
    if " left of" in between:
        assert one.x < other.x
    if " right of" in between:
        assert one.x > other.x
    if re.search(r" (above|over) ", between):
        assert one.y < other.y
    if re.search(r" (below|under) ", between):
        assert one.y > other.y


@given(scene=scenes, seed=st.integers(0, 2**32 - 1))
def test_the_same_lots_give_the_same_caption(scene, seed):
    assert describe(scene, np.random.default_rng(seed)) == describe(
        scene, np.random.default_rng(seed)
    )


@given(scene=scenes, rng=lots)
def test_every_word_is_in_the_vocabulary(scene, rng):
    assert set(re.findall(r"\w+", describe(scene, rng).text)) <= set(vocabulary())


def test_the_grammar_uses_its_whole_vocabulary():
    rng = np.random.default_rng(0)
    said = {
        word
        for scene in series("demo", 1, 500)
        for _ in range(4)
        for word in re.findall(r"\w+", describe(scene, rng).text)
    }
    assert said == set(vocabulary())


def test_captions_are_partial_and_paraphrase():
    rng = np.random.default_rng(0)
    told = [(scene, describe(scene, rng)) for scene in series("demo", 2, 400)]
    partial = np.mean([len(c.mentions) < len(scene.things) for scene, c in told])
    assert partial > 0.7
    (scene,) = series("demo", 0, 1)
    assert len({describe(scene, rng).text for _ in range(50)}) > 40


def test_articles_are_right():
    rng = np.random.default_rng(0)
    text = " ".join(describe(scene, rng).text for scene in series("demo", 3, 400))
    assert " an orange " in text
    assert not re.search(r"\ba [aeiou]|\ban [^aeiou]", text)


@pytest.mark.parametrize("kind", KINDS)
def test_prompts_name_the_class_and_no_colour(kind):
    for prompt in prompts(kind):
        assert prompt.split()[-1] == kind
        assert not set(prompt.split()) & set(COLOURS)
        assert set(prompt.split()) <= set(vocabulary())
