"""Statements that people write give what Access gives for them."""

from __future__ import annotations

import importlib.util
import json
from datetime import datetime
from types import ModuleType
from typing import Any

import pytest

from tests.conftest import SHARED
from tests.convert.interpreter.rows import Data
from wizard.convert.interpreter import ErrorValue

pytestmark = pytest.mark.corpus
FOLDER = SHARED / "cases"
LINES = (FOLDER / "queries.tsv").read_text(encoding="utf-8").splitlines()[1:] if FOLDER.is_dir() else []
CASES = {line.split("\t")[0]: line.split("\t") for line in LINES}
ERROR = "#Error"
IN_WORDS: dict[str, list[Any]] = {
    "digit_alias": [7, -7, None, 0, 100000, 5],
    "dc_crit_col": [ERROR] * 5,
    "nzd0_cmp": [1, 2, 4, 5],
    "nzd_minus": [55.60416666666424, 29.03125, 1.0, 62.0, 29.0, "2024-03-01", -305.5],
    "iif_d0": ["2024-01-06 09:30", 1, "2024-03-01", 1, "2024-02-02", 1, "2025-01-01 12:00"],
    "numtext_plus": [ERROR, ERROR, ERROR, None, ERROR, ERROR, ERROR],
    "all_or": [1, 2, 3, 4, 5, 6, 7],
    "union_semicolon": [1, 2, 3, 4, 5, 6, 7],
    "band": [1, 2, 4],
    "isdate_num": [True] * 7,
    "txt_comma_num": [1234.5] * 7,
    "dc_prefix": [0, 0, 0, 0, 0],
    "age_ymd": [44, 33, 24, ERROR, 48],
    "rnd_param": [1, 2],
    "ytd": [(None, None, 75.25, None), (2023, 12, 20, 20), (2024, 1, 150.5, 150.5), (2024, 2, 75.25, 225.75),
            (2024, 12, -10, 215.75)],
    "grp_sub_expr": [(None, 0), ("ANN", 1), ("BOB", 1), ("CY", 0), ("DEE", 0)],
    "having_sub_grp": [(2024, 215.75)],
    "dc_null_empty": [0, 1, 0, 0, ERROR],
}  # fmt: skip
"""results that the table says in words, and one that differs: `Region='O'Hara'` is a syntax error to Access"""
AT_RANDOM = {"rnd_param"}
NOT_ROWS = {"ins_bool_null", "upd_bool_null", "identity"}
PARAMETERS = {"all_or": {"Forms!f!c": "All"}, "rnd_param": {"r": "North"}}


@pytest.fixture(scope="module")
def data() -> Data:
    tables = load_tables()
    return Data(*tables.TABLES.values())


def load_tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("case_tables", FOLDER / "tables.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plainly(value: Any) -> Any:
    if isinstance(value, ErrorValue):
        return ERROR
    if isinstance(value, datetime):
        day, _, clock = value.isoformat(" ").partition(" ")
        return day if clock == "00:00:00" and day != "1899-12-30" else f"{day} {clock}".removesuffix(":00")
    return value


@pytest.mark.parametrize("name", sorted(CASES.keys() - NOT_ROWS))
def test_a_statement_gives_what_access_gives(name: str, data: Data) -> None:
    sql, wanted = CASES[name][1], CASES[name][3]
    rows = [tuple(map(plainly, row)) for row in data.interpreter(**PARAMETERS.get(name, {})).sql(sql).rows]
    expected: list[Any] = IN_WORDS[name] if name in IN_WORDS else json.loads(wanted)
    if expected and isinstance(expected[0], tuple):
        assert rows == expected
    else:
        found = [row[-1] for row in rows]
        assert (sorted(found) if name in AT_RANDOM else found) == expected
