"""What else belongs to an application: saved imports and exports, ribbons, startup properties.

Saved imports and exports stand in the storage's folder `ImExSpecs`, an XML each; specifications of text files are rows
of MSysIMEXSpecs; ribbons are rows of USysRibbons; startup properties are properties of the database. Found in
the databases of the tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from wizard.access.application.byte_cursor import utf16
from wizard.access.application.model import Ribbon, SavedTransfer
from wizard.access.application.storage import StreamTree, listed
from wizard.access.redaction import redacted

FOLDER: Final = "imexspecs"
_LONGEST: Final = 1_000_000
_ROOT: Final = re.compile(r"<ImportExportSpecification\b[^>]{0,4000}?\bPath\s*=\s*\"([^\"]{0,2000})\"")
_WORK: Final = re.compile(r"<(Import|Export|Link)(?!ExportSpecification)(\w{0,40})\b([^>]{0,4000})>")
_OBJECT: Final = re.compile(r"\b(?:AccessObject|Destination|Source)\s*=\s*\"([^\"]{0,200})\"")
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
STARTUP: Final = (
    "StartUpForm", "StartUpMenuBar", "StartUpShortcutMenuBar", "StartUpShowDBWindow", "StartUpShowStatusBar",
    "AppTitle", "AppIcon", "CustomRibbonID", "AllowFullMenus", "AllowShortcutMenus", "AllowBuiltInToolbars",
    "AllowToolbarChanges", "AllowSpecialKeys", "AllowBypassKey",
)  # fmt: skip
"""the properties of *Options, Current Database* that decide what a user finds; they work on as they are"""


def saved_transfers(tree: StreamTree) -> Iterator[SavedTransfer]:
    """The saved imports and exports of a storage. Raises DamagedError."""
    for name, number in listed(tree, FOLDER):
        blob = tree.get((FOLDER, number, "blob"), b"")
        yield _transfer(name, utf16(blob[:_LONGEST]))


def _transfer(name: str, xml: str) -> SavedTransfer:
    root, work = _ROOT.search(xml), _WORK.search(xml)
    named = _OBJECT.search(work[3]) if work else None
    kind = f"saved {work[1].casefold()}" if work else "saved import or export"
    path = redacted(_plain(root[1])) if root else ""
    return SavedTransfer(name, kind, path, _plain(named[1]) if named else "", xml.strip("\0\ufeff"))


def text_specifications(rows: Iterable[Mapping[str, Any]]) -> Iterator[SavedTransfer]:
    """The specifications in MSysIMEXSpecs."""
    for row in rows:
        if row["SpecName"]:
            yield SavedTransfer(row["SpecName"], "text specification")


def ribbons(rows: Iterable[Mapping[str, Any]]) -> Iterator[Ribbon]:
    """The ribbons in USysRibbons."""
    for row in rows:
        if row["RibbonName"]:
            yield Ribbon(row["RibbonName"], row["RibbonXML"] or "")


def startup(properties: Mapping[str, object]) -> dict[str, str]:
    """The startup properties among those of the database."""
    known = {name.casefold(): value for name, value in properties.items()}
    found = {name: known.get(name.casefold()) for name in STARTUP}
    return {name: redacted(str(value)) for name, value in found.items() if isinstance(value, str | int) and value != ""}


def _plain(text: str) -> str:
    for coded, plain in _ENTITIES:
        text = text.replace(coded, plain)
    return text
