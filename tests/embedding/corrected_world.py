"""Drawn pictures and captions, and a map fitted on the vectors of the encoder that ships."""

from functools import lru_cache

from dohyo.corpus import Corpus
from dohyo.corrections.evidence import Evidence
from dohyo.corrections.map import AlignmentMap, fit_map
from dohyo.demo.shapes_world import ShapesWorld, build
from dohyo.encoders.builtin import BuiltinEncoder, load


@lru_cache
def encoder() -> BuiltinEncoder:
    return load(threads=1)


@lru_cache
def world() -> ShapesWorld:
    return build(encoder(), pictures=60, seed=3)


def corpus(told: str | None) -> Corpus:
    drawn = world()
    return Corpus.from_arrays(drawn.image, drawn.text, drawn.text_to_image, encoder=told)


@lru_cache
def fitted(method: str = "center", told: bool = True, **parameters: float) -> AlignmentMap:
    source = corpus(encoder().fingerprint if told else None)
    return fit_map(method, Evidence.of(source), parameters, source=source)
