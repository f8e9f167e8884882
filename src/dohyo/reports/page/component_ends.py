"""Which items stand at the ends of a component, as cards."""

from collections.abc import Sequence
from dataclasses import dataclass

from dohyo.corpus import Corpus
from dohyo.measures.components import Component
from dohyo.measures.portrait import Portrait
from dohyo.reports.page.searches import Card, card
from dohyo.reports.profile_series import component_name
from dohyo.verification.examples import Item
from dohyo.words import Words

MOST = 4
"""Components whose ends are shown, the gap's own among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """A component and the items furthest out on it.

    Attributes
    ----------
    lists : name of an end and its cards, low first
    """

    heading: str
    kind: str
    lists: tuple[tuple[str, tuple[Card, ...]], ...]


def component_ends(portrait: Portrait, corpus: Corpus, words: Words) -> tuple[Ends, ...]:
    """Lay out the ends of the gap's direction and of the widest of the others.

    Bias first, since those are what a correction would take out.
    """
    components = portrait.components or ()
    chosen = sorted(components, key=lambda each: each.kind != "bias")[:MOST]
    return tuple(_ends(each, portrait, corpus, words) for each in chosen)


def _ends(each: Component, portrait: Portrait, corpus: Corpus, words: Words) -> Ends:
    low = _cards(each.low_images, each.low_texts, portrait, corpus, words)
    high = _cards(each.high_images, each.high_texts, portrait, corpus, words)
    return Ends(
        heading=words(
            "profile.ends_heading",
            component=component_name(each, words),
            kind=words(f"profile.component.{each.kind}"),
        ),
        kind=each.kind,
        lists=((words("profile.end_low"), low), (words("profile.end_high"), high)),
    )


def _cards(
    images: Sequence[int], texts: Sequence[int], portrait: Portrait, corpus: Corpus, words: Words
) -> tuple[Card, ...]:
    items = [Item(modality="image", row=int(portrait.image_row[row])) for row in images]
    items += [Item(modality="text", row=int(portrait.text_row[row])) for row in texts]
    return tuple(card(corpus, item, words) for item in items)
