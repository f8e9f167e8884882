"""A corrected encoder as the embeddings of LangChain."""

from pathlib import Path
from typing import Any

from dohyo.embedding.corrected import BATCH, CorrectedEncoder
from dohyo.extras import require

_Embeddings: Any = require(
    "langchain_core.embeddings", extra="langchain", needed_by="dohyo.embedding.wrappers.langchain"
).Embeddings


class LangChainEmbeddings(_Embeddings):  # type: ignore[misc]
    """Corrected vectors for LangChain's vector stores and retrievers.

    What goes into a store is corrected as an item, what asks as a query. The store must compare
    by inner product or cosine, which are the same of unit vectors.
    """

    def __init__(self, encoder: CorrectedEncoder, *, batch_size: int = BATCH) -> None:
        self.encoder, self.batch_size = encoder, batch_size

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector for each text, as items."""
        rows = self.encoder.encode_document(texts, batch_size=self.batch_size)
        return rows.tolist()  # type: ignore[no-any-return]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a text that asks."""
        return self.encoder.encode_query(text).tolist()  # type: ignore[no-any-return]

    def embed_images(self, uris: list[str]) -> list[list[float]]:
        """Return one vector for each picture, named by its file, as items.

        LangChain's multimodal stores (`add_images`) look for a method of this name.
        """
        rows = self.encoder.encode_document(list(map(Path, uris)), batch_size=self.batch_size)
        return rows.tolist()  # type: ignore[no-any-return]

    def embed_image_query(self, uri: str) -> list[float]:
        """Return the vector of a picture that asks."""
        return self.encoder.encode_query(Path(uri)).tolist()  # type: ignore[no-any-return]
