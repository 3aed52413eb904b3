"""What the kit will do to an Access file, step by step, as plain data: in the scripts, and in a JSON file to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from wizard.link.code_changes import ModuleChange
from wizard.link.kit import Kit
from wizard.link.queries import KitPass, KitView
from wizard.plurals import counted

FORMAT: Final = 1
"""of the JSON file"""
Item = Mapping[str, Any]


class StepName(StrEnum):
    """The steps in the order in which they are done; *unlink* undoes them from the last to the first."""

    TABLES = "Tables"
    PROPERTIES = "Properties"
    RELATIONSHIPS = "Relationships"
    VIEWS = "Views"
    ACTIONS = "Actions"
    PARAMETERS = "Parameters"
    MESSAGES = "Messages"
    HYPERLINKS = "Hyperlinks"
    CODE = "Code"


@dataclass(frozen=True, slots=True)
class KitStep:
    """One step: what it does to which objects."""

    name: StepName
    does: str
    undone: str
    asked: bool
    """it is done only where somebody asks for it"""
    count: str
    """`3 tables`"""
    items: tuple[Item, ...]


def steps_of(kit: Kit) -> tuple[KitStep, ...]:
    """All steps that have something to do."""
    made = (
        *_of_tables(kit),
        *_of_queries(kit),
        KitStep(
            StepName.MESSAGES,
            "A table JetferryRules is made, of the server's constraints and the validation texts of Access. "
            "JetferryMessage of the module Jetferry says them in place of the server's words.",
            "The table and the module are removed.",
            False,
            counted(len(kit.rules), "constraint"),
            tuple({"constraint": r.constraint, "table": r.table, "text": r.text} for r in kit.rules),
        ),
        *_only_when_asked(kit),
    )
    return tuple(s for s in made if s.items)


def _of_tables(kit: Kit) -> Iterator[KitStep]:
    yield KitStep(
        StepName.TABLES,
        "Each migrated table is renamed to its local name, and the server's table linked under the old one.",
        "The links are removed, and the local tables get their names back.",
        False,
        counted(len(kit.tables), "table"),
        tuple({"name": t.name, "local": t.local, "server": t.server.plain, "key": list(t.key)} for t in kit.tables),
    )
    yield KitStep(
        StepName.PROPERTIES,
        "The links get the captions, formats, input masks, lookups, column order and widths and descriptions of "
        "the local tables; subdatasheets are switched off.",
        "They go with the links.",
        False,
        counted(sum(len(t.properties) for t in kit.tables), "property", "properties"),
        tuple(
            {"table": t.name, "column": p.column, "property": p.name, "type": p.type, "value": p.value}
            for t in kit.tables
            for p in t.properties
        ),
    )
    yield KitStep(
        StepName.RELATIONSHIPS,
        "Relationships are shown again in the query designer; the server enforces them.",
        "They are removed.",
        False,
        counted(len(kit.joins), "relationship"),
        tuple(
            {
                "name": j.name,
                "table": j.table,
                "columns": list(j.columns),
                "referenced": j.referenced_table,
                "referenced_columns": list(j.referenced_columns),
            }
            for j in kit.joins
        ),
    )


def _of_queries(kit: Kit) -> Iterator[KitStep]:
    yield KitStep(
        StepName.VIEWS,
        "Saved queries that are views on the server become links to them, so that the server does their work.",
        "The links are removed, and the queries get their names back.",
        False,
        counted(len(kit.queries.views), "query", "queries"),
        tuple(map(_view, kit.queries.views)),
    )
    yield _passes(
        kit,
        StepName.ACTIONS,
        "Action queries become pass-through queries that run the procedures on the server.",
        parameters=False,
    )
    yield _passes(
        kit,
        StepName.PARAMETERS,
        "Parameter queries become pass-through queries. The module Jetferry fills their parameters, from forms or "
        "by asking: code calls JetferryFill before it runs one, people JetferryOpen. Those that code runs need the "
        "step Code too.",
        parameters=True,
    )


def _only_when_asked(kit: Kit) -> Iterator[KitStep]:
    yield KitStep(
        StepName.HYPERLINKS,
        "Text boxes over hyperlink columns are told to show them as hyperlinks: a link knows them as text. The "
        "forms and reports are opened in design view and saved.",
        "The text boxes are as before.",
        True,
        counted(len(kit.hyperlinks), "text box", "text boxes"),
        tuple({"kind": h.kind, "object": h.name, "control": h.control} for h in kit.hyperlinks),
    )
    yield KitStep(
        StepName.CODE,
        "Code is changed as the .diff file shows it, in the Visual Basic editor. A module whose text is not what "
        "was read is left alone.",
        "The former lines are put back, where the module is still as it was left.",
        True,
        counted(len(kit.code.modules), "module"),
        tuple(map(_module, kit.code.modules)),
    )


def _view(found: KitView) -> Item:
    return {
        "name": found.name,
        "local": found.local,
        "server": found.view,
        "link": found.link,
        "key": list(found.key),
        "sql": found.sql,
    }


def _passes(kit: Kit, name: StepName, does: str, *, parameters: bool) -> KitStep:
    found = [p for p in kit.queries.passes if bool(p.parameters) == parameters]
    undone = "The pass-through queries are removed, and the queries get their names back."
    items = tuple(map(_pass, found))
    return KitStep(name, does, undone, parameters, counted(len(found), "query", "queries"), items)


def _pass(found: KitPass) -> Item:
    return {
        "name": found.name,
        "local": found.local,
        "sql": found.sql,
        "returns_records": found.returns_records,
        "needs_code": bool(found.called),
        "parameters": [{"expression": p.expression, "asked": p.asked, "kind": p.kind} for p in found.parameters],
    }


def _module(found: ModuleChange) -> Item:
    return {
        "module": found.module,
        "lines": found.lines,
        "checksum": found.checksum,
        "lines_after": found.lines_after,
        "checksum_after": found.checksum_after,
        "changes": [
            {"line": c.line, "why": c.why, "before": list(c.before), "after": list(c.after)} for c in found.changes
        ],
    }


def plan_of(kit: Kit, version: str) -> dict[str, Any]:
    """The plan as the JSON file has it. No password is in it."""
    return {
        "format": FORMAT,
        "jetferry": version,
        "source": kit.source,
        "file": kit.file,
        "server": kit.connection.server,
        "database": kit.connection.database,
        "sign_in": str(kit.auth),
        "steps": [
            {
                "step": str(s.name),
                "does": s.does,
                "undone": s.undone,
                "only_when_asked": s.asked,
                "count": s.count,
                "items": [dict(i) for i in s.items],
            }
            for s in steps_of(kit)
        ],
        "left": [{"query": q.name, "why": q.why} for q in kit.queries.left],
        "code_left": [{"module": r.module, "line": r.line, "finding": r.code, "why": r.why} for r in kit.code.left],
    }


def records_of(steps: Sequence[KitStep]) -> Iterator[tuple[str, ...]]:
    """The items as flat records of texts for VBA: the step's name, then the values in their order.

    A list stands as its length and its members.
    """
    for step in steps:
        for item in step.items:
            yield (str(step.name), *_flat(list(item.values())))


def _flat(values: Sequence[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping):
            yield from _flat(list(value.values()))
        elif isinstance(value, list):
            yield str(len(value))
            yield from _flat(value)
        else:
            yield str(int(value)) if isinstance(value, bool) else str(value)
