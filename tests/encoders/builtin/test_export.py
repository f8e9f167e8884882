"""The exported files against torch; skipped where the training extra is not installed."""

import importlib
from pathlib import Path

import numpy as np
import pytest

TRAINING = Path(__file__).parents[3] / "training"

torch = pytest.importorskip("torch", reason="torch is not installed: dohyo[training]")
pytest.importorskip("onnx", reason="onnx is not installed: dohyo[training]")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: dohyo[demo]")
if not TRAINING.is_dir():
    pytest.skip("the training folder is not part of this installation", allow_module_level=True)


@pytest.fixture
def training(monkeypatch):
    monkeypatch.syspath_prepend(str(TRAINING))
    return importlib.import_module


def ragged_ids():
    ids = torch.randint(3, 60, (5, 32), generator=torch.Generator().manual_seed(1))
    for row, words in enumerate((1, 4, 9, 20, 32)):
        ids[row, words:] = 0
    return ids


@pytest.mark.parametrize("kind", ["image", "text"])
def test_onnx_agrees_with_torch_up_to_the_rounding_of_float16(training, kind):
    towers, export = training("towers"), training("export")
    torch.manual_seed(0)
    if kind == "image":
        tower = towers.ImageTower()
        example = torch.randint(0, 256, (5, 64, 64, 3), dtype=torch.uint8)
    else:
        tower, example = towers.TextTower(60, 32), ragged_ids()
    model = export.to_onnx(tower, example[:2], "source")
    session = runtime.InferenceSession(model, providers=["CPUExecutionProvider"])
    (rows,) = session.run(None, {"source": example.numpy()})
    with torch.inference_mode():
        expected = tower.eval()(example).numpy()
    np.testing.assert_allclose(rows, expected, atol=2e-3)


def test_padding_changes_nothing(training):
    torch.manual_seed(0)
    tower = training("towers").TextTower(60, 32).eval()
    ids = ragged_ids()[2:3]
    with torch.inference_mode():
        padded = tower(ids)
        tower.position = torch.nn.Parameter(tower.position[:9])
        np.testing.assert_allclose(padded, tower(ids[:, :9]), atol=1e-5)


def test_the_loss_is_cross_entropy_both_ways_at_clips_temperature(training):
    info_nce = training("train_shapes_world").info_nce
    rng = np.random.default_rng(0)
    image, text = (rows / np.linalg.norm(rows, axis=1, keepdims=True)
                   for rows in rng.normal(size=(2, 6, 8)))  # fmt: skip
    logits = image @ text.T / 0.01
    ways = [
        np.mean([np.logaddexp.reduce(row) - row[i] for i, row in enumerate(way)])
        for way in (logits, logits.T)
    ]
    ours = info_nce(torch.from_numpy(image), torch.from_numpy(text))
    assert float(ours) == pytest.approx(np.mean(ways))


def test_training_data_ignores_the_number_of_processes(training):
    pictures = training("pictures")
    tokenizer = pictures.Tokenizer.from_words(training("dohyo.demo.captions").vocabulary())
    one, two = (
        pictures.draw_training_set(6, 0, tokenizer, processes=processes) for processes in (1, 2)
    )
    np.testing.assert_array_equal(one.pixels, two.pixels)
    np.testing.assert_array_equal(one.ids, two.ids)
    assert one.ids.max() > 3
