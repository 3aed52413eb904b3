"""What a package holds is read back and compared with the source: a changed byte is found and its row named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.migrate.fakes import NUMBERS, Rows, column, job, numbers, server_table
from tests.migrate.runs import run, verify
from tests.package.files import batch, delivery, fill, sink, table
from tests.package.test_values import ROWS, unfit
from wizard.cancellation import CancellationToken, StoppedError
from wizard.messages import TargetError
from wizard.migrate import Job
from wizard.migrate.verification import TableComparison
from wizard.objects import ServerColumn, ServerTable, ServerType
from wizard.package import PackageSink, PackageTableSums, insert_reader, recorded_json
from wizard.settings import Options
from wizard.stages.verification import changed_files

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
        found = list(PackageTableSums(Path(name) / "package").rows(of, columns))
        assert pa.Table.from_batches(found).equals(pa.Table.from_batches([batch(of, wanted)]))


def moved(tmp_path: Path, of: Job) -> PackageSink:
    target = PackageSink(tmp_path / "package", tmp_path / "work", [of.table], [], OPTIONS, name="p")
    assert run([of], target, tmp_path, OPTIONS).complete
    return target


def proven(tmp_path: Path, of: Job, target: PackageSink) -> TableComparison:
    return verify([of], PackageTableSums(tmp_path / "package"), target, tmp_path, OPTIONS)[0]


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
    check = PackageTableSums(tmp_path / "package")
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


def _edited(edit: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def damage(data: bytes) -> bytes:
        content = json.loads(data)
        edit(content)
        return json.dumps(content).encode()

    return damage


def _table_without(key: str) -> Callable[[bytes], bytes]:
    return _edited(lambda m: m["tables"][0].pop(key))


def _file_with(**facts: object) -> Callable[[bytes], bytes]:
    return _edited(lambda m: m["tables"][0]["files"][0].update(facts))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _: b"", "Expecting value"),
        (lambda d: d[: len(d) // 2], "line"),
        (lambda _: b"\xff\xfe", "can't decode"),
        (lambda _: b"[" * 100_000, "nested too deeply"),
        (lambda _: b"9" * 10_000, "limit"),
        (lambda _: b"[1, 2]", "'scripts' of the manifest"),
        (lambda _: b'{"tables": []}', "'scripts' of the manifest"),
        (_edited(lambda m: m.update(tables={"a": 1})), "'tables' of the manifest"),
        (_edited(lambda m: m.update(tables=["a"])), "'files' of tables 1"),
        (_edited(lambda m: m.update(others=7)), "'others' of the manifest"),
        (_edited(lambda m: m["tables"].append(m["tables"][0])), "tables 2 of the manifest was named before"),
        (_table_without("files"), "'files' of tables 1"),
        (_table_without("fields"), "'fields' of tables 1"),
        (_table_without("complete"), "'complete' of tables 1"),
        (_table_without("rows"), "'rows' of tables 1"),
        (_edited(lambda m: m["tables"][0].update(rows=True)), "'rows' of tables 1"),
        (_edited(lambda m: m["tables"][0].update(name=None)), "'name' of tables 1"),
        (_edited(lambda m: m["tables"][0].update(files=[None])), "'format' of files 1 of tables 1"),
        (_file_with(format="xml"), "'format' of files 1"),
        (_file_with(path=5), "'path' of files 1"),
        (_file_with(path="../../secret"), "'path' of files 1"),
        (_file_with(path="/dev/zero"), "'path' of files 1"),
        (_file_with(path="data/.."), "'path' of files 1"),
        (_file_with(path="\ud800"), "'path' of files 1"),
        (_file_with(sha256="0"), "'sha256' of files 1"),
        (_file_with(row_terminator=""), "the terminators of files 1"),
        (_file_with(row_terminator="~1r"), "the terminators of files 1"),
        (_file_with(field_terminator="\ud800"), "the terminators of files 1"),
    ],
)
def test_a_damaged_manifest_is_told_whatever_the_damage(
    damage: Callable[[bytes], bytes], said: str, tmp_path: Path
) -> None:
    of = _numbers()
    target = moved(tmp_path, of)
    manifest = tmp_path / "package/manifest.json"
    manifest.write_bytes(damage(manifest.read_bytes()))
    proof = proven(tmp_path, of, target)
    assert [m.number for m in proof.messages] == [6210, 5607]
    assert said in proof.messages[1].text
    assert [m.number for m in changed_files(tmp_path / "package")] == [5607]


def _told(package: Path) -> list[str]:
    """What is said of a package's files, as `file: what`."""
    found = changed_files(package)
    assert {m.number for m in found} <= {8121, 5607}
    return [m.text.removeprefix(f"{package}/").partition(". ")[0] for m in found]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _: b"", ["it does not list 000-version.sql and 6 others"]),
        (
            lambda _: b"\xff\xfe",
            ["it is damaged ('utf-8' codec can't decode byte 0xff in position 0: invalid start byte)"],
        ),
        (lambda d: d + b"what\n", ["it is damaged (line 8 is no check sum of a file)"]),
        (lambda d: d + b"0" * 64 + b"  /dev/zero\n", ["it is damaged (line 8 is no check sum of a file)"]),
        (lambda d: d.replace(b"\n", b"\r\n"), []),
        (
            lambda d: d[:-5],
            ["it does not list README.md", "READM: it is not there"],
        ),
        (
            lambda d: b"0" * 64 + d[64:],
            ["it has another SHA-256 than manifest.json for 000-version.sql"],
        ),
        (
            lambda d: d + b"0" * 64 + b"  deploy.sh\n",
            ["it is damaged (line 8 is no check sum of a file)"],
        ),
    ],
)
def test_damaged_check_sums_are_told_whatever_the_damage(
    damage: Callable[[bytes], bytes], said: list[str], tmp_path: Path
) -> None:
    moved(tmp_path, _numbers())
    package = tmp_path / "package"
    sums = package / "SHA256SUMS"
    sums.write_bytes(damage(sums.read_bytes()))
    assert [t.removeprefix("SHA256SUMS: ") for t in _told(package)] == said


def test_a_changed_file_is_found_though_the_check_sums_are_lost(tmp_path: Path) -> None:
    moved(tmp_path, _numbers())
    package = tmp_path / "package"
    assert _told(package) == []
    with (package / "deploy.sh").open("a") as file:
        file.write("garbage")
    (package / "SHA256SUMS").write_bytes(b"")
    assert _told(package)[1:] == ["deploy.sh: its content was changed"]
    (package / "SHA256SUMS").unlink()
    assert _told(package) == ["SHA256SUMS: it is not there", "deploy.sh: its content was changed"]
    (package / "README.md").unlink()
    (package / "README.md").mkdir()
    assert "README.md: it is not there" in _told(package)


def test_a_manifest_of_a_former_version_is_enough(tmp_path: Path) -> None:
    moved(tmp_path, _numbers())
    manifest = tmp_path / "package/manifest.json"
    manifest.write_bytes(_edited(lambda m: m.pop("others"))(manifest.read_bytes()))
    assert _told(tmp_path / "package") == []
    (tmp_path / "package/deploy.sh").write_bytes(b"")
    assert _told(tmp_path / "package") == ["deploy.sh: its content was changed"]


def test_absurdly_large_records_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved(tmp_path, _numbers())
    monkeypatch.setattr(recorded_json, "_MOST", 100)
    found = changed_files(tmp_path / "package")
    assert [m.number for m in found] == [5607, 8121]
    assert all("it is larger than" in m.text for m in found)


def test_checking_files_stops_when_told(tmp_path: Path) -> None:
    moved(tmp_path, _numbers())
    cancel = CancellationToken()
    cancel.cancel()
    with pytest.raises(StoppedError):
        changed_files(tmp_path / "package", cancel)


@pytest.mark.parametrize("inserts", [False, True])
def test_reading_back_ends_between_batches(inserts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.package.writer.CHUNK", 1_000)
    monkeypatch.setattr(insert_reader, "_ROWS", 50)
    of = _numbers()
    options = Options(batch_size=400, parallel_tables=1, package_inserts=inserts)
    target = PackageSink(tmp_path / "package", tmp_path / "work", [of.table], [], options, name="p")
    run([of], target, tmp_path, options)
    asked = [0]

    class Counting(CancellationToken):
        def __call__(self) -> bool:
            asked[0] += 1
            return asked[0] > 8  # the job, the source's three batches, and four of the target's

    cancelled = Counting()
    check = PackageTableSums(tmp_path / "package", cancelled.check)
    assert verify([of], check, target, tmp_path, options, cancelled=cancelled) == []
    assert asked[0] in (9, 10)  # each of the two sides, which are read at the same time, asks for itself
    assert verify([of], PackageTableSums(tmp_path / "package"), target, tmp_path, options)[0].equal


def test_long_statements_are_read_a_few_at_a_time(tmp_path: Path) -> None:
    of = table(kinds=("id", "text"))
    target = sink(tmp_path, of, options=Options(package_inserts=True))
    rows = [(n, "it's " * 200_000) for n in range(12)]
    fill(target, of, [batch(of, rows)])
    target.finish([of])
    found = list(PackageTableSums(tmp_path / "package").rows(of, delivery(of).columns))
    assert max(b.num_rows for b in found) <= 5
    assert pa.Table.from_batches(found).equals(pa.Table.from_batches([batch(of, rows)]))
