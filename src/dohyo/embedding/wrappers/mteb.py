"""A corrected encoder as a model of MTEB (2.x)."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dohyo.embedding.corrected import BATCH, CorrectedEncoder
from dohyo.errors import UsageError
from dohyo.extras import require
from dohyo.rows import F32


class MtebEncoder:
    """A model for `mteb.evaluate`; fills MTEB's `EncoderProtocol`.

    Queries are corrected as queries, documents as items. Tasks that know neither (clustering,
    classification, similarity of sentences) get the vectors without the columns that correct
    scores, for those mean something between a query and an item alone.

    Attributes
    ----------
    mteb_model_meta : what MTEB writes beside its results; the revision is the fingerprint, so that
        results kept for another map or strength are never taken for this one's
    """

    def __init__(self, encoder: CorrectedEncoder, *, name: str | None = None) -> None:
        """Wrap an encoder.

        Parameters
        ----------
        name : what MTEB calls it, `OWNER/MODEL`; left out, `dohyo/` and the encoder's name

        Raises
        ------
        MissingExtra
            If mteb is not installed.
        """
        self.encoder = encoder
        self.mteb_model_meta = _meta(encoder, name or f"dohyo/{_plain(encoder.name)}")

    def encode(
        self,
        inputs: Iterable[Mapping[str, Any]],
        *,
        task_metadata: Any = None,
        hf_split: str = "",
        hf_subset: str = "",
        prompt_type: Any = None,
        batch_size: int = BATCH,
        **rest: Any,
    ) -> F32:
        """Return one row for each input.

        Parameters
        ----------
        inputs : batches with lists of sentences under `text`, of pictures under `image`, or of
            both; an input that has both gets the mean of its two rows
        prompt_type : MTEB's "query" or "document", None where a task has no such roles

        Raises
        ------
        UsageError
            If a batch holds neither.
        """
        side = None if prompt_type is None else getattr(prompt_type, "value", prompt_type)
        rows = [self._batch(batch, side, batch_size) for batch in inputs]
        return np.concatenate(rows) if rows else np.empty((0, self.encoder.dimension), np.float32)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> NDArray[Any]:
        """Return the inner products of all rows with all, shape (n, m)."""
        scores: NDArray[Any] = self.encoder.similarity(_array(embeddings1), _array(embeddings2))
        return scores

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> NDArray[Any]:
        """Return the inner products of rows of the same number, shape (n,)."""
        pairs = (_array(embeddings1), _array(embeddings2))
        scores: NDArray[Any] = self.encoder.similarity_pairwise(*pairs)
        return scores

    def _batch(self, batch: Mapping[str, Any], side: str | None, size: int) -> F32:
        texts, images = batch.get("text"), batch.get("image")
        given = images if texts is None else texts
        if given is None:
            raise UsageError(
                f"The task gives {', '.join(batch) or 'nothing'}, no text and no image.",
                hint="Choose a task of texts and pictures.",
            )
        count = len(given)
        things, owner = [], []
        for number in range(count):
            text = [] if texts is None else [texts[number]]
            image = [] if images is None or images[number] is None else [images[number]]
            parts = [*image, *(text if any(text) or not image else [])]
            things += parts
            owner += [number] * len(parts)
        rows = self._rows(things, side, size)
        mean = np.zeros((count, rows.shape[1]), np.float32)
        share = np.bincount(owner, minlength=count).astype(np.float32)
        np.add.at(mean, owner, rows / share[owner, None])
        return mean

    def _rows(self, things: list[Any], side: str | None, size: int) -> F32:
        if side is None:
            return self.encoder.encode_alone(things, batch_size=size)
        rows: F32 = self.encoder.encode(things, prompt_name=side, batch_size=size)
        return rows


def _meta(encoder: CorrectedEncoder, name: str) -> Any:
    """Return MTEB's description of a model, as far as dohyo knows it."""
    models = require("mteb.models.model_meta", extra="mteb", needed_by="MtebEncoder")
    unknown = dict.fromkeys(
        (
            *("loader", "release_date", "languages", "n_parameters", "memory_usage_mb"),
            *("max_tokens", "license", "open_weights", "public_training_code"),
            *("public_training_data", "use_instructions", "training_datasets"),
        )
    )
    return models.ModelMeta(
        **unknown,
        name=name,
        revision=encoder.fingerprint,
        embed_dim=encoder.dimension,
        framework=["NumPy"],
        similarity_fn_name="dot",
        modalities=["image", "text"],
        experiment_kwargs={"strength": encoder.strength, "method": encoder.map.method},
    )


def _plain(name: str) -> str:
    """Return a name as a folder's, for MTEB makes one of it."""
    return "".join(letter if letter.isalnum() or letter in "-_.+" else "-" for letter in name)


def _array(rows: Any) -> NDArray[Any]:
    return np.asarray(rows.cpu() if hasattr(rows, "cpu") else rows)
