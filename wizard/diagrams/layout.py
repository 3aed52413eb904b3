"""The layout of a diagram: boxes in columns, tables that others refer to on the left, and the lines between.

fast-sugiyama finds columns, the order in them and the lines' ways; here they get the size of the boxes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fast_sugiyama import from_edges

from wizard.diagrams import Diagram, DiagramLine

SPACE: Final = 26
"""points between boxes of a column"""
GAP: Final = 72
"""between columns"""
WIDE: Final = 1180
"""beyond which parts that are not connected go below each other"""
_BEND: Final = 12
"""the height of a place where a line passes a column"""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a box stands: its left upper corner, and its column within its part of the diagram."""

    x: float
    y: float
    column: int


@dataclass(frozen=True, slots=True)
class DiagramLayout:
    """Where all of it stands."""

    width: float
    height: float
    spots: tuple[Spot, ...]
    """of each box"""
    ways: tuple[tuple[Point, ...], ...]
    """of each line: the points between its ends, from the child's side on"""


@dataclass(frozen=True, slots=True)
class _ConnectedPart:
    """Boxes that are connected, placed from 0, 0 on; numbers beyond the boxes are places that lines pass."""

    width: float
    height: float
    places: Mapping[int, Spot]
    ways: Mapping[tuple[int, int], tuple[int, ...]]


def laid_out(diagram: Diagram, sizes: Sequence[tuple[float, float]]) -> DiagramLayout:
    """Place boxes of these widths and heights."""
    edges = sorted({(n.child, n.parent) for n in diagram.lines if n.child != n.parent})
    parts = _connected(edges, sizes)
    tied = {box for edge in edges for box in edge}
    alone = [n for n in range(len(diagram.boxes)) if n not in tied]
    parts += [_ConnectedPart(*sizes[n], {n: Spot(0, 0, 0)}, {}) for n in alone]
    corners, width, height = _packed(parts)
    spots: dict[int, Spot] = {}
    ways: dict[tuple[int, int], tuple[Point, ...]] = {}
    for part, (left, top) in zip(parts, corners, strict=True):
        moved = {n: Spot(s.x + left, s.y + top, s.column) for n, s in part.places.items()}
        spots |= {n: s for n, s in moved.items() if n < len(sizes)}
        for edge, between in part.ways.items():
            ways[edge] = tuple((moved[n].x, moved[n].y) for n in between)
    return DiagramLayout(
        width, height, tuple(spots[n] for n in range(len(sizes))), tuple(_way(n, ways) for n in diagram.lines)
    )


def _way(line: DiagramLine, ways: Mapping[tuple[int, int], tuple[Point, ...]]) -> tuple[Point, ...]:
    there, back = (line.child, line.parent), (line.parent, line.child)
    return ways[there] if there in ways else tuple(reversed(ways.get(back, ())))


def _connected(edges: Sequence[tuple[int, int]], sizes: Sequence[tuple[float, float]]) -> list[_ConnectedPart]:
    """The parts that edges tie together; where two boxes refer to each other, one edge decides."""
    once = [e for e in edges if e[::-1] not in edges or e < e[::-1]]
    if not once:
        return []
    # the library numbers nodes by the order in which it sees them: ours must be 0, 1, 2 … for its own to lie beyond
    names = sorted({n for e in once for n in e})
    numbers = {name: number for number, name in enumerate(names)}
    found = from_edges(
        [(numbers[a], numbers[b]) for a, b in once], vertex_spacing=1, dummy_vertices=True, dummy_size=0.4,
        crossing_minimization="barycenter", check_layout=False,
    )  # fmt: skip
    parts = []
    for positions, _, _, steps in found:
        own = {_own(n, names, len(sizes)): xy for n, xy in positions}
        went = [(_own(a, names, len(sizes)), _own(b, names, len(sizes))) for a, b in steps or ()]
        parts.append(_part(own, went, sizes))
    return parts


def _own(number: int | str, names: Sequence[int], boxes: int) -> int:
    """Our number of the library's: a box, or beyond all boxes a place that a line passes."""
    n = int(number)
    return names[n] if n < len(names) else boxes + n


def _part(
    positions: Mapping[int, Point], steps: Sequence[tuple[int, int]], sizes: Sequence[tuple[float, float]]
) -> _ConnectedPart:
    def size(n: int) -> tuple[float, float]:
        return sizes[n] if n < len(sizes) else (0.0, float(_BEND))

    layers: dict[float, list[int]] = defaultdict(list)
    for n, (_, y) in positions.items():
        layers[round(y, 3)].append(n)
    boxes = [size(n)[1] for n in positions if n < len(sizes)]
    unit = sum(boxes) / len(boxes) + SPACE
    places: dict[int, Spot] = {}
    x = 0.0
    for column, y in enumerate(sorted(layers)):
        nodes = sorted(layers[y], key=lambda n: (positions[n][0], n))
        wide = max((size(n)[0] for n in nodes), default=0.0)
        tops = _stacked([(positions[n][0] * unit, size(n)[1]) for n in nodes])
        for n, top in zip(nodes, tops, strict=True):
            places[n] = Spot(x if n < len(sizes) else x + wide / 2, top, column)
        x += wide + GAP
    least = min(s.y for s in places.values())
    places = {n: Spot(s.x, s.y - least, s.column) for n, s in places.items()}
    height = max(s.y + size(n)[1] for n, s in places.items())
    return _ConnectedPart(x - GAP, height, places, _ways(steps, len(sizes)))


def _stacked(wanted: Iterable[tuple[float, float]]) -> list[float]:
    """The upper ends of things in their order, near the middles that they should have, and none over another."""
    tops: list[float] = []
    off = 0.0
    bottom = float("-inf")
    for middle, height in wanted:
        top = max(middle - height / 2, bottom)
        off += top - (middle - height / 2)
        tops.append(top)
        bottom = top + height + SPACE
    return [t - off / len(tops) for t in tops]


def _ways(steps: Sequence[tuple[int, int]], boxes: int) -> dict[tuple[int, int], tuple[int, ...]]:
    """For each pair of boxes, what their line passes between them."""
    after: dict[int, list[int]] = defaultdict(list)
    for a, b in steps:
        after[a].append(b)
    ways = {}
    for first in [n for n in after if n < boxes]:
        for start in after[first]:
            between, at = [], start
            while at >= boxes and after[at]:
                between.append(at)
                at = after[at][0]
            ways[first, at] = tuple(between)
    return ways


def _packed(parts: Sequence[_ConnectedPart]) -> tuple[list[Point], float, float]:
    """The left upper corners of the parts, in rows, tall ones first; width and height of all of it."""
    limit = max([WIDE, *(p.width for p in parts)])
    corners: list[Point] = [(0, 0)] * len(parts)
    x = y = row = width = 0.0
    for n in sorted(range(len(parts)), key=lambda n: (-parts[n].height, n)):
        if x and x + parts[n].width > limit:
            x, y, row = 0.0, y + row + SPACE, 0.0
        corners[n] = (x, y)
        x += parts[n].width + SPACE * 1.5
        row = max(row, parts[n].height)
        width = max(width, x - SPACE * 1.5)
    return corners, width, y + row
