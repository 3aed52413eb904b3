"""Charts of reports as SVG within the page, coloured by the page's classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from wizard.escaping import for_html

WIDTH: Final = 560
_LABEL: Final = 22
"""characters of a name in a picture"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its title, and what one sees in it."""

    title: str
    note: str
    svg: Markup
    legend: tuple[tuple[str, str], ...] = ()
    """class and words"""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar in parts, each with the class that colours it."""

    label: str
    parts: tuple[tuple[str, float], ...]
    note: str = ""

    @property
    def total(self) -> float:
        """All parts together."""
        return sum(v for _, v in self.parts)


@dataclass(frozen=True, slots=True)
class Graph:
    """An application's files and how they link: names, and pairs of their places in the list."""

    name: str
    nodes: tuple[tuple[str, str], ...]
    """name and class: `back`, `front`, `missing`, `other`"""
    edges: tuple[tuple[int, int], ...]


def _cut(text: str, most: int = _LABEL) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _svg(height: float, title: str, inside: Sequence[str], width: int = WIDTH) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{for_html(title)}">'
        f"<title>{for_html(title)}</title>{''.join(inside)}</svg>"
    )


def _text(x: float, y: float, text: str, *, end: str = "start", kind: str = "") -> str:
    chosen = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{end}"{chosen}>{for_html(text)}</text>'


def bars(title: str, rows: Sequence[Bar], *, label: int = 170) -> str:
    """Bars that lie, one below the other, each with its name before it and a note behind."""
    most = max((r.total for r in rows), default=0) or 1
    room, line = WIDTH - label - 96, 22
    inside = []
    for number, row in enumerate(rows):
        y, x = number * line, float(label)
        inside.append(_text(label - 8, y + 15, _cut(row.label, label // 7), end="end"))
        for kind, value in row.parts:
            wide = value / most * room
            if wide > 0:
                told = f"<title>{for_html(f'{row.label}: {value:,.0f} {kind}')}</title>"
                inside.append(
                    f'<rect class="{kind.replace(" ", "-")}" x="{x:.1f}" y="{y + 3}" width="{max(wide, 1):.1f}" '
                    f'height="{line - 7}">{told}</rect>'
                )
            x += max(wide, 1) if wide > 0 else 0
        inside.append(_text(x + 6, y + 15, row.note or f"{row.total:,.0f}", kind="note"))
    return _svg(max(len(rows), 1) * line + 2, title, inside)


def columns(title: str, rows: Sequence[Bar]) -> str:
    """Columns that stand side by side, with the figure above and the name below."""
    height, base, most = 190, 158, max((r.total for r in rows), default=0) or 1
    step = WIDTH / max(len(rows), 1)
    inside = [f'<line class="axis" x1="0" y1="{base}" x2="{WIDTH}" y2="{base}"/>']
    every = max(1, math.ceil(len(rows) * 48 / WIDTH))
    for number, row in enumerate(rows):
        x, y = number * step, float(base)
        for kind, value in row.parts:
            tall = value / most * (base - 22)
            if tall > 0:
                y -= max(tall, 1)
                told = f"<title>{for_html(f'{row.label}: {value:,.0f} {kind}')}</title>"
                inside.append(
                    f'<rect class="{kind.replace(" ", "-")}" x="{x + step * 0.1:.1f}" y="{y:.1f}" '
                    f'width="{step * 0.8:.1f}" height="{max(tall, 1):.1f}">{told}</rect>'
                )
        if row.total:
            inside.append(_text(x + step / 2, y - 5, row.note or f"{row.total:,.0f}", end="middle", kind="note"))
        if number % every == 0:
            inside.append(_text(x + step / 2, base + 18, row.label, end="middle"))
    return _svg(height, title, inside)


def grid(
    title: str, across: Sequence[str], down: Sequence[str], counts: Mapping[tuple[int, int], int], *, x: str, y: str
) -> str:
    """How many fall where two measures meet: a circle as large as their number, the figure in it or beside it."""
    left, top, row = 104, 26, 40
    step = (WIDTH - left - 40) / max(len(across), 1)
    most = max(counts.values(), default=1)
    inside = [_text(WIDTH, 14, f"{x} →", end="end", kind="note"), _text(4, 14, f"↓ {y}", kind="note")]
    for n, name in enumerate(down):
        inside.append(_text(left - 10, top + n * row + row / 2 + 4, name, end="end"))
        middle = top + n * row + row / 2
        inside.append(f'<line class="grid" x1="{left}" y1="{middle}" x2="{WIDTH}" y2="{middle}"/>')
    for n, name in enumerate(across):
        inside.append(_text(left + n * step + step / 2, top + len(down) * row + 16, name, end="middle"))
    for (column, line), number in sorted(counts.items()):
        cx, cy = left + column * step + step / 2, top + line * row + row / 2
        radius = 3 + 15 * math.sqrt(number / most)
        inside.append(
            f'<circle class="dot" cx="{cx:.1f}" cy="{cy:.1f}" r="{radius:.1f}">'
            f"<title>{for_html(f'{across[column]}, {down[line]}: {number:,}')}</title></circle>"
        )
        inside.append(_text(cx + radius + 3, cy + 4, f"{number:,}", kind="note"))
    return _svg(top + len(down) * row + 26, title, inside)


_SHOWN: Final = 14
"""files of an application that are drawn one by one"""


def graph(found: Graph) -> str:
    """Front ends on the left, what they link to on the right; what is too much to be drawn is counted."""
    left = [n for n, (_, kind) in enumerate(found.nodes) if kind == "front"]
    right = [n for n, (_, kind) in enumerate(found.nodes) if kind != "front"]
    drawn, places = _placed(found, left[:_SHOWN], right[:_SHOWN])
    lines = []
    for a, b in found.edges:
        if a in places and b in places:
            (x1, y1), (x2, y2) = places[a], places[b]
            bend = (x1 + x2) / 2
            lines.append(
                f'<path class="edge" d="M{x1:.0f} {y1:.0f}C{bend:.0f} {y1:.0f} {bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"/>'
            )
    tall = max(min(len(left), _SHOWN), min(len(right), _SHOWN), 1) * 24 + 8
    more = [
        _text(x, tall + 12, f"and {len(all_) - _SHOWN:,} more", end=end, kind="note")
        for all_, x, end in ((left, 4, "start"), (right, WIDTH - 4, "end"))
        if len(all_) > _SHOWN
    ]
    return _svg(tall + (20 if more else 4), f"links of {found.name}", [*lines, *drawn, *more])


def _placed(
    found: Graph, left: Sequence[int], right: Sequence[int]
) -> tuple[list[str], dict[int, tuple[float, float]]]:
    tall = max(len(left), len(right), 1) * 24 + 8
    drawn: list[str] = []
    places: dict[int, tuple[float, float]] = {}
    for side, x, end in ((left, 190.0, "end"), (right, WIDTH - 190.0, "start")):
        step = tall / max(len(side), 1)
        for number, node in enumerate(side):
            name, kind = found.nodes[node]
            y = step * number + step / 2
            places[node] = (x, y)
            away = -10 if end == "end" else 10
            drawn.append(f'<circle class="node {kind}" cx="{x:.0f}" cy="{y:.0f}" r="5"/>')
            drawn.append(
                f'<text x="{x + away:.0f}" y="{y + 4:.0f}" text-anchor="{end}">{for_html(_cut(name))}'
                f"<title>{for_html(name)}</title></text>"
            )
    return drawn, places
