"""Sentences about a scene: a grammar with paraphrase that, like people, leaves most things out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from dohyo.demo.scenes import (
    COLOURS,
    KINDS,
    Relation,
    Scene,
    Size,
    Texture,
    Thing,
    relations,
)

T = TypeVar("T")

_SIZE_WORDS: Final[dict[Size, tuple[str, ...]]] = {
    "big": ("big", "large", "huge"),
    "medium": ("medium",),
    "small": ("small", "little", "tiny"),
}
_TEXTURE_WORDS: Final[dict[Texture, tuple[str, ...]]] = {
    "plain": ("plain",),
    "striped": ("striped", "stripy"),
    "dotted": ("dotted", "spotted"),
}
_NUMBERS: Final = {2: "two", 3: "three"}
_PLURALS: Final = {"cross": "crosses"}
_PLACE_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "meadow": ("on a meadow", "on the grass"),
    "sea": ("at the sea", "by the waves"),
    "night": ("at night", "in the dark"),
    "desert": ("in the desert", "on the sand"),
    "snow": ("in the snow", "on a snowy day"),
    "sunset": ("at sunset", "in the evening"),
}
_RELATION_WORDS: Final[dict[Relation, tuple[str, ...]]] = {
    "left": ("to the left of", "left of"),
    "right": ("to the right of", "right of"),
    "above": ("above", "over"),
    "below": ("below", "under"),
}
_OPENINGS: Final = (
    "", "", "", "a picture of ", "a photo of ", "a drawing of ",
    "this shows ", "we see ", "look at ",
)  # fmt: skip
_JOINTS: Final = ("and", "with", "next to", "together with")
_PROMPTS: Final = ("a {}", "a picture of a {}", "a photo of a {}", "a drawing of a {}")

# How often people bother; the plain and the medium go without saying most of the time.
_SAYS_SIZE: Final[dict[Size, float]] = {"big": 0.5, "medium": 0.1, "small": 0.5}
_SAYS_TEXTURE: Final[dict[Texture, float]] = {"plain": 0.1, "striped": 0.7, "dotted": 0.7}
_SAYS_COLOUR: Final = 0.85
_SAYS_COUNT: Final = 0.8  # else "some"
_SAYS_PLACE: Final = 0.4
_SAYS_WHERE: Final = 0.6  # of captions with two things
_MENTIONS_TWO: Final = 0.55
_MAIN_WEIGHT: Final = 2.0  # the big thing catches the eye more often than any other


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """A sentence and the things of its scene that it mentions, by index, in order."""

    text: str
    mentions: tuple[int, ...]


def describe(scene: Scene, rng: np.random.Generator) -> Caption:
    """Return one caption of one or two of the scene's things; lots come from `rng`."""
    weight = np.array([_MAIN_WEIGHT] + [1.0] * (len(scene.things) - 1))
    number = 2 if rng.random() < _MENTIONS_TWO else 1
    chosen = rng.choice(len(weight), size=number, replace=False, p=weight / weight.sum())
    mentions = tuple(int(i) for i in chosen)
    phrases = [_noun_phrase(scene.things[i], rng) for i in mentions]
    core = phrases[0]
    if number == 2:
        link = _link(scene.things[mentions[0]], scene.things[mentions[1]], rng)
        core = f"{phrases[0]} {link} {phrases[1]}"
    text = _pick(_OPENINGS, rng) + core
    if rng.random() < _SAYS_PLACE:
        place = _pick(_PLACE_WORDS[scene.place], rng)
        text = f"{text} {place}" if rng.random() < 0.7 else f"{place}, {text}"
    return Caption(text=text, mentions=mentions)


def prompts(kind: str) -> tuple[str, ...]:
    """Return the sentences whose mean vector stands for a class in zero-shot recognition."""
    return tuple(prompt.format(kind) for prompt in _PROMPTS)


def vocabulary() -> tuple[str, ...]:
    """Return every word that the grammar can say, sorted."""
    tables: tuple[Iterable[str], ...] = (
        COLOURS,
        KINDS,
        (_plural(kind) for kind in KINDS),
        _NUMBERS.values(),
        ("a", "an", "some"),
        _OPENINGS,
        _JOINTS,
        *_SIZE_WORDS.values(),
        *_TEXTURE_WORDS.values(),
        *_PLACE_WORDS.values(),
        *_RELATION_WORDS.values(),
    )
    return tuple(sorted({word for table in tables for phrase in table for word in phrase.split()}))


def _noun_phrase(thing: Thing, rng: np.random.Generator) -> str:
    words = []
    if rng.random() < _SAYS_SIZE[thing.size]:
        words.append(_pick(_SIZE_WORDS[thing.size], rng))
    if rng.random() < _SAYS_TEXTURE[thing.texture]:
        words.append(_pick(_TEXTURE_WORDS[thing.texture], rng))
    if rng.random() < _SAYS_COLOUR:
        words.append(thing.colour)
    words.append(thing.kind if thing.count == 1 else _plural(thing.kind))
    if thing.count > 1:
        return " ".join([_NUMBERS[thing.count] if rng.random() < _SAYS_COUNT else "some", *words])
    return " ".join(["an" if words[0][0] in "aeiou" else "a", *words])


def _link(one: Thing, other: Thing, rng: np.random.Generator) -> str:
    holds = relations(one, other)
    if holds and rng.random() < _SAYS_WHERE:
        return _pick(_RELATION_WORDS[_pick(holds, rng)], rng)
    return _pick(_JOINTS, rng)


def _plural(kind: str) -> str:
    return _PLURALS.get(kind, f"{kind}s")


def _pick(options: tuple[T, ...], rng: np.random.Generator) -> T:
    return options[rng.integers(len(options))]
