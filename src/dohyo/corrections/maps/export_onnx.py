"""A linear map as an ONNX graph, for any runtime."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dohyo.corrections.maps.linear import Linear
from dohyo.extras import require

OPSET = 18
FORMAT = 10  # of the file; runtimes of 2024 read it
INPUT, OUTPUT = "x", "y"


def onnx_bytes(formula: Linear, dimension: int, about: Mapping[str, str]) -> bytes:
    """Return the graph, serialised.

    Input `x` (n, d) float32, output `y` (n, d + k) float32. A row that dohyo would refuse (NaN,
    infinity, all zeros) comes out as NaN, except at strength 0, where the graph is the identity.

    Parameters
    ----------
    about : what is written into the file's metadata

    Raises
    ------
    MissingExtra
        If the onnx package is not installed.
    """
    onnx = require("onnx", extra="onnx", needed_by="--format onnx")
    graph = _Graph(onnx)
    last = INPUT if formula.strength == 0 else _corrected(graph, formula)
    graph.add("Identity", last, name=OUTPUT)
    kind = onnx.TensorProto.FLOAT
    width = dimension + len(formula.constant)
    model = onnx.helper.make_model(
        onnx.helper.make_graph(
            graph.nodes,
            "dohyo",
            [onnx.helper.make_tensor_value_info(INPUT, kind, ["n", dimension])],
            [onnx.helper.make_tensor_value_info(OUTPUT, kind, ["n", width])],
            graph.numbers,
        ),
        producer_name="dohyo",
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=FORMAT,
    )
    onnx.helper.set_model_props(model, dict(about))
    onnx.checker.check_model(model, full_check=True)
    body: bytes = model.SerializeToString()
    return body


class _Graph:
    """Nodes and numbers in the making; every node has one output."""

    def __init__(self, onnx: Any) -> None:
        self._onnx = onnx
        self.nodes: list[Any] = []
        self.numbers: list[Any] = []

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Add a node; return the name of its output."""
        output = name or f"{operator.lower()}_{len(self.nodes)}"
        node = self._onnx.helper.make_node(operator, list(inputs), [output], **attributes)
        self.nodes.append(node)
        return output

    def number(self, value: Any, kind: type = np.float32) -> str:
        """Add a constant; return its name."""
        name = f"number_{len(self.numbers)}"
        self.numbers.append(self._onnx.numpy_helper.from_array(np.asarray(value, kind), name))
        return name


def _corrected(graph: _Graph, formula: Linear) -> str:
    unit, _ = _unit(graph, INPUT)
    moved = unit
    if formula.mean is not None:
        moved = graph.add("Sub", moved, graph.number(formula.mean))
    if formula.scale is not None:
        moved = graph.add("Mul", moved, graph.number(formula.scale))
    if formula.matrix is not None:
        moved = graph.add("MatMul", moved, graph.number(formula.matrix))
    moved = _unit_or_kept(graph, moved, unit)
    if formula.strength < 1:
        alpha = np.float32(formula.strength)
        old = graph.add("Mul", unit, graph.number(1 - alpha))
        new = graph.add("Mul", moved, graph.number(alpha))
        moved = _unit_or_kept(graph, graph.add("Add", old, new), unit)
    if not len(formula.constant):
        return moved
    shape = graph.add("Shape", INPUT, start=0, end=1)
    width = graph.number([len(formula.constant)], np.int64)
    beside = graph.add(
        "Expand", graph.number(formula.constant[None]), graph.add("Concat", shape, width, axis=0)
    )
    scaled = graph.add("Mul", moved, graph.number(formula.share))
    return graph.add("Concat", scaled, beside, axis=1)


def _unit(graph: _Graph, rows: str) -> tuple[str, str]:
    """Return unit rows, NaN where all are zeros, and the largest entry of each.

    Dividing by that first keeps squares inside the range of float32, however long the row.
    """
    last = graph.number([1], np.int64)
    peak = graph.add("ReduceMax", graph.add("Abs", rows), last)
    scaled = graph.add("Div", rows, peak)
    return graph.add("Div", scaled, graph.add("ReduceL2", scaled, last)), peak


def _unit_or_kept(graph: _Graph, rows: str, unit: str) -> str:
    moved, peak = _unit(graph, rows)
    return graph.add("Where", graph.add("Equal", peak, graph.number(0.0)), unit, moved)
