"""The application as text files for version control: a file an object, in a folder a kind, without passwords and keys.

The layout is ours: forms and reports are indented trees of what is not default, macros are their steps. Nothing but
what is in the database goes in, so that the same database gives the same files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from wizard.access.application.model import (
    Application,
    DefinitionNode,
    Form,
    Macro,
    MacroAction,
    Module,
    ModuleKind,
    PropertyValue,
)
from wizard.access.redaction import redacted
from wizard.definitions import Query
from wizard.escaping import file_names

_ENDINGS: Final = {ModuleKind.STANDARD: ".bas"}
_INDENT: Final = "    "
_SHORT: Final = 16


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to be written."""

    folder: str
    name: str
    """with its ending"""
    text: str


def source_files(application: Application, queries: Iterable[Query]) -> list[SourceFile]:
    """All modules, forms, reports, macros, data macros and queries as files. Modules without source have none."""
    data_macros = [(f"{m.table}.{m.event}", redacted(m.xml)) for m in application.data_macros]
    code = [m for m in application.modules if m.source is not None]
    return [
        *_files("modules", ((m.name, _code(m)) for m in code), [_ENDINGS.get(m.kind, ".cls") for m in code]),
        *_files("forms", ((f.name, _form(f)) for f in application.forms)),
        *_files("reports", ((r.name, _form(r)) for r in application.reports)),
        *_files("macros", ((m.name, _macro(m)) for m in application.macros)),
        *_files("data-macros", data_macros, [".xml"] * len(data_macros)),
        *_files("imports-exports", [(t.name, redacted(t.xml)) for t in application.transfers if t.xml], ending=".xml"),
        *_files("ribbons", [(r.name, redacted(r.xml)) for r in application.ribbons], ending=".xml"),
        *_files("queries", [(q.name, f"{q.stored or q.sql}\n") for q in queries if not q.hidden], ending=".sql"),
    ]


def object_text(application: Application, kind: str, name: str) -> str:
    """One object as its file would be, a form or report with the code behind it; empty where it was not read.

    `kind` is form, report, macro or module.
    """
    wanted = name.casefold()
    modules = {m.name.casefold(): m for m in application.modules if m.source is not None}
    if kind == "module":
        return redacted_code(found.code) if (found := modules.get(wanted)) else ""
    if kind == "macro":
        return next((_macro(m) for m in application.macros if m.name.casefold() == wanted), "")
    forms = application.forms if kind == "form" else application.reports
    design = next((_form(f) for f in forms if f.name.casefold() == wanted), "")
    behind = modules.get(f"{kind}_{wanted}")
    return f"{design}\n{redacted_code(behind.code)}" if behind else design


def _files(
    folder: str, texts: Iterable[tuple[str, str]], endings: list[str] | None = None, *, ending: str = ".txt"
) -> Iterator[SourceFile]:
    known = list(texts)
    names = file_names(name for name, _ in known)
    for name, (_, text), own in zip(names, known, endings or [ending] * len(known), strict=True):
        yield SourceFile(folder, name + own, text)


def _code(module: Module) -> str:
    return redacted_code((module.source or "").rstrip("\n")) + "\n"


def redacted_code(source: str) -> str:
    """VBA without passwords and keys, line by line: an apostrophe begins a comment, and ends with its line."""
    return "\n".join(map(redacted, source.split("\n")))


def _form(form: Form) -> str:
    return "\n".join(_node(form.node, "")) + "\n"


def _node(node: DefinitionNode, indent: str) -> Iterator[str]:
    yield f"{indent}{node.type_name} {node.name}".rstrip()
    inner = indent + _INDENT
    for name, value in node.properties.items():
        if name != "Name":
            yield from _property(name, value, inner)
    yield from (f"{inner}{name} is not default" for name in node.not_default)
    for child in node.children:
        yield from _node(child, inner)


def _property(name: str, value: PropertyValue, indent: str) -> Iterator[str]:
    if isinstance(value, Macro):
        yield f"{indent}{name} ="
        yield from (indent + _INDENT + line for line in _steps(value.actions))
        return
    text = _bytes(value) if isinstance(value, bytes) else redacted(str(value))
    first, *rest = text.replace("\r\n", "\n").split("\n")
    yield f"{indent}{name} = {first}"
    yield from (f"{indent}{_INDENT}{line}" for line in rest)


def _bytes(value: bytes) -> str:
    """Short ones whole. Of others (printers, pictures, what a form depends on) whether they changed: they may hold
    names of machines and connection strings that nobody looks for there."""
    if len(value) <= _SHORT:
        return value.hex()
    return f"{len(value)} bytes, SHA-256 {hashlib.sha256(value).hexdigest()}"


def _macro(macro: Macro) -> str:
    xml = ["", redacted(macro.xml)] if macro.xml else []
    return "\n".join([*_steps(macro.actions), *xml]) + "\n"


def _steps(actions: Iterable[MacroAction]) -> Iterator[str]:
    for action in actions:
        label = f"{action.label}: " if action.label else ""
        condition = f"If {redacted(action.condition)} Then " if action.condition else ""
        arguments = ", ".join(f'"{redacted(a)}"' for a in action.arguments)
        comment = f"' {redacted(action.comment)}" if action.comment else ""
        yield " ".join(f"{label}{condition}{action.name} {arguments} {comment}".split("\n")).strip()
