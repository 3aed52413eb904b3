"""Small trees of files that tests scan, and an engine that looks at them in this process."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from wizard.estate.derivation import derive
from wizard.estate.engines import Asked
from wizard.estate.file_scan import scan_file
from wizard.estate.model import FileScan, ScanOrder
from wizard.estate.scan import ScanOptions, ScanResult, scan
from wizard.estate.store import Estate

FRONT_ENDS = Path(__file__).resolve().parents[1] / "front_ends"
BACK, SALES, OFFICE = "shop_be.mdb", "sales_fe.mdb", "office_fe.mdb"


def data(name: str) -> bytes:
    return gzip.decompress((FRONT_ENDS / f"{name}.gz").read_bytes())


def put(folder: Path, name: str, *, as_name: str = "", modified: float = 0) -> Path:
    """A copy of one of our front or back ends."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (as_name or name)
    path.write_bytes(data(name))
    if modified:
        os.utime(path, (modified, modified))
    return path


def damaged(folder: Path, name: str = BACK, page: int = 34) -> Path:
    """A copy of our back end with a page of rows, those of its table Orders, overwritten."""
    path = put(folder, name)
    with path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\xff" * 4096)
    return path


class Here:
    """An engine without processes; counts what it looks at."""

    def __init__(self, scanner: Callable[[ScanOrder], FileScan] = scan_file) -> None:
        self.scanner = scanner
        self.looked: list[ScanOrder] = []

    def run(self, orders: Iterator[Asked | None], stopped: Callable[[], bool]) -> Iterator[tuple[int, FileScan]]:
        for asked in orders:
            if stopped():
                return
            if asked is not None:
                self.looked.append(asked[1])
                yield asked[0], self.scanner(asked[1])

    def close(self) -> None:
        pass

    @property
    def names(self) -> list[str]:
        return sorted(Path(o.path).name for o in self.looked)


def scanned(estate: Estate, *roots: Path, options: ScanOptions | None = None, engine: Here | None = None) -> ScanResult:
    return scan(estate, roots, engine or Here(), options, derive=derive)
