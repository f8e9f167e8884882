"""The first screen of a profile: how large, of what kind, and is there anything to align."""

import math
from dataclasses import dataclass
from typing import Literal

from dohyo.decision.policy import Policy
from dohyo.estimate import Estimate
from dohyo.measures.profile import Profile
from dohyo.reports.page import digits
from dohyo.reports.page.tile import Tile
from dohyo.words import Words

Size = Literal["large", "small", "none", "unknown"]
Signal = Literal["yes", "no", "unknown"]
Shown = Literal["yes", "no", "unknown"]

SHARE, SIGNAL, CENTRES = "same_modality_share", "pairing_signal", "centroid_distance"
FRECHET, RELATIVE = "frechet_distance", "relative_modality_gap"
CROWDED = ("uniformity_image", "uniformity_text")
LARGE = 0.5
"""Part of the way from mixed to separate neighbourhoods from which a gap is called large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """One kind of difference: whether it shows, and the figure that says so."""

    name: str
    shown: Shown
    standing: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileAnswer:
    """The first screen.

    Attributes
    ----------
    size : of the gap, as neighbours see it
    signal : whether true pairs find each other
    """

    size: Size
    signal: Signal
    headline: str
    light: str
    summary: str
    tiles: tuple[Tile, ...]
    aspects: tuple[Aspect, ...]
    next: str


def answer(profile: Profile, words: Words) -> ProfileAnswer:
    """Say what a profile comes to."""
    size, signal = size_of(profile), signal_of(profile)
    return ProfileAnswer(
        size=size,
        signal=signal,
        headline=words(f"profile.headline.{size}_{signal}"),
        light=words(f"profile.light.{signal}"),
        summary=_summary(profile, size, signal, words),
        tiles=_tiles(profile, words),
        aspects=_aspects(profile, words),
        next=words(f"profile.next.{signal}"),
    )


def size_of(profile: Profile) -> Size:
    """Return how large the gap is, by how far neighbourhoods are from mixed to separate."""
    share = profile.estimates.get(SHARE)
    if share is None:
        return "unknown"
    base = profile.references[SHARE]
    if share.low <= base + digits.NOISE:
        return "none"
    return "large" if share.value - base >= LARGE * (1 - base) else "small"


def signal_of(profile: Profile) -> Signal:
    """Return whether true pairs find each other more often than chance, as the verdict tests it."""
    signal = profile.estimates.get(SIGNAL)
    if signal is None or signal.p is None:
        return "unknown"
    return "yes" if signal.p <= Policy().signal_p else "no"


def _summary(profile: Profile, size: Size, signal: Signal, words: Words) -> str:
    share, found = profile.estimates.get(SHARE), profile.estimates.get(SIGNAL)
    sentences = []
    if share is not None:
        base = digits.level(profile.references[SHARE], words)
        sentences.append(
            words(f"profile.summary.{size}", share=digits.percent(share, words), base=base)
        )
    else:
        sentences.append(words("profile.summary.unmeasured"))
    if found is None:
        sentences.append(words("profile.summary.unknown"))
    else:
        sentences.append(
            words(
                f"profile.summary.{signal}",
                found=digits.percent(found, words),
                chance=chance_level(profile, words),
            )
        )
    return words("figure.between").join(sentences)


def _tiles(profile: Profile, words: Words) -> tuple[Tile, ...]:
    estimates = profile.estimates
    tiles = []
    if SIGNAL in estimates:
        note = words(
            "tile.signal_note",
            chance=chance_level(profile, words),
            p=digits.chance_of(estimates[SIGNAL].p),
        )
        tiles.append(_percent("signal", estimates[SIGNAL], note, words))
    if CENTRES in estimates:
        tiles.append(_plain("centres", estimates[CENTRES], words))
    if RELATIVE in estimates:
        tiles.append(_plain("relative", estimates[RELATIVE], words))
    if SHARE in estimates:
        base = digits.level(profile.references[SHARE], words)
        note = words("tile.gap_note", base=base)
        tiles.append(_percent("share", estimates[SHARE], note, words))
    return tuple(tiles)


def _plain(name: str, estimate: Estimate, words: Words) -> Tile:
    return Tile(
        label=words(f"profile.tile.{name}"),
        value=digits.figure(estimate),
        interval=words("tile.interval", interval=digits.interval(estimate, words)),
        note=words(f"profile.tile.{name}_note"),
    )


def _percent(name: str, estimate: Estimate, note: str, words: Words) -> Tile:
    ends = words("figure.no_spread")
    if digits.spread(estimate):
        places = digits.decimals(estimate) - 2
        low, high = (digits.number(100 * end, places) for end in (estimate.low, estimate.high))
        ends = words("figure.percent", value=words("figure.interval", low=low, high=high))
    return Tile(
        label=words(f"profile.tile.{name}"),
        value=digits.percent(estimate, words),
        interval=words("tile.interval", interval=ends),
        note=note,
    )


def chance_level(profile: Profile, words: Words) -> str:
    """Return how often pairs dealt at random would find each other."""
    return words("figure.percent", value=f"{100 * profile.references[SIGNAL]:.2g}")


def _aspects(profile: Profile, words: Words) -> tuple[Aspect, ...]:
    found = (
        ("shift", _shift(profile, words)),
        ("spread", _spread(profile, words)),
        ("shape", _shape(profile, words)),
        ("neighbourhood", _neighbourhood(profile, words)),
    )
    return tuple(
        Aspect(
            name=words(f"profile.kind.{name}"),
            shown=shown,
            standing=words(f"profile.shown.{shown}"),
            sentence=sentence,
        )
        for name, (shown, sentence) in found
    )


def _shift(profile: Profile, words: Words) -> tuple[Shown, str]:
    centres = profile.estimates.get(CENTRES)
    if centres is None:
        return "unknown", words("profile.aspect.unknown")
    shown: Shown = "yes" if centres.low > digits.NOISE else "no"
    share = shift_share(profile)
    if share is None:
        return shown, words("profile.aspect.shift_alone", distance=digits.figure(centres))
    return shown, words(
        "profile.aspect.shift",
        distance=digits.figure(centres),
        share=digits.level(share, words),
    )


def shift_share(profile: Profile) -> float | None:
    """Return which part of the Fréchet distance the step between the centres is."""
    centres, whole = profile.estimates.get(CENTRES), profile.estimates.get(FRECHET)
    if centres is None or whole is None:
        return None
    # The plain Fréchet distance is too high with few rows; its interval corrects for that.
    total = (whole.low + whole.high) / 2 if digits.biased(whole) else whole.value
    return min(1.0, centres.value**2 / total) if total > digits.NOISE else None


def _spread(profile: Profile, words: Words) -> tuple[Shown, str]:
    image, text = (profile.estimates.get(name) for name in CROWDED)
    if image is None or text is None:
        return "unknown", words("profile.aspect.unknown")
    error = math.hypot(*((each.high - each.low) / 2 for each in (image, text)))
    if abs(image.value - text.value) <= error + digits.NOISE:
        return "no", words("profile.aspect.spread_no")
    crowded = "image" if image.value > text.value else "text"
    return "yes", words(
        f"profile.aspect.spread_{crowded}",
        image=digits.figure(image),
        text=digits.figure(text),
    )


def _shape(profile: Profile, words: Words) -> tuple[Shown, str]:
    centres, whole = profile.estimates.get(CENTRES), profile.estimates.get(FRECHET)
    share = shift_share(profile)
    if centres is None or whole is None or share is None:
        return "unknown", words("profile.aspect.unknown")
    if whole.low <= centres.high**2:
        return "no", words("profile.aspect.shape_no")
    return "yes", words("profile.aspect.shape", share=digits.level(1 - share, words))


def _neighbourhood(profile: Profile, words: Words) -> tuple[Shown, str]:
    share = profile.estimates.get(SHARE)
    if share is None:
        return "unknown", words("profile.aspect.unknown")
    shown: Shown = "no" if size_of(profile) == "none" else "yes"
    return shown, words(
        "profile.aspect.neighbourhood",
        share=digits.percent(share, words),
        base=digits.level(profile.references[SHARE], words),
    )
