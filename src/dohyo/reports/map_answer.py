"""What a map is and does, in sentences."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from dohyo.corpus import MODALITIES
from dohyo.corrections.map import AlignmentMap
from dohyo.corrections.maps.inspection import Inspection
from dohyo.words import Words

UNITS = (("MB", 1e6), ("kB", 1e3))
KIND = ("does", "assumes", "destroys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is known of a map's files, not of the map.

    Attributes
    ----------
    name : of the folder
    bytes : of all its files
    date : of its description, as the file system says
    dohyo_version : that wrote it
    """

    name: str
    bytes: int
    date: datetime
    dohyo_version: str


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences under a heading."""

    heading: str
    sentences: tuple[str, ...]


def headline(fitted: AlignmentMap, words: Words) -> str:
    """Return in one sentence what the map is and what it was fitted on."""
    return words(
        "inspect.headline",
        method=words.name(fitted.method),
        images=int(fitted.figures.get("images", 0)),
        texts=int(fitted.figures.get("texts", 0)),
        dimension=fitted.dimension,
    )


def say(
    fitted: AlignmentMap, inspected: Inspection, written: Written, words: Words
) -> tuple[Said, ...]:
    """Return everything worth saying, heading by heading."""
    said = {
        **{kind: [words(f"inspect.{kind}.{fitted.method}")] for kind in KIND},
        "moves": _moves(inspected, words),
        "options": _options(fitted, words),
        "shape": _shape(fitted, words),
        "files": _files(inspected, written, words),
        "life": _life(fitted, inspected, words),
        "next": _next(fitted, words),
    }
    return tuple(
        Said(words(f"inspect.heading.{key}"), tuple(sentences)) for key, sentences in said.items()
    )


def size(count: int) -> str:
    """Return a number of bytes in the largest unit that leaves a whole part."""
    unit, scale = next((each for each in UNITS if count >= each[1]), ("B", 1.0))
    return f"{count / scale:.1f} {unit}" if scale > 1 else f"{count} {unit}"


def _moves(inspected: Inspection, words: Words) -> list[str]:
    if not inspected.moves:
        return [words("inspect.still")]
    said = [
        words(
            "inspect.moves",
            kind=words(f"inspect.kind.{side}"),
            mean=float(inspected.degrees[side].mean()),
            most=float(np.quantile(inspected.degrees[side], 0.95)),
        )
        for side in MODALITIES
    ]
    said.append(words(f"inspect.origin.{inspected.origin}", rows=len(inspected.degrees["image"])))
    if all(len(each) for each in inspected.scaling.values()):
        said += [
            words(
                "inspect.scaling",
                kind=words(f"inspect.kind.{side}"),
                most=float(each[0]),
                least=float(each[-1]),
            )
            for side, each in inspected.scaling.items()
        ]
    return said


def _options(fitted: AlignmentMap, words: Words) -> list[str]:
    chosen = fitted.options
    said = []
    if chosen.calibrate:
        image, text = fitted.offset
        said.append(words("inspect.calibrated", image=image, text=text))
        said.append(words("inspect.calibrated_example", score=0.25, as_if=0.25 + image))
        if "calibrated_on_images" in fitted.figures:
            said.append(
                words(
                    "inspect.calibrated_on",
                    images=int(fitted.figures["calibrated_on_images"]),
                    texts=int(fitted.figures["calibrated_on_texts"]),
                )
            )
    if chosen.hubs:
        bank = sum(len(fitted.arrays[f"{side}_bank"]) for side in MODALITIES)
        said.append(words("inspect.hubs", share=chosen.hubs, rows=bank))
    return said or [words("inspect.no_options")]


def _shape(fitted: AlignmentMap, words: Words) -> list[str]:
    said = [words("inspect.columns", columns=fitted.dimension, width=fitted.width)]
    if fitted.tells_roles_apart:
        return [*said, words("inspect.more_columns"), words("inspect.roles")]
    return [*said, words("inspect.no_roles")]


def _files(inspected: Inspection, written: Written, words: Words) -> list[str]:
    parts = [
        words(f"inspect.part.{name}", size=size(count))
        for name, count in inspected.sizes.items()
        if count
    ]
    age = (datetime.now(UTC) - written.date).days
    return [
        words("inspect.size", size=size(written.bytes), parts=words("figure.and").join(parts)),
        words(
            "inspect.age",
            date=written.date.date().isoformat(),
            days=age,
            version=written.dohyo_version,
        ),
    ]


def _life(fitted: AlignmentMap, inspected: Inspection, words: Words) -> list[str]:
    said = [words("inspect.grows" if inspected.grows else "inspect.does_not_grow")]
    said.append(words("inspect.no_corpus" if fitted.corpus is None else "inspect.one_corpus"))
    if fitted.encoder is None:
        said.append(words("inspect.no_encoder"))
    else:
        said.append(words("inspect.encoder", encoder=fitted.encoder))
    return said


def _next(fitted: AlignmentMap, words: Words) -> list[str]:
    if fitted.method == "none" and not fitted.tells_roles_apart:
        return [words("inspect.next_none")]
    said = [words("inspect.next_verify"), words("inspect.next_apply")]
    if fitted.tells_roles_apart:
        said.append(words("inspect.next_roles"))
    return said
