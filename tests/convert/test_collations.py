"""Texts that meet where COLLATE gives one of them a collation: SQL Server refuses two of them (Msg 468)."""

from __future__ import annotations

import pytest

from tests.convert.saved import saved, statement
from tests.convert.scopes import Columns
from wizard.convert.dialect import parse_expression
from wizard.convert.expressions import translate_value
from wizard.definitions import ColumnType

CODED = 'Replace([t], "a", "b", 1, -1, 0)'
"""compared by codes, and as all others afterwards"""


@pytest.mark.parametrize(
    "expression",
    [
        f"InStr(1, [u], {CODED}, 0)",
        f"StrComp([u], {CODED}, 0)",
        f"InStrRev([u], {CODED}, -1, 0)",
        f'StrComp([u], Replace([u], {CODED}, "z", 1, -1, 0), 0)',
    ],
)
def test_a_text_beside_one_compared_by_codes_is_so_too(expression: str) -> None:
    sql = str(translate_value(parse_expression(expression), Columns(dict.fromkeys("tu", ColumnType.TEXT))).node)
    assert "COLLATE DATABASE_DEFAULT) COLLATE Latin1_General_BIN2" in sql


def test_a_text_with_no_collation_of_its_own_is_left_alone() -> None:
    made = statement(saved({"q": "SELECT InStr(1, Customer, Note, 0) AS v FROM Orders"}), "q")
    assert made.count("COLLATE") == 1
    made = statement(saved({"q": 'SELECT Replace(Customer, "a", Note, 1, 2, 0) AS v FROM Orders'}), "q")
    assert made.rstrip().count("COLLATE DATABASE_DEFAULT") == 1
