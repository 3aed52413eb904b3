"""What forms, reports and macros use: record and row sources, control sources, link fields, filters, actions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from wizard.access.application import DataMacro, DefinitionNode, Form, Macro, MacroAction
from wizard.access.application.byte_cursor import DamagedError
from wizard.access.application.conditional_formats import conditional_formats
from wizard.access.application.data_macros import macro_statements
from wizard.definitions import MacroStatement
from wizard.uses.model import How, SqlText, User, UserKind
from wizard.uses.sql import looks_like_sql

_ROW_SOURCES: Final = ("", "table/query", "table/view/storedproc")
_FIELD_LIST: Final = "field list"
_EXPRESSIONS: Final = ("DefaultValue", "ValidationRule")
_TAG: Final = re.compile(r"<(Reference|QueryName)>([^<]{1,200})</\1>")
_ORDER: Final = re.compile(r"\s+(?:ASC|DESC)\s*$", re.IGNORECASE)
_FUNCTION: Final = re.compile(r"\bD(?:Lookup|Count|Sum|Avg|Min|Max|First|Last|StDevP?|VarP?)\s*\(", re.IGNORECASE)


@dataclass
class DesignFacts:
    """What designs name; each with the source that its names are columns of (a name or SQL)."""

    named: list[tuple[str, User, How]] = field(default_factory=list)
    sql: list[SqlText] = field(default_factory=list)
    columns: list[tuple[str, str, User, How]] = field(default_factory=list)
    expressions: list[tuple[str, str, User, How]] = field(default_factory=list)

    def source(self, text: str, user: User, how: How) -> None:
        """A record source, a row source: a name or SQL."""
        if looks_like_sql(text):
            self.sql.append(SqlText(text, user, how))
        elif text:
            self.named.append((text, user, how))


def read_form(form: Form, kind: UserKind, sources: dict[str, str], facts: DesignFacts) -> None:
    """Read a form or report. `sources` has the record sources of all, by the names that `SourceObject` gives them."""
    own = form.record_source
    user = User(kind, form.name)
    facts.source(own, user, How.RECORD_SOURCE)
    if text := form.node.text("Filter"):
        facts.expressions.append((own, text, user, How.FILTER))
    facts.expressions += [(own, part, user, How.ORDER_BY) for part in sorted_by(form.node.text("OrderBy"))]
    for level in form.group_levels:
        _bound(level, own, user, How.GROUP_LEVEL, facts)
    _events(form.node, user, own, facts)
    for control in form.controls:
        _control(control, replace(user, part=control.name), own, sources, facts)


def _control(node: DefinitionNode, user: User, own: str, sources: dict[str, str], facts: DesignFacts) -> None:
    _bound(node.text("ControlSource"), own, user, How.CONTROL_SOURCE, facts)
    rows = node.text("RowSource")
    kind = node.text("RowSourceType").casefold()
    if rows and kind in _ROW_SOURCES:
        facts.source(rows, user, How.ROW_SOURCE)
    elif rows and kind == _FIELD_LIST:
        facts.named.append((rows, user, How.ROW_SOURCE))
    if shown := node.text("SourceObject"):
        prefix, _, name = shown.partition(".")
        if prefix.casefold() in ("table", "query"):
            facts.named.append((name, user, How.SUBFORM))
        inner = name if prefix.casefold() in ("table", "query") else sources.get(shown.casefold(), "")
        for property_, source in (("LinkChildFields", inner), ("LinkMasterFields", own)):
            for column in node.text(property_).split(";"):
                if column.strip():
                    facts.columns.append((source, _bare(column), user, How.LINK_FIELDS))
    for name in _EXPRESSIONS:
        if text := node.text(name):
            facts.expressions.append((own, text.removeprefix("="), user, How.EXPRESSION))
    for shown_when in conditional_formats(node):
        facts.expressions += [(own, text, user, How.CONDITIONAL_FORMAT) for text in shown_when.expressions]
    _events(node, user, own, facts)


def _bound(text: str, own: str, user: User, how: How, facts: DesignFacts) -> None:
    """A control source: a column, or an expression behind `=`."""
    if text.startswith("="):
        facts.expressions.append((own, text[1:], user, how))
    elif text:
        facts.columns.append((own, _bare(text), user, how))


def _events(node: DefinitionNode, user: User, own: str, facts: DesignFacts) -> None:
    for name, value in node.properties.items():
        if isinstance(value, Macro):
            event = name.removesuffix("EmMacro")
            read_macro(value, replace(user, part=f"{user.part}.{event}".lstrip(".")), facts, own)
        elif isinstance(value, str) and name.startswith(("On", "Before", "After")) and value.startswith("="):
            facts.expressions.append((own, value[1:], user, How.EVENT))


def sorted_by(text: str) -> list[str]:
    """The expressions of an `OrderBy` property, without ASC and DESC."""
    return [bare for part in text.split(",") if (bare := _ORDER.sub("", part).strip())]


def _bare(name: str) -> str:
    return name.strip().strip("[]").strip()


def read_macro(macro: Macro, user: User, facts: DesignFacts, own: str = "") -> None:
    """Read a macro; `own` is the record source of the form that it is embedded in."""
    for action in _actions(macro):
        _action(action, replace(user, part=user.part or action.name), facts, own)


def _actions(macro: Macro) -> Iterable[MacroAction]:
    """The actions; of the macro's XML where it has one that can be read, since that has what is nested too."""
    try:
        found = list(_of_statements(macro_statements(macro.xml))) if macro.xml else []
    except DamagedError:
        found = []
    return found or macro.actions


def _of_statements(statements: Iterable[MacroStatement]) -> Iterator[MacroAction]:
    """Statements one below the other; what has a body comes before it."""
    waiting = list(reversed(list(statements)))
    while waiting:
        statement = waiting.pop()
        given = {n: v for n, v in statement.arguments.items() if n not in ("Condition", "Alias")}
        condition = statement.arguments.get("Condition", "")
        yield MacroAction(1, statement.name, tuple(given.values()), condition)
        waiting += reversed(statement.body)


def _action(action: MacroAction, user: User, facts: DesignFacts, own: str) -> None:
    first = action.arguments[0] if action.arguments else ""
    if action.condition not in ("", "..."):
        facts.expressions.append((own, action.condition, user, How.CRITERIA))
    if action.name == "OpenQuery":
        facts.named.append((first, user, How.OPEN_QUERY))
    elif action.name == "OpenTable":
        facts.named.append((first, user, How.OPEN_TABLE))
    elif action.name == "RunSQL":
        facts.source(first, user, How.RUN_SQL)
    else:
        for text in action.arguments:
            if looks_like_sql(text):
                facts.sql.append(SqlText(text, user, How.ACTION))
            elif text.startswith("=") or _FUNCTION.search(text):
                facts.expressions.append((own, text.removeprefix("="), user, How.ACTION))
            elif text:
                facts.named.append((text, user, How.ACTION))


def read_data_macro(macro: DataMacro, facts: DesignFacts) -> None:
    """Read what a table does by itself."""
    user = User(UserKind.TABLE, macro.table, macro.event)
    facts.named.extend((name, user, How.DATA_MACRO) for name in _references(macro.xml))


def _references(xml: str) -> Iterator[str]:
    for match in _TAG.finditer(xml):
        yield match[2].replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
