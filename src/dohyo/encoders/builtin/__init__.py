"""The encoder that ships with dohyo, small enough to run anywhere."""

from dohyo.encoders.builtin.encoder import NAMES, BuiltinEncoder, load

__all__ = ["NAMES", "BuiltinEncoder", "load"]
