"""An encoder whose vectors come out corrected, to put in another's place."""

import sys
from dataclasses import dataclass, replace

import numpy as np
import pytest
from tests.embedding.corrected_world import encoder, fitted, world

import dohyo
from dohyo.corrections.map import load_map
from dohyo.embedding.corrected import CorrectedEncoder
from dohyo.encoders.builtin import load
from dohyo.errors import MapError, MissingExtra, UsageError


def corrected(method="center", strength=1.0, role="item", **parameters):
    return CorrectedEncoder(encoder(), fitted(method, **parameters), strength, role)


def mixed():
    """Return pictures and sentences by turns, and where each comes from."""
    return [
        thing
        for pair in zip(world().pictures[:5], world().caption[:5], strict=True)
        for thing in pair
    ]


@dataclass(frozen=True)
class Counting:
    """An encoder by protocol alone that remembers how much it was asked at once."""

    sizes: list[tuple[str, int]]
    name: str = "counting"
    dimension: int = 128
    fingerprint: str = "me"

    def encode_images(self, images):
        self.sizes.append(("image", len(images)))
        return encoder().encode_images(images)

    def encode_texts(self, texts):
        self.sizes.append(("text", len(texts)))
        return encoder().encode_texts(texts)


@pytest.mark.parametrize("role", ["item", "query"])
def test_its_vectors_are_those_of_the_encoder_corrected_by_the_map(role):
    there, rows = fitted(calibrate=1.0), world()
    made = corrected(calibrate=1.0, role=role)
    np.testing.assert_array_equal(
        made.encode_images(rows.pictures[:4]),
        there.apply(encoder().encode_images(rows.pictures[:4]), "image", role),
    )
    np.testing.assert_array_equal(
        made.encode_texts(rows.caption[:4]),
        there.apply(encoder().encode_texts(rows.caption[:4]), "text", role),
    )


@pytest.mark.parametrize("parameters", [{}, {"calibrate": 1.0}, {"hubs": 0.5}])
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_its_dimension_is_the_width_of_its_rows(parameters, strength):
    made = corrected(strength=strength, **parameters)
    for rows in (made.encode(mixed()), made.encode_texts([]), made.encode([])):
        assert rows.shape[1] == made.dimension
    assert made.get_sentence_embedding_dimension() == made.dimension


def test_a_mixed_list_is_corrected_row_by_row_by_its_own_modality():
    made, things = corrected(calibrate=1.0), mixed()
    rows = made.encode(things, batch_size=2)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows[0::2], made.encode_images(things[0::2]), atol=1e-6)
    np.testing.assert_allclose(rows[1::2], made.encode_texts(things[1::2]), atol=1e-6)


def test_a_single_input_comes_back_as_one_vector():
    made = corrected()
    picture, caption = world().pictures[0], world().caption[0]
    np.testing.assert_array_equal(made.encode(caption), made.encode([caption])[0])
    np.testing.assert_array_equal(made.encode(picture), made.encode([picture])[0])
    np.testing.assert_array_equal(made.encode((caption, picture)), made.encode([caption, picture]))


def test_a_path_is_opened_as_a_picture(tmp_path):
    world().pictures[0].save(tmp_path / "絵.png")
    np.testing.assert_array_equal(
        corrected().encode(tmp_path / "絵.png"), corrected().encode(world().pictures[0])
    )


def test_the_encoder_is_asked_in_batches_of_one_modality():
    sizes: list[tuple[str, int]] = []
    made = CorrectedEncoder(Counting(sizes), fitted(), force=True)
    made.encode(mixed(), batch_size=2)
    assert sizes == [(kind, n) for kind in ("image", "text") for n in (2, 2, 1)]


def test_queries_and_documents_have_their_roles():
    made, texts = corrected(calibrate=1.0), list(world().caption[:3])
    query, item = made.as_role("query").encode(texts), made.encode(texts)
    assert not np.allclose(query, item)
    for same in (
        made.encode_query(texts),
        made.encode(texts, role="query"),
        made.encode(texts, prompt_name="query"),
    ):
        np.testing.assert_array_equal(same, query)
    for same in (
        made.as_role("query").encode_document(texts),
        made.as_role("query").encode(texts, prompt_name="passage"),
        made.as_role("query").encode(texts, prompt_name="document"),
    ):
        np.testing.assert_array_equal(same, item)


def test_a_pair_scores_as_by_the_map_and_the_list_is_mixed():
    made, drawn = corrected(calibrate=1.0), world()
    items = made.encode([*drawn.pictures, *drawn.caption])
    asked = made.encode_query(list(drawn.caption))
    scores = made.similarity(asked, items)
    assert scores.shape == (len(asked), len(items))
    np.testing.assert_allclose(
        made.similarity_pairwise(asked, items[60:]), np.diagonal(scores[:, 60:]), atol=1e-6
    )

    def pictures_in_ten(scores):
        return (np.argsort(-scores, axis=1)[:, :10] < 60).mean()

    raw = encoder().encode_texts(drawn.caption) @ np.vstack([drawn.image, drawn.text]).T
    assert pictures_in_ten(raw) < 0.05 < 0.2 < pictures_in_ten(scores)


def test_rows_without_columns_for_scores_are_what_the_map_moves():
    made, things = corrected(calibrate=1.0, strength=0.5), mixed()
    rows = made.encode_alone(things)
    wanted = fitted(calibrate=1.0).moved(encoder().encode_texts(things[1::2]), "text", 0.5)
    np.testing.assert_allclose(rows[1::2], wanted, atol=1e-6)
    np.testing.assert_allclose(corrected().encode_alone(things), corrected().encode(things))


def test_tensors_come_back_where_they_are_asked_for():
    torch = pytest.importorskip("torch")
    made, texts = corrected(), list(world().caption[:3])
    whole = made.encode(texts, convert_to_tensor=True)
    assert isinstance(whole, torch.Tensor)
    np.testing.assert_array_equal(whole.numpy(), made.encode(texts))
    several = made.encode(texts, convert_to_numpy=False)
    assert [type(each) for each in several] == [torch.Tensor] * 3
    assert made.encode(texts[0], convert_to_tensor=True).shape == (128,)
    assert made.similarity(whole, whole).shape == (3, 3)


def test_without_torch_a_tensor_is_answered_with_the_line_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match=r'pip install "dohyo\[torch\]"$'):
        corrected().encode("a red circle", convert_to_tensor=True)


def test_at_strength_0_it_is_the_encoder_itself_but_for_the_length_if_asked():
    made = CorrectedEncoder(Long(), fitted(calibrate=1.0), 0.0, force=True)
    texts = list(world().caption[:2])
    np.testing.assert_array_equal(made.encode(texts), Long().encode_texts(texts))
    unit = made.encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)


@dataclass(frozen=True)
class Long(Counting):
    sizes: list[tuple[str, int]] = None

    def encode_texts(self, texts):
        return 3 * encoder().encode_texts(texts)


def test_the_fingerprint_changes_with_whatever_changes_the_vectors(tmp_path):
    fitted(calibrate=1.0).save(tmp_path / "map")
    made = corrected(calibrate=1.0)
    again = CorrectedEncoder(load(threads=1), load_map(tmp_path / "map"))
    assert again.fingerprint == made.fingerprint
    others = [
        corrected(calibrate=1.0, strength=0.5),
        corrected(calibrate=1.0, role="query"),
        corrected(),
        corrected("whiten", calibrate=1.0),
        CorrectedEncoder(load("shapes-world-untrained"), fitted(calibrate=1.0), force=True),
    ]
    assert len({each.fingerprint for each in [made, *others]}) == 6


def test_it_is_public_and_shows_no_arrays():
    assert dohyo.CorrectedEncoder is CorrectedEncoder
    assert corrected().name == "shapes-world+center"
    assert "array(" not in repr(replace(corrected(), role="query"))


def test_an_encoder_that_is_another_or_unknown_to_the_map_needs_force():
    other = load("shapes-world-untrained")
    with pytest.raises(MapError, match=rf"fitted on vectors of .*{other.fingerprint}.*force=True"):
        CorrectedEncoder(other, fitted())
    with pytest.raises(MapError, match=r"does not say which encoder.*force=True"):
        CorrectedEncoder(encoder(), fitted(told=False))
    assert CorrectedEncoder(other, fitted(), force=True).encode("a red circle").shape == (128,)
    assert CorrectedEncoder(encoder(), fitted(told=False), force=True).dimension == 128


def test_an_encoder_of_another_dimension_is_refused_even_with_force():
    with pytest.raises(MapError, match="takes 128 columns, counting makes 32"):
        CorrectedEncoder(Counting([], dimension=32), fitted(), force=True)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"strength": 1.5}, "Strength 1.5"),
        ({"role": "asker"}, "no role 'asker'"),
    ],
)
def test_a_setting_out_of_range_is_refused_at_once(given, match):
    with pytest.raises(UsageError, match=match):
        CorrectedEncoder(encoder(), fitted(), **given)


@pytest.mark.parametrize(
    ("inputs", "options", "match"),
    [
        (["a", 3], {}, "Input 1 is neither a sentence nor a picture but int"),
        (None, {}, "Input 0 .* NoneType"),
        ({"text": "a"}, {}, "Input 0 .* dict"),
        (b"bytes", {}, "Input 0 .* int"),
        ("a", {"prompt_name": "asker"}, "no prompt 'asker'. Say query"),
        ("a", {"role": "asker"}, "no role 'asker'"),
        ("a", {"batch_size": 0}, "A batch of 0"),
    ],
)
def test_what_cannot_be_encoded_is_named(inputs, options, match):
    with pytest.raises(UsageError, match=match):
        corrected().encode(inputs, **options)
