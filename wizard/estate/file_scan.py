"""One file of an estate read and assessed, as plain data; runs in a `file_worker`."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Final

from wizard.access import AccessFile, Batch, Diagnostics
from wizard.access.application import Application
from wizard.access.catalog import CATALOG_PAGE
from wizard.access.file_ranges import Ranges
from wizard.access.reader import TableReader
from wizard.definitions import Column, ColumnType, Database, LinkedTable, LinkKind, QueryKind, Table, TableProfile
from wizard.estate import fingerprints as prints
from wizard.estate.file_passwords import FilePasswords
from wizard.estate.model import FileScan, FileState, ScanOrder
from wizard.estate.personal_data import SAMPLED, ColumnSample, findings
from wizard.estate.readiness import complexity, of_assessment
from wizard.estate.walk import NAMES, SIGNATURES
from wizard.messages import (
    JetferryError,
    Kind,
    Message,
    PasswordError,
    Place,
    SourceError,
    UnsteadyFileError,
)
from wizard.settings import Options, Target
from wizard.stages import access_files

_PIECE: Final = 1 << 20
_SOURCE: Final = "estate"
_HEADER_DATE: Final = 0x72
"""days since 30 December 1899 as a double (mdbtools HACKING): when the file was made, which compacting does again"""
_EPOCH: Final = datetime(1899, 12, 30)
_MEMBERS: Final = 1_000
"""files of an archive that are listed"""


def scan_file(order: ScanOrder) -> FileScan:
    """Look at a file. What Jetferry and the system raise becomes a state with a message; other errors are raised."""
    if order.archive:
        return _archive(order)
    try:
        ranges = Ranges(order.path, Place(Kind.FILE, order.path))
    except SourceError as e:
        gone = not os.path.lexists(order.path)
        return _failed(FileState.VANISHED if gone else FileState.UNREADABLE, e.message)
    found = FileScan(FileState.ASSESSED, "", ranges.size, ranges.modified)
    begin = b""
    try:
        begin, digest = _digest(ranges)
        found = replace(found, digest=digest)
        if digest not in order.known:
            found = replace(found, facts=_facts(order, ranges))
        ranges.check()
    except UnsteadyFileError as e:
        gone = not os.path.lexists(order.path)
        return _failed(FileState.VANISHED if gone else FileState.CHANGED, e.message)
    except JetferryError as e:
        found = replace(found, state=_state(e, begin), number=e.message.number, text=e.message.text, facts=None)
    return found


def _state(error: JetferryError, begin: bytes) -> FileState:
    if isinstance(error, PasswordError):
        return FileState.PASSWORD
    return FileState.DAMAGED if begin.startswith(SIGNATURES) else FileState.NO_DATABASE


def _failed(state: FileState, message: Message) -> FileScan:
    return FileScan(state, number=message.number, text=message.text)


def _digest(ranges: Ranges) -> tuple[bytes, str]:
    """The first bytes and the SHA-256 of the file."""
    digest, at, begin = hashlib.sha256(), 0, b""
    buffer = memoryview(bytearray(min(_PIECE, max(ranges.size, 1))))
    while at < ranges.size:
        piece = buffer[: min(len(buffer), ranges.size - at)]
        ranges.into(at, piece)
        begin = begin or bytes(piece[:32])
        digest.update(piece)
        at += len(piece)
    return begin, digest.hexdigest()


def _archive(order: ScanOrder) -> FileScan:
    """The Access files that a ZIP archive names; it is listed, nothing of it is unpacked."""
    members: list[tuple[str, int, str]] = []
    try:
        status = os.stat(order.path)  # noqa: PTH116
        with zipfile.ZipFile(order.path) as archive:
            for info in archive.infolist():
                if PurePosixPath(info.filename).suffix.casefold() in NAMES and len(members) < _MEMBERS:
                    when = "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*info.date_time)
                    members.append((info.filename, info.file_size, when))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as e:
        return FileScan(FileState.ARCHIVE, number=9103, text=Message.of(9103, what=e).text)
    except OSError as e:
        return FileScan(FileState.UNREADABLE, number=1000, text=e.strerror or str(e))
    return FileScan(FileState.ARCHIVE, "", status.st_size, status.st_mtime_ns, members=tuple(members))


def _opened(order: ScanOrder, ranges: Ranges) -> AccessFile:
    """With the first password that opens it. Raises SourceError."""
    options: dict[str, Any] = {"code_page": order.code_page or None, "salvage": True, "ranges": ranges}
    try:
        return AccessFile.open(order.path, None, **options)
    except PasswordError:
        for password in FilePasswords(order.passwords, order.password_command).of(order.path):
            with suppress(PasswordError):
                return AccessFile.open(order.path, password, **options)
        raise


class _Tapped:
    """A file whose rows are looked at while the assessment reads them, so that they are read once."""

    def __init__(self, file: AccessFile, salt: int) -> None:
        self._file = file
        self.definition = file.definition
        self.sketches: dict[str, prints.KeySketch] = {}
        self.samples: dict[tuple[str, str], ColumnSample] = {}
        self._salt = salt

    def row_count(self, table: str) -> int:
        """As the file's."""
        return self._file.row_count(table)

    def read(self, table: str, *, columns: Sequence[str] | None = None, start: int = 0, **how: Any) -> Iterator[Batch]:
        """As the file's; the first pass over whole rows is looked at."""
        first = columns is None and start == 0 and table not in self.sketches
        for batch in self._file.read(table, columns=columns, start=start, **how):
            if first:
                self._tap(table, batch)
            yield batch

    def _tap(self, table: str, batch: Batch) -> None:
        known = self.definition.tables_by_name[table.casefold()]
        names = {f.name.casefold(): i for i, f in enumerate(batch.rows.schema)}
        key = known.primary_key or next((i for i in known.indexes if i.unique), None)
        wanted = [c.name for c in key.columns] if key else [c.name for c in known.columns]
        at = [names[n.casefold()] for n in wanted if n.casefold() in names]
        sketch = self.sketches.setdefault(table, prints.KeySketch(self._salt))
        with suppress(TypeError, ValueError, NotImplementedError):  # a key of values that have no hash has no sketch
            sketch.add([batch.rows.column(i) for i in at])
        for column in known.columns:
            if (place := names.get(column.name.casefold())) is not None:
                self._sample(known, column, batch, place)

    def _sample(self, table: Table, column: Column, batch: Batch, place: int) -> None:
        sample = self.samples.setdefault((table.name, column.name), ColumnSample(table.name, column))
        if column.type in _NOT_SAMPLED or sample.full:
            return
        values = batch.rows.column(place).slice(0, 2_000).drop_null()
        room = SAMPLED - len(sample.values)
        sample.values += values.slice(0, room).to_pylist()


_NOT_SAMPLED: Final = (
    ColumnType.BOOLEAN, ColumnType.COMPLEX, ColumnType.LONGBINARY, ColumnType.BINARY, ColumnType.GUID,
    ColumnType.CURRENCY, ColumnType.UNKNOWN, ColumnType.SINGLE, ColumnType.BYTE,
)  # fmt: skip


def _facts(order: ScanOrder, ranges: Ranges) -> dict[str, Any]:
    with _opened(order, ranges) as file:
        tapped = _Tapped(file, order.salt)
        application = access_files.application(file)
        profile = access_files.profile(tapped) if order.rows else None
        assessed = access_files.assess(
            tapped, _SOURCE, Options(data_assessment=order.checks and order.rows), Target(), facts=profile or {},
            known=application, whole=False,
        )  # fmt: skip
        return {
            **_of_file(file, application, profile),
            **of_assessment(assessed, file.definition, file.messages),
            "complexity": complexity(file.definition, application),
            "links": _links(file.definition),
            **_of_tables(file.definition, tapped, profile),
            **_of_prints(prints.of_definitions(file.definition, application)),
            "note": "; ".join(str(m.text) for m in file.messages[:3]),
        }


def _of_file(file: AccessFile, application: Application, profile: Mapping[str, TableProfile] | None) -> dict[str, Any]:
    known = file.definition
    rows = sum(p.rows for p in profile.values()) if profile is not None else sum(t.rows for t in known.tables)
    return {
        "format": known.format, "code_page": known.code_page, "encrypted": int(known.encrypted),
        "workgroup": int(known.workgroup), "made": _made(file), "designed": _designed(file),
        "tables": sum(not t.child_of for t in known.tables), "rows": rows, "rows_read": int(profile is not None),
        "queries": sum(not q.hidden for q in known.queries), "forms": len(known.other.forms),
        "reports": len(known.other.reports), "macros": len(known.other.macros), "modules": len(known.other.modules),
        "code_lines": sum(m.lines for m in application.modules), "compiled_only": int(application.compiled_only),
    }  # fmt: skip


def _made(file: AccessFile) -> str:
    """When the file was made, created or compacted; empty where it does not say (Access 97) or says nonsense."""
    if file.pages.layout.engine < 4:
        return ""
    days = struct.unpack_from("<d", file.pages.header, _HEADER_DATE)[0]
    return (_EPOCH + timedelta(days=days)).isoformat(timespec="seconds") if 33_000 < days < 73_000 else ""


def _designed(file: AccessFile) -> str:
    """When an object was last changed, as the catalogue says."""
    try:
        reader = TableReader(file.pages, CATALOG_PAGE, "MSysObjects", findings=Diagnostics(), salvage=True)
        found = [r["DateUpdate"] for r in reader.rows(["DateUpdate"]) if isinstance(r["DateUpdate"], datetime)]
    except SourceError:
        return ""
    return max(found).isoformat(timespec="seconds") if found else ""


_SERVICES: Final = (
    ("wss", "sharepoint"),
    ("sharepoint", "sharepoint"),
    ("exchange", "exchange"),
    ("outlook", "outlook"),
)


def _links(known: Database) -> list[list[str]]:
    """What the file reads elsewhere: linked tables, and pass-through queries."""
    found = [[t.name, _kind(t), _target(t), t.foreign_name] for t in known.linked_tables]
    for query in known.queries:
        if query.kind is QueryKind.PASS_THROUGH and query.connect:
            found.append([query.name, "odbc", _server(query.connect), ""])
    return found


def _kind(table: LinkedTable) -> str:
    if table.kind is not LinkKind.OTHER:
        return str(table.kind)
    begin = table.connect.split(";", 1)[0].strip().casefold()
    return next((kind for word, kind in _SERVICES if begin.startswith(word)), begin[:20] or "other")


def _target(table: LinkedTable) -> str:
    return _server(table.connect) if table.kind is LinkKind.ODBC else table.database or table.connect[:200]


def _server(connect: str) -> str:
    """The server and database, or the data source, that a connection string without secrets names."""
    pairs = (p.partition("=") for p in connect.split(";"))
    parts = {k.strip().casefold(): v.strip() for k, eq, v in pairs if eq}
    names = (parts.get("server") or parts.get("dsn") or parts.get("dbq") or "", parts.get("database", ""))
    return "/".join(n for n in names if n) or "a data source that it does not name"


def _of_tables(known: Database, tapped: _Tapped, profile: Mapping[str, TableProfile] | None) -> dict[str, Any]:
    tables = []
    for table in known.tables:
        sketch = tapped.sketches.get(table.name)
        rows = profile[table.name].rows if profile and table.name in profile else table.rows
        kept = sketch.sketch.hex() if sketch else ""
        tables.append(
            [table.name, rows, len(table.columns), prints.of_table(table), sketch.rows if sketch else 0, kept]
        )
    samples = tapped.samples or {(t.name, c.name): ColumnSample(t.name, c) for t in known.tables for c in t.columns}
    personal = [[f.table, f.column, f.kind, f.confidence, f.why] for f in findings(list(samples.values()))]
    return {"access_tables": tables, "personal": personal}


def _of_prints(found: list[str]) -> dict[str, Any]:
    return {"fingerprints": found, "definitions": prints.of_all(found)}
