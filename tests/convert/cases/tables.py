"""The tables and rows that the cases of this folder are about: a small shop, and values that show what Access does."""

from __future__ import annotations

from datetime import datetime as at
from decimal import Decimal
from typing import Any, Final

from wizard.definitions import (
    AutoNumber,
    ChildOf,
    Column,
    ColumnType,
    ComplexKind,
    Index,
    IndexColumn,
    LinkedTable,
    LinkKind,
    Table,
)

Rows = list[tuple[Any, ...]]
_LENGTH: Final = 50


def _table(name: str, key: str, **columns: ColumnType) -> Table:
    """A table with a primary key: columns parted by commas; `*` before its name makes it an AutoNumber."""
    names = [k.removeprefix("*") for k in key.split(",") if k]
    made = tuple(
        Column(
            n,
            kind,
            length=_LENGTH if kind is ColumnType.TEXT else 0,
            precision=18 if kind is ColumnType.DECIMAL else 0,
            scale=4 if kind is ColumnType.DECIMAL else 0,
            auto=AutoNumber.INCREMENT if f"*{n}" == key else AutoNumber.NONE,
            required=n in names,
        )
        for n, kind in columns.items()
    )
    index = Index("PrimaryKey", tuple(map(IndexColumn, names)), primary=True, unique=True, required=True)
    return Table(name, made, (index,) if names else ())


_L, _I, _Y, _X, _S = ColumnType.LONG, ColumnType.INTEGER, ColumnType.BYTE, ColumnType.DOUBLE, ColumnType.SINGLE
_C, _P, _T, _M, _D = ColumnType.CURRENCY, ColumnType.DECIMAL, ColumnType.TEXT, ColumnType.MEMO, ColumnType.DATE
_B, _G = ColumnType.BOOLEAN, ColumnType.GUID

_REF: Final = "{5B1B1A4E-1A2B-4C3D-8E4F-0123456789AB}"
TABLES: Final[tuple[tuple[Table, Rows], ...]] = (
    (_table("One", "x", x=_L), [(1,)]),
    (
        _table("Customers", "CustomerID", CustomerID=_T, CompanyName=_T, City=_T, Region=_T, Country=_T, Phone=_T),
        [
            ("ARBOR", "Arbor & Sons", "Leeds", None, "UK", "0113 496-001"),
            ("BRIAR", "Briar's Café", "Lyon", "ARA", "France", "(04) 5550"),
            ("CEDAR", "Cedar Ltd", "Leeds", "", "UK", None),
            ("DOGWD", "Dogwood", "Graz", None, "Austria", "0316 555"),
        ],
    ),
    (
        _table(
            "Orders", "*OrderID", OrderID=_L, CustomerID=_T, EmployeeID=_L, OrderDate=_D, RequiredDate=_D,
            ShippedDate=_D, ShipVia=_L, Freight=_C, Paid=_B, Notes=_M,
        ),
        [
            (1, "ARBOR", 1, at(2023, 11, 30), at(2023, 12, 28), at(2023, 12, 4), 1, Decimal("32.38"), True, "rush"),
            (2, "BRIAR", 2, at(2023, 12, 31, 18, 45), at(2024, 1, 28), None, 2, Decimal("11.61"), False, None),
            (3, "ARBOR", 2, at(2024, 1, 1), at(2024, 1, 29), at(2024, 1, 10), 1, Decimal("65.83"), True, ""),
            (4, "CEDAR", 3, at(2024, 2, 29, 9, 30), at(2024, 3, 28), at(2024, 4, 2), 3, Decimal(0), False, "50% [off]"),
            (5, "CEDAR", None, at(2024, 2, 29, 16), None, None, None, None, False, None),
            (6, None, 1, None, at(2024, 6, 1), None, 2, Decimal("7.5"), True, "a*b#c?"),
        ],
    ),
    (
        _table("Details", "OrderID,ProductID", OrderID=_L, ProductID=_L, UnitPrice=_C, Quantity=_I, Discount=_S),
        [
            (1, 1, Decimal(14), 12, 0.0),
            (1, 2, Decimal("9.8"), 10, 0.25),
            (2, 3, Decimal("34.8"), 5, 0.0),
            (3, 1, Decimal("18.6"), 9, 0.5),
            (4, 2, Decimal("42.4"), 40, 0.0),
            (9, 4, Decimal(1), 1, 0.0),
        ],
    ),
    (
        _table(
            "Products", "*ProductID", ProductID=_L, ProductName=_T, CategoryID=_L, UnitPrice=_C, UnitsInStock=_I,
            Discontinued=_B,
        ),
        [
            (1, "Pen", 1, Decimal("14.5"), 39, False),
            (2, "Ink", 1, Decimal(10), 0, True),
            (3, "Pad", 2, Decimal("34.8"), None, False),
            (4, "Lamp", None, None, 5, True),
        ],
    ),
    (
        _table("Categories", "CategoryID", CategoryID=_L, CategoryName=_T, Description=_M),
        [(1, "Writing", "pens and ink"), (2, "Paper", None), (3, "Light", "")],
    ),
    (
        _table(
            "Employees", "*EmployeeID", EmployeeID=_L, LastName=_T, FirstName=_T, Title=_T, BirthDate=_D, HireDate=_D,
            ReportsTo=_L, Salary=_C, Rating=_X,
        ),
        [
            (1, "Okafor", "Ada", "Manager", at(1968, 12, 8), at(2012, 5, 1), None, Decimal(5000), 4.5),
            (2, "O'Dell", "Ben", "Clerk", at(1980, 2, 29), at(2012, 8, 14), 1, Decimal(2900), 3.25),
            (3, "Lind", None, "Clerk", None, at(2013, 4, 1), 1, Decimal("2900.5"), None),
            (4, "Vega", "Eva", None, at(1999, 6, 30), at(2020, 2, 29), 2, None, 4.5),
        ],
    ),
    (
        _table("Numbers", "ID", ID=_L, n=_L, i=_I, y=_Y, x=_X, s=_S, c=_C, p=_P, b=_B),
        [
            (1, 7, 3, 200, 2.5, 0.5, Decimal("10.125"), Decimal("1.5"), True),
            (2, -7, -3, 0, -2.5, -0.25, Decimal("-0.05"), Decimal("-1.25"), False),
            (3, None, None, None, None, None, None, None, False),
            (4, 0, 0, 1, 0.5, 1.5, Decimal(0), Decimal(0), True),
            (5, 100000, 30000, 255, 1234.5678, 3.25, Decimal("1234567.8912"), Decimal("99999.9999"), False),
        ],
    ),
    (
        _table("Words", "ID", ID=_L, t=_T, u=_T, m=_M),
        [
            (1, "Ada", "12", "first line\r\nsecond"),
            (2, "bob", "1,234.5", ""),
            (3, None, None, None),
            (4, "ADA", "$5.25", "it's \"so\""),
            (5, "Zoë", "(7)", "x"),
            (6, "", "abc", "tab\there"),
            (7, "O'Neil", "&H1F", "50%"),
        ],
    ),
    (
        _table("Moments", "ID", ID=_L, d=_D, e=_D),
        [
            (1, at(2024, 2, 29, 13, 5, 9), at(2023, 12, 31)),
            (2, at(1899, 12, 30, 10, 30), at(1899, 12, 30)),
            (3, at(1899, 12, 29, 6), at(1900, 1, 1)),
            (4, None, at(2024, 1, 1, 23, 59, 59)),
            (5, at(2024, 12, 31), None),
        ],
    ),
    (
        Table(
            "Odd Names 24",
            (
                Column("ID", _L, required=True), Column("Part #", _T, length=20), Column("Unit/Price", _C),
                Column("Date", _D), Column("Value", _X), Column("Größe", _L), Column("420_Len", _I),
                Column("Is It?", _B), Column("Group", _T, length=10), Column("ref", _G),
            ),
            (Index("PrimaryKey", (IndexColumn("ID"),), primary=True, unique=True, required=True),),
        ),
        [
            (1, "A-1", Decimal("2.5"), at(2024, 3, 3), 1.5, 5, 420, True, "g1", _REF),
            (2, "B-2", None, None, None, None, None, False, None, None),
        ],
    ),
    (_table("101_List", "ID", ID=_L, Name=_T), [(1, "one"), (2, "two")]),
    (
        Table(
            "Jobs",
            (
                Column("ID", _L, required=True), Column("Title", _T, length=30),
                Column("Tags", ColumnType.COMPLEX, complex_kind=ComplexKind.MULTI_VALUE, child_table="Jobs_Tags"),
            ),
            (Index("PrimaryKey", (IndexColumn("ID"),), primary=True, unique=True, required=True),),
        ),
        [(1, "paint", 1), (2, "sand", 2), (3, "ship", 3)],
    ),
    (
        Table(
            "Jobs_Tags",
            (Column("Key", _L), Column("Value", _T, length=20)),
            child_of=ChildOf("Jobs", "Tags", "Key", ComplexKind.MULTI_VALUE, "f_3B07F994AD0A4B56A3A1E13B3A1D3B70_Tags"),
        ),
        [(1, "red"), (1, "blue"), (3, "red")],
    ),
    (
        _table("Target", "*ID", ID=_L, A=_L, B=_T, C=_C, D=_D, F=_B),
        [(1, 10, "ten", Decimal(1), at(2024, 1, 1), True), (2, 20, "twenty", None, None, False)],
    ),
)  # fmt: skip
"""in the order in which they are made on a server"""
LINKED: Final = (LinkedTable("Far", LinkKind.ACCESS, ";DATABASE=far.mdb", "far.mdb", "Far"),)
