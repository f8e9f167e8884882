"""A corrected encoder inside MTEB, LangChain and LlamaIndex."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from tests.embedding.corrected_world import encoder, fitted, world

from dohyo.embedding.corrected import CorrectedEncoder
from dohyo.errors import MissingExtra

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*[Pp]ydantic.*"),
]


def corrected() -> CorrectedEncoder:
    return CorrectedEncoder(encoder(), fitted("center", calibrate=1.0))


def test_langchain_asks_as_a_query_and_stores_as_an_item():
    pytest.importorskip("langchain_core", reason="needs langchain-core")
    from dohyo.embedding.wrappers.langchain import LangChainEmbeddings

    own, wrapped = corrected(), LangChainEmbeddings(corrected())
    texts = list(world().caption[:3])
    np.testing.assert_allclose(
        wrapped.embed_documents(texts), own.encode_document(texts), atol=1e-6
    )
    np.testing.assert_allclose(wrapped.embed_query(texts[0]), own.encode_query(texts[0]), atol=1e-6)
    assert not np.allclose(wrapped.embed_query(texts[0]), wrapped.embed_documents(texts)[0])


def test_llama_index_asks_as_a_query_and_stores_as_an_item():
    pytest.importorskip("llama_index.core", reason="needs llama-index-core")
    from dohyo.embedding.wrappers.llama_index import LlamaIndexEmbedding

    own, wrapped = corrected(), LlamaIndexEmbedding(corrected())
    text = world().caption[0]
    np.testing.assert_allclose(
        wrapped.get_text_embedding(text), own.encode_document(text), atol=1e-6
    )
    np.testing.assert_allclose(wrapped.get_query_embedding(text), own.encode_query(text), atol=1e-6)


def test_mteb_gets_rows_by_role_for_texts_and_pictures():
    pytest.importorskip("mteb", reason="needs mteb")
    from dohyo.embedding.wrappers.mteb import MtebEncoder

    own, wrapped = corrected(), MtebEncoder(corrected())
    texts, pictures = list(world().caption[:4]), list(world().pictures[:4])
    query, document = SimpleNamespace(value="query"), SimpleNamespace(value="document")
    asked = wrapped.encode([{"text": texts[:2]}, {"text": texts[2:]}], prompt_type=query)
    np.testing.assert_allclose(asked, own.encode_query(texts), atol=1e-6)
    found = wrapped.encode([{"image": pictures}], prompt_type=document)
    np.testing.assert_allclose(found, own.encode_document(pictures), atol=1e-6)
    np.testing.assert_allclose(wrapped.similarity(asked, found), asked @ found.T, atol=1e-6)
    assert wrapped.mteb_model_meta.revision == corrected().fingerprint


@pytest.mark.parametrize(
    ("module", "name", "package", "extra"),
    [
        ("langchain", "LangChainEmbeddings", "langchain_core", "langchain"),
        ("llama_index", "LlamaIndexEmbedding", "llama_index", "llama-index"),
        ("mteb", "MtebEncoder", "mteb", "mteb"),
    ],
)
def test_an_absent_library_is_one_line_to_type(monkeypatch, module, name, package, extra):
    from importlib import import_module

    for loaded in [each for each in sys.modules if each.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, package, None)
    full = f"dohyo.embedding.wrappers.{module}"
    monkeypatch.delitem(sys.modules, full, raising=False)
    with pytest.raises(MissingExtra, match=rf'pip install "dohyo\[{extra}\]"'):
        getattr(import_module(full), name)(corrected())
