"""The application of a file, object by object: what is damaged is a message for its object, and the rest is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeVar

from wizard.access.application import definition, macros, others, vba
from wizard.access.application.byte_cursor import DamagedError
from wizard.access.application.model import (
    Application,
    DataMacro,
    Form,
    Macro,
    Module,
    ModuleKind,
    Reference,
    Ribbon,
    SavedTransfer,
)
from wizard.access.application.storage import StreamTree, listed, tree_of_pieces, tree_of_rows
from wizard.access.catalog import CATALOG_PAGE, CatalogType
from wizard.access.diagnostics import Diagnostics
from wizard.access.pages import PageFile
from wizard.access.properties import parse
from wizard.access.reader import TableReader
from wizard.access.text import decode_one
from wizard.messages import Kind, Message, Place, SourceError, Topic, UnsteadyFileError

T = TypeVar("T")

_PAGE: Final = 0x00FF_FFFF
_DATABASE: Final = "MSysDb"
_CLIPBOARD: Final = "~TMPCLP"
"""how objects begin that the designers leave behind"""
_VBA: Final = ("vba", "vbaproject", "vba")
_EXTRA_TYPES: Final = (CatalogType.FORM, CatalogType.REPORT, CatalogType.MACRO, CatalogType.TABLE)
_WITH_CODE: Final = {ModuleKind.FORM: CatalogType.FORM, ModuleKind.REPORT: CatalogType.REPORT}
_MOST_TOLD: Final = 100
"""damaged objects that have a message of their own"""
_COMPILED: Final = ("T", "TRUE")
"""what Access sets the database's property `MDE` to when it takes the source away"""
_NO_MODULES: Final = ("MSysDb", "Lock")
"""rows of MSysModules2 that are the project itself, and nothing"""

_KINDS: Final[Mapping[str, type]] = {
    "Name": str, "Id": int, "ID": int, "ParentId": int, "Type": int, "SpecName": str, "RibbonName": str,
    "RibbonXML": str,
}  # fmt: skip
"""what system columns hold; the others hold bytes"""
_Designs = tuple[list[Form], list[Form], list[Macro]]


def read_application(pages: PageFile, findings: Diagnostics) -> Application:
    """Read all modules, forms, reports, macros and data macros.

    Args:
        findings: gets a message for each object that could not be read.

    Raises:
        SourceError: reading itself fails (the file was cut, changed or taken away).
    """
    reader = _ApplicationReader(pages, findings)
    try:
        return reader.read()
    finally:
        reader.report()


def streams_of(pages: PageFile, findings: Diagnostics) -> StreamTree:
    """The streams that reading looks at, by path in small letters; none in a file of Access 97. Raises SourceError."""
    reader = _ApplicationReader(pages, findings)
    return reader.tree(reader.catalog().tables)


@dataclass(slots=True)
class _ApplicationCatalog:
    """What MSysObjects says."""

    tables: dict[str, int] = field(default_factory=dict)
    """page of the definition, by name"""
    extras: list[tuple[str, int, bytes]] = field(default_factory=list)
    """name, type and `LvExtra` of the objects that have one"""
    database: bytes = b""
    """the database's properties"""


@dataclass(slots=True)
class _Found:
    """What has been read so far."""

    modules: list[Module] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    transfers: list[SavedTransfer] = field(default_factory=list)
    code_page: str = "cp1252"
    protected: bool = False
    no_source: bool = False
    """a module has compiled code and no source"""


class _ApplicationReader:
    def __init__(self, pages: PageFile, findings: Diagnostics) -> None:
        self.pages, self.findings = pages, findings
        self.own = Diagnostics()
        self.budget = vba.Budget()
        self.compiled = False
        self.damaged = 0
        self.found = _Found(code_page=pages.code_page or "cp1252")

    def report(self) -> None:
        """Hand on what reading the system tables found, and what was too much to be listed one by one."""
        if self.damaged > _MOST_TOLD:
            self.findings.say(Message.of(1532, self._file(), count=self.damaged - _MOST_TOLD))
        bare = [m.name for m in self.found.modules if m.source is None]
        if self.found.no_source:
            self.findings.say(Message.of(1531, self._file(), count=len(bare), module=bare[0]))
        if self.found.protected:
            self.findings.say(Message.of(1533, self._file()))
        for message in self.own.messages:
            if message.topic is not Topic.AS_READ:
                self.findings.say(message)

    def read(self) -> Application:
        catalog = self.catalog()
        properties = parse(catalog.database, lambda raw: decode_one(raw, self.pages.code_page)).itself
        self.compiled = str(properties.get("MDE", "")).upper() in _COMPILED
        old = bool(self.pages.code_page)
        forms, reports, found_macros = self._access_97(catalog) if old else self._streams(catalog)
        sources = any(m.source for m in self.found.modules)
        return Application(
            modules=tuple(self.found.modules),
            references=tuple(self.found.references),
            forms=tuple(forms),
            reports=tuple(reports),
            macros=tuple(found_macros),
            data_macros=() if old else tuple(self._data_macros(catalog)),
            transfers=tuple(self.found.transfers) + tuple(self._specifications(catalog)),
            ribbons=tuple(self._ribbons(catalog)),
            startup=others.startup(properties),
            compiled_only=self.compiled or (self.found.no_source and not sources),
            code_protected=self.found.protected,
        )

    def catalog(self) -> _ApplicationCatalog:
        found = _ApplicationCatalog()
        for row in self._rows(CATALOG_PAGE, "MSysObjects", ("Id", "Name", "Type", "LvExtra", "LvProp")):
            name, kind, extra = row["Name"] or "", row["Type"], row["LvExtra"] or b""
            if kind == CatalogType.TABLE and row["Id"] is not None:
                found.tables.setdefault(name, row["Id"] & _PAGE)
            if kind == CatalogType.DATABASE and name == _DATABASE:
                found.database = row["LvProp"] or b""
            elif kind in _EXTRA_TYPES and extra:
                found.extras.append((name, kind, extra))
        return found

    # --- system tables -------------------------------------------------------------------------------------------

    def _rows(self, page: int, name: str, columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """The rows of a system table, without what is damaged; columns that are absent or no text, number or bytes
        are None."""
        try:
            reader = TableReader(self.pages, page, name, findings=self.own, salvage=True)
            there = [c for c in columns if any(c.casefold() == p.name.casefold() for p in reader.plans)]
            lacking = dict.fromkeys(columns)
            for row in reader.rows(there):
                yield lacking | {c: _sound(c, v) for c, v in zip(there, row.values(), strict=True)}
        except UnsteadyFileError:
            raise
        except SourceError as error:
            self.findings.say(
                Message.of(1515, self._file(), table=name, reason=error.message.clause, lost="forms, reports and code")
            )

    def _file(self) -> Place:
        return Place(Kind.FILE, self.pages.path)

    def _whole(self, what: str, name: str, read: Callable[[], T]) -> T | None:
        """What `read` gives; None, with a message, where the object is damaged."""
        try:
            return read()
        except DamagedError as error:
            self._leave_out(f"{what} {name!r}", name, str(error))
            return None

    def _leave_out(self, what: str, name: str, reason: str) -> None:
        self.damaged += 1
        if self.damaged <= _MOST_TOLD:
            place = Place(Kind.OBJECT, self.pages.path, name)
            self.findings.say(Message.of(1530, place, object=what, reason=reason))

    def _data_macros(self, catalog: _ApplicationCatalog) -> Iterator[DataMacro]:
        for name, kind, extra in catalog.extras:
            if kind == CatalogType.TABLE and not name.startswith(
                "MSys"
            ):  # the storage's own table keeps other XML there
                read = partial(lambda n, e: [*macros.data_macros(n, e)], name, extra)
                yield from self._whole("the data macros of table", name, read) or ()

    def _specifications(self, catalog: _ApplicationCatalog) -> list[SavedTransfer]:
        page = catalog.tables.get("MSysIMEXSpecs")
        return list(others.text_specifications(self._rows(page, "MSysIMEXSpecs", ("SpecName",)))) if page else []

    def _ribbons(self, catalog: _ApplicationCatalog) -> list[Ribbon]:
        page = next((p for n, p in catalog.tables.items() if n.casefold() == "usysribbons"), None)
        return list(others.ribbons(self._rows(page, "USysRibbons", ("RibbonName", "RibbonXML")))) if page else []

    # --- Access 2000 and later -------------------------------------------------------------------------------------

    def _streams(self, catalog: _ApplicationCatalog) -> _Designs:
        tree = self.tree(catalog.tables)
        if tree:
            self._project(tree)
            saved = self._whole("the list of", "saved imports and exports", lambda: [*others.saved_transfers(tree)])
            self.found.transfers += saved or []
        code_page = self.found.code_page
        return (
            self._forms("form", self._blobs(tree, "forms"), code_page),
            self._forms("report", self._blobs(tree, "reports"), code_page),
            self._macros(((name, blob) for name, blob, _ in self._blobs(tree, "scripts")), ""),
        )

    def tree(self, tables: Mapping[str, int]) -> StreamTree:
        if page := tables.get("MSysAccessStorage"):
            return tree_of_rows(self._rows(page, "MSysAccessStorage", ("Id", "ParentId", "Type", "Name", "Lv")))
        if page := tables.get("MSysAccessObjects"):
            rows = self._rows(page, "MSysAccessObjects", ("ID", "Data"))
            read = partial(tree_of_pieces, rows, 2 * self.pages.size)
            return self._whole("the storage", "MSysAccessObjects", read) or {}
        return {}

    def _blobs(self, tree: StreamTree, folder: str) -> Iterator[tuple[str, bytes, bytes]]:
        """Name, `Blob` and `BlobDelta` of the objects in a folder, each once."""
        names = self._whole("the list of", folder, lambda: [*listed(tree, folder)]) or []
        for number, name in {number: name for name, number in names}.items():
            if not name.startswith(_CLIPBOARD):
                found = tree.get((folder, number, "blob"))
                if found is None:
                    self._leave_out(repr(name), name, "its design is absent")
                else:
                    yield name, found, tree.get((folder, number, "blobdelta"), b"")

    def _project(self, tree: StreamTree) -> None:
        """Read the VBA project."""
        stream = tree.get((*_VBA, "dir"))
        if stream is None:
            return
        found = self._whole("the VBA project", "dir", partial(vba.directory, stream, self.budget))
        if found is None:
            return
        self.found.code_page, self.found.references = found.code_page, found.references
        self.found.protected = vba.has_password(tree.get((*_VBA[:-1], "project"), b""))
        unread = {path[-1]: stream for path, stream in tree.items() if path[:-1] == _VBA}
        for one in found.modules:
            stream = unread.pop(one.stream.casefold(), None)  # a stream is one module's
            read = partial(vba.module, one, stream, found.code_page, self.budget)
            self._add(one.name, one.kind, self._whole("module", one.name, read))

    def _add(self, name: str, kind: ModuleKind, module: Module | None) -> None:
        """Add a module; one that is damaged is listed without source."""
        self.found.no_source |= module is not None and module.source is None
        self.found.modules.append(module or Module(name, kind, None))

    # --- Access 97 -------------------------------------------------------------------------------------------------

    def _access_97(self, catalog: _ApplicationCatalog) -> _Designs:
        code_page = self.pages.code_page
        designs = {(kind, name): extra for name, kind, extra in catalog.extras}
        if page := catalog.tables.get("MSysModules2"):
            for row in self._rows(page, "MSysModules2", ("Name", "Module", "Form")):
                name = row["Name"] or ""
                kind = vba.kind_of(name)
                if row["Form"] and kind in _WITH_CODE:
                    designs[_WITH_CODE[kind], name.partition("_")[2]] = row["Form"]
                if name not in _NO_MODULES and row["Module"]:
                    read = partial(vba.module_97, name, row["Module"], code_page, self.budget)
                    self._add(name, kind, self._whole("module", name, read))

        def of(wanted: int) -> Iterator[tuple[str, bytes]]:
            return ((name, blob) for (kind, name), blob in designs.items() if kind == wanted)

        return (
            self._forms("form", ((n, b, b"") for n, b in of(CatalogType.FORM)), code_page),
            self._forms("report", ((n, b, b"") for n, b in of(CatalogType.REPORT)), code_page),
            self._macros(of(CatalogType.MACRO), code_page),
        )

    # --- both --------------------------------------------------------------------------------------------------------

    def _forms(self, what: str, blobs: Iterable[tuple[str, bytes, bytes]], code_page: str) -> list[Form]:
        found = []
        for name, blob, delta in blobs:
            if node := self._whole(what, name, partial(definition.read, blob, code_page, delta)):
                found.append(Form(name, node))
        return found

    def _macros(self, blobs: Iterable[tuple[str, bytes]], code_page: str) -> list[Macro]:
        read = ((n, self._whole("macro", n, partial(macros.actions, n, b, code_page))) for n, b in blobs)
        return [found for _, found in read if found]


def _sound(column: str, value: object) -> object:
    """The value where it is of the type that the column must have, else None."""
    kind = _KINDS.get(column, bytes)
    return value if isinstance(value, kind) else None
