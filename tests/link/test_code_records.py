"""A key read before Update, and Seek: changed where no use of the recordset would notice, else told why not."""

from __future__ import annotations

import pytest

from tests.link.answered_code import changed, differences, procedure, refused

# --- keys ------------------------------------------------------------------------------------------------------------

ADDING = (
    "Dim rs As DAO.Recordset, k As Long",
    'Set rs = CurrentDb.OpenRecordset("Orders", dbOpenDynaset, dbSeeChanges)',
)


def test_a_key_is_read_behind_update() -> None:
    body = (*ADDING, "rs.AddNew", "k = rs!ID ' the key", "rs!Note = 1", "rs.Update", "rs.Close: Set rs = Nothing")
    assert differences(procedure(*body)) == [
        "-     k = rs!ID ' the key",
        "+     rs.Bookmark = rs.LastModified",
        "+     k = rs!ID ' the key",
    ]


def test_a_key_is_read_behind_update_within_a_with_and_twice() -> None:
    body = (
        "Dim l As Long", *ADDING, "With rs", "  .AddNew", '  k = .Fields("ID")', "  l = ![ID]",
        '  .Fields("Note") = _', '    "x"', "  .Update", "  .Close", "End With",
    )  # fmt: skip
    assert differences(procedure(*body)) == [
        '-       k = .Fields("ID")', "-       l = ![ID]", "+       .Bookmark = .LastModified",
        '+       k = .Fields("ID")', "+       l = ![ID]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ((*ADDING, "rs.AddNew", "k = rs!ID", "Foo k", "rs.Update"), "the key is needed before .Update"),
        ((*ADDING, "rs.AddNew", "Foo rs!ID", "rs.Update"), "the key is not just put into a variable"),
        ((*ADDING, "rs.AddNew", "k = rs!ID: Beep", "rs.Update"), "the key is not just put into a variable"),
        (
            (*ADDING, "rs.AddNew", "If x Then k = rs!ID", "rs.Update"),
            "the key is not just put into a variable",
        ),
        (
            (*ADDING, "rs.AddNew", "k = rs!ID", "If x Then", "rs.Update", "End If"),
            "what stands between it and .Update is not a straight line",
        ),
        (
            (*ADDING, "rs.AddNew", "k = rs!ID", "rs.Update", "rs.MoveNext"),
            "the recordset is used further, and would stand on the new record there",
        ),
        (
            (*ADDING, "rs.AddNew", "k = rs!ID", "rs.Update", "Foo rs"),
            "the recordset is used further, and would stand on the new record there",
        ),
        (
            (*ADDING, "Do Until rs.EOF", "rs.AddNew", "k = rs!ID", "rs.Update", "Loop"),
            "the recordset is used further, and would stand on the new record there",
        ),
        ((*ADDING[1:], "rs.AddNew", "k = rs!ID", "rs.Update"), "a variable of it is not of the procedure alone"),
    ],
)
def test_a_key_stays_where_it_is_if_something_would_notice(body: tuple[str, ...], why: str) -> None:
    assert refused(procedure(*body)) == [why]


# --- Seek ------------------------------------------------------------------------------------------------------------


def seeking(index: str, *seek: str, table: str = "Items", more: tuple[str, ...] = ()) -> str:
    return procedure(
        "Dim rs As DAO.Recordset", f'Set rs = CurrentDb.OpenRecordset("{table}", dbOpenTable)',
        f'rs.Index = "{index}"', *seek, "If rs.NoMatch Then Beep", *more, "rs.Close", "Set rs = Nothing",
    )  # fmt: skip


OPENS = (
    '-     Set rs = CurrentDb.OpenRecordset("Items", dbOpenTable)',
    '-     rs.Index = "{}"',
    "-     {}",
    '+     Set rs = CurrentDb.OpenRecordset("Items", dbOpenDynaset, dbSeeChanges)',
    "+     {}",
)


@pytest.mark.parametrize(
    ("index", "seek", "find"),
    [
        ("PrimaryKey", 'rs.Seek "=", x + 1, 3', 'rs.FindFirst "[ID] = " & Nz(x + 1, "Null") & " And [Line] = 3"'),
        ("primarykey", 'rs.Seek "=", 1, -2 \' "why"', 'rs.FindFirst "[ID] = 1 And [Line] = -2" \' "why"'),
        ("Code", 'rs.Seek "=", "it\'s"', "rs.FindFirst \"[Code] = 'it''s'\""),
        (
            "Code",
            'rs.Seek "=", Me!t',
            'rs.FindFirst "[Code] = " & IIf(IsNull(Me!t), "Null", "\'" & Replace(Nz(Me!t), "\'", "\'\'") & "\'")',
        ),
    ],
)
def test_seek_on_a_unique_key_becomes_find_first(index: str, seek: str, find: str) -> None:
    found = changed(seeking(index, seek))
    assert not found.left
    after = [line for c in found.modules[0].changes for line in c.after]
    assert after == ['    Set rs = CurrentDb.OpenRecordset("Items", dbOpenDynaset, dbSeeChanges)', f"    {find}"]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (seeking("Plain", 'rs.Seek "=", 1'), "Plain is no unique index of Items"),
        (seeking("Price", 'rs.Seek "=", 1'), "Price is neither a whole number nor a text"),
        (seeking("Code", 'rs.Seek ">=", "a"'), "it does not look for one value of each column of the index"),
        (seeking("PrimaryKey", 'rs.Seek "=", 1'), "it does not look for one value of each column of the index"),
        (seeking("Code", 'rs.Seek "=", f(1)'), "the text that it looks for is computed in the line"),
        (seeking("Code", 'rs.Seek "=", "a"', more=("rs.MoveNext",)), "the recordset is used otherwise too (movenext)"),
        (seeking("Code", 'rs.Seek "=", "a"', more=("Foo rs",)), "the recordset is used otherwise too (other)"),
        (seeking("Code", 'If x Then rs.Seek "=", "a"'), "it stands in a line with other statements"),
        (
            seeking("Code", 'rs.Index = "Price"', 'rs.Seek "=", 1'),
            "it is not plain which table and index it looks through",
        ),
        (seeking("Code", 'rs.Seek "=", "a"', table="Temp"), "its table or index is known only at run time"),
    ],
)
def test_seek_stays_where_it_does_more(source: str, why: str) -> None:
    seek = [r.why for r in changed(source).left if r.code in ("JF4505", "JF4506")]
    assert seek
    assert set(seek) <= {why, "it stands within a longer line"}
    assert changed(source).modules == ()
