"""Trained towers to the ONNX files that ship with the package."""

import io
import warnings
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from dohyo.encoders.builtin.encoder import IMAGE_FILE, TEXT_FILE

_OPSET: Final = 17
_WORTH_HALVING: Final = 256  # numbers; below that a cast costs more than it saves


def write_encoder(
    folder: Path, image: nn.Module, text: nn.Module, pixels: Tensor, ids: Tensor
) -> None:
    """Write both towers into `folder`; `pixels` and `ids` are example batches."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / IMAGE_FILE).write_bytes(to_onnx(image, pixels, "pixels"))
    (folder / TEXT_FILE).write_bytes(to_onnx(text, ids, "ids"))


def to_onnx(tower: nn.Module, example: Tensor, source: str) -> bytes:
    """Return the tower as an ONNX file with any batch size and its weights in float16."""
    buffer = io.BytesIO()
    was_training = tower.training
    tower.eval()
    with warnings.catch_warnings():
        # The exporter that torch prefers needs onnxscript; this one does all that is needed.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            tower,
            (example,),
            buffer,
            dynamo=False,
            opset_version=_OPSET,
            input_names=[source],
            output_names=["vectors"],
            dynamic_axes={source: {0: "n"}, "vectors": {0: "n"}},
        )
    tower.train(was_training)
    model = onnx.load_from_string(buffer.getvalue())
    _halve(model.graph)
    model.producer_version = ""
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _halve(graph: onnx.GraphProto) -> None:
    """Store large weights as float16 and cast them back; onnxruntime does so once, on loading."""
    casts = []
    for weight in graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < _WORTH_HALVING:
            continue
        name, stored = weight.name, f"{weight.name}.half"
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), stored))
        casts.append(helper.make_node("Cast", [stored], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
