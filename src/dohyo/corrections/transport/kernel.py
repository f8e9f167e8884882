"""Kernels e^(β(x·y − 1)) between images and texts, known by what they do to a vector."""

from dataclasses import dataclass
from typing import Any, Protocol

from array_api_compat import array_namespace
from scipy.sparse import csr_array


class Kernel(Protocol):
    """A positive n × m matrix; a row is an image, a column a text."""

    @property
    def shape(self) -> tuple[int, int]:
        """Return (n, m)."""

    def over_texts(self, text: Any) -> Any:
        """Return Kv for v of (m,), shape (n,)."""

    def over_images(self, image: Any) -> Any:
        """Return Kᵀu for u of (n,), shape (m,)."""

    def ones(self) -> Any:
        """Return (m,) float64 ones of the kernel's library and device."""


@dataclass(frozen=True, eq=False, slots=True)
class DenseKernel:
    """Every entry: `entries` is (n, m) float64, of any library that the array API covers."""

    entries: Any

    @property
    def shape(self) -> tuple[int, int]:
        """Return (n, m)."""
        n, m = self.entries.shape
        return n, m

    def over_texts(self, text: Any) -> Any:
        """Return Kv for v of (m,), shape (n,)."""
        return self.entries @ text

    def over_images(self, image: Any) -> Any:
        """Return Kᵀu for u of (n,), shape (m,)."""
        return self.entries.T @ image

    def ones(self) -> Any:
        """Return (m,) float64 ones of the kernel's library and device."""
        return array_namespace(self.entries).ones_like(self.entries[0, :])


@dataclass(frozen=True, eq=False, slots=True)
class GraphKernel:
    """The entries of near pairs, and one small value on top for every pair.

    The graph alone may have no scaling to given marginals, as when a part of it without a way out
    holds more images than texts. With `far` above 0 there is exactly one (Sinkhorn 1967).

    Attributes
    ----------
    near : (n, m) float64, sparse
    far : what an entry off the graph is on average, float64
    """

    near: csr_array
    far: float

    @property
    def shape(self) -> tuple[int, int]:
        """Return (n, m)."""
        n, m = self.near.shape
        return n, m

    def over_texts(self, text: Any) -> Any:
        """Return Kv for v of (m,), shape (n,)."""
        return self.near @ text + self.far * text.sum()

    def over_images(self, image: Any) -> Any:
        """Return Kᵀu for u of (n,), shape (m,)."""
        return self.near.T @ image + self.far * image.sum()

    def ones(self) -> Any:
        """Return (m,) float64 ones."""
        return array_namespace(self.near.data).ones(self.near.shape[1])
