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


def scores_of_a_task(wrapped, *, pictures: bool) -> tuple[float, float]:
    """Run a retrieval task of MTEB on drawn things; return its nDCG@10 and dohyo's own."""
    mteb, datasets = pytest.importorskip("mteb"), pytest.importorskip("datasets")
    from mteb.abstasks import AbsTaskRetrieval

    texts, drawn = list(world().caption[:40]), list(world().pictures[:40])
    owner = np.asarray(world().text_to_image)[:40]
    wanted = {int(picture): [] for picture in owner if picture < 40}
    for text, picture in enumerate(owner):
        if picture < 40:
            wanted[int(picture)].append(text)

    class Drawn(AbsTaskRetrieval):
        metadata = mteb.TaskMetadata(
            name="DrawnPictures" if pictures else "DrawnTexts",
            description="Drawn pictures and their captions.",
            dataset={"path": "none/none", "revision": "1"},
            type="Any2AnyRetrieval" if pictures else "Retrieval",
            category="i2t" if pictures else "t2t",
            modalities=["image", "text"] if pictures else ["text"],
            eval_langs=["eng-Latn"],
            main_score="ndcg_at_10",
        )

        def load_data(self, **rest):
            ids = {number: str(number) for number in range(40)}
            asked = {"image": [drawn[n] for n in wanted]}
            if not pictures:
                asked = {"text": [texts[found[0]] for found in wanted.values()]}
            self.dataset = {
                "default": {
                    "test": {
                        "corpus": datasets.Dataset.from_dict(
                            {"id": list(ids.values()), "text": texts}
                        ),
                        "queries": datasets.Dataset.from_dict(
                            {"id": [f"q{n}" for n in wanted], **asked},
                            features=datasets.Features(
                                {
                                    "id": datasets.Value("string"),
                                    **(
                                        {"image": datasets.Image()}
                                        if pictures
                                        else {"text": datasets.Value("string")}
                                    ),
                                }
                            ),
                        ),
                        "relevant_docs": {
                            f"q{n}": {ids[text]: 1 for text in found} for n, found in wanted.items()
                        },
                        "top_ranked": None,
                    }
                }
            }
            self.data_loaded = True

    result = mteb.evaluate(wrapped, Drawn(), cache=None, co2_tracker=False, show_progress_bar=False)
    own = corrected()
    queries = [drawn[n] if pictures else texts[found[0]] for n, found in wanted.items()]
    scores = own.similarity(own.encode_query(queries), own.encode_document(texts))
    discount = 1 / np.log2(np.arange(2, 12))
    gains = []
    for row, found in zip(scores, wanted.values(), strict=True):
        hits = np.isin(np.argsort(-row, kind="stable")[:10], found)
        gains.append(hits @ discount / discount[: len(found)].sum())
    return result.task_results[0].get_score(), float(np.mean(gains))


@pytest.mark.parametrize("pictures", [False, True])
def test_a_whole_task_of_mteb_scores_what_dohyo_computes_itself(pictures):
    pytest.importorskip("mteb", reason="needs mteb")
    from dohyo.embedding.wrappers.mteb import MtebEncoder

    theirs, ours = scores_of_a_task(MtebEncoder(corrected()), pictures=pictures)
    assert theirs == pytest.approx(ours, abs=2e-5)  # MTEB rounds to five digits
    assert 0.05 < ours < 0.999 or not pictures


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
