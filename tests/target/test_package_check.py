"""What a package holds is read back and compared with the source: a changed byte is found and its row named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.migrate.fakes import NUMBERS, Rows, column, job, numbers, server_table
from tests.target.package_tools import batch, delivery, fill, sink, table
from tests.target.test_package_values import ROWS, unfit
from wizard.messages import TargetError
from wizard.migrate import Job, run, verify
from wizard.migrate.verify import TableProof
from wizard.objects import ServerColumn, ServerTable, ServerType
from wizard.settings import Options
from wizard.target.package import PackageCheck, PackageSink

OPTIONS = Options(batch_size=400, parallel_tables=1)


@settings(max_examples=15, deadline=None)
@given(ROWS, st.integers(1, 5), st.booleans())
def test_every_value_is_read_back(rows: list[tuple[Any, ...]], size: int, statements: bool) -> None:
    of = table()
    with TemporaryDirectory() as name:
        target = sink(Path(name), of, options=Options(package_inserts=statements))
        fill(target, of, [batch(of, rows[i : i + size]) for i in range(0, len(rows), size)])
        target.finish([of])
        wanted = rows if statements else [r for r in rows if not unfit(r)] + [r for r in rows if unfit(r)]
        columns = delivery(of).columns
        found = list(PackageCheck(Path(name) / "package").rows(of, columns))
        assert pa.Table.from_batches(found).equals(pa.Table.from_batches([batch(of, wanted)]))


def moved(tmp_path: Path, of: Job) -> PackageSink:
    target = PackageSink(tmp_path / "package", tmp_path / "work", [of.table], [], OPTIONS, name="p")
    assert run([of], target, tmp_path, OPTIONS).complete
    return target


def proven(tmp_path: Path, of: Job, target: PackageSink) -> TableProof:
    return verify([of], PackageCheck(tmp_path / "package"), target, tmp_path, OPTIONS)[0]


def _numbers() -> Job:
    return job(NUMBERS, Rows({"Numbers": numbers(1_000)}))


def test_both_sides_have_the_same_figures(tmp_path: Path) -> None:
    of = _numbers()
    proof = proven(tmp_path, of, moved(tmp_path, of))
    assert (proof.equal, proof.target_rows) == (True, 1_000)
    assert proof.source_figures == proof.target_figures
    assert proof.target_figures["ID"]["sum"] == 499_500


@pytest.mark.parametrize(
    ("damage", "number", "named"),
    [
        (lambda d: d.replace(b"\tname 500\n", b"\tname 50O\n"), 6207, "ID=500"),
        (lambda d: d.replace(b"500\tname 500\n", b""), 6204, "ID=500"),
        (lambda d: d.replace(b"500\tname 500\n", b"500\tname 500\n" * 2), 6206, "ID=500"),
        (lambda d: d + b"5000\tstranger\n", 6205, "ID=5000"),
    ],
)
def test_what_differs_is_named(damage: Callable[[bytes], bytes], number: int, named: str, tmp_path: Path) -> None:
    of = _numbers()
    target = moved(tmp_path, of)
    data = next((tmp_path / "package/data").glob("*.dat"))
    data.write_bytes(damage(data.read_bytes()))
    proof = proven(tmp_path, of, target)
    assert not proof.equal
    assert [(m.number, m.place.part) for m in proof.messages if 6203 < m.number < 6208] == [(number, named)]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda d: d.replace(b"\n500\t", b"\n5x0\t"), "row 501: '5x0' is no int for ID"),
        (lambda d: d.replace(b"\tname 500\n", b" name 500\n"), "row 501 has 1 fields, not 2"),
        (lambda d: d.replace(b"name 500\n", b"name \xff00\n"), "row 501: 'name \ufffd00' is no nvarchar(40) for Name"),
        (lambda d: d[:-1], "row 1000 has no end"),
    ],
)
def test_what_is_no_value_is_told_with_its_row(damage: Callable[[bytes], bytes], said: str, tmp_path: Path) -> None:
    of = _numbers()
    target = moved(tmp_path, of)
    data = next((tmp_path / "package/data").glob("*.dat"))
    data.write_bytes(damage(data.read_bytes()))
    proof = proven(tmp_path, of, target)
    assert not proof.equal
    assert [said in m.text for m in proof.messages if m.number == 5604] == [True]


def test_a_changed_statement_is_named(tmp_path: Path) -> None:
    of = table(kinds=("id", "text"))
    target = sink(tmp_path, of)
    fill(target, of, [batch(of, [(1, "a\0b'~\n"), (2, None)])])
    target.finish([of])
    check = PackageCheck(tmp_path / "package")
    columns = delivery(of).columns
    assert [b.to_pylist() for b in check.rows(of, columns)] == [
        [{"id": 2, "text": None}],
        [{"id": 1, "text": "a\0b'~\n"}],
    ]
    path = tmp_path / "package/data/001-Orders.sql"
    path.write_text(path.read_text().replace("VALUES (1, ", "VALUES (1 "))
    with pytest.raises(TargetError, match=r"JF5604.*statement 1 has no value for text"):
        list(check.rows(of, columns))


@pytest.mark.parametrize(
    "type_",
    [ServerType("date"), ServerType("datetime"), ServerType("datetime2", scale=3), ServerType("tinyint")],
    ids=str,
)
def test_other_types_too(type_: ServerType, tmp_path: Path) -> None:
    texts = {"date": "0100-02-03", "tinyint": "255"}
    text = texts.get(type_.name, "1999-12-31 23:59:59.990")
    of: ServerTable = server_table("T", column("ID", "int"), ServerColumn("V", type_))
    found = job(of, Rows({"T": pa.table({"ID": pa.array([1, 2], pa.int32()), "V": [text, None]})}))
    proof = proven(tmp_path, found, moved(tmp_path, found))
    assert proof.equal, proof.messages
    assert proof.target_figures["V"]["NULL values"] == 1


def test_a_lost_manifest_or_file_is_told(tmp_path: Path) -> None:
    of = _numbers()
    target = moved(tmp_path, of)
    next((tmp_path / "package/data").glob("*.dat")).unlink()
    assert {m.number for m in proven(tmp_path, of, target).messages} == {6210, 5604}
    (tmp_path / "package/manifest.json").write_text("{")
    assert {m.number for m in proven(tmp_path, of, target).messages} == {6210, 5607}
