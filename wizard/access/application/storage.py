"""Where the application lies in a file: streams by path, from MSysAccessStorage or MSysAccessObjects.

Databases of Access 2002 and later keep an entry a row in MSysAccessStorage (`Id`, `ParentId`, the root its own parent;
`Type` 1 folder, 2 stream; `Name`; `Lv`). The 2000 format keeps an OLE compound file in pieces in MSysAccessObjects:
`ID` 0 is a header, `ID` n the n-th piece, and a piece that is absent is zeros.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count as count_from
from typing import Any, Final

from wizard.access.application.byte_cursor import ByteCursor, DamagedError, utf16
from wizard.access.application.compound import Path, streams

_FOLDER, _STREAM = 1, 2
_DEEPEST: Final = 16
_UNUSED: Final = ("__SRP_", "_VBA_PROJECT", "TypeInfo", "PropData", "AccessVBAData", "AcessVBAData", "PROJECTwm")
"""streams that hold nothing that is looked at: compiled code, lists of members, settings of the editor"""
DIRECTORY: Final = "\x03DirData"

_MOST_OBJECTS: Final = 40_000
"""of a folder: Access allows 32,768 in all"""

StreamTree = Mapping[Path, bytes]
"""streams by path; names in small letters"""


def wanted(name: str) -> bool:
    """Whether a stream holds something of the application."""
    return not name.startswith(_UNUSED)


def tree_of_rows(rows: Iterable[Mapping[str, Any]]) -> dict[Path, bytes]:
    """The streams of MSysAccessStorage. Entries without a way to the root are left out."""
    folders: dict[int, tuple[int, str]] = {}
    found: list[tuple[int, str, bytes]] = []
    for row in rows:
        number, parent, name = row["Id"], row["ParentId"], (row["Name"] or "").casefold()
        if number is None or parent is None:
            continue
        if row["Type"] == _FOLDER:
            folders[number] = parent, name
        elif row["Type"] == _STREAM and wanted(row["Name"] or ""):
            found.append((parent, name, row["Lv"] or b""))
    paths = {number: _path(number, folders) for number in folders}
    return {(*above, name): data for parent, name, data in found if (above := paths.get(parent)) is not None}


def _path(number: int, folders: Mapping[int, tuple[int, str]]) -> Path | None:
    path: list[str] = []
    while number in folders and len(path) < _DEEPEST:
        parent, name = folders[number]
        if parent == number:
            return tuple(reversed(path))
        path.append(name)
        number = parent
    return None


def tree_of_pieces(rows: Iterable[Mapping[str, Any]], most: int) -> dict[Path, bytes]:
    """The streams of the compound file in MSysAccessObjects, of at most `most` bytes. Raises DamagedError."""
    pieces = {row["ID"]: row["Data"] or b"" for row in rows if row["ID"] is not None and row["ID"] >= 0}
    if len(pieces) < 2:
        return {}
    head = ByteCursor(pieces.pop(0, b""))
    head.u32()
    size = head.u32()
    chunk = max(map(len, pieces.values()))
    if size > most or max(pieces) * chunk > most + chunk:
        raise DamagedError(f"it says that it has {size} bytes in {max(pieces)} pieces")
    data = bytearray(max(size, max(pieces) * chunk))
    for number, piece in pieces.items():
        data[(number - 1) * chunk : (number - 1) * chunk + len(piece)] = piece
    found = streams(bytes(data))
    return {tuple(n.casefold() for n in path): s for path, s in found.items() if wanted(path[-1])}


def listed(tree: StreamTree, folder: str) -> Iterator[tuple[str, str]]:
    """Names of the objects in a folder and the folder of each. Raises DamagedError."""
    data = tree.get((folder, DIRECTORY.casefold()))
    if data is None:
        return
    cursor = ByteCursor(data)
    cursor.u32()
    for count in count_from(1):
        if not cursor.left:
            return
        if count > _MOST_OBJECTS:
            raise DamagedError(f"it lists more than {_MOST_OBJECTS} objects")
        if cursor.u8() != 4:
            raise DamagedError(f"its list of names is damaged at byte {cursor.at - 1}")
        entry = cursor.take(cursor.u8())  # the length counts the number too
        yield utf16(entry[:-4]), str(int.from_bytes(entry[-4:], "little"))
