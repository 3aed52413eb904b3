"""An Access file as its users see it, on the sample database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from wizard.access import AccessFile
from wizard.definitions import ColumnType
from wizard.messages import SourceError


def test_columns_in_the_order_asked_for(sample: Path) -> None:
    with AccessFile.open(sample) as file:
        table = file.definition.tables[0]
        names = [c.name for c in table.columns]
        wanted = [names[2], names[0].upper()]
        (batch,) = file.read(table.name.upper(), columns=wanted)
        assert batch.rows.schema.names == [names[2], names[0]]
        whole = next(iter(file.read(table.name)))
        assert batch.rows.column(1) == whole.rows.column(names[0])


def test_positions_rise_and_name_each_row(sample: Path) -> None:
    with AccessFile.open(sample) as file:
        for table in file.definition.tables:
            batches = list(file.read(table.name, batch_rows=40))
            assert all(b.positions[-1] < b.next for b in batches)
            positions = [int(p) for b in batches for p in b.positions]
            assert positions == sorted(set(positions))
            assert len(positions) == file.row_count(table.name)


def test_parts_make_up_the_table(sample: Path) -> None:
    with AccessFile.open(sample) as file:
        divided = 0
        for table in file.definition.tables:
            whole = [(b.positions.tolist(), b.rows.to_pylist()) for b in file.read(table.name)]
            starts = file.parts(table.name, 40)
            assert starts[0] == 0
            divided += len(starts) > 1
            read = [file.read(table.name, start=a, stop=b) for a, b in zip(starts, (*starts[1:], None), strict=True)]
            parts = [(b.positions.tolist(), b.rows.to_pylist()) for batches in read for b in batches]
            for n in (0, 1):
                assert [v for p in parts for v in p[n]] == [v for w in whole for v in w[n]]
        assert divided


def test_what_must_be_read_in_one_go_has_one_part(sample: Path) -> None:
    with AccessFile.open(sample, salvage=True) as file:
        assert {tuple(file.parts(t.name, 10)) for t in file.definition.tables} == {(0,)}
    with AccessFile.open(sample) as file:
        for table in file.definition.tables:
            if table.child_of or any(c.type is ColumnType.COMPLEX for c in table.columns):
                assert file.parts(table.name, 1) == [0]


def test_several_threads_read_at_once(sample: Path) -> None:
    def read(file: AccessFile, name: str) -> pa.Table:
        batches = [b.rows for b in file.read(name, batch_rows=200)]
        return pa.Table.from_batches(batches, file.reader(name).schema())

    with AccessFile.open(sample) as file:
        names = [t.name for t in file.definition.tables]
        alone = {n: read(file, n) for n in names}
    with AccessFile.open(sample) as file, ThreadPoolExecutor(8) as pool:
        for name, table in zip(names * 5, pool.map(lambda n: read(file, n), names * 5), strict=True):
            assert table.equals(alone[name]), name


def test_batches_outlive_the_file(sample: Path) -> None:
    with AccessFile.open(sample) as file:
        name = max(file.definition.tables, key=lambda t: t.rows).name
        batches = list(file.read(name))
        before = [b.rows.to_pylist() for b in batches]
    for batch, rows in zip(batches, before, strict=True):
        batch.rows.validate(full=True)
        assert batch.rows.to_pylist() == rows


def test_the_file_is_left_as_it_was(sample: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.accdb"
    copy.write_bytes(sample.read_bytes())
    copy.chmod(0o444)
    stamp = copy.stat().st_mtime_ns
    with AccessFile.open(copy) as file:
        for table in file.definition.tables:
            list(file.read(table.name))
    assert copy.read_bytes() == sample.read_bytes()
    assert copy.stat().st_mtime_ns == stamp
    assert [p.name for p in tmp_path.iterdir()] == ["copy.accdb"]


def test_a_closed_file_has_nothing_to_read(sample: Path) -> None:
    with AccessFile.open(sample) as file:
        name = file.definition.tables[0].name
    with pytest.raises(SourceError):
        list(file.read(name))
