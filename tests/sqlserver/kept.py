"""Conversions that tests made, put together to few databases that the checker takes at once.

Conversions with the same tables share a schema, as long as no two modules of one name differ; schemas share a
database. What one conversion names and does not have, another of the same tables may have: that is not found here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tests.sqlserver.oracle.script import Script
from wizard.convert import create, script
from wizard.convert.queries.type_names import server_type
from wizard.definitions import ColumnType
from wizard.objects import Conversion, Name, ObjectKind, ServerModule, ServerTable, Statement, quote
from wizard.settings import SqlVersion, Target, TargetKind

AT_ONCE = 80
"""schemas in a database"""
LONGEST = 20_000
"""characters of a statement beyond which the parser alone looks at it: tests of how fast something is make them"""
_LEFT_OUT = (ObjectKind.SCHEMA, ObjectKind.DESCRIPTION)
_PASS_THROUGH = "pass-through"
"""the part of a statement for review that is a pass-through query's own text, which Jetferry shows and never sends"""
_MODULES = (ObjectKind.VIEW, ObjectKind.FUNCTION, ObjectKind.PROCEDURE)
_PARAMETER = re.compile(r"(?<![@\w])@(?!@)\w+")
_TEXT = re.compile(r"'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]")


@dataclass(frozen=True, slots=True)
class Value:
    """An expression that was translated, and the columns it may name: a table T of these types."""

    columns: tuple[tuple[str, ColumnType], ...]
    sql: str
    condition: bool


@dataclass
class Kept:
    """What was made, by the test that made it first."""

    conversions: dict[tuple[str, Conversion], str] = field(default_factory=dict)
    """by version of the checker and the conversion's tables and modules"""
    values: dict[Value, str] = field(default_factory=dict)

    def keep(self, made: Conversion, target: Target, test: str) -> None:
        own = tuple(s for s in made.review if s.part != _PASS_THROUGH)
        plain = Conversion(made.tables, made.modules, review=own)
        if plain.tables or plain.modules:
            self.conversions.setdefault((version(target), plain), test)

    def databases(self) -> Iterator[tuple[str, list[Script]]]:
        """By version, the scripts of one database after another."""
        pots: dict[str, list[_Pot]] = {}
        for (wanted, made), test in self.conversions.items():
            _into(pots.setdefault(wanted, []), made, test)
        for wanted, filled in pots.items():
            for at in range(0, len(filled), AT_ONCE):
                group = filled[at : at + AT_ONCE]
                yield wanted, _named([s for n, pot in enumerate(group) for s in pot.scripts(f"g{at + n}")])
        by_columns: dict[tuple[tuple[str, ColumnType], ...], list[tuple[Value, str]]] = {}
        for value, test in self.values.items():
            by_columns.setdefault(value.columns, []).append((value, test))
        if by_columns:
            values = [s for n, (c, v) in enumerate(by_columns.items()) for s in _values(f"e{n}", c, v)]
            yield "2016", _named(values)


def version(target: Target) -> str:
    """The newest version the checker knows that the target has."""
    if target.kind in (TargetKind.AZURE_SQL_DATABASE, TargetKind.AZURE_SQL_MANAGED_INSTANCE):
        return "azure"
    return str(min(target.version, SqlVersion.V2019).value)


def _named(scripts: Sequence[Script]) -> list[Script]:
    """The scripts, those of one test numbered."""
    seen: Counter[str] = Counter()
    made = []
    for one in scripts:
        seen[one.name] += 1
        made.append(replace(one, name=f"{one.name} ({seen[one.name]})"))
    return made


def _folded(name: Name) -> tuple[str, str]:
    return name.schema.casefold(), name.name.casefold()


@dataclass
class _Pot:
    """Tables and all modules that were made of them."""

    tables: frozenset[ServerTable]
    test: str
    order: tuple[ServerTable, ...]
    modules: dict[Name, ServerModule] = field(default_factory=dict)
    review: dict[str, str] = field(default_factory=dict)
    """data definition, which changes what is there: the parser alone looks at it; with the test that made it"""
    makers: dict[Name, str] = field(default_factory=dict)

    def takes(self, made: Conversion) -> bool:
        there = {_folded(name): m.sql for name, m in self.modules.items()}  # a server knows no case in names
        return all(m.sql == there.get(_folded(m.name), m.sql) for m in made.modules)

    def scripts(self, schema: str) -> Iterator[Script]:
        statements = script.statements(Conversion(self.order, tuple(self.modules.values())))
        wanted = [s for s in statements if s.kind not in _LEFT_OUT]
        schemas = dict.fromkeys(s.name.schema for s in wanted)
        renamed = {old: f"{schema}_{n}" if n else schema for n, old in enumerate(schemas)}
        yield Script(self.test, "\nGO\n".join(create.schema(s) for s in renamed.values()))
        for maker, group in _by_maker(wanted, self.makers, self.test):
            whole = [(_moved(s.sql, renamed), s.kind in _MODULES and len(s.sql) > LONGEST) for s in group]
            yield Script(maker, "\nGO\n".join(sql for sql, long in whole if not long))
            yield from (Script(maker, sql, statements=False) for sql, long in whole if long)
        for sql, maker in self.review.items():
            yield Script(maker, sql, statements=False)


def _by_maker(wanted: Sequence[Statement], makers: dict[Name, str], test: str) -> Iterator[tuple[str, list[Statement]]]:
    """Statements in their order, parted where another test made what comes next."""
    group: list[Statement] = []
    last = test
    for statement in wanted:
        maker = makers.get(statement.name, test)
        if maker != last and group:
            yield last, group
            group = []
        last = maker
        group.append(statement)
    if group:
        yield last, group


def _moved(sql: str, renamed: dict[str, str]) -> str:
    """The statement in other schemas: names are always written in brackets, in texts that are run too."""
    for old, new in renamed.items():
        sql = sql.replace(f"{quote(old)}.", f"{quote(new)}.")
    return sql


def _into(pots: list[_Pot], made: Conversion, test: str) -> None:
    tables = frozenset(made.tables)
    pot = next((p for p in pots if p.tables == tables and p.takes(made)), None)
    if pot is None:
        pot = _Pot(tables, test, made.tables)
        pots.append(pot)
    for statement in made.review:
        pot.review.setdefault(statement.sql, test)
    for module in made.modules:
        pot.modules[module.name] = module
        pot.makers.setdefault(module.name, test)


def _values(
    schema: str, columns: tuple[tuple[str, ColumnType], ...], values: Sequence[tuple[Value, str]]
) -> Iterator[Script]:
    wide = columns if any(name == "ID" for name, _ in columns) else (*columns, ("ID", ColumnType.LONG))
    listed = ", ".join(f"{quote(name)} {server_type(kind, 50)} NULL" for name, kind in wide)
    yield Script(schema, f"{create.schema(schema)}\nGO\nCREATE TABLE {quote(schema)}.[T] ({listed})")
    for number, (value, test) in enumerate(values):
        sql = _moved(value.sql, {"dbo": schema})
        shown = f"CASE WHEN {sql} THEN 1 ELSE 0 END" if value.condition else sql
        parameters = dict.fromkeys(_PARAMETER.findall(_TEXT.sub("", sql)))
        declared = ", ".join(f"{p} nvarchar(255)" for p in parameters)
        made = f"CREATE PROCEDURE {quote(schema)}.[p{number}] {declared} AS"
        text = f"{made} SELECT {shown} AS v FROM {quote(schema)}.[T]"
        yield Script(test, text, statements=len(text) <= LONGEST)
