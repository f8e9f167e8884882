"""The outline of every kind of shape, on the unit disc, y pointing down."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Contour = NDArray[np.float64]
"""(n, 2) points of a closed polygon."""

_POINTS: Final = 48


def contours(kind: str) -> tuple[Contour, ...]:
    """Return the outer contour of a kind, followed by its hole where it has one."""
    return _CONTOURS[kind]


def _turns(points: int = _POINTS) -> NDArray[np.float64]:
    return np.linspace(0, 2 * np.pi, points, endpoint=False)


def _polar(
    angle: NDArray[np.float64],
    radius: NDArray[np.float64] | float,
    *,
    right: float = 0,
    down: float = 0,
) -> Contour:
    """Points by angle from twelve o'clock, clockwise, around a shifted middle."""
    return np.column_stack([right + radius * np.sin(angle), down - radius * np.cos(angle)])


def _circle() -> tuple[Contour, ...]:
    return (_polar(_turns(), 0.92),)


def _square() -> tuple[Contour, ...]:
    return (_polar(_turns(4) + np.pi / 4, 1.12),)


def _triangle() -> tuple[Contour, ...]:
    return (_polar(_turns(3), 1.12, down=0.16),)


def _star() -> tuple[Contour, ...]:
    return (_polar(_turns(10), np.tile([1.12, 0.5], 5), down=0.06),)


def _heart() -> tuple[Contour, ...]:
    t = _turns()
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return (np.column_stack([x, y - 2]) / 16,)


def _ring() -> tuple[Contour, ...]:
    return (_polar(_turns(), 1.0), _polar(_turns(), 0.5))


def _cross() -> tuple[Contour, ...]:
    arm = 0.34
    quarter = np.array([[-arm, -1], [arm, -1], [arm, -arm]])
    turn = np.array([[0, 1], [-1, 0]])  # a right angle clockwise, for row vectors
    return (np.vstack([quarter @ np.linalg.matrix_power(turn, k) for k in range(4)]),)


def _moon() -> tuple[Contour, ...]:
    opening, right = np.radians(40), 0.12  # half of the gap between the tips, from the middle
    arc = np.linspace(np.pi / 2 + opening, 5 * np.pi / 2 - opening, _POINTS)
    along = np.linspace(0, np.pi, _POINTS // 2)[1:-1]
    x = right + np.cos(opening) - 0.95 * np.sin(along)
    inner = np.column_stack([x, -np.sin(opening) * np.cos(along)])
    return (np.vstack([_polar(arc, 1.0, right=right), inner]),)


def _diamond() -> tuple[Contour, ...]:
    return (np.array([[0, -1.15], [0.72, 0], [0, 1.15], [-0.72, 0]]),)


def _flower() -> tuple[Contour, ...]:
    t = _turns(80)
    return (_polar(t, 0.84 + 0.2 * np.cos(6 * t)), _polar(_turns(24), 0.22))


_MAKERS: Final[dict[str, Callable[[], tuple[Contour, ...]]]] = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "star": _star,
    "heart": _heart,
    "ring": _ring,
    "cross": _cross,
    "moon": _moon,
    "diamond": _diamond,
    "flower": _flower,
}
_CONTOURS: Final = {kind: make() for kind, make in _MAKERS.items()}
