"""Snapshots as SVG files in the top-level folder `snapshots/`: one file a state, size and theme."""

from __future__ import annotations

from pathlib import Path

from pytest_textual_snapshot import normalize_svg

FOLDER = Path(__file__).resolve().parents[2] / "snapshots"
ACTUAL = "actual"
"""folder beside the test's files where pictures that differ are put, to be looked at"""


class Snapshots:
    """`keep("map-80x24-dark", svg)` compares with `snapshots/map-80x24-dark.svg`, or writes it where asked to."""

    def __init__(self, *, update: bool, actual: Path) -> None:
        self._update, self._actual = update, actual
        self.differ: list[str] = []

    def known(self, name: str, svg: str) -> bool:
        """Whether the picture is the kept one; True too where pictures are written anew."""
        kept = FOLDER / f"{name}.svg"
        return self._update or (kept.exists() and kept.read_text(encoding="utf-8") == normalize_svg(svg))

    def keep(self, name: str, svg: str) -> None:
        kept, svg = FOLDER / f"{name}.svg", normalize_svg(svg)
        if self._update:
            kept.write_text(svg, encoding="utf-8")
        elif not kept.exists() or kept.read_text(encoding="utf-8") != svg:
            self.differ.append(name)
            self._actual.mkdir(parents=True, exist_ok=True)
            (self._actual / kept.name).write_text(svg, encoding="utf-8")
