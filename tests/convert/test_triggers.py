"""Data macros become triggers that Microsoft's own parser and binder take, or say why they do not."""

from __future__ import annotations

import pytest

from tests.convert.making import converted, one
from tests.counting import calls
from tests.uses.build import table
from wizard.access.application.byte_cursor import DamagedError
from wizard.access.application.data_macros import table_macro
from wizard.access.application.model import DataMacro
from wizard.convert import convert
from wizard.convert.draft import GivenTable
from wizard.convert.triggers import TriggerCandidate, convert_triggers, review_script
from wizard.definitions import Column, ColumnType, Database, Table
from wizard.objects import Conversion
from wizard.settings import Options, Target

NAMESPACE = "http://schemas.microsoft.com/office/accessservices/2009/11/application"
ORDERS = Table(
    "Orders",
    (
        *table("Orders", "ID", "Note", "State", key="ID").columns,
        Column("Price", ColumnType.CURRENCY),
        Column("Changed", ColumnType.DATE),
    ),
    table("Orders", "ID", key="ID").indexes,
)
AUDIT = Table(
    "Audit",
    (
        Column("What", ColumnType.TEXT, 50),
        Column("OldValue", ColumnType.TEXT, 255),
        Column("At", ColumnType.DATE),
        Column("Note", ColumnType.TEXT, 50),
    ),
)
DATA = Database("x.accdb", "memory", tables=(ORDERS, AUDIT, table("NoKey", "A")))


def macro(event: str, statements: str, on: str = "Orders") -> DataMacro:
    body = f'<DataMacro Event="{event}" xmlns="{NAMESPACE}"><Statements>{statements}</Statements></DataMacro>'
    return DataMacro(on, event, f'<?xml version="1.0" encoding="UTF-16" standalone="no"?>\n{body}')


def action(name: str, **arguments: str) -> str:
    given = "".join(f'<Argument Name="{n}">{v}</Argument>' for n, v in arguments.items())
    return f'<Action Name="{name}">{given}</Action>'


def when(condition: str, statements: str, otherwise: str = "") -> str:
    rest = f"<Else><Statements>{otherwise}</Statements></Else>" if otherwise else ""
    inner = f"<Condition>{condition}</Condition><Statements>{statements}</Statements>"
    return f"<ConditionalBlock><If>{inner}</If>{rest}</ConditionalBlock>"


def made(*macros: DataMacro) -> tuple[TriggerCandidate, ...]:
    options = Options(add_primary_key=False)
    conversion: Conversion = convert(DATA, source="s", schema="dbo", options=options, target=Target(linked=True))
    given = {
        t.source.table: GivenTable(DATA.tables_by_name[t.source.table.casefold()], t)
        for t in conversion.tables
        if t.source
    }
    return convert_triggers(given, [table_macro(m) for m in macros], source="s")


STAMP = action("SetField", Field="Changed", Value="Now()")
ADD = (
    '<CreateRecord><Data Alias="New"><Reference>Audit</Reference></Data><Statements>'
    + action("SetField", Field="New.What", Value="&quot;price&quot;")
    + action("SetField", Field="New.OldValue", Value="[Old].[Price]")
    + action("SetField", Field="New.At", Value="Now()")
    + "</Statements></CreateRecord>"
)
FOUND = (
    action("SetLocalVar", Name="Kept", Value="[ID]")
    + "<ForEachRecord><Data><Reference>Orders</Reference><WhereCondition>[ID]=[Kept]</WhereCondition></Data>"
    + f"<Statements><EditRecord><Data/><Statements>{STAMP}</Statements></EditRecord></Statements></ForEachRecord>"
)


def test_a_field_set_before_a_change_is_set_after_it() -> None:
    (found,) = made(macro("BeforeChange", STAMP))
    assert found.name == "[dbo].[TR_Orders_BeforeChange]"
    assert (
        found.sql
        == """\
CREATE TRIGGER [dbo].[TR_Orders_BeforeChange] ON [dbo].[Orders]
AFTER INSERT, UPDATE
AS
BEGIN
    SET NOCOUNT ON;
    IF TRIGGER_NESTLEVEL(OBJECT_ID(N'[dbo].[TR_Orders_BeforeChange]')) > 1 RETURN;
    UPDATE t SET t.[Changed] = CONVERT(datetime2(0), GETDATE())
    FROM [dbo].[Orders] AS t
    JOIN inserted AS i ON i.[ID] = t.[ID]
    LEFT JOIN deleted AS d ON d.[ID] = t.[ID];
END;"""
    )


def test_conditions_become_those_of_rows() -> None:
    inside = when("[IsInsert]", action("SetField", Field="State", Value='"new"'), STAMP)
    (found,) = made(macro("BeforeChange", inside))
    assert "WHERE (" in found.sql
    assert "CASE WHEN" in found.sql
    assert "THEN 1 ELSE 0 END = 0" in found.sql
    assert found.sql.count("UPDATE t SET") == 2


def test_an_audit_row_is_added_for_each_changed_row() -> None:
    (found,) = made(macro("AfterUpdate", when('Updated("Price")', ADD)))
    assert "INSERT INTO [dbo].[Audit] ([What], [OldValue], [At])" in found.sql
    assert "[d].[Price]" in found.sql
    assert "FROM inserted AS t\n    LEFT JOIN deleted AS d ON d.[ID] = t.[ID]" in found.sql
    assert "NESTLEVEL" not in found.sql, "it does not change its own table"


def test_a_deleted_row_is_looked_for_among_the_deleted() -> None:
    (found,) = made(macro("AfterDelete", ADD))
    assert "AFTER DELETE" in found.sql
    assert "FROM deleted AS d" in found.sql
    assert "inserted" not in found.sql


def test_the_own_row_edited_afterwards() -> None:
    (found,) = made(macro("AfterUpdate", FOUND))
    assert "UPDATE t SET t.[Changed]" in found.sql
    assert "NESTLEVEL" in found.sql


def test_an_error_raised_takes_the_change_back() -> None:
    wrong = when("[Price]&lt;0", action("RaiseError", Number="1", Description="Don't"))
    (found,) = made(macro("BeforeChange", wrong))
    assert "IF EXISTS (" in found.sql
    assert "ROLLBACK TRANSACTION;" in found.sql
    assert "THROW 50001, N'Don''t', 1;" in found.sql


@pytest.mark.parametrize(
    ("event", "statements", "why"),
    [
        ("AfterUpdate", action("RunDataMacro", MacroName="x"), "it has RunDataMacro"),
        ("AfterUpdate", FOUND.replace("[ID]=[Kept]", "[Price]=1"), "it may change other rows"),
        ("AfterUpdate", ADD.replace("[Old].[Price]", "[Note]"), "Note may be of either table"),
        ("AfterUpdate", ADD.replace("<Reference>Audit", "<Reference>Elsewhere"), "which is not on the server"),
        ("BeforeChange", action("SetField", Field="Gone", Value="1"), "Orders has no column Gone"),
        ("BeforeChange", action("SetField", Field="Note", Value="Eval(x)"), "Eval"),
        ("BeforeChange", action("StopMacro"), "StopMacro decides"),
        ("BeforeChange", action("SetField", Field="Note", Value='DLookup("a","b")'), ""),
    ],
)
def test_what_is_not_simple_says_why(event: str, statements: str, why: str) -> None:
    (found,) = made(macro(event, statements))
    assert found.sql == ""
    assert found.why
    assert why in found.why


def test_a_table_without_key_has_no_pairs_of_rows() -> None:
    (found,) = made(macro("BeforeChange", action("SetField", Field="A", Value="1"), on="NoKey"))
    assert "no primary key" in found.why


def test_the_script_for_review_has_all_of_them() -> None:
    script = review_script(made(macro("BeforeChange", STAMP), macro("AfterUpdate", action("StopMacro"))))
    assert script.count("\nGO\n") == 2
    assert "Nobody runs this" in script
    assert "-- Orders, AfterUpdate\n-- not written: StopMacro" in script
    assert review_script(()) == ""


@pytest.mark.parametrize(
    "xml",
    ["<!DOCTYPE x [<!ENTITY a 'b'>]><DataMacro/>", "<DataMacro", "<a>" * 100_000, "x" * 1_000_001],
    ids=["entity", "cut", "deep", "long"],
)
def test_hostile_xml_is_damage(xml: str) -> None:
    with pytest.raises(DamagedError):
        table_macro(DataMacro("T", "AfterUpdate", xml))


def test_statements_nested_too_deep_are_damage() -> None:
    xml = "<If><Statements>" * 50
    closed = "</Statements></If>" * 50
    with pytest.raises(DamagedError, match="nested"):
        table_macro(macro("AfterUpdate", xml + closed))


def test_a_text_cannot_end_its_batch() -> None:
    """sqlcmd and others take a line GO for an end wherever it stands. A THROW takes no text that is put together."""
    value = action("SetField", Field="Note", Value="&quot;a&#10;GO&#10;DROP TABLE x&quot;")
    thrown = action("RaiseError", Description="no&#10;GO&#10;DROP TABLE x&#10;GO&#10;")
    found = made(macro("BeforeChange", value), macro("BeforeChange", thrown))
    assert [c.why for c in found] == ["", "a name or a text in it goes over several lines"]
    assert [line.strip() for line in review_script(found).split("\n")].count("GO") == 2, (
        "around the one that is written"
    )


def test_quotes_in_names_are_part_of_them() -> None:
    columns = (Column("ID", ColumnType.LONG), Column("A'b", ColumnType.TEXT, 20))
    odd = Table("It's", columns, table("It's", "ID", key="ID").indexes)
    given = {"It's": GivenTable(odd, one(converted(odd), "It's"))}
    asked = macro("BeforeChange", action("SetField", Field="A'b", Value="1"), on="It's")
    (found,) = convert_triggers(given, [table_macro(asked)], source="s")
    assert found.why == ""
    assert "UPDATE t SET t.[A'b] = N'1'\n    FROM [dbo].[It's] AS t\n    JOIN inserted AS i" in found.sql


def test_a_remark_cannot_end_its_line() -> None:
    script = review_script([TriggerCandidate("a\nDROP", "b\x1b[2J\r\nGO", why="c\u2028:r x\x0bGO")])
    assert {line[:2] for line in script.split("\n")} == {"--", ""}
    assert "\x1b" not in script


def test_variables_that_stand_for_one_another_many_times_are_refused_at_once() -> None:
    """Twenty variables, each a hundred times the next: no memory would hold what is written out."""
    names = [f"v{n}" for n in range(19)]
    chain = "".join(
        action("SetLocalVar", Name=a, Value="+".join([b] * 100)) for a, b in zip(names, [*names[1:], "1"], strict=True)
    )
    found: list[TriggerCandidate] = []
    counted = calls(
        lambda: found.extend(made(macro("BeforeChange", chain + action("SetField", Field="Price", Value="v0"))))
    )
    assert [c.why for c in found] == ["its variables stand for one another too often"]
    assert counted < 10_000_000


def test_branches_without_number_are_refused_before_they_are_written() -> None:
    """Each repeats the conditions of all before it."""
    branch = "<ElseIf><Condition>[State] = 'xxxxxxxxxxxxxxxxxxxxx'</Condition><Statements>{}</Statements></ElseIf>"
    inner = action("SetField", Field="Note", Value="1")
    first = branch.format(inner).replace("ElseIf", "If")
    block = f"<ConditionalBlock>{first}{branch.format(inner) * 300}</ConditionalBlock>"
    assert [c.why for c in made(macro("BeforeChange", block))] == [
        "it would be a trigger of more than 100,000 characters"
    ]
