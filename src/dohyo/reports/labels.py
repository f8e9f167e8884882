"""Where to write a name beside its mark, so that it stays inside and covers nothing."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dohyo.reports.series import Rows

LINE = 14.0
PULL = 4.0
"""Square pixels of overlap that a pixel of distance is worth."""
NARROW, FULL = 6.4, 12.2
"""Pixels of a character at the charts' font size: of an alphabet, of Japanese."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels, upwards positive."""

    left: float
    right: float
    bottom: float
    top: float

    def overlap(self, other: "Box") -> float:
        """Return the area that both cover."""
        across = min(self.right, other.right) - max(self.left, other.left)
        up = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(across, 0.0) * max(up, 0.0)


def text_width(text: str) -> float:
    """Return about how many pixels a text takes at the charts' font size."""
    return sum(FULL if unicodedata.east_asian_width(c) in "WF" else NARROW for c in text)


def placed(
    rows: Rows, domains: tuple[Sequence[float], Sequence[float]], size: tuple[float, float]
) -> Rows:
    """Add `label_x` and `label_y`, the middle of each row's `method`, in units of the data.

    `far` says that the name had to leave its mark and needs a line to it.

    Parameters
    ----------
    rows : with harm, low, high (across) and gain, bottom, top (upwards)
    domains : ends of both axes
    size : width and height of the panel in pixels
    """
    (x0, x1), (y0, y1) = domains
    across, up = size

    def pixel(x: float, y: float) -> tuple[float, float]:
        return (x - x0) / (x1 - x0) * across, (y - y0) / (y1 - y0) * up

    inside = Box(0.0, across, 0.0, up)
    marks = []
    for row in rows:
        x, y = pixel(row["harm"], row["gain"])
        ends = pixel(row["low"], row["bottom"]), pixel(row["high"], row["top"])
        marks.append((x, y, Box(ends[0][0], ends[1][0], ends[0][1], ends[1][1])))
    taken = [Box(b.left, b.right, y - 2, y + 2) for _, y, b in marks]
    taken += [Box(x - 4, x + 4, b.bottom, b.top) for x, _, b in marks]

    def away(box: Box) -> float:
        """Return what it costs a name to stand far from its own mark."""
        return PULL * max(0.0, box.bottom - reach.top, reach.bottom - box.top)

    found: Rows = []
    for row, (x, y, reach) in zip(rows, marks, strict=True):
        half = text_width(row["method"]) / 2
        spots = _spots(min(max(x, half), across - half), y, reach, half)
        boxes = [Box(h - half, h + half, v - LINE / 2, v + LINE / 2) for h, v in spots]
        covers = [
            2 * half * LINE - box.overlap(inside) + sum(map(box.overlap, taken)) + away(box)
            for box in boxes
        ]
        best = covers.index(min(covers))
        taken.append(boxes[best])
        h, v = spots[best]
        far = not reach.bottom - LINE <= v <= reach.top + LINE
        at = {
            "far": far,
            "label_x": x0 + h / across * (x1 - x0),
            "label_y": y0 + v / up * (y1 - y0),
        }
        found.append(row | at)
    return found


def _spots(x: float, y: float, reach: Box, half: float) -> list[tuple[float, float]]:
    """Return where a label could stand, the nicest first: beside its whisker, above, below."""
    ends = reach.right + 6 + half, reach.left - 6 - half
    beside = [(end, y + step * LINE) for step in (0.0, 0.6, -0.6) for end in ends]
    above = [(x, reach.top + LINE * step) for step in (0.7, 1.7, 2.7)]
    return beside + above + [(x, reach.bottom - LINE * step) for step in (0.7, 1.7, 2.7)]
