"""An explanation in sentences."""

from dohyo.monitor.explain.explanation import Component, Explanation, Figure, Moved, Share
from dohyo.words import Words

CARRIES = 0.6
"""Share of the evidence in what is watched of one modality alone, at which it is said to carry an
alarm; what compares the two, such as the size of the gap, tells of neither."""


def say(found: Explanation, words: Words) -> tuple[str, ...]:
    """Return what an explanation says, the most important first; names are strangers' words."""
    told = [words(f"explain.kind.{found.kind}", batches=found.batches)]
    told += _carrier(found, words)
    told += [_moved(each, words) for each in found.moved]
    told += [_component(each, words) for each in found.components]
    told += [_share(each, words) for each in found.shares]
    if found.compared and not found.shares:
        told.append(words("explain.no_share", compared=found.compared))
    told += [_figure(each, words) for each in found.figures]
    return (*told, *(words(f"explain.note.{code}") for code in found.notes))


def _carrier(found: Explanation, words: Words) -> list[str]:
    shares = {each.modality: each.share for each in found.moved if each.share is not None}
    if not shares:
        return []
    first = max(shares, key=lambda side: shares[side])
    share, of_one = shares[first], sum(shares.values())
    if of_one and share >= CARRIES * of_one:
        side = words(f"explain.side.{first}")
        other = 100 * (of_one - share)
        return [words("explain.carried", side=side, share=100 * share, other=other)]
    image, text = (100 * shares.get(side, 0.0) for side in ("image", "text"))
    return [words("explain.carried_by_both", image=image, text=text)]


def _moved(each: Moved, words: Words) -> str:
    return words(
        "explain.moved",
        side=words(f"explain.side.{each.modality}"),
        distance=each.distance,
        z=each.distance_z,
        before=each.spread_before,
        after=each.spread_after,
        spread_z=each.spread_z,
    )


def _component(each: Component, words: Words) -> str:
    return words(
        "explain.component",
        side=words(f"explain.side.{each.modality}"),
        component=words(f"explain.component_name.{each.name}"),
        by=each.by,
        z=each.by_z,
        width=each.width,
        width_z=each.width_z,
    )


def _share(each: Share, words: Words) -> str:
    return words(
        f"explain.share.{each.standing}",
        kind=words(f"explain.share_kind.{each.kind}"),
        name=each.name,
        before=100 * each.before,
        after=100 * each.after,
        low=100 * each.low,
        high=100 * each.high,
    )


def _figure(each: Figure, words: Words) -> str:
    return words(
        "explain.figure_corrected" if each.corrected else "explain.figure_raw",
        figure=words(f"explain.figure.{each.name}"),
        before=each.before.value,
        after=each.after.value,
        change=each.change.value,
        low=each.change.low,
        high=each.change.high,
        pairs=each.change.n,
    )
