"""Access definitions to SQL Server's: plain data in, plain data out; neither files nor servers are touched.

Light to import: what this package gives is loaded when it is first asked for, so that whoever moves rows or writes
scripts of what is converted already starts without Access's SQL and VBA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wizard.lazy_names import loader

if TYPE_CHECKING:
    from wizard.convert.conversion import convert, convert_loose, names_of
    from wizard.convert.draft import GivenTable

__all__ = ["GivenTable", "convert", "convert_loose", "names_of"]

_HOMES: Final = {
    "wizard.convert.conversion": "convert convert_loose names_of",
    "wizard.convert.draft": "GivenTable",
}
"""what is in which module"""

__getattr__ = loader(__name__, _HOMES)
