"""The data since a change as one corpus."""

from collections.abc import Sequence

import numpy as np

from dohyo.corpus import Corpus
from dohyo.errors import CorpusError
from dohyo.monitor.batch import Batch


def corpus_of(batches: Sequence[Batch], most: int) -> Corpus | None:
    """Return batches as one corpus, with pairs where they are known; None without both kinds.

    Where some batches know their pairs, those alone are taken: pairs are what can be judged.

    Parameters
    ----------
    batches : the earliest first
    most : groups (images, without pairs); of more the newest batches are taken, and of those as
        many images as fit
    """
    whole = [b for b in batches if b.image is not None and b.text is not None]
    paired = [b for b in whole if b.text_to_image is not None]
    chosen, left = [], most
    for batch in reversed(paired or whole):
        assert batch.image is not None
        if left <= 0:
            break
        chosen.append(batch)
        left -= len(batch.image.rows)
    if not chosen:
        return None
    try:
        corpus = _joined(chosen[::-1], paired=bool(paired))
    except CorpusError:  # batches of different encoders, or a row that nobody can use
        return None
    if len(corpus.image) > most and corpus.paired:
        corpus = corpus.subset(np.arange(len(corpus.image) - most, len(corpus.image)))
    return corpus


def groups_of(corpus: Corpus) -> int:
    """Return how many groups there are to ask: pictures with a text, or all without pairs."""
    if corpus.text_to_image is None:
        return min(len(corpus.image), len(corpus.text))
    return len(np.unique(corpus.text_to_image))


def _joined(batches: Sequence[Batch], *, paired: bool) -> Corpus:
    images = [b.image for b in batches if b.image is not None]
    texts = [b.text for b in batches if b.text is not None]
    starts = np.concatenate([[0], np.cumsum([len(each.rows) for each in images])])
    owners = [
        b.text_to_image + start
        for b, start in zip(batches, starts, strict=False)
        if b.text_to_image is not None
    ]
    encoders = {b.encoder for b in batches}
    if len({each.rows.shape[1:] for each in (*images, *texts)}) > 1:
        raise CorpusError("The batches differ in dimension.", hint="Wait for more of one.")
    names = [name for each in images for name in each.label or ()]
    known = sorted(set(names))
    labelled = all(each.label is not None for each in images)
    sources = [name for each in images for name in each.source or ()]
    captions = [name for each in texts for name in each.caption or ()]
    pictures = [each.picture for each in images if each.picture is not None]
    alike = len(pictures) == len(images) and len({each.shape[1:] for each in pictures}) == 1
    return Corpus.from_arrays(
        np.concatenate([np.asarray(each.rows, np.float32) for each in images]),
        np.concatenate([np.asarray(each.rows, np.float32) for each in texts]),
        np.concatenate(owners) if paired else None,
        labels=np.searchsorted(known, names).astype(np.int64) if labelled and paired else None,
        captions=captions if all(each.caption is not None for each in texts) else None,
        class_names=known if labelled and paired else None,
        paired=paired,
        pictures=np.concatenate(pictures) if alike else None,
        encoder=encoders.pop() if len(encoders) == 1 else None,
        sources=sources if all(each.source is not None for each in images) else None,
    )
