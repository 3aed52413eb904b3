"""What links re-get of their tables, and in what words the server's constraints are said."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.conftest import SHARED
from tests.uses.build import TEXT_BOX, application, control, form, query
from wizard.access import AccessFile
from wizard.convert import convert
from wizard.definitions import Column, ColumnType, Database, Index, IndexColumn, Relationship, Table
from wizard.link import Kit, kit_of
from wizard.link.properties import LinkProperty
from wizard.settings import Connection, Options, Target

KEY = Index("PrimaryKey", (IndexColumn("ID"),), primary=True, unique=True)


def kit(*tables: Table, relationships: tuple[Relationship, ...] = ()) -> Kit:
    data = Database("x.accdb", "memory", tables=tables, relationships=relationships)
    made = convert(data, source="s", schema="dbo", options=Options(), target=Target(linked=True))
    return kit_of(data, made, Connection("db"), source="s")


def shown(
    column: Mapping[str, object] | None = None, own: Mapping[str, object] | None = None, name: str = "City"
) -> set[LinkProperty]:
    columns = (Column("ID", ColumnType.LONG), Column(name, ColumnType.TEXT, 50, properties=column or {}))
    found = kit(Table("T", columns, (KEY,), properties=own or {})).tables[0].properties
    return {p for p in found if p.name != "SubdatasheetName"}


def test_subdatasheets_are_switched_off() -> None:
    table = kit(Table("T", (Column("ID", ColumnType.LONG),), (KEY,))).tables[0]
    assert table.properties == (LinkProperty("", "SubdatasheetName", 10, "[None]"),)


def test_a_lookup_is_re_got_whole() -> None:
    lookup = {
        "DisplayControl": 111, "RowSourceType": "Table/Query", "RowSource": "SELECT ID, Name FROM Cities",
        "BoundColumn": 1, "ColumnCount": 2, "ColumnHeads": False, "ColumnWidths": "0;1440", "LimitToList": True,
    }  # fmt: skip
    assert {(p.column, p.name, p.value) for p in shown(lookup)} == {("City", n, v) for n, v in lookup.items()}


def test_what_is_as_by_default_is_left_out() -> None:
    assert shown({"ColumnWidth": -1, "ColumnHidden": False, "ColumnOrder": 0, "Caption": "", "GUID": b"x"}) == set()
    assert shown({"ColumnHidden": True, "ColumnWidth": 900}) == {
        LinkProperty("City", "ColumnHidden", 1, True), LinkProperty("City", "ColumnWidth", 3, 900),
    }  # fmt: skip


def test_a_long_description_is_a_memo() -> None:
    assert shown({"Description": "x" * 256}) == {LinkProperty("City", "Description", 12, "x" * 256)}


def test_a_column_has_its_properties_under_the_server_s_name() -> None:
    found = shown({"Caption": "What"}, {"OrderBy": "[T].[ Odd ]", "Description": "d"}, name=" Odd ")
    (caption,) = (p for p in found if p.name == "Caption")
    assert caption.column == " Odd"
    assert "OrderBy" not in {p.name for p in found}, "it names a column that has another name there"
    assert "OrderBy" in {p.name for p in shown({}, {"OrderBy": "[T].[City]"})}


def test_constraints_are_said_in_access_s_words() -> None:
    price = Column("Price", ColumnType.CURRENCY, validation_rule=">=0", validation_text="No price below zero")
    city = Column("City", ColumnType.TEXT, 20, allow_zero_length=False, validation_rule="<>'x'")
    named = Column("x_filled", ColumnType.TEXT, 20, validation_rule="<>'x'")  # as the name of a check ends
    one = Table("A", (Column("ID", ColumnType.LONG), price, city, named), (KEY,))
    two = Table("B", (Column("ID", ColumnType.LONG), Column("A", ColumnType.LONG)), (KEY,))
    found = kit(one, two, relationships=(Relationship("R", "B", ("A",), "A", ("ID",)),))
    said = {r.constraint: (r.table, r.text) for r in found.rules}
    assert said["CK_A_Price"] == ("A", "No price below zero")
    assert said["CK_A_City"] == ("A", "City breaks the rule <>'x'.")
    assert said["CK_A_x_filled"] == ("A", "x_filled breaks the rule <>'x'.")
    assert said["CK_A_City_filled"] == ("A", "City may not be an empty text.")
    assert said["PK_A"] == ("A", "There is a row of A with this ID already.")
    assert [t for t in said.values() if t[1].startswith("A of B must be one that A has")]


@pytest.mark.corpus
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is absent")
def test_every_property_of_a_real_file_is_one_that_access_would_take() -> None:
    with AccessFile.open(str(SHARED / "application/corpus/vcs_demo2015.accdb")) as file:
        data = file.definition
        made = convert(data, source="s", schema="dbo", options=Options(), target=Target(linked=True))
        found = kit_of(data, made, Connection("db"), source="s")
    kinds = {1: bool, 2: int, 3: int, 4: int, 10: str, 12: str}
    properties = [(t, p) for t in found.tables for p in t.properties]
    assert len(properties) > len(found.tables)
    for table, p in properties:
        assert isinstance(p.value, kinds[p.type])
        server = next(t for t in made.tables if t.name == table.server)
        assert not p.column or server.column(p.column) is not None


def test_hyperlinks_are_shown_as_such_where_text_boxes_show_them() -> None:
    site = Column("Site", ColumnType.MEMO, hyperlink=True)
    data = Database(
        "x.accdb", "memory", tables=(Table("T", (Column("ID", ColumnType.LONG), site), (KEY,)),),
        queries=(query("Q", "SELECT ID, Site AS Where1 FROM T"),),
    )  # fmt: skip
    made = convert(data, source="s", schema="dbo", options=Options(), target=Target(linked=True))
    app = application(
        forms=(
            form(
                "A", "T", control(TEXT_BOX, "txtSite", ControlSource="Site"), control(TEXT_BOX, "x", ControlSource="ID")
            ),
            form("B", "Q", control(TEXT_BOX, "Text3", ControlSource="Where1")),
        )
    )
    found = kit_of(data, made, Connection("db"), source="s", application=app)
    assert [(h.kind, h.name, h.control) for h in found.hyperlinks] == [("form", "A", "txtSite"), ("form", "B", "Text3")]
