"""An Access file opened: its definitions, its tables' readers and its application; where this room is entered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Self

from wizard.access import format as fmt
from wizard.access.catalog import CATALOG_PAGE
from wizard.access.complex_columns import with_files
from wizard.access.defined_tables import DefinedTables, DefinitionsReader
from wizard.access.diagnostics import Diagnostics
from wizard.access.file_ranges import Ranges
from wizard.access.pages import PageFile
from wizard.access.reader import Batch, Claimed, TableReader
from wizard.definitions import BATCH_ROWS, ColumnType, ComplexKind, Table
from wizard.messages import Message, SourceError, UnsteadyFileError

if TYPE_CHECKING:
    from wizard.definitions import CodeModule, Database


class AccessFile:
    """An open Access database: what it defines, and the rows of its tables. Never changes the file.

    A context manager; several threads may read at once.
    """

    def __init__(self, pages: PageFile, *, salvage: bool = False) -> None:
        self._pages = pages
        self._salvage = salvage
        self._findings = Diagnostics()
        self._lock = RLock()
        self._definitions = DefinitionsReader(pages, self._findings, salvage=salvage)
        self._database: Database | None = None
        self._readers: dict[str, TableReader] = {}
        for message in pages.damage:
            self._findings.say(message)

    @classmethod
    def open(
        cls,
        path: str | Path,
        password: str | None = None,
        *,
        code_page: str | None = None,
        salvage: bool = False,
        ranges: Ranges | None = None,
    ) -> Self:
        """Open a file for reading.

        Args:
            code_page: a Python codec that overrides what a file of Access 97 says of its text.
            salvage: leave out damaged pages and rows, with a count in `messages`, instead of raising SourceError.
            ranges: the file, where it is open already.

        Raises:
            SourceError: the file is absent, unreadable, no Access file, of Access 2.0 or earlier, or cut too short.
            PasswordError: a password is needed, or the one given is wrong.
        """
        pages = PageFile(path, password, code_page, ranges)
        if pages.page(CATALOG_PAGE, "the list of tables")[0] != fmt.TABLE_PAGE:
            pages.close()
            raise SourceError(1009, pages.place, page=CATALOG_PAGE)
        return cls(pages, salvage=salvage)

    @property
    def path(self) -> str:
        """Where the file is."""
        return self._pages.path

    @property
    def pages(self) -> PageFile:
        """The file's pages, for what else of the file is read (`application`)."""
        return self._pages

    @property
    def findings(self) -> Diagnostics:
        """Where `messages` come from; whatever else is read of the file adds to it."""
        return self._findings

    @property
    def definition(self) -> Database:
        """All that the file defines. Raises SourceError where the catalogue itself cannot be read.

        What reads queries is loaded here, where they are asked for: whoever only reads rows starts sooner.
        """
        from wizard.access.database import read_database

        with self._lock:
            if self._database is None:
                self._database = replace(read_database(self._definitions), code=lambda: self._code)
            return self._database

    @property
    def tables(self) -> Mapping[str, Table]:
        """The definitions of the tables by case-folded name, read without any other. Raises SourceError."""
        return self._tables().by_name

    def _tables(self) -> DefinedTables:
        with self._lock:
            return self._definitions.tables()

    @cached_property
    def _code(self) -> tuple[CodeModule, ...]:
        """The standard modules that have source, without passwords; none where the application cannot be read.

        The application's readers are loaded here, where its code is asked for: whoever only reads rows starts sooner.
        """
        from wizard.access.application.model import ModuleKind
        from wizard.access.application.reader import read_application
        from wizard.access.application.source_files import redacted_code
        from wizard.definitions import CodeModule

        try:
            modules = read_application(self._pages, Diagnostics()).modules
        except UnsteadyFileError:
            raise
        except SourceError:
            return ()
        standard = (m for m in modules if m.kind is ModuleKind.STANDARD and m.source)
        return tuple(CodeModule(m.name, redacted_code(m.source or "")) for m in standard)

    @property
    def messages(self) -> list[Message]:
        """What was found while opening and reading so far: one message per kind and place, with counts."""
        return self._findings.messages

    def row_count(self, table: str) -> int:
        """How many rows the table has, counted on its pages. Raises SourceError."""
        return self.reader(table).row_count()

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        start: int = 0,
        batch_rows: int = BATCH_ROWS,
        stop: int | None = None,
        claimed: Claimed | None = None,
        damaged: bool = False,
    ) -> Iterator[Batch]:
        """The rows of a table in batches, in a stable order; of child tables with attachments, the files themselves.

        Args:
            columns: names, in the order wanted; all where None.
            start: 0, or the `next` of a batch read before: reading goes on there at no further cost.
            batch_rows: the most rows of a batch; it has fewer where pages or long values are large.
            stop, claimed: as in `TableReader.batches`, for reading in parts.
            damaged: name values that cannot be read, with salvage also those of rows else left out (see
                `Batch.unread`).

        Raises:
            SourceError: there is no such table or column; without `salvage`, the first damage met.
        """
        if start < 0 or batch_rows < 1:
            raise SourceError(1018, self._pages.place, table=table, start=start)
        reader = self.reader(table)
        batches = reader.batches(columns, start, batch_rows, stop, claimed, damaged=damaged)
        child = self.tables[table.casefold()].child_of
        return with_files(batches, reader.report) if child and child.kind is ComplexKind.ATTACHMENT else batches

    def parts(self, table: str, rows: int) -> list[int]:
        """Positions at which parts of about so many rows begin, the first at 0, for `read`'s `start` and `stop`.

        Only 0 where a table must be read in one go: one of attachments or several values, and in salvage, which
        counts what is lost. Raises SourceError.
        """
        reader = self.reader(table)
        found = self.tables[table.casefold()]
        if reader.report.salvage or found.child_of or any(c.type is ColumnType.COMPLEX for c in found.columns):
            return [0]
        return reader.parts(rows)

    def reader(self, table: str) -> TableReader:
        """What reads a table, by its name in any case. Raises SourceError."""
        with self._lock:
            key = table.casefold()
            if key not in self._readers:
                known = self._tables()
                found = known.by_name.get(key)
                if found is None:
                    raise SourceError(1016, self._pages.place, table=table)
                self._readers[key] = TableReader(
                    self._pages,
                    known.pages[key],
                    found.name,
                    columns=found.by_name,
                    findings=self._findings,
                    salvage=self._salvage,
                )
            return self._readers[key]

    @property
    def changed(self) -> bool:
        """Whether the file was written to, or taken away, since it was opened: it must be opened again to be read."""
        return self._pages.changed

    def close(self) -> None:
        """Close the file. Batches read before stay good."""
        self._pages.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()
