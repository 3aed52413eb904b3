"""Every definition of every corpus file equals the oracle's: columns, properties, indexes, relationships, queries."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from access_parser.parsing_primitives import ACCESSHEADER, parse_table_head

from tests.access.oracle import PASSWORD, actual, expected
from tests.conftest import load_oracle, oracle_cases
from tests.counting import calls
from wizard.access import AccessFile
from wizard.access.inspect import describe
from wizard.definitions import Database, LinkKind, Table

TYPES = {
    "BOOLEAN": "boolean",
    "BYTE": "byte",
    "INT": "integer",
    "LONG": "long",
    "BIG_INT": "bigint",
    "FLOAT": "single",
    "DOUBLE": "double",
    "MONEY": "currency",
    "NUMERIC": "decimal",
    "SHORT_DATE_TIME": "date",
    "EXT_DATE_TIME": "date_extended",
    "TEXT": "text",
    "MEMO": "memo",
    "GUID": "guid",
    "BINARY": "binary",
    "OLE": "longbinary",
    "COMPLEX_TYPE": "complex",
}
KINDS = {"CROSS_TAB": "crosstab", "PASSTHROUGH": "pass_through"}

pytestmark = pytest.mark.corpus

if not oracle_cases():
    pytest.skip("needs the databases of ../shared, which is not here", allow_module_level=True)


@cache
def definitions(path: Path) -> Database:
    with AccessFile.open(path, PASSWORD) as file:
        assert [m for m in file.messages if m.severity == "error"] == []
        return file.definition


@pytest.fixture(params=oracle_cases(), ids=lambda case: case[0].name)
def case(request: pytest.FixtureRequest) -> tuple[Database, dict[str, Any]]:
    path, oracle = request.param
    return definitions(path), load_oracle(oracle)


def local_tables(oracle: dict[str, Any]) -> list[dict[str, Any]]:
    return [t for t in oracle["tables"] if "linked" not in t]


def column(table: Table, name: str) -> dict[str, Any]:
    found = table.by_name[name.casefold()]
    described = next(t for t in describe(Database("", "", tables=(table,)))["tables"])
    shown = next(c for c in described["columns"] if c["name"] == found.name)
    return {
        "type": shown["type"],
        "auto": shown["auto"],
        "calculated": bool(found.calculated),
        "hyperlink": found.hyperlink,
        "length": found.length if shown["type"] == "text" else None,
        "decimal": (shown["precision"], shown["scale"]) if shown["type"] == "decimal" else None,
    }


def expected_column(c: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": TYPES[c["type"]],
        "auto": c["auto"],
        "calculated": c["calculated"],
        "hyperlink": c["hyperlink"],
        "length": c["units"] if c["type"] == "TEXT" else None,
        "decimal": (c["precision"], c["scale"]) if c["type"] == "NUMERIC" else None,
    }


def ours(properties: Any) -> dict[str, Any]:
    kept = {n: v for n, v in properties.items() if v != "" and not isinstance(v, bytes)}
    return {n: v.upper() if n == "GUID" else actual(v, None) for n, v in kept.items()}


def comparable(properties: Any) -> dict[str, Any]:
    """Properties in one form; the oracle leaves out empty text and binary."""
    oracle = {name: expected(v) for name, v in properties.items()}
    return {n: v.upper() if n == "GUID" else v for n, v in oracle.items() if v != ""}


def test_tables_and_their_columns(case: tuple[Database, dict[str, Any]]) -> None:
    database, oracle = case
    tables = {t.name: t for t in database.tables if t.child_of is None}
    assert sorted(tables) == sorted(t["name"] for t in local_tables(oracle))
    for t in local_tables(oracle):
        table = tables[t["name"]]
        # ours are in the order that Access shows, the oracle's in that of their numbers (withinsertedcol.accdb)
        assert sorted(c.name for c in table.columns) == sorted(c["name"] for c in t["columns"])
        for c in t["columns"]:
            assert column(table, c["name"]) == expected_column(c)
        if oracle["format"].startswith("read by"):
            continue  # that oracle knows no properties
        assert ours(table.properties) == comparable(t["props"])
        for c in t["columns"]:
            assert ours(table.by_name[c["name"].casefold()].properties) == comparable(c["props"])


def test_indexes(case: tuple[Database, dict[str, Any]]) -> None:
    database, oracle = case
    if oracle["format"].startswith("read by"):
        pytest.skip("this oracle knows no indexes")
    for t in local_tables(oracle):
        found = [
            {
                "name": i.name,
                "pk": i.primary,
                "fk": i.for_relationship,
                "unique": i.unique,
                "required": i.required,
                "ignore_nulls": i.ignore_nulls,
                "columns": [c.name + (" desc" if c.descending else "") for c in i.columns],
            }
            for i in database.tables_by_name[t["name"].casefold()].indexes
        ]
        assert sorted(found, key=str) == sorted(t["indexes"], key=str)


def test_relationships(case: tuple[Database, dict[str, Any]]) -> None:
    database, oracle = case
    found = [
        {
            "name": r.name,
            "from": r.referenced_table,
            "to": r.table,
            "from_cols": list(r.referenced_columns),
            "to_cols": list(r.columns),
            "one_to_one": r.one_to_one,
            "enforced": r.enforced,
            "cascade_update": r.cascade_update,
            "cascade_delete": r.cascade_delete,
            "join": {"inner": "INNER", "left": "LEFT_OUTER", "right": "RIGHT_OUTER"}[r.join],
        }
        for r in database.relationships
        # the oracle leaves out those with linked tables (linkerTestV2007.accdb)
        if {r.table.casefold(), r.referenced_table.casefold()} <= database.tables_by_name.keys()
    ]
    assert sorted(found, key=str) == sorted(oracle["relationships"], key=str)


def plain(sql: str) -> str:
    return re.sub(r"[\s\[\]]+", "", sql).rstrip(";").lower()


def test_queries(case: tuple[Database, dict[str, Any]]) -> None:
    database, oracle = case
    found = {q.name: (q.kind.value, plain(q.stored or q.sql)) for q in database.queries}
    wanted = {q["name"]: (KINDS.get(q["type"], q["type"].lower()), plain(q["sql"])) for q in oracle["queries"]}
    assert found == wanted
    assert not [q.name for q in database.queries if "\0" in q.sql or "[SELECT" in q.sql]
    assert all(q.hidden == q.name.startswith("~") for q in database.queries)


def test_linked_tables(case: tuple[Database, dict[str, Any]]) -> None:
    database, oracle = case
    wanted = {t["name"]: (t["linked"], t["linked_db"] or "") for t in oracle["tables"] if "linked" in t}
    found = {t.name: (t.foreign_name, "" if t.kind is LinkKind.ODBC else t.database) for t in database.linked_tables}
    assert found == wanted


def test_opening_takes_little_work() -> None:
    """About a tenth of a second (1,000 calls are 3 ms at most), but for passwords that Access stretches on purpose."""
    for path, _ in oracle_cases():
        opened: list[Database] = []
        work = calls(lambda path=path, opened=opened: opened.append(definitions.__wrapped__(path)))
        assert work < (600_000 if opened[0].encrypted else 60_000), path.name


def test_calculated_decimals_leave_room_for_their_fractions(shared: Path) -> None:
    table = definitions(shared / "corpus" / "calcFieldTestV2010.accdb").tables_by_name["table1"]
    weekly = table.by_name["weeklysalary"]
    assert (weekly.calculated, weekly.precision, weekly.scale) == ("[Salary]/52", 38, 18)


def test_forms_and_reports_are_named(shared: Path) -> None:
    other = definitions(shared / "corpus" / "ASampleDatabase.accdb").other
    assert other.forms
    assert other.reports


def test_queries_of_forms_are_told_apart(shared: Path) -> None:
    queries = definitions(shared / "corpus" / "odbcLinkerTestV2007.accdb").queries
    owners = {q.owner_object for q in queries if q.hidden}
    assert {"Kunder", "Ordrar"} <= owners
    assert all(q.owner_object for q in queries if q.name.startswith("~sq_"))
    assert not any(q.owner_object for q in queries if not q.hidden)


def test_an_odbc_link_keeps_its_connect_string(shared: Path) -> None:
    (link,) = definitions(shared / "corpus" / "odbcLinkerTestV2007.accdb").linked_tables
    assert link.kind is LinkKind.ODBC
    assert link.connect.upper().startswith("ODBC;")
    assert "PWD=" not in link.connect.upper()
    assert link.foreign_name == "dbo.Ordrar"


@pytest.mark.parametrize("path", [case[0] for case in oracle_cases()], ids=lambda path: path.name)
def test_access_parser_reads_the_heads_alike(path: Path) -> None:
    # Its structures for a file's header and for the head of a table definition are right; see the package's docstring.
    label = {("Standard Jet DB", 0): "Access 97 (Jet 3)", ("Standard Jet DB", 1): "Access 2000-2003 (Jet 4)"}
    years = {2: "2007", 3: "2010", 4: "2013", 5: "2016", 6: "2019"}
    with AccessFile.open(path, PASSWORD) as file:
        header = ACCESSHEADER.parse(path.read_bytes()[:2048])
        version = header.jet_version & 0xFF
        known = label.get((header.jet_string, version)) or f"Access {years[version]}"
        assert file.definition.format.startswith(known)
        for table in file.definition.tables:
            ours = file.reader(table.name).definition
            page = bytes(file.pages.page(ours.page, "a test"))
            head = parse_table_head(page, version=3 if known.endswith("Jet 3)") else 4)
            assert (head.number_of_rows, head.autonumber) == (ours.rows, ours.next_auto_number)
            assert (head.column_count, head.variable_columns) == (len(ours.columns), ours.variable_columns)
            assert head.index_count == len(ours.logical_indexes)
            assert head.real_index_count == len(ours.physical_indexes)
            assert (head.row_page_map, head.table_type_flags == 0x53) == (ours.usage_map, ours.system)
