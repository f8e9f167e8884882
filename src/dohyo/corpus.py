"""The one data type that flows through every room."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dohyo import validation
from dohyo.errors import CorpusError
from dohyo.rows import F32, I64, read_blocks, take, unit_rows

Modality = Literal["image", "text"]
Role = Literal["item", "query"]

MODALITIES: tuple[Modality, Modality] = ("image", "text")
MODALITY_WORDS: dict[str, Modality] = {
    **dict.fromkeys(("image", "images", "img", "picture", "photo"), "image"),
    **dict.fromkeys(("text", "texts", "txt", "caption", "sentence"), "text"),
}
"""What a column or a payload may say of an item's modality, in capitals or not."""
FLOAT_KINDS = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))
ROWS_PER_BLOCK = 16_384
SCATTERED_ROWS = 256
# By whether rows are float64: shorter ones (and longer than its inverse) are scaled first.
SAFE_NORM = {False: 1e-15, True: 1e-30}


@dataclass(frozen=True, eq=False, kw_only=True)
class Corpus:
    """Items of two modalities, each with an embedding, and what is known of them.

    Build it with `from_arrays`, which checks everything; every other part of dohyo may then
    rely on it.

    Attributes
    ----------
    image : (n, d) float16, float32 or float64, raw as given, possibly a memory map
    text : (m, d), likewise
    text_to_image : (m,) int64, the row of `image` that each text belongs to; None if unpaired.
        An image and its texts form a *group*.
    label : (n,) int64 class of each image, or None
    caption : m strings, or None
    class_text : (k, d) embeddings of the class prompts, or None
    class_name : k strings, or None
    picture : (n, h, w, 3) uint8 thumbnails, or None
    encoder : fingerprint of the encoder that made the vectors, or None if unknown
    source : where each image comes from (a shop, a camera, a crawl), n strings, or None
    image_id, text_id : the names by which judgements speak of the rows, all different, n and m
        strings; None if they have none, see `ids`
    """

    image: NDArray[Any]
    text: NDArray[Any]
    text_to_image: I64 | None = None
    label: I64 | None = None
    caption: tuple[str, ...] | None = None
    class_text: NDArray[Any] | None = None
    class_name: tuple[str, ...] | None = None
    picture: NDArray[np.uint8] | None = None
    encoder: str | None = None
    source: tuple[str, ...] | None = None
    image_id: tuple[str, ...] | None = None
    text_id: tuple[str, ...] | None = None

    @classmethod
    def from_arrays(
        cls,
        images: ArrayLike,
        texts: ArrayLike | None,
        text_to_image: ArrayLike | None = None,
        labels: ArrayLike | None = None,
        captions: Sequence[str] | None = None,
        class_texts: ArrayLike | None = None,
        class_names: Sequence[str] | None = None,
        paired: bool | None = None,
        *,
        pictures: ArrayLike | None = None,
        encoder: str | None = None,
        sources: Sequence[str] | None = None,
        image_ids: Sequence[str] | None = None,
        text_ids: Sequence[str] | None = None,
    ) -> Self:
        """Check the arrays and make a corpus of them, without copying the vectors.

        Parameters
        ----------
        images : (n, d) of float16, float32 or float64
        texts : (m, d), same d; None takes those of the classes, of no image in particular
        text_to_image : (m,) integers in [0, n); leave out for row by row pairs
        labels : (n,) integers
        captions : m strings
        class_texts, class_names : k prompts' embeddings (k, d) and their k names
        paired : None takes row by row pairs when the counts are equal and is an error when they
            differ; False says that no pairs are known, whatever else is given; True insists
        pictures : (n, h, w, 3) uint8 thumbnails
        encoder : fingerprint of the encoder
        sources : n strings, where each image comes from
        image_ids, text_ids : n and m strings, no two alike

        Raises
        ------
        CorpusError
            Naming the array, the row and the remedy: not a float matrix, no rows, NaN or
            infinity, a zero row, differing dimensions or counts, an index out of range, an id
            that occurs twice.
        """
        image = validation.vectors(images, "image")
        if texts is None:
            texts = validation.class_side(class_texts, text_to_image, paired)
            paired = False
        text = validation.vectors(texts, "text")
        validation.same_dimension(image, text, "text")
        class_text = None if class_texts is None else validation.vectors(class_texts, "class_text")
        if class_text is not None:
            validation.same_dimension(image, class_text, "class_text")
        names = None if class_names is None else tuple(map(str, class_names))
        if class_text is not None and names is not None:
            validation.same_count(len(names), len(class_text), "class_name", "class_text")
        label = None if labels is None else validation.indices(labels, "label", len(image), "image")
        if label is not None and names is not None and len(label) and label.max() >= len(names):
            raise CorpusError(
                f"label goes up to {label.max()}, but there are {len(names)} class names.",
                hint="Labels count from 0; give one name for each class.",
            )
        caption = None if captions is None else tuple(map(str, captions))
        if caption is not None:
            validation.same_count(len(caption), len(text), "caption", "text")
        source = None if sources is None else tuple(map(str, sources))
        if source is not None:
            validation.same_count(len(source), len(image), "source", "image")
        image_id, text_id = validation.ids(image_ids, len(image), text_ids, len(text))
        return cls(
            image=image,
            text=text,
            text_to_image=validation.pairs(text_to_image, len(image), len(text), paired),
            label=label,
            caption=caption,
            class_text=class_text,
            class_name=names,
            picture=None if pictures is None else validation.pictures(pictures, len(image)),
            encoder=encoder,
            source=source,
            image_id=image_id,
            text_id=text_id,
        )

    @property
    def dim(self) -> int:
        """Number of columns of every vector."""
        return int(self.image.shape[1])

    @property
    def paired(self) -> bool:
        """Whether it is known which text belongs to which image."""
        return self.text_to_image is not None

    def groups(self, modality: Modality) -> I64:
        """Return the group of each row: an image is its own group, a text joins its image's.

        Raises
        ------
        CorpusError
            If the corpus is unpaired and the texts are asked for.
        """
        if modality == "image":
            return np.arange(len(self.image), dtype=np.int64)
        if self.text_to_image is None:
            raise CorpusError(
                "This corpus has no pairs.",
                hint="Give text_to_image, one row of image for each text.",
            )
        return self.text_to_image

    def classes(self, modality: Modality) -> I64 | None:
        """Return the class of each row, a text has that of its image; None where unknown."""
        if self.label is None or modality == "image":
            return self.label
        return None if self.text_to_image is None else self.label[self.text_to_image]

    def ids(self, modality: Modality) -> tuple[str, ...]:
        """Return the name of each row: as given, or `image/0`, `text/0` and so on."""
        given = self.image_id if modality == "image" else self.text_id
        if given is not None:
            return given
        rows = self.image if modality == "image" else self.text
        return tuple(f"{modality}/{row}" for row in range(len(rows)))

    def unit(self, modality: Modality, rows: NDArray[Any] | slice | None = None) -> F32:
        """Return rows of one modality as float32 unit vectors, (n, d); a fresh array."""
        raw = self.image if modality == "image" else self.text
        return unit_rows(raw if rows is None else take(raw, rows))

    def folds(self, k: int = 4, seed: int = 0) -> tuple[I64, ...]:
        """Split the groups (rows of image) into k folds.

        `default_rng(seed).permutation(n)`, fold i takes every k-th from i: design, section 6.

        Raises
        ------
        CorpusError
            If there are fewer groups than folds.
        """
        if len(self.image) < k:
            raise CorpusError(
                f"{len(self.image)} images cannot be split into {k} folds.",
                hint=f"Held-out figures need at least {k} groups.",
            )
        order = np.random.default_rng(seed).permutation(len(self.image))
        return tuple(np.sort(order[i::k]).astype(np.int64) for i in range(k))

    def subset(self, images: I64) -> "Corpus":
        """Return the corpus of these images and their texts, renumbered; needs pairs."""
        place = np.full(len(self.image), -1, dtype=np.int64)
        place[images] = np.arange(len(images))
        of_text = place[self.groups("text")]
        texts = np.flatnonzero(of_text >= 0)
        return Corpus(
            image=take(self.image, images),
            text=take(self.text, texts),
            text_to_image=of_text[texts],
            label=None if self.label is None else self.label[images],
            caption=_chosen(self.caption, texts),
            class_text=self.class_text,
            class_name=self.class_name,
            picture=None if self.picture is None else self.picture[images],
            encoder=self.encoder,
            source=_chosen(self.source, images),
            image_id=_chosen(self.image_id, images),
            text_id=_chosen(self.text_id, texts),
        )

    def fingerprint(self) -> str:
        """Return a hash of the vectors and pairs, to tell whether two corpora are the same."""
        digest = hashlib.sha256()
        for array in (self.image, self.text, self.text_to_image):
            if array is None:
                continue
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            for _, rows in read_blocks(array):
                digest.update(np.ascontiguousarray(rows).data)
        return digest.hexdigest()


def _chosen(strings: tuple[str, ...] | None, rows: I64) -> tuple[str, ...] | None:
    return None if strings is None else tuple(strings[row] for row in rows)
