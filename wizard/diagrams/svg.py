"""A diagram as SVG: inline in a page, which colours its classes, or by itself with colours of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from zlib import crc32

from wizard.diagrams import Attribute, Box, Diagram
from wizard.diagrams.layout import DiagramLayout, Point, Spot, laid_out
from wizard.escaping import for_html

FOLDED: Final = 60
"""tables beyond which boxes show their names alone"""
_ROWS: Final = 12
"""columns that a box shows at most; keys and what refers first"""
_ROW, _HEAD, _EDGE = 17, 25, 14
_NAME: Final = 30
"""characters of a name"""
_TYPE: Final = 14
_PAGE: Final = (1030, 550)
"""units of a landscape page's width, and of its height below a heading, where a picture is printed as large as drawn"""
_GAP: Final = 4
"""between a cut and the boxes below it"""
_XMLNS: Final = ' xmlns="http://www.w3.org/2000/svg"'
_STYLE: Final = """
svg { font: 12px system-ui, sans-serif; background: #fff; color: #1c2430; }
text { fill: #1c2430; } .type, .more { fill: #5b6675; } .box { fill: #fff; stroke: #6b7686; } .head { fill: #e3ebf6; }
.linked .head { fill: #eee; } .linked .box { stroke-dasharray: 4 3; } .line { fill: none; stroke: #6b7686; }
.loose { stroke-dasharray: 5 4; } .key { font-weight: 700; } .name { font-weight: 700; }
@media (prefers-color-scheme: dark) {
  svg { background: #12161c; } text { fill: #e4e9f0; } .type, .more { fill: #9aa7b8; }
  .box { fill: #12161c; stroke: #8b97a7; } .head { fill: #24344c; } .linked .head { fill: #2a2f37; }
  .line { stroke: #8b97a7; }
}
"""


def alone(diagram: Diagram, title: str) -> str:
    """A file of its own, light or dark as its viewer is."""
    drawing = _drawn(diagram)
    return _svg(drawing.whole, title, f"<style>{_STYLE}</style>{drawing.content}", _XMLNS) + "\n"


def inline(diagram: Diagram, title: str) -> str:
    """For a page whose style knows the classes.

    On paper a picture cannot go on across pages, so what is too long for one stands there in strips.
    """
    drawing = _drawn(diagram)
    strips = drawing.strips()
    if len(strips) == 1:
        return _svg(drawing.whole, title, drawing.content, ' class="diagram"')
    name = f"drawing-{crc32(title.encode()):08x}"
    whole = _svg(
        drawing.whole, title, f'<g id="{name}" class="diagram">{drawing.content}</g>', ' class="diagram whole"'
    )
    used = f'<use href="#{name}"/>'
    parts = [_svg(s, f"{title}, part {n}", used, ' class="diagram strip"') for n, s in enumerate(strips, 1)]
    return "".join([whole, *parts])


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a picture shows of a drawing."""

    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A diagram's boxes and lines; `spans` are the upper and lower ends of each box."""

    content: str
    whole: _Frame
    spans: tuple[tuple[float, float], ...]

    def strips(self) -> list[_Frame]:
        """Frames that each fit a page, one below the other: cut between boxes, where there is room for that."""
        most = _PAGE[1] * max(1.0, self.whole.width / _PAGE[0])
        end = self.whole.top + self.whole.height
        tops = [self.whole.top]
        while end - tops[-1] > most:
            limit = tops[-1] + most
            cut = limit
            while through := [top for top, bottom in self.spans if top - _GAP < cut < bottom]:
                cut = min(through) - _GAP
            tops.append(cut if cut > tops[-1] else limit)
        return [_Frame(top, self.whole.width, below - top) for top, below in pairwise([*tops, end])]


def _drawn(diagram: Diagram) -> _Drawing:
    shown = [_shown(b, len(diagram.boxes) > FOLDED) for b in diagram.boxes]
    sizes = [_size(b, rows) for b, rows in zip(diagram.boxes, shown, strict=True)]
    layout = laid_out(diagram, sizes)
    lines = [_line(diagram, layout, sizes, shown, n) for n in range(len(diagram.lines))]
    boxes = [_box(b, rows, s, size) for b, rows, s, size in zip(diagram.boxes, shown, layout.spots, sizes, strict=True)]
    return _Drawing(
        "".join([*lines, *boxes]),
        _Frame(-_EDGE, layout.width + 2 * _EDGE, layout.height + 2 * _EDGE),
        tuple((s.y, s.y + height) for s, (_, height) in zip(layout.spots, sizes, strict=True)),
    )


def _svg(frame: _Frame, title: str, content: str, more: str) -> str:
    width, height = f"{frame.width:.0f}", f"{frame.height:.0f}"
    return (
        f'<svg{more} width="{width}" height="{height}" viewBox="{-_EDGE} {frame.top:.0f} {width} {height}" '
        f'role="img" aria-label="{for_html(title)}"><title>{for_html(title)}</title>{content}</svg>'
    )


def _shown(box: Box, folded: bool) -> list[Attribute]:
    """The columns that are drawn, in their order."""
    if folded:
        return []
    if len(box.attributes) <= _ROWS:
        return list(box.attributes)
    first = sorted(range(len(box.attributes)), key=lambda n: (not _ties(box.attributes[n]), n))[: _ROWS - 1]
    return [box.attributes[n] for n in sorted(first)]


def _ties(attribute: Attribute) -> bool:
    return attribute.key or attribute.refers


def _left(box: Box, rows: Sequence[Attribute]) -> int:
    """Columns that are not drawn."""
    return len(box.attributes) - len(rows) if rows else 0


def _size(box: Box, rows: Sequence[Attribute]) -> tuple[float, float]:
    names = max([len(_cut(a.name, _NAME)) for a in rows], default=0)
    types = max([len(_cut(a.type, _TYPE)) for a in rows], default=0)
    width = max(len(_cut(box.name, _NAME)) * 7.6 + 20, 26 + names * 6.9 + 14 + types * 6.4 + 10 if rows else 0, 110.0)
    lines = len(rows) + bool(_left(box, rows))
    return width, _HEAD + lines * _ROW + (6 if lines else 0)


def _cut(text: str, most: int) -> str:
    """Cut in its middle: names often differ at their ends."""
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-(most - most // 2 - 1) :]}"


def _box(box: Box, rows: Sequence[Attribute], spot: Spot, size: tuple[float, float]) -> str:
    x, y, (width, height) = spot.x, spot.y, size
    told = f"{box.name}, {'a linked table' if box.linked else f'{len(box.attributes)} columns'}"
    parts = [
        f'<g class="{"table linked" if box.linked else "table"}"><title>{for_html(told)}</title>',
        f'<rect class="box" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="4"/>',
        f'<path class="head" d="M{x + 0.5:.1f} {y + _HEAD:.1f}v-{_HEAD - 4}q0 -3.5 3.5 -3.5'
        f'h{width - 8:.1f}q3.5 0 3.5 3.5v{_HEAD - 4}z"/>',
        f'<text class="name" x="{x + 10:.1f}" y="{y + 17:.1f}">{for_html(_cut(box.name, _NAME))}</text>',
    ]
    for n, a in enumerate(rows):
        base = y + _HEAD + n * _ROW + 15
        mark = ("PK" if a.key else "") or ("FK" if a.refers else "")
        parts.append(f'<text class="type" font-size="9" x="{x + 6:.1f}" y="{base:.1f}">{mark}</text>' if mark else "")
        kind = ' class="key"' if a.key else ""
        parts.append(f'<text{kind} x="{x + 24:.1f}" y="{base:.1f}">{for_html(_cut(a.name, _NAME))}</text>')
        parts.append(
            f'<text class="type" text-anchor="end" x="{x + width - 8:.1f}" y="{base:.1f}">'
            f"{for_html(_cut(a.type, _TYPE))}</text>"
        )
    if left := _left(box, rows):
        words = f"… {left} more column{'s' if left > 1 else ''}"
        parts.append(f'<text class="more" x="{x + 24:.1f}" y="{y + _HEAD + len(rows) * _ROW + 15:.1f}">{words}</text>')
    return "".join([*parts, "</g>"])


def _line(
    diagram: Diagram,
    layout: DiagramLayout,
    sizes: Sequence[tuple[float, float]],
    shown: Sequence[Sequence[Attribute]],
    number: int,
) -> str:
    line = diagram.lines[number]
    child, parent = layout.spots[line.child], layout.spots[line.parent]
    leftward = parent.column < child.column  # the usual case: what is referred to stands on the left
    start = _end(child, sizes[line.child], _row(shown[line.child], line.columns), left=leftward)
    end = _end(parent, sizes[line.parent], _row(shown[line.parent], line.referenced), left=not leftward)
    if line.child == line.parent:
        end = _end(parent, sizes[line.parent], _row(shown[line.parent], line.referenced), left=False)
        start = (end[0], start[1] if start[1] != end[1] else end[1] + 8)
        leftward = False
    side = -1 if leftward else 1
    out, into = (start[0] + side * 12, start[1]), (end[0] - side * 12, end[1])
    if line.child == line.parent:
        into = (end[0] + 12, end[1])
    path = _path([out, *layout.ways[number], into], loop=line.child == line.parent)
    foot = (
        ""
        if line.single
        else f"M{start[0]:.1f} {start[1] - 5:.1f}L{out[0]:.1f} {out[1]:.1f}L{start[0]:.1f} {start[1] + 5:.1f}"
    )
    bar = f"M{(end[0] + into[0]) / 2:.1f} {end[1] - 5:.1f}v10"
    words = (
        f"{diagram.boxes[line.child].name} ({', '.join(line.columns)}) refers to "
        f"{diagram.boxes[line.parent].name} ({', '.join(line.referenced)}){'' if line.enforced else ', not enforced'}"
    )
    kind = "line" if line.enforced else "line loose"
    return (
        f'<path class="{kind}" d="M{start[0]:.1f} {start[1]:.1f}L{out[0]:.1f} {out[1]:.1f}{path}'
        f'L{end[0]:.1f} {end[1]:.1f}{foot}{bar}"><title>{for_html(words)}</title></path>'
    )


def _row(rows: Sequence[Attribute], columns: Sequence[str]) -> int | None:
    """The line of a box at which a relationship ends."""
    wanted = columns[0].casefold() if columns else ""
    return next((n for n, a in enumerate(rows) if a.name.casefold() == wanted), None)


def _end(spot: Spot, size: tuple[float, float], row: int | None, *, left: bool) -> Point:
    y = spot.y + (_HEAD / 2 if row is None else _HEAD + row * _ROW + _ROW / 2 + 2)
    return (spot.x if left else spot.x + size[0], y)


def _path(points: Sequence[Point], *, loop: bool) -> str:
    """Curves that leave and reach each point level."""
    parts = []
    for (x1, y1), (x2, y2) in pairwise(points):
        if loop:
            parts.append(f"C{x1 + 24:.1f} {y1:.1f} {x2 + 24:.1f} {y2:.1f} {x2:.1f} {y2:.1f}")
        else:
            bend = (x1 + x2) / 2
            parts.append(f"C{bend:.1f} {y1:.1f} {bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}")
    return "".join(parts)


__all__ = ["FOLDED", "alone", "inline"]
