"""Snapshots as SVG files in the top-level folder `snapshots/`: one file a state, size and theme."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_textual_snapshot import SVGImageExtension
from syrupy.location import PyTestLocation

FOLDER = Path(__file__).resolve().parents[2] / "snapshots"


class Snapshots(SVGImageExtension):
    """`snapshot(name="map-80x24-dark")` is `snapshots/map-80x24-dark.svg`."""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(FOLDER)

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: Any = 0) -> str:
        return str(index)
