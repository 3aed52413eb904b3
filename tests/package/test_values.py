"""Every value comes back from the package's files as it went in."""

from __future__ import annotations

import datetime as dt
import json
import struct
import uuid
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.package.files import KINDS, batch, delivery, fill, read_back, sink, table
from wizard.objects import ServerColumn, ServerType
from wizard.package.bcp_rows import Layout, terminators
from wizard.sink import Checkpoint, RefusedError

DATES = st.datetimes(dt.datetime(100, 1, 1), dt.datetime(9999, 12, 31)).map(lambda d: d.replace(microsecond=0))
NASTY = st.text(st.sampled_from("\t\n\r~@#1fr2;: ä漢😀'\"\ufeffGO"), max_size=12)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "id": st.integers(-(2**31), 2**31 - 1),
    "text": st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), NASTY),
    "bits": st.booleans(),
    "amount": st.decimals(-(10**14), 10**14, places=4),
    "small": st.decimals(-(10**10), 10**10, places=9),
    "single": st.floats(width=32, allow_nan=False, allow_infinity=False),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "at": DATES,
    "moment": st.just("0001-01-01 00:00:00.0000001"),
    "guid": st.uuids().map(lambda u: str(u).upper()),
    "blob": st.binary(max_size=12),
}
ROWS = st.lists(st.tuples(*(st.one_of(st.none(), VALUES[k]) for k in KINDS)), min_size=1, max_size=12)


def value_of(kind: str, text: str | None) -> Any:
    """What bcp makes of a field's text, for a column of that kind."""
    if text is None:
        return None
    match kind:
        case "id":
            return int(text)
        case "bits":
            return {"0": False, "1": True}[text]
        case "amount" | "small":
            assert "E" not in text
            return Decimal(text)
        case "single":
            return struct.unpack("f", struct.pack("f", float(text)))[0]
        case "number":
            return float(text)
        case "at":
            return dt.datetime.strptime(text.rjust(19, "0"), "%Y-%m-%d %H:%M:%S")
        case "guid":
            return str(uuid.UUID(text)).upper()
        case "blob":
            return bytes.fromhex(text)
        case _:
            return text


def unfit(row: tuple[Any, ...]) -> bool:
    """What bcp's format has no way to say."""
    values = dict(zip(KINDS, row, strict=True))
    return values["blob"] == b"" or "\0" in (values["text"] or "")


@settings(max_examples=25, deadline=None)
@given(ROWS, st.integers(1, 5))
def test_rows_read_back_equal(rows: list[tuple[Any, ...]], size: int) -> None:
    of = table()
    with TemporaryDirectory() as name:
        target = sink(Path(name), of)
        fill(target, of, [batch(of, rows[i : i + size]) for i in range(0, len(rows), size)])
        target.finish([of])
        package = Path(name) / "package"
        entry = json.loads((package / "manifest.json").read_bytes())["tables"][0]
        files = {f["format"]: f for f in entry["files"]}
        assert entry["rows"] == len(rows) == sum(f["rows"] for f in files.values())
        read = []
        if "bcp -c" in files:
            f = files["bcp -c"]
            ends = f["field_terminator"].encode(), f["row_terminator"].encode()
            found = read_back((package / f["path"]).read_bytes(), *ends)
            read = [tuple(value_of(k, v) for k, v in zip(KINDS, r, strict=True)) for r in found]
        assert read == [r for r in rows if not unfit(r)]
        statements = (package / files["sql"]["path"]).read_text("utf-8") if "sql" in files else ""
        assert statements.count("INSERT INTO") == sum(map(unfit, rows))


@settings(max_examples=25, deadline=None)
@given(st.lists(NASTY, min_size=1, max_size=20), st.integers(1, 7))
def test_terminators_do_not_depend_on_batches(texts: list[str], size: int) -> None:
    of = table(kinds=("id", "text"))
    rows = list(enumerate(texts))
    made = []
    for step in (size, len(rows)):
        with TemporaryDirectory() as name:
            target = sink(Path(name), of)
            fill(target, of, [batch(of, rows[i : i + step]) for i in range(0, len(rows), step)])
            target.finish([of])
            made.append((Path(name) / "package/SHA256SUMS").read_bytes())
    assert made[0] == made[1]


def test_tab_and_line_feed_where_the_data_allow(tmp_path: Path) -> None:
    of = table(kinds=("id", "text"))
    target = sink(tmp_path, of)
    fill(target, of, [batch(of, [(1, "a"), (2, None), (3, "")])])
    assert (tmp_path / "package/data/001-Orders.dat").read_bytes() == b"1\ta\n2\t\n3\t\x00\n"


def test_other_terminators_from_the_first_forbidding_row_on(tmp_path: Path) -> None:
    of = table(kinds=("id", "text"))
    target = sink(tmp_path, of)
    fill(target, of, [batch(of, [(1, "a")]), batch(of, [(2, "b\tc")]), batch(of, [(3, "~1f")])])
    assert (tmp_path / "package/data/001-Orders.dat").read_bytes() == b"1@2fa@2r2@2fb\tc@2r3@2f~1f@2r"


def test_there_are_always_terminators() -> None:
    every = "\t\n" + "".join(f"{lead}{n}{kind}" for n in range(1, 40) for lead in "~@#=+_:," for kind in "fr")
    assert next(g for g in range(1000) if terminators(g).clean(every.encode() + terminators(g).row, 1, 1)) == 40


def test_columns_that_the_server_fills_have_an_empty_field(tmp_path: Path) -> None:
    key = ServerColumn("key", ServerType("int"), nullable=False, identity=True)
    of = table(kinds=("text",), key=key, version=ServerColumn("version", ServerType("rowversion"), nullable=False))
    target = sink(tmp_path, of)
    fill(target, of, [batch(of, [("a",)])])
    target.finish([of])
    assert (tmp_path / "package/data/001-Orders.dat").read_bytes() == b"a\t\t\n"
    assert not Layout.of(delivery(of)).partial
    assert "-r '\\n'\n" in (tmp_path / "package/deploy.sh").read_text()


def test_a_format_file_leaves_a_column_to_its_default(tmp_path: Path) -> None:
    extra = ServerColumn("extra", ServerType("uniqueidentifier"), nullable=False, default="NEWID()")
    of = table(kinds=("id",), extra=extra, last=ServerColumn("last", ServerType("int"), source="text"))
    target = sink(tmp_path, of)
    fill(target, of, [batch(of, [(1, 5)])])
    target.finish([of])
    assert (tmp_path / "package/data/001-Orders.dat").read_bytes() == b"1\t5\n"
    lines = (tmp_path / "package/data/001-Orders.fmt").read_text().splitlines()
    assert lines == ["13.0", "2", r'1 SQLCHAR 0 0 "\t" 1 C1 ""', r'2 SQLCHAR 0 0 "\n" 3 C3 ""']
    load = "load '[dbo].[Orders]' data/001-Orders.dat -f data/001-Orders.fmt -E"
    assert load in (tmp_path / "package/deploy.sh").read_text()
    assert "@('-f', 'data/001-Orders.fmt', '-E')" in (tmp_path / "package/deploy.ps1").read_text("utf-8-sig")


def test_a_name_that_bcp_cannot_be_given_goes_by_statements(tmp_path: Path) -> None:
    of = table('Or"ders', kinds=("id",))
    target = sink(tmp_path, of)
    assert [m.number for m in target.prepare([delivery(of)])] == [5621]
    fill(target, of, [batch(of, [(1,)])])
    assert 'INSERT INTO [dbo].[Or"ders] ([id]) VALUES (1);' in (tmp_path / "package/data/001-Or_ders.sql").read_text()


@pytest.mark.parametrize(
    ("kind", "value", "number"),
    [("number", float("nan"), 5610), ("single", float("inf"), 5610), ("at", dt.datetime(2020, 1, 1, 0, 0, 0, 5), 5611)],
)
def test_what_cannot_be_written_exactly_is_refused_whole(tmp_path: Path, kind: str, value: Any, number: int) -> None:
    of = table(kinds=("id", kind))
    target = sink(tmp_path, of)
    writer = target.open(delivery(of))
    with pytest.raises(RefusedError) as caught:
        writer.write(batch(of, [(1, None), (2, value)]), Checkpoint(2, 2, 0, False, "f1"))
    assert caught.value.message.number == number
    assert writer.checkpoint.rows == 0
    writer.write(batch(of, [(1, None)]), Checkpoint(2, 1, 1, True, "f1"))
    assert target.count(of.name) == 1


def test_statements_stay_on_one_line(tmp_path: Path) -> None:
    of = table(kinds=("id", "text"))
    target = sink(tmp_path, of)
    fill(target, of, [batch(of, [(1, "it's\r\nGO\n:quit ~ \0")])])
    text = (tmp_path / "package/data/001-Orders.sql").read_text("utf-8")
    line = next(x for x in text.splitlines() if x.startswith("INSERT"))
    assert "N'it''s~1~2GO~2:quit ~0 ~3'" in line
    assert line.endswith("N'~3', NCHAR(0)), N'~0', N'~'));")
    assert "SET IDENTITY_INSERT [dbo].[Orders] ON;" in text
