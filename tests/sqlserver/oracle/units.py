"""Scripts taken apart with ScriptDom: batches, statements in IF, BEGIN and TRY, and texts given to EXEC."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.sqlserver.oracle.found import Found, found
from tests.sqlserver.oracle.net import Net, full_name, part, quoted, said

MODULES = ("View", "Procedure", "Function", "Trigger")
_DML = frozenset(f"{w}Statement" for w in ("Insert", "Select", "Update", "Delete", "Merge", "TruncateTable"))
_OTHERS = frozenset(f"Create{w}Statement" for w in ("Sequence", "Synonym", "TypeTable", "TypeUddt", "Statistics"))
_PROPERTY_LIMIT = 7500
"""bytes ("sp_addextendedproperty")"""
_DEFINITION = re.compile(r"(?i)\A(CREATE\s+OR\s+ALTER|ALTER)\b")
Known = dict[str, str]
"""texts of variables, by lower-case name, where they are known before the script runs"""


@dataclass(eq=False, slots=True)
class Unit:
    """One statement taken out of a script: its text and where it stood."""

    file: str
    line: int
    column: int
    text: str
    kind: str
    """table, add columns, constraint, index, module, schema, property, dml, identity insert or other"""
    node: Any
    names: list[str] = field(default_factory=list)
    """what it makes or changes, as [schema].[name]"""
    extra: list[str] = field(default_factory=list)
    """definitions of columns that later statements add"""


@dataclass(frozen=True, slots=True)
class Where:
    """Where the statements of a text stand: file, offset of lines, and how to cut a fragment out of the text."""

    file: str
    line: int
    cut: Callable[[Any], str]


class Reader:
    """Reads scripts of one database; what the parser says goes to `tell`."""

    def __init__(self, net: Net, version: str, tell: Callable[[Found], None]) -> None:
        self.net, self.version, self.tell = net, version, tell
        self.parser = net.parser(version)
        self.units: list[Unit] = []
        self.checks: list[tuple[Unit, list[str]]] = []
        """WITH CHECK CHECK CONSTRAINT: the table's name stands in the unit, the constraints beside it"""
        self.calls: list[Unit] = []
        """EXEC of procedures that are no system's"""
        self.skipped: Counter[str] = Counter()
        """kinds of statements nothing but the parser looks at"""

    def read(self, text: str, file: str, *, statements: bool) -> None:
        """One script. `statements`: whether they count, or the parser's word alone."""
        tree, errors = self.net.parse(self.parser, text)
        for e in errors:
            self.tell(found(file, (e.Line, e.Column), "P", "error", e.Number, said(e)))
        if tree is not None and statements:
            self._batches(tree, Where(file, 0, lambda node: part(text, node.StartOffset, node.FragmentLength)))

    def _batches(self, tree: Any, where: Where) -> None:
        for batch in tree.Batches:
            known: Known = {}
            for statement in batch.Statements:
                self._take(statement, where, known)

    def _take(self, s: Any, where: Where, known: Known) -> None:
        kind = type(s).__name__
        inner = _inner(s, kind)
        if inner is not None:
            for one in inner:
                self._take(one, where, known)
        elif kind == "ExecuteStatement":
            self._execute(s, where, known)
        elif kind == "SetVariableStatement":
            _learn(known, s.Variable.Name, s.Expression)
        elif kind == "DeclareVariableStatement":
            for d in s.Declarations:
                _learn(known, d.VariableName.Value, d.Value)
        elif kind == "AlterTableConstraintModificationStatement":
            wanted = [str(c.Value) for c in s.ConstraintNames] if not s.All else []
            self.checks.append((self._unit(s, where, "check", [full_name(s.SchemaObjectName)]), wanted))
        elif (unit := self._definition(s, kind, where)) is not None:
            self.units.append(unit)
        else:
            self.skipped[kind] += 1

    def _unit(self, s: Any, where: Where, kind: str, names: Sequence[str] = (), text: str | None = None) -> Unit:
        return Unit(
            where.file, s.StartLine + where.line, s.StartColumn, text if text is not None else where.cut(s), kind, s,
            list(names),
        )  # fmt: skip

    def _definition(self, s: Any, kind: str, where: Where) -> Unit | None:
        if kind == "CreateTableStatement":
            return self._unit(s, where, "table", [full_name(s.SchemaObjectName)])
        if kind == "AlterTableAddTableElementStatement":
            table = full_name(s.SchemaObjectName)
            schema = table.split("].[")[0]
            made = [c.ConstraintIdentifier for c in s.Definition.TableConstraints]
            names = [f"{schema}].{quoted(i.Value)}" for i in made if i is not None]
            what = "add columns" if s.Definition.ColumnDefinitions.Count else "constraint"
            return self._unit(s, where, what, [table, *names])
        if kind == "CreateIndexStatement":
            return self._unit(s, where, "index", [f"{full_name(s.OnName)}.{quoted(s.Name.Value)}"])
        if kind == "CreateSchemaStatement":
            return self._unit(s, where, "schema", [quoted(s.Name.Value)])
        if (what := _module_kind(kind)) is not None:
            return self._unit(s, where, "module", [full_name(_module_name(s, what))], _as_create(where.cut(s)))
        if kind in _OTHERS:
            named = hasattr(s, "Name") and hasattr(s.Name, "Identifiers")
            return self._unit(s, where, "other", [full_name(s.Name)] if named else [])
        if kind in _DML:
            return self._unit(s, where, "dml")
        return self._unit(s, where, "identity insert") if kind == "SetIdentityInsertStatement" else None

    def _execute(self, s: Any, where: Where, known: Known) -> None:
        entity = s.ExecuteSpecification.ExecutableEntity
        if type(entity).__name__ == "ExecutableStringList":
            texts = [literal(x, known) for x in entity.Strings]
            self._dynamic(None if None in texts else "".join(t for t in texts if t), s, where)
            return
        reference = entity.ProcedureReference
        named = reference is not None and reference.ProcedureReference is not None
        name = reference.ProcedureReference.Name if named else None
        base = str(name.BaseIdentifier.Value).lower() if name is not None else ""
        if base == "sp_addextendedproperty":
            self._property(s, entity, where, known)
        elif base == "sp_executesql" and entity.Parameters.Count:
            self._dynamic(literal(entity.Parameters[0].ParameterValue, known), s, where)
        else:
            self.skipped[f"EXEC {base}"] += 1
            if name is not None and not base.startswith(("sp_", "xp_")):
                self.calls.append(self._unit(s, where, "call", [full_name(name)]))

    def _property(self, s: Any, entity: Any, where: Where, known: Known) -> None:
        arguments: dict[str, str | None] = {}
        shown = []
        for p in entity.Parameters:
            value = literal(p.ParameterValue, known)
            text = where.cut(p.ParameterValue) if p.ParameterValue is not None else "NULL"
            if value is not None and type(p.ParameterValue).__name__ != "NullLiteral":
                text = "N'" + value.replace("'", "''") + "'"
            if p.Variable is not None:
                arguments[str(p.Variable.Name).lower()] = value
                text = f"{p.Variable.Name} = {text}"
            shown.append(text)
        path = [arguments.get(k) for k in ("@level0name", "@level1name", "@level2name", "@name")]
        name = ".".join(quoted(p) for p in path if p is not None)
        text = "EXECUTE sys.sp_addextendedproperty " + ", ".join(shown)
        unit = self._unit(s, where, "property", [name], text)
        self.units.append(unit)
        size = len((arguments.get("@value") or "").encode("utf-16-le"))
        if size > _PROPERTY_LIMIT:
            words = f"an extended property of {size} bytes; {_PROPERTY_LIMIT} is the limit"
            self.tell(found(where.file, (unit.line, unit.column), "L", "error", "L15097", words))

    def _dynamic(self, text: str | None, s: Any, where: Where) -> None:
        """A text that is run: its statements count as those around it."""
        if text is None:
            self.skipped["EXEC of a text not known before it runs"] += 1
            return
        line = s.StartLine + where.line
        tree, errors = self.net.parse(self.parser, text)
        for e in errors:
            self.tell(found(where.file, (line + e.Line - 1, e.Column), "P", "error", e.Number, f"in EXEC: {said(e)}"))
        if tree is not None and not errors:
            inside = Where(where.file, line - 1, lambda node: part(text, node.StartOffset, node.FragmentLength))
            self._batches(tree, inside)


def _inner(s: Any, kind: str) -> list[Any] | None:
    """The statements inside a statement that only orders others; None for other statements."""
    if kind == "IfStatement":
        return [x for x in (s.ThenStatement, s.ElseStatement) if x is not None]
    if kind == "BeginEndBlockStatement":
        return list(s.StatementList.Statements)
    if kind == "TryCatchStatement":
        return [*s.TryStatements.Statements, *s.CatchStatements.Statements]
    return [s.Statement] if kind == "WhileStatement" else None


def _module_kind(kind: str) -> str | None:
    for module in MODULES:
        if kind in (f"Create{module}Statement", f"CreateOrAlter{module}Statement", f"Alter{module}Statement"):
            return module
    return None


def _module_name(s: Any, module: str) -> Any:
    if module == "Procedure":
        return s.ProcedureReference.Name
    return s.SchemaObjectName if module == "View" else s.Name


def _as_create(text: str) -> str:
    """The definition as CREATE alone, which is all that a model takes; nothing after it moves."""

    def blank(head: re.Match[str]) -> str:
        return "CREATE" + re.sub(r"[^\r\n]", " ", head[0][6:])

    return _DEFINITION.sub(blank, text) if len(text) > 6 else text


def _learn(known: Known, variable: str, node: Any) -> None:
    value = literal(node, known)
    if value is not None:
        known[str(variable).lower()] = value


def literal(node: Any, known: Known) -> str | None:
    """The text that an expression of literals, NCHAR() and known variables has; None where it is not known."""
    if node is None:
        return None
    kind = type(node).__name__
    if kind == "StringLiteral":
        return str(node.Value)
    if kind == "VariableReference":
        return known.get(str(node.Name).lower())
    if kind == "ParenthesisExpression":
        return literal(node.Expression, known)
    if kind in ("CastCall", "ConvertCall") and "CHAR" in str(getattr(node.DataType, "SqlDataTypeOption", "")).upper():
        return literal(node.Parameter, known)
    if kind == "BinaryExpression" and str(node.BinaryExpressionType) == "Add":
        first, second = literal(node.FirstExpression, known), literal(node.SecondExpression, known)
        return None if first is None or second is None else first + second
    if kind == "FunctionCall" and str(node.FunctionName.Value).upper() in ("NCHAR", "CHAR"):
        code = node.Parameters[0]
        return chr(int(code.Value)) if type(code).__name__ == "IntegerLiteral" else None
    return None
