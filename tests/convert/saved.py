"""A small database for tests of queries: orders, their lines, people."""

from __future__ import annotations

from collections.abc import Mapping

from wizard.convert import convert
from wizard.convert.queries import Headings
from wizard.definitions import (
    AutoNumber,
    ChildOf,
    CodeModule,
    Column,
    ColumnType,
    ComplexKind,
    Database,
    Index,
    IndexColumn,
    LinkedTable,
    LinkKind,
    Query,
    QueryKind,
    Table,
)
from wizard.objects import Conversion
from wizard.settings import Options, SqlVersion, Target, TargetKind

ORDERS = Table(
    "Orders",
    (
        Column("ID", ColumnType.LONG, auto=AutoNumber.INCREMENT, required=True),
        Column("Customer", ColumnType.TEXT, length=50),
        Column("Placed", ColumnType.DATE),
        Column("Amount", ColumnType.CURRENCY),
        Column("Paid", ColumnType.BOOLEAN),
        Column("Note", ColumnType.MEMO),
        Column("Tags", ColumnType.COMPLEX, complex_kind=ComplexKind.MULTI_VALUE, child_table="Orders_Tags"),
    ),
    (Index("PK", (IndexColumn("ID"),), primary=True, unique=True),),
)
TAGS = Table(
    "Orders_Tags",
    (Column("Key", ColumnType.LONG), Column("Value", ColumnType.TEXT, length=50)),
    child_of=ChildOf("Orders", "Tags", "Key", ComplexKind.MULTI_VALUE),
)
LINES = Table(
    "Lines",
    (
        Column("OrderID", ColumnType.LONG),
        Column("Number", ColumnType.INTEGER),
        Column("Qty", ColumnType.INTEGER),
        Column("Price", ColumnType.DOUBLE),
    ),
    (Index("PK", (IndexColumn("OrderID"), IndexColumn("Number")), primary=True, unique=True),),
)
PEOPLE = Table(
    "People",
    (Column("Name", ColumnType.TEXT, length=50), Column("Age", ColumnType.BYTE), Column("ID", ColumnType.LONG)),
)
FAR = LinkedTable("Far", LinkKind.ACCESS, ";DATABASE=far.mdb", "far.mdb", "Far")


CODE = """
Public Function NullToZero(v)
    If IsNull(v) Then NullToZero = 0 Else NullToZero = v
End Function
Public Function Announced(v)
    MsgBox v
    Announced = v
End Function
"""


def saved(
    queries: Mapping[str, str],
    headings: Mapping[str, tuple[object, ...] | Headings] | None = None,
    options: Options | None = None,
    kind: QueryKind = QueryKind.SELECT,
    version: SqlVersion = SqlVersion.V2022,
) -> Conversion:
    """The conversion of a database that has these queries, by name."""
    database = Database(
        "x.accdb",
        "Access",
        tables=(ORDERS, LINES, PEOPLE, TAGS),
        linked_tables=(FAR,),
        queries=tuple(Query(name, kind, sql) for name, sql in queries.items()),
        code=lambda: (CodeModule("Utilities", CODE),),
    )
    return convert(
        database,
        source="s",
        schema="dbo",
        options=options or Options(warn_renamed=False),
        target=Target(TargetKind.SQL_SERVER, version),
        headings={k: h if isinstance(h, Headings) else Headings(h) for k, h in (headings or {}).items()},
    )


def statement(conversion: Conversion, query: str) -> str:
    """What a query became."""
    return next(m.sql for m in conversion.modules if m.source and m.source.table == query)


def numbers(conversion: Conversion, query: str) -> list[int]:
    """The messages about a query."""
    return [m.number for i in conversion.items if i.source.table == query for m in i.messages]
