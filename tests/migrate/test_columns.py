"""Values go exactly, or their row is rejected with a reason; what options allow to change is counted."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.migrate.fakes import column
from wizard.coercion.columns import ChangeCounts, Cut, Rules, coerce
from wizard.messages import RowProblem
from wizard.objects import ServerColumn, ServerType
from wizard.settings import Repair, RepairRule


def rule(repair: Repair, value: str = "") -> Rules:
    return lambda trouble, _: RepairRule(trouble, repair, value)


def sent(
    values: pa.Array, to: ServerColumn, repair: Repair = Repair.REJECT, value: str = ""
) -> tuple[list[object], list[tuple[int, int]], ChangeCounts]:
    to = ServerColumn(to.name, to.type, to.nullable, source=to.name)
    found = coerce(pa.RecordBatch.from_arrays([values], names=[to.name]), [to], rule(repair, value))
    assert found.kept.tolist() == [i for i in range(len(values)) if i not in {b.row for b in found.bad}]
    return found.rows.column(0).to_pylist(), [(b.row, b.number) for b in found.bad], found.changes


@pytest.mark.parametrize(
    ("values", "to", "good", "bad"),
    [
        (pa.array([1, 300, None], pa.int16()), column("c", "tinyint"), [1, None], [(1, 6102)]),
        (pa.array([1, -1], pa.int32()), column("c", "tinyint"), [1], [(1, 6102)]),
        (pa.array([None, 1], pa.int32()), column("c", "int", nullable=False), [1], [(0, 6103)]),
        (pa.array([1.0, float("nan"), float("inf"), None]), column("c", "float"), [1.0, None], [(1, 6105), (2, 6105)]),
        (pa.array([1.0, 1.5]), column("c", "int"), [1], [(1, 6106)]),
        (pa.array([Decimal("1.2345"), Decimal("1.2000")]), column("c", "decimal", precision=9, scale=1),
         [Decimal("1.2")], [(0, 6106)]),
        (pa.array([Decimal("123.4"), Decimal("1.2")]), column("c", "decimal", precision=3, scale=1),
         [Decimal("1.2")], [(0, 6106)]),
        (pa.array(["12", " 7 ", "x", None]), column("c", "int"), [12, 7, None], [(2, 6107)]),
        (pa.array(["{0e984725-c51c-4bf4-9960-e1c80e27aba0}", "no"]), column("c", "uniqueidentifier"),
         ["0E984725-C51C-4BF4-9960-E1C80E27ABA0"], [(1, 6107)]),
        (pa.array(["{0E984725-C51C-4BF4-9960-E1C80E27ABA0}", "{0E984725-C51C-4BF4-9960-E1C80E27ABG0}"]),
         column("c", "uniqueidentifier"), ["0E984725-C51C-4BF4-9960-E1C80E27ABA0"], [(1, 6107)]),
        (pa.array(["{0E984725-C51C-4BF4-9960-E1C80E27ABA0}", "{0E984725 C51C-4BF4-9960-E1C80E27ABA0}"]),
         column("c", "uniqueidentifier"), ["0E984725-C51C-4BF4-9960-E1C80E27ABA0"], [(1, 6107)]),
        (pa.array([True, None, False]), column("c", "smallint"), [1, None, 0], []),
        (pa.array([True, False]), column("c", "nvarchar", 5), ["1", "0"], []),
        (pa.array([b"123", b"1234"]), column("c", "varbinary", 3), [b"123"], [(1, 6108)]),
        (pa.array(["😀" * 5, "😀" * 6, "ä" * 10, "ä" * 11]), column("c", "nvarchar", 10),
         ["😀" * 5, "ä" * 10], [(1, 6101), (3, 6101)]),
        (pa.array([5, 6], pa.int32()), column("c", "decimal", precision=12, scale=3), [Decimal(5), Decimal(6)], []),
        (pa.array([2**62], pa.int64()), column("c", "decimal", precision=19, scale=0), [Decimal(2**62)], []),
    ],
)  # fmt: skip
def test_a_value_goes_exactly_or_its_row_is_rejected(
    values: pa.Array, to: ServerColumn, good: list[object], bad: list[tuple[int, int]]
) -> None:
    assert sent(values, to)[:2] == (good, bad)


OLD = pa.array([datetime(100, 1, 1), datetime(1753, 1, 1), None], pa.timestamp("ms"))


@pytest.mark.parametrize(
    ("option", "good", "bad", "changed"),
    [
        (Repair.REJECT, [datetime(1753, 1, 1), None], [(0, 6104)], 0),
        (Repair.NULL, [None, datetime(1753, 1, 1), None], [], 1),
        (Repair.NEAREST, [datetime(1753, 1, 1), datetime(1753, 1, 1), None], [], 1),
    ],
)
def test_dates_the_type_cannot_hold_follow_the_rule(
    option: Repair, good: list[object], bad: list[tuple[int, int]], changed: int
) -> None:
    values, refused, changes = sent(OLD, column("c", "datetime"), option)
    assert (values, refused, changes.repaired["c"]) == (good, bad, changed)


def test_a_date_replaced_by_null_in_a_required_column_is_rejected() -> None:
    assert sent(OLD.slice(0, 2), column("c", "datetime", nullable=False), Repair.NULL)[1] == [(0, 6104)]


def test_every_date_of_access_fits_datetime2() -> None:
    edges = [datetime(100, 1, 1), datetime(9999, 12, 31, 23, 59, 59)]
    assert sent(pa.array(edges, pa.timestamp("ms")), column("c", "datetime2", scale=0))[:2] == (edges, [])


def test_extended_dates_travel_as_text() -> None:
    values = sent(pa.array(["0001-01-01T00:00:00.0000001", None]), column("c", "datetime2", scale=7))[0]
    assert values == ["0001-01-01 00:00:00.0000001", None]
    values = sent(pa.array([datetime(100, 2, 3, 4, 5, 6)], pa.timestamp("ms")), column("c", "datetime2", scale=7))[0]
    assert values == ["0100-02-03 04:05:06.0000000"]


@pytest.mark.parametrize(
    ("type_", "scale", "micro", "rounded"),
    [("datetime2", 0, 1_500_000, 2_000_000), ("datetime2", 3, 1_500, 2_000), ("datetime2", 6, 1_501, 1_501),
     ("datetime", None, 5_000, 7_000), ("datetime", None, 2_000, 3_000), ("datetime", None, 999_000, 1_000_000),
     ("smalldatetime", None, 31_000_000, 60_000_000)],
)  # fmt: skip
def test_fractions_are_rounded_as_the_server_rounds_and_counted(
    type_: str, scale: int | None, micro: int, rounded: int
) -> None:
    values, bad, changes = sent(pa.array([micro], pa.timestamp("us")), column("c", type_, scale=scale))
    assert pa.array(values, pa.timestamp("us")).cast(pa.int64()).to_pylist() == [rounded]
    assert (bad, changes.rounded["c"]) == ([], int(micro != rounded))


def test_a_double_in_a_single_column_is_counted_where_it_is_rounded() -> None:
    assert sent(pa.array([0.5, 0.1]), column("c", "real"))[2].rounded["c"] == 1


@given(st.lists(st.none() | st.integers(-(2**40), 2**40), min_size=1, max_size=50))
def test_no_whole_number_is_lost(values: list[int | None]) -> None:
    good, bad, _ = sent(pa.array(values, pa.int64()), column("c", "int"))
    fits = [v for v in values if v is None or -(2**31) <= v < 2**31]
    assert good == fits
    assert len(good) + len(bad) == len(values)


@given(st.lists(st.text(max_size=12), min_size=1, max_size=30))
def test_text_is_measured_as_the_server_measures_it(values: list[str]) -> None:
    good, bad, _ = sent(pa.array(values, pa.string()), column("c", "nvarchar", 5))
    assert good == [v for v in values if len(v.encode("utf-16-le")) <= 10]
    assert len(good) + len(bad) == len(values)


@given(st.lists(st.none() | st.uuids(), min_size=1, max_size=5))
def test_guids_as_the_reader_gives_them_lose_their_braces_alone(guids: list[UUID | None]) -> None:
    texts = [str(g or UUID(int=0)).upper() for g in guids]
    every = pa.array([f"{{{t}}}" for t in texts])
    missing = pa.array([g is not None for g in guids]).buffers()[1]
    as_read = pa.Array.from_buffers(pa.string(), len(guids), [missing, *every.buffers()[1:]])
    values, bad, _ = sent(as_read, column("c", "uniqueidentifier"))
    assert (values, bad) == ([t if g is not None else None for g, t in zip(guids, texts, strict=True)], [])


def test_a_default_stands_for_null_where_nulls_are_not_kept() -> None:
    to = ServerColumn("c", ServerType("int"), nullable=False, default="7", source="c")
    batch = pa.record_batch({"c": pa.array([1, None], pa.int32())})
    assert [b.number for b in coerce(batch, [to]).bad] == [6103]
    assert coerce(batch, [to], keep_nulls=False).rows.column(0).to_pylist() == [1, None]


NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("values", "to", "repair", "value", "good", "bad"),
    [
        (pa.array([1.5, NAN, INFINITY]), column("c", "float"), Repair.NULL, "", [1.5, None, None], []),
        (pa.array([1.5, NAN, -INFINITY]), column("c", "float"), Repair.NEAREST, "",
         [1.5, -1.7976931348623157e308], [(1, 6105)]),
        (pa.array([NAN]), column("c", "float"), Repair.VALUE, "-1", [-1.0], []),
        (pa.array([NAN]), column("c", "float"), Repair.VALUE, "none", [], [(0, 6105)]),
        (pa.array([NAN]), column("c", "float", nullable=False), Repair.NULL, "", [], [(0, 6105)]),
        (pa.array([300, -1, 7], pa.int16()), column("c", "tinyint"), Repair.NEAREST, "", [255, 0, 7], []),
        (pa.array([Decimal("1.25"), Decimal("-999")]), column("c", "decimal", precision=3, scale=1), Repair.NEAREST, "",
         [Decimal("1.3"), Decimal("-99.9")], []),
        (pa.array([1.5, 1e300]), column("c", "int"), Repair.NEAREST, "", [2, 2**31 - 1], []),
        (pa.array(["abcdef", "a😀b", "ab😀"]), column("c", "nvarchar", 3), Repair.NEAREST, "",
         ["abc", "a😀", "ab"], []),
        (pa.array([b"1234"]), column("c", "varbinary", 3), Repair.NEAREST, "", [b"123"], []),
        (pa.array(["abcdef"]), column("c", "nvarchar", 3), Repair.VALUE, "?", ["?"], []),
        (pa.array(["x", "7"]), column("c", "int"), Repair.VALUE, "0", [0, 7], []),
        (pa.array([None, 4], pa.int32()), column("c", "int", nullable=False), Repair.VALUE, "0", [0, 4], []),
        (OLD.slice(0, 1), column("c", "datetime"), Repair.VALUE, "1900-01-01", [datetime(1900, 1, 1)], []),
        (OLD.slice(0, 1), column("c", "datetime"), Repair.VALUE, "1700-01-01", [], [(0, 6104)]),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_becomes_what_the_rule_says(
    values: pa.Array, to: ServerColumn, repair: Repair, value: str, good: list[object], bad: list[tuple[int, int]]
) -> None:
    assert sent(values, to, repair, value)[:2] == (good, bad)


def test_each_repaired_value_is_listed_with_its_old_one() -> None:
    to = ServerColumn("C", ServerType("float"), source="c")
    batch = pa.record_batch({"c": pa.array([1.0, NAN, INFINITY])})
    found = coerce(batch, [to], rule(Repair.VALUE, "0"))
    assert [(r.row, r.column, r.old, r.new, r.rule) for r in found.repaired] == [
        (1, "C", "NaN", "0.0", "value"),
        (2, "C", "infinity", "0.0", "value"),
    ]


def test_the_rule_of_the_trouble_and_the_column_counts() -> None:
    asked: list[tuple[RowProblem, str]] = []

    def heard(trouble: RowProblem, name: str) -> RepairRule:
        asked.append((trouble, name))
        return RepairRule(trouble, Repair.REJECT)

    to = ServerColumn("C", ServerType("real"), source="Number")
    coerce(pa.record_batch({"Number": pa.array([NAN])}), [to], heard)
    assert asked == [(RowProblem.NOT_A_NUMBER, "Number")]


@given(st.lists(st.none() | st.floats(), min_size=1, max_size=20), st.sampled_from(list(Repair)[:4]))
def test_after_a_repair_nothing_is_left_that_a_server_refuses(values: list[float | None], repair: Repair) -> None:
    good, bad, changes = sent(pa.array(values, pa.float64()), column("c", "real"), repair, "0")
    assert all(v is None or abs(v) <= 3.4028234663852886e38 for v in good)
    assert len(good) + len(bad) == len(values)
    wild = sum(v is not None and (v != v or abs(v) > 3.5e38) for v in values)
    assert changes.repaired["c"] + len(bad) >= wild


def test_rounded_values_of_rows_that_stay_behind_are_not_counted() -> None:
    columns = [ServerColumn("A", ServerType("real"), source="A"), ServerColumn("B", ServerType("tinyint"), source="B")]
    batch = pa.RecordBatch.from_arrays([pa.array([0.1, 0.2, 0.5]), pa.array([300, 1, 1], pa.int16())], names=["A", "B"])
    found = coerce(batch, columns)
    assert [(r.column, r.rows.tolist(), r.old) for r in found.rounded] == [("A", [1], "0.2")]
    assert found.changes.rounded["A"] == 1


def test_the_seventh_digit_of_a_second_is_not_cut_in_silence() -> None:
    values = pa.array(["2020-01-01 00:00:00.0000001", "2020-01-01 00:00:00.1234560", None])
    assert sent(values, column("c", "datetime2", scale=6))[2].rounded["c"] == 1


def narrow(type_: str, length: int, page: int) -> ServerColumn:
    return ServerColumn("c", ServerType(type_, length), source="c", code_page=page)


@pytest.mark.parametrize(
    ("page", "value", "arrives"),
    [
        (1252, "Łódź — “é”", "?ód? — “é”"),
        (1252, "\x81", "\x81"),  # a byte without a character is the control character of its number
        (1250, "Łódź", "Łódź"),
        (1251, "Łódź Москва", "??d? Москва"),
        (437, "é—", "é?"),
        (932, "北斗①é", "北斗①?"),
        (936, "北斗€", "北斗€"),
        (65001, "Łódź 北斗 😀", "Łódź 北斗 😀"),
        (1252, "😀", "?"),
        (1258, "ế", "?"),
    ],
)
def test_a_code_page_holds_some_characters_and_what_it_loses_is_counted(page: int, value: str, arrives: str) -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(["plain", value, None])], names=["c"])
    found = coerce(batch, [narrow("varchar", 40, page)])
    assert found.rows.column(0).to_pylist() == ["plain", arrives, None]
    lost = [] if value == arrives else [("c", [1], value, arrives, Cut.CHARACTERS)]
    assert [(r.column, r.rows.tolist(), r.old, r.new, r.cut) for r in found.rounded] == lost
    assert found.changes.rounded["c"] == len(lost)


@pytest.mark.parametrize("page", [0, 1234567])
def test_what_no_code_page_is_known_for_goes_as_it_is_and_is_told(page: int) -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(["plain", "é", "Ł"])], names=["c"])
    found = coerce(batch, [narrow("char", 9, page)])
    assert found.rows.column(0).to_pylist() == ["plain", "é", "Ł"]
    assert [(r.rows.tolist(), r.cut) for r in found.rounded] == [([1, 2], Cut.UNCHECKED)]
    assert found.changes.rounded.total() == 0


@pytest.mark.parametrize(
    ("page", "value", "fits"),
    [(65001, "Łódź", False), (65001, "Łód", True), (932, "北斗本", False), (932, "北斗a", True), (1250, "Łódźa", True)],
)
def test_the_length_of_narrow_text_counts_bytes(page: int, value: str, fits: bool) -> None:
    batch = pa.RecordBatch.from_arrays([pa.array([value])], names=["c"])
    found = coerce(batch, [narrow("varchar", 5, page)])
    assert [b.number for b in found.bad] == ([] if fits else [6108])


def test_repaired_narrow_text_is_what_the_column_holds() -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(["北斗出版社", "Łódź and more"])], names=["c"])
    near = coerce(batch, [narrow("varchar", 6, 65001)], rule(Repair.NEAREST))
    assert near.rows.column(0).to_pylist() == ["北斗", "Łód"]
    assert [len(v.encode()) for v in near.rows.column(0).to_pylist()] == [6, 6 - 1]
    given_ = coerce(batch, [narrow("varchar", 4, 1252)], rule(Repair.VALUE, "Ł"))
    assert [b.number for b in given_.bad] == [6101, 6101]
