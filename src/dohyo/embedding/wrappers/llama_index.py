"""A corrected encoder as the multimodal embedding of LlamaIndex."""

from pathlib import Path
from typing import Any

from dohyo.embedding.corrected import BATCH, CorrectedEncoder
from dohyo.embedding.pictures import BrokenPicture, decode
from dohyo.errors import CorpusError
from dohyo.extras import require

_NEEDED_BY = "dohyo.embedding.wrappers.llama_index"
_MultiModalEmbedding: Any = require(
    "llama_index.core.embeddings.multi_modal_base", extra="llama-index", needed_by=_NEEDED_BY
).MultiModalEmbedding
_pydantic = require("llama_index.core.bridge.pydantic", extra="llama-index", needed_by=_NEEDED_BY)


class LlamaIndexEmbedding(_MultiModalEmbedding):  # type: ignore[misc]
    """Corrected vectors for LlamaIndex.

    Nodes, texts and pictures alike, are corrected as items, what asks as a query. The index must
    compare by inner product or cosine, which are the same of unit vectors.
    """

    _encoder: CorrectedEncoder = _pydantic.PrivateAttr()

    def __init__(self, encoder: CorrectedEncoder, *, batch_size: int = BATCH, **rest: Any) -> None:
        super().__init__(model_name=encoder.name, embed_batch_size=batch_size, **rest)
        self._encoder = encoder

    @classmethod
    def class_name(cls) -> str:
        """Return the name that LlamaIndex writes into its events."""
        return "DohyoCorrectedEmbedding"

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._encoder.encode_query(query).tolist()  # type: ignore[no-any-return]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self._items(texts)

    def _get_image_embedding(self, img_file_path: Any) -> list[float]:
        return self._get_image_embeddings([img_file_path])[0]

    def _get_image_embeddings(self, img_file_paths: list[Any]) -> list[list[float]]:
        return self._items([_picture(each) for each in img_file_paths])

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    async def _aget_image_embedding(self, img_file_path: Any) -> list[float]:
        return self._get_image_embedding(img_file_path)

    def _items(self, things: list[Any]) -> list[list[float]]:
        rows = self._encoder.encode_document(things, batch_size=self.embed_batch_size)
        return rows.tolist()  # type: ignore[no-any-return]


def _picture(given: Any) -> Any:
    """Return what LlamaIndex calls an image, a file's name or its bytes, as `encode` takes it."""
    if isinstance(given, str):
        return Path(given)
    if not hasattr(given, "read"):
        return given
    try:
        return decode(given.read())
    except BrokenPicture as broken:
        raise CorpusError(f"Bytes of a picture: {broken}.", hint="Save it again.") from broken
