"""A package's manifest and check sums, read back.

Both may have been damaged in any way since they were written, so nothing of them is believed before its shape was
looked at: a path is one of this package's, a digest is one, a number a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wizard.objects import Name
from wizard.package.bcp_rows import terminators
from wizard.package.manifest import BCP, MANIFEST, SQL, SUMS, FileEntry
from wizard.package.recorded_json import content_of, json_of, listed, refused_as, value_of

_PATH: Final = re.compile(r"(?:data/)?[A-Za-z0-9_-][A-Za-z0-9._-]*")
_TERMINATOR: Final = re.compile(r"[^0-9]([0-9]{1,9})f")
"""of fields, with the number of its generation"""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RecordedTable:
    """A table as the manifest has it."""

    rows: int
    complete: bool
    """its source was read to the end"""
    fields: tuple[str, ...]
    """columns that its data files have fields for"""
    files: tuple[FileEntry, ...]


@dataclass(frozen=True, slots=True)
class RecordedManifest:
    """A manifest."""

    tables: Mapping[tuple[str, str], RecordedTable]
    """by schema and name"""
    digests: Mapping[str, str]
    """the SHA-256 of every file that it names, by path"""


@dataclass(frozen=True, slots=True)
class CheckSums:
    """What SHA256SUMS says."""

    digests: Mapping[str, str]
    """by path; of a damaged file what can still be read"""
    damage: str = ""
    """what is wrong with the file, for people; empty where nothing is"""


def read_manifest(folder: Path) -> RecordedManifest:
    """The manifest of the package in that folder. Raises TargetError 5607 where it is lost or damaged."""
    path = folder / MANIFEST
    with refused_as(5607, path):
        return _manifest(json_of(path))


def unchecked_in(folder: Path) -> frozenset[tuple[Name, str]]:
    """Table and name of the foreign keys that the package there leaves unchecked; none where it does not say."""
    with suppress(OSError, ValueError, RecursionError):
        content = json_of(folder / MANIFEST)
        return frozenset(
            (Name(value_of(str, k, "schema", at), value_of(str, k, "table", at)), value_of(str, k, "foreign_key", at))
            for at, k in listed(content, "unchecked", "the manifest")
        )
    return frozenset()


def texts_in(folder: Path) -> int:
    """Texts of the package there of which only a database can say whether it holds them; 0 where it does not say."""
    with suppress(OSError, ValueError, RecursionError):
        return value_of(int, json_of(folder / MANIFEST), "beyond_ascii", "the manifest")
    return 0


def read_sums(folder: Path) -> CheckSums:
    """The check sums of the package in that folder. Raises nothing: `damage` says what is wrong."""
    path = folder / SUMS
    if not path.is_file():
        return CheckSums({}, "it is not there")
    try:
        lines = content_of(path).decode("utf-8").split("\n")
    except OSError as e:
        return CheckSums({}, f"it cannot be read ({e.strerror or e})")
    except ValueError as e:
        return CheckSums({}, f"it is damaged ({e})")
    found, wrong = dict[str, str](), list[int]()
    for number, line in enumerate(lines, 1):
        digest, _, name = line.removesuffix("\r").partition("  ")
        if _DIGEST.fullmatch(digest) and _PATH.fullmatch(name) and found.get(name, digest) == digest:
            found[name] = digest
        elif line or number < len(lines):
            wrong.append(number)
    return CheckSums(found, f"it is damaged (line {wrong[0]} is no check sum of a file)" if wrong else "")


def _manifest(content: object) -> RecordedManifest:
    """Raises ValueError where the manifest is not of its shape."""
    tables, digests = dict[tuple[str, str], RecordedTable](), dict[str, str]()
    for where, script in listed(content, "scripts", "the manifest"):
        digests[_path(script, where)] = _digest(script, where)
    for where, table in listed(content, "tables", "the manifest"):
        files = tuple(_file(f, place) for place, f in listed(table, "files", where))
        fields = tuple(value_of(str, {"field": f}, "field", place) for place, f in listed(table, "fields", where))
        name = value_of(str, table, "schema", where), value_of(str, table, "name", where)
        if name in tables:
            raise ValueError(f"{where} was named before")
        tables[name] = RecordedTable(
            value_of(int, table, "rows", where), value_of(bool, table, "complete", where), fields, files
        )
        digests |= {f.path: f.sha256 for f in files}
    if isinstance(content, dict) and "others" in content:  # not in manifests of former versions
        for where, other in listed(content, "others", "the manifest"):
            digests[_path(other, where)] = _digest(other, where)
    return RecordedManifest(tables, digests)


def _file(content: object, where: str) -> FileEntry:
    format_ = value_of(str, content, "format", where)
    if format_ not in (BCP, SQL):
        raise ValueError(f"'format' of {where} is not as it must be")
    ends = None
    if format_ == BCP:
        field, row = (value_of(str, content, f"{n}_terminator", where) for n in ("field", "row"))
        # a row terminator that is not the file's would have all of the file read as one row
        number = _TERMINATOR.fullmatch(field)
        ends = terminators(int(number[1]) if number else 0)
        if (field, row) != (ends.field.decode(), ends.row.decode()):
            raise ValueError(f"the terminators of {where} are none of a package")
    rows, size = value_of(int, content, "rows", where), value_of(int, content, "bytes", where)
    return FileEntry(_path(content, where), rows, size, _digest(content, where), ends)


def _path(content: object, where: str) -> str:
    path = value_of(str, content, "path", where)
    if not _PATH.fullmatch(path):
        raise ValueError(f"'path' of {where} is not one of a package")
    return path


def _digest(content: object, where: str) -> str:
    digest = value_of(str, content, "sha256", where)
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"'sha256' of {where} is no SHA-256")
    return digest
