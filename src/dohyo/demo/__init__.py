"""Shapes world: the built-in corpus, drawn and captioned by the project itself."""

from dohyo.demo.shapes_world import ShapesWorld, build

__all__ = ["ShapesWorld", "build"]
