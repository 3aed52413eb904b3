"""What the bundled sample defines, read from the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wizard.access import AccessFile
from wizard.access.inspect import describe
from wizard.definitions import AutoNumber, ColumnType, Database, IndexColumn, QueryKind, Relationship
from wizard.messages import SourceError


@pytest.fixture(scope="module")
def database() -> Database:
    with AccessFile.open(Path(__file__).parents[2] / "wizard" / "sample" / "harborbooks.accdb") as file:
        found = file.definition
        assert file.messages == []
    return found


def test_all_tables_are_there_in_the_files_order(database: Database) -> None:
    assert [t.name for t in database.tables] == [
        "Publishers", "Authors", "Books", "Book Authors", "Customers", "Orders", "Order Details", "Exchange Rates",
        "Stock Movements", "User",
    ]  # fmt: skip
    assert [t.rows for t in database.tables] == [7, 8, 120, 132, 40, 600, 1500, 48, 2000, 3]
    assert database.format.startswith("Access 20")
    assert not database.encrypted
    assert not database.workgroup


def test_columns_have_types_sizes_and_properties(database: Database) -> None:
    books = database.tables_by_name["books"]
    assert [(c.name, c.type.value, c.length) for c in books.columns] == [
        ("ISBN", "text", 13), ("Title", "text", 120), ("PublisherID", "long", 0), ("Price", "currency", 0),
        ("Pages", "integer", 0), ("Published", "date", 0), ("In Print", "boolean", 0), ("Weight", "single", 0),
        ("Rating", "double", 0), ("Format", "text", 20), ("Cover", "longbinary", 0), ("RowGuid", "guid", 0),
        ("Shelf", "byte", 0),
    ]  # fmt: skip
    assert books.by_name["format"].default == '"Paperback"'
    assert books.by_name["format"].validation_rule == 'In ("Hardcover","Paperback","Ebook")'
    assert books.by_name["price"].validation_rule == ">=0"
    assert books.by_name["title"].required
    assert not books.by_name["pages"].required
    assert books.validation_rule == "[Pages]>0 Or [Pages] Is Null"
    assert books.by_name["price"].validation_text == "A price cannot be negative"
    assert books.by_name["price"].format == "Currency"
    publishers = database.tables_by_name["publishers"]
    assert publishers.description == "Houses the shop buys from"
    assert publishers.by_name["website"].hyperlink
    assert not publishers.by_name["notes"].hyperlink
    assert publishers.by_name["publisherid"].auto is AutoNumber.INCREMENT
    rate = database.tables_by_name["exchange rates"].by_name["rate"]
    assert (rate.type, rate.precision, rate.scale) == (ColumnType.DECIMAL, 18, 6)


def test_indexes_tell_those_of_relationships_apart(database: Database) -> None:
    orders = database.tables_by_name["orders"]
    by_name = {i.name: i for i in orders.indexes}
    assert by_name["PrimaryKey"].primary
    assert by_name["Order Date"].columns == (IndexColumn("Order Date", descending=True),)
    assert {n for n, i in by_name.items() if i.for_relationship} == {"CustomersOrders", ".rB"}
    assert orders.primary_key is by_name["PrimaryKey"]
    key = database.tables_by_name["book authors"].primary_key
    assert key
    assert [c.name for c in key.columns] == ["ISBN", "AuthorID"]
    tax = next(i for i in database.tables_by_name["customers"].indexes if i.name == "Tax Number")
    assert (tax.unique, tax.primary, tax.ignore_nulls, tax.required) == (True, False, False, False)


def test_relationships_point_from_child_to_parent(database: Database) -> None:
    by_name = {r.name: r for r in database.relationships}
    assert len(by_name) == 7
    assert by_name["BooksBook Authors"] == Relationship(
        "BooksBook Authors", "Book Authors", ("ISBN",), "Books", ("ISBN",), cascade_update=True, cascade_delete=True
    )
    assert not by_name["BooksStock Movements"].enforced


def test_queries_of_every_kind_come_as_sql(database: Database) -> None:
    by_name = {q.name: q for q in database.queries}
    assert {q.kind for q in database.queries} == set(QueryKind)
    assert by_name["Raise Prices"].sql == (
        'UPDATE Books SET Books.Price = [Price]*1.05\nWHERE (((Books.Format)="Hardcover"));'
    )
    assert by_name["Orders By Customer"].sql.startswith("PARAMETERS [Which Customer] Text, [Since Date] DateTime;\n")
    assert by_name["Top Ten Books"].sql.startswith("SELECT TOP 10 ")
    assert by_name["All Contacts"].sql.endswith("ORDER BY Contact;")
    assert "PWD" not in by_name["Server Version"].connect.upper()
    assert by_name["Server Version"].returns_records
    assert not by_name["Raise Prices"].returns_records


def test_both_formats_of_the_sample_define_the_same(database: Database, shared: Path) -> None:
    with AccessFile.open(shared / "sample" / "harborbooks2000.mdb") as file:
        older = describe(file.definition)
    newer = describe(database)
    for part in ("relationships", "queries", "linked_tables", "other_objects"):
        assert older[part] == newer[part]
    assert [t["name"] for t in older["tables"]] == [t["name"] for t in newer["tables"]]


def test_inspect_can_count_rows_and_falls_back_to_the_header(database: Database) -> None:
    def count(table: str) -> int:
        if table == "Books":
            raise SourceError(1016, table=table)
        return 77

    assert [t["rows"] for t in describe(database, count)["tables"]][:4] == [77, 77, 120, 77]


def test_inspect_gives_one_object_with_the_documented_keys(database: Database) -> None:
    shown = json.loads(json.dumps(describe(database)))
    assert {"file", "format", "tables", "linked_tables", "relationships", "queries", "other_objects"} <= shown.keys()
    assert shown["file"] == "harborbooks.accdb"
    books = next(t for t in shown["tables"] if t["name"] == "Books")
    assert {"name", "rows", "columns", "indexes"} <= books.keys()
    price = next(c for c in books["columns"] if c["name"] == "Price")
    assert price == {
        "name": "Price",
        "type": "currency",
        "length": 0,
        "precision": 0,
        "scale": 0,
        "auto": False,
        "default": "0",
        "validation_rule": ">=0",
        "validation_text": "A price cannot be negative",
        "format": "Currency",
    }
    assert books["indexes"][0] == {
        "name": "PrimaryKey",
        "primary": True,
        "unique": True,
        "required": True,
        "ignore_nulls": False,
        "for_relationship": False,
        "columns": [{"name": "ISBN", "descending": False}],
    }
    assert {"name", "kind", "sql", "hidden"} <= shown["queries"][0].keys()
    assert shown["other_objects"].keys() == {"forms", "reports", "macros", "modules"}
