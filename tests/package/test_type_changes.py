"""Columns that get other types after their rows were written to the package."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.package.files import batch, delivery, fill, sink, table, tree
from wizard.objects import ServerTable, ServerType
from wizard.package import write_scripts
from wizard.settings import Options
from wizard.sink import Checkpoint

OF = table(kinds=("id", "small"))


def typed(scale: int) -> ServerTable:
    small = replace(OF.columns[1], type=ServerType("decimal", precision=20, scale=scale))
    return replace(OF, columns=(OF.columns[0], small))


def rows(of: ServerTable, *ids: int) -> Any:
    return batch(of, [(n, None) for n in ids])


def manifest(folder: Path) -> Any:
    return json.loads((folder / "package/manifest.json").read_text(encoding="utf-8"))


def filled_with_a_retry(folder: Path, base: ServerTable, later: ServerTable) -> None:
    fill(sink(folder, base), base, [rows(base, 1, 2)])
    target = sink(folder, later)
    target.open(delivery(later, part="retry-1")).write(rows(later, 3), Checkpoint(1, 1, 0, True, "f1"))
    target.finish([later])
    assert sorted(p.name for p in (folder / "package/data").glob("*.dat")) == [
        "001-Orders.dat",
        "001-Orders.retry-1.dat",
    ]


def test_a_type_that_holds_less_makes_the_table_begin_anew_with_all_its_parts(tmp_path: Path) -> None:
    filled_with_a_retry(tmp_path, typed(9), typed(9))
    target = sink(tmp_path, typed(2))
    assert target.checkpoint(OF.name) is None
    assert target.checkpoint(OF.name, "retry-1") is None
    fill(target, typed(2), [rows(typed(2), 1, 2, 3)])
    target.finish([typed(2)])
    assert target.count(OF.name) == 3
    assert [p.name for p in (tmp_path / "package/data").glob("*.dat")] == ["001-Orders.dat"]
    (entry,) = manifest(tmp_path)["tables"]
    assert (entry["rows"], entry["complete"], entry["columns"][1]["type"]) == (3, True, "decimal(20,2)")


def test_a_wider_type_keeps_the_files(tmp_path: Path) -> None:
    filled_with_a_retry(tmp_path, typed(2), typed(2))
    before = (tmp_path / "package/data/001-Orders.dat").read_bytes()
    wider = replace(OF, columns=(OF.columns[0], replace(OF.columns[1], type=ServerType("decimal", None, 28, 9))))
    target = sink(tmp_path, wider)
    assert target.checkpoint(OF.name) == Checkpoint(1, 2, 0, True, "f1")
    target.finish([wider])
    assert (tmp_path / "package/data/001-Orders.dat").read_bytes() == before
    assert manifest(tmp_path)["complete"] is True


def test_rows_of_a_later_part_count_too(tmp_path: Path) -> None:
    wide = replace(OF, columns=(OF.columns[0], replace(OF.columns[1], type=ServerType("decimal", None, 28, 9))))
    filled_with_a_retry(tmp_path, typed(2), wide)
    assert sink(tmp_path, wide).checkpoint(OF.name) is not None
    target = sink(tmp_path, typed(2))  # the same as at first: it holds the table's own rows, not those that came later
    assert target.checkpoint(OF.name) is None
    fill(target, typed(2), [rows(typed(2), 1, 2, 3)])
    assert target.count(OF.name) == 3


def test_until_it_is_written_anew_the_manifest_says_that_it_is_not_complete(tmp_path: Path) -> None:
    filled_with_a_retry(tmp_path, typed(9), typed(9))
    before = tree(tmp_path / "package")
    write_scripts(tmp_path / "package", [], [typed(9)], Options(), work=tmp_path / "work")
    assert manifest(tmp_path)["complete"] is True
    write_scripts(tmp_path / "package", [], [typed(2)], Options(), work=tmp_path / "work")
    found = manifest(tmp_path)
    assert (found["complete"], [t["complete"] for t in found["tables"]]) == (False, [False])
    (tmp_path / "package/manifest.json").write_bytes(before["manifest.json"])
    sink(tmp_path, typed(2)).prepare([delivery(typed(2))])
    assert manifest(tmp_path)["complete"] is False
    sink(tmp_path, typed(2)).finish([typed(2)])
    found = manifest(tmp_path)
    assert (found["complete"], found["tables"][0]["files"], found["tables"][0]["rows"]) == (False, [], 0)


def test_of_what_a_former_version_wrote_nothing_is_known(tmp_path: Path) -> None:
    fill(sink(tmp_path, typed(9)), typed(9), [rows(typed(9), 1)])
    (state,) = (tmp_path / "work").glob("*.json")
    kept = json.loads(state.read_text(encoding="utf-8"))
    assert kept.pop("types")
    state.write_text(json.dumps(kept), encoding="utf-8")
    assert sink(tmp_path, typed(2)).checkpoint(OF.name) == Checkpoint(1, 1, 0, True, "f1")


def test_files_that_were_lost_come_again_with_all_parts(tmp_path: Path) -> None:
    filled_with_a_retry(tmp_path, typed(9), typed(9))
    (tmp_path / "package/data/001-Orders.dat").unlink()
    target = sink(tmp_path, typed(9))
    fill(target, typed(9), [rows(typed(9), 1, 2, 3)])
    assert target.count(OF.name) == 3


def test_a_real_that_becomes_a_float_is_written_anew(tmp_path: Path) -> None:
    def of(name: str) -> ServerTable:
        return replace(OF, columns=(OF.columns[0], replace(OF.columns[1], type=ServerType(name))))

    fill(sink(tmp_path, of("real")), of("real"), [batch(of("real"), [(1, None)])])
    assert sink(tmp_path, of("real")).checkpoint(OF.name) is not None
    assert sink(tmp_path, of("float")).checkpoint(OF.name) is None
