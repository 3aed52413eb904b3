"""Rows that stood where nothing can be read any more: salvage leaves them out, and everywhere they are a loss."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from tests.test_unreadable import PAGE, salvaged
from wizard.access import AccessFile
from wizard.cli.closing_table import closing_table
from wizard.events import Stage, Status
from wizard.messages import Severity
from wizard.outcomes import Exit, TableState, Verdict
from wizard.stages import Migration
from wizard.stages.losses import left_out

ORDERS = 600
"""as the table's header counts them"""


def _positions() -> list[int]:
    with AccessFile.open(SAMPLE) as file:
        return [int(p) for b in file.read("Orders") for p in b.positions]


def without_pages(folder: Path, take: slice) -> tuple[Path, int]:
    """The sample with pages of Orders that are none any more, and how many of its rows stand on others."""
    data, positions = bytearray(SAMPLE.read_bytes()), _positions()
    pages = sorted({p >> 12 for p in positions})[take]
    for page in pages:
        data[page * PAGE] = 9
    path = folder / "damaged.accdb"
    path.write_bytes(data)
    return path, sum(p >> 12 not in pages for p in positions)


def without_a_row(folder: Path) -> tuple[Path, int]:
    """The sample with a row of Orders that claims more columns than it has room for."""
    data, position = bytearray(SAMPLE.read_bytes()), _positions()[7]
    page, row = position >> 12, position & 0xFFF
    (at,) = struct.unpack_from("<H", data, page * PAGE + 14 + 2 * row)
    struct.pack_into("<H", data, page * PAGE + (at & 0x1FFF), 0xFFFF)
    path = folder / "damaged.accdb"
    path.write_bytes(data)
    return path, ORDERS - 1


def a_page(folder: Path) -> tuple[Path, int]:
    """A page is lost."""
    return without_pages(folder, slice(1, 2))


@pytest.mark.parametrize("damage", [a_page, without_a_row], ids=["a page", "a row"])
def test_rows_that_could_not_be_read_are_a_loss_wherever_states_stand(
    tmp_path: Path, damage: Callable[[Path], tuple[Path, int]]
) -> None:
    database, there = damage(tmp_path)
    lost = ORDERS - there
    with salvaged(tmp_path / "p", database) as migration:
        migration.assess.run()
        assert [(f.name, f.unread, f.rejected) for f in migration.assess.foreseen] == [("dbo.Orders", lost, 0)]
        (told,) = [m for m in migration.messages(Stage.ASSESS) if m.number == 4066]
        assert told.severity is Severity.ERROR
        assert f"about {lost} more" in told.text
        report = (migration.folder / "reports" / "assessment.html").read_text(encoding="utf-8")
        assert "of dbo.Orders, which cannot be read in the damaged file" in report
        migration.one_step()
        assert migration.status(Stage.MIGRATE) is Status.LOSSES
        assert f"about {lost} row" in migration.detail(Stage.MIGRATE)
        result = migration.migrate.result
        assert result
        assert not result.complete
        (table,) = [t for t in result.tables if t.table == "dbo.Orders"]
        assert (table.state, table.rows, table.migrated, table.unread) == (TableState.LOSSES, ORDERS, there, lost)
        assert "± done with losses" in next(line for line in closing_table(result, 0) if "dbo.Orders" in line)
        assert f"about {lost} row" in closing_table(result, 0)[-1]
        assert f"table dbo.Orders: {there} of 600 rows arrived, about {lost} could not be read in the source" in (
            left_out(migration)
        )
        _is_certified(migration, there, lost)
        package = migration.folder / "package"
        manifest = json.loads((package / "manifest.json").read_bytes())
        assert manifest["unread"] == lost
        assert {t["name"]: t["unread"] for t in manifest["tables"] if t["unread"]} == {"Orders": lost}
        readme = (package / "README.md").read_text(encoding="utf-8")
        assert "## What is missing" in readme
        assert f"about {lost} row" in readme
        assert "could not be read in the source" in (package / "deploy.sh").read_text(encoding="utf-8")
    _is_known_later(tmp_path / "p", there, lost)


def _is_certified(migration: Migration, there: int, lost: int) -> None:
    found = migration.migrate.verify()
    assert (found.equal, found.verdict, found.verdict.exit_status) == (True, Verdict.LOSSES, Exit.LEFT_OUT)
    (proof,) = [p for p in found.proofs if p.table == "dbo.Orders"]
    assert (proof.state, proof.target_rows, proof.unread) == (TableState.LOSSES, there, lost)
    assert 6042 in [m.number for m in proof.messages]
    page = (migration.folder / "reports" / "certificate.html").read_text(encoding="utf-8")
    assert 'class="verdict loss"' in page
    assert "of dbo.Orders could not be read" in page
    assert "every row of the source is in the target" not in page
    assert json.loads((migration.folder / "reports" / "certificate.json").read_bytes())["unread"] == lost


def _is_known_later(project: Path, there: int, lost: int) -> None:
    """The journal keeps it, and a run that finds the table there says the same."""
    with Migration.open(project) as migration:
        for _ in range(2):
            (line,) = [t for t in migration.migrate.known_lines() if t.table == "dbo.Orders"]
            assert (line.state, line.rows, line.done, line.unread) == (TableState.LOSSES, ORDERS, there, lost)
            migration.migrate.run()
        result = migration.migrate.result
        assert result
        assert {t.table: t.state for t in result.tables if t.state is not TableState.THERE} == {
            "dbo.Orders": TableState.LOSSES
        }
        assert migration.status(Stage.MIGRATE) is Status.LOSSES


def test_a_table_of_which_nothing_can_be_read_is_missing(tmp_path: Path) -> None:
    database, there = without_pages(tmp_path, slice(None))
    assert there == 0
    with salvaged(tmp_path / "p", database) as migration:
        migration.one_step()
        assert migration.migrate.verify().verdict is Verdict.MISSING
        (line,) = [t for t in migration.migrate.lines() if t.table == "dbo.Orders"]
        assert (line.state, line.unread) == (TableState.MISSING, ORDERS)
        page = (migration.folder / "reports" / "certificate.html").read_text(encoding="utf-8")
        assert "dbo.Orders (0 of 600 rows arrived)" in page


def test_a_whole_file_read_with_salvage_has_lost_nothing(tmp_path: Path) -> None:
    with salvaged(tmp_path / "p", SAMPLE) as migration:
        migration.assess.run()
        assert migration.assess.foreseen == ()
        migration.one_step()
        assert migration.status(Stage.MIGRATE) is Status.DONE
        assert migration.migrate.verify().verdict is Verdict.EQUAL
    with AccessFile.open(SAMPLE) as file:
        assert file.reader("Orders").unread(3) == 0, "without salvage what cannot be read is an error"
    with AccessFile.open(SAMPLE, salvage=True) as file:
        assert file.reader("Orders").unread() == 0
        assert file.reader("Orders").unread(3) == 3
