"""Microsoft's assemblies, loaded once into this process by pythonnet. Imported by the checker's process only."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

AZURE = "azure"
LEVELS = ("130", "140", "150", AZURE)
"""compatibility levels of SQL Server 2016, 2017 and 2019, and Azure SQL Database as of 2019"""
_ASSEMBLIES = (
    "Microsoft.SqlServer.TransactSql.ScriptDom",
    "Microsoft.SqlServer.Dac",
    "Microsoft.SqlServer.Dac.Extensions",
    "Microsoft.SqlServer.SqlParser",
)


class Net:
    """The assemblies in `folder`, as `tests.sqlserver.install` laid them out."""

    def __init__(self, folder: Path) -> None:
        from clr_loader import get_coreclr  # noqa: PLC0415  there only where the oracle is installed
        from pythonnet import set_runtime  # noqa: PLC0415

        set_runtime(get_coreclr(runtime_config=str(folder / "rc.json"), dotnet_root=str(folder / "dotnet")))
        import clr  # noqa: PLC0415  there once the runtime is

        sys.path.append(str(folder / "lib"))
        for name in _ASSEMBLIES:
            clr.AddReference(name)
        from Microsoft.SqlServer.TransactSql import ScriptDom  # noqa: PLC0415
        from System.IO import StringReader  # noqa: PLC0415

        self.clr: Any = clr
        self.dom: Any = ScriptDom
        self._reader: Any = StringReader

    def parser(self, level: str) -> Any:
        """ScriptDom's parser of a level, with quoted identifiers."""
        if level == AZURE:
            return self.dom.TSql150Parser(True, self.dom.SqlEngineType.SqlAzure)
        return getattr(self.dom, f"TSql{level}Parser")(True, self.dom.SqlEngineType.Standalone)

    def parse(self, parser: Any, text: str) -> tuple[Any, list[Any]]:
        """The tree of a script, and the parser's errors."""
        tree, errors = parser.Parse(self._reader(text), None)
        return tree, list(errors)


def said(error: Any) -> str:
    """The message of an error; .NET texts cut through a character of two halves are no text to Python."""
    try:
        return str(error.Message)
    except UnicodeDecodeError:
        return "(a message cut through a character)"


def part(text: str, at: int, size: int | None = None) -> str:
    """A slice as .NET counts: in halves of UTF-16."""
    if text.isascii():
        return text[at:] if size is None else text[at : at + size]
    wide = text.encode("utf-16-le", "surrogatepass")
    return wide[2 * at : None if size is None else 2 * (at + size)].decode("utf-16-le", "surrogatepass")


def quoted(name: str) -> str:
    return f"[{name.replace(']', ']]')}]"


def full_name(name: Any) -> str:
    """A SchemaObjectName as [schema].[name]; the schema is dbo where none is said."""
    parts = [str(i.Value) for i in name.Identifiers]
    if len(parts) == 1:
        parts.insert(0, "dbo")
    return ".".join(map(quoted, parts[-2:]))
