"""Result lists before and after, as cards."""

from dataclasses import dataclass

from dohyo.corpus import Corpus
from dohyo.reports.page.thumbnail import data_uri
from dohyo.verification.examples import Example, Item
from dohyo.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One item as a reader sees it.

    Attributes
    ----------
    kind : "image" or "text"
    name : its number in the corpus
    picture : data URI of its thumbnail, or None
    caption : its text, or that of one of the picture's texts, or None
    relevant : whether it answers the query
    """

    kind: str
    name: str
    picture: str | None
    caption: str | None
    relevant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A query and its two lists."""

    heading: str
    query: Card
    lists: tuple[tuple[str, tuple[Card, ...]], ...]


def searches(
    corpus: Corpus, examples: tuple[Example, ...], method: str, words: Words
) -> tuple[Search, ...]:
    """Lay out every example: the list as it is and as the method makes it."""
    return tuple(
        Search(
            heading=words(
                "searches.heading", number=number, kind=words.name(example.query.modality)
            ),
            query=card(corpus, example.query, words),
            lists=(
                (words("searches.before"), _cards(corpus, example.before, words)),
                (
                    words("searches.after", method=words.name(method)),
                    _cards(corpus, example.after, words),
                ),
            ),
        )
        for number, example in enumerate(examples, start=1)
    )


def _cards(corpus: Corpus, items: tuple[Item, ...], words: Words) -> tuple[Card, ...]:
    return tuple(card(corpus, item, words) for item in items)


def card(corpus: Corpus, item: Item, words: Words) -> Card:
    """Return an item as a reader sees it."""
    is_image = item.modality == "image"
    shown = None
    if is_image and corpus.picture is not None:
        shown = data_uri(corpus.picture[item.row])
    return Card(
        kind=item.modality,
        name=words("searches.item_image" if is_image else "searches.item_text", row=item.row),
        picture=shown,
        caption=_caption(corpus, item),
        relevant=item.relevant,
    )


def _caption(corpus: Corpus, item: Item) -> str | None:
    """Return the words of a text, or the first words given for a picture."""
    if corpus.caption is None:
        return None
    if item.modality == "text":
        return corpus.caption[item.row]
    own = (corpus.groups("text") == item.row).nonzero()[0]
    return corpus.caption[own[0]] if len(own) else None
