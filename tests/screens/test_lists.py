"""Lists: rejects of the tables that have some, totals first, what a filter hides, hidden queries, rows, scripts."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Button, Input

from screens.app import WizardApp
from screens.assess import AssessScreen, ConversionBars, overview
from screens.rejects import RejectsDialog
from screens.scripts_dialog import ScriptsDialog
from screens.source_tree import SourceTree, TreePlace
from screens.widgets.chooser import Chooser
from screens.widgets.grid import Grid
from screens.widgets.listing import fitted
from screens.widgets.text_view import TextView
from tests.screens.conftest import Driver, drive
from wizard.cancellation import CancellationToken
from wizard.events import Stage
from wizard.messages import ProjectError
from wizard.outcomes import TableState
from wizard.stages import (
    Migration,
    RowsWanted,
    SourceEntry,
    SourceObject,
    SourceObjectType,
    SourceState,
    TableProgress,
)

QUERY, TABLE = SourceObjectType.QUERY, SourceObjectType.TABLE


def tree(*objects: SourceObject, key: str = "books", wanted: str = "") -> SourceTree:
    found = SourceTree(wanted=wanted)
    found.add(SourceEntry(key, Path(f"{key}.mdb"), SourceState.READY), objects, ())
    return found


def test_a_filter_hides_databases_without_a_match_and_says_how_much() -> None:
    found = tree(SourceObject(TABLE, "Orders", True), SourceObject(TABLE, "Order Details", True), wanted="detail")
    found.add(SourceEntry("sales", Path("sales.mdb"), SourceState.READY), [SourceObject(TABLE, "Prices", True)], ())
    assert [n.label for n in found.nodes()] == ["books  (books.mdb)", "Tables", "Order Details"]
    assert "The filter hides 2 objects and 1 database." in found.counts()
    found.wanted = ""
    assert len(list(found.nodes())) == 7
    assert "filter" not in found.counts()


def test_hidden_queries_are_a_group_of_their_own_folded_and_no_part_of_all() -> None:
    objects = [SourceObject(QUERY, "Totals", False), SourceObject(QUERY, "~sq_fOrders", False, hidden=True)]
    found = tree(*objects)
    labels = [n.label for n in found.nodes()]
    assert labels == ["books  (books.mdb)", "Queries", "Totals", "Hidden queries of forms and reports"]
    assert [o.name for o in found.shown(TreePlace("books"))] == ["Totals"]
    assert [o.name for o in found.shown(TreePlace("books", QUERY))] == ["Totals"]
    group = TreePlace("books", QUERY, hidden=True)
    assert [o.name for o in found.shown(group)] == ["~sq_fOrders"]
    assert [o.name for o in found.shown(TreePlace("books", QUERY, "~sq_fOrders"))] == ["~sq_fOrders"]
    found.fold(group)
    assert [n.label for n in found.nodes()][-1] == "~sq_fOrders"


def test_the_overview_begins_with_everything_and_the_worst_source_is_first(finished: Path) -> None:
    with Migration.open(finished) as m:
        one = m.assess.results["harborbooks"]
    worse = replace(one, counts=tuple(replace(c, converted=c.converted - 1, failed=1) for c in one.counts))
    rows = overview({"good": one, "bad": worse}, set(), 10)
    assert [(key, row[0]) for key, row in rows] == [("", "All 2 sources"), ("bad", "▸ bad"), ("good", "▸ good")]
    total = sum(c.total for c in one.counts)
    assert rows[2][1][3] == f"{sum(c.converted for c in one.counts):,} of {total:,}"
    opened = [row[0] for key, row in overview({"good": one, "bad": worse}, {"good"}, 10) if key == "good"]
    assert opened[:2] == ["▾ good", "  Tables"]
    alone = overview({"good": one}, set(), 10)
    assert [row[0] for _, row in alone[:2]] == ["All", "  Tables"], "one source is open"


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (200, 60)])
def test_nothing_in_the_overview_is_cut(finished: Path, size: tuple[int, int]) -> None:
    with Migration.open(finished) as m:
        one = m.assess.results["harborbooks"]
    many = {"books": replace(one, others={"forms": 1_200, "reports": 35, "macros": 0})}

    async def todo(d: Driver) -> None:
        await d.until(lambda: d.app.stage_screen is not None)
        d.app.go(Stage.ASSESS)
        await d.until(lambda: isinstance(d.app.stage_screen, AssessScreen))
        await d.resize(*size)
        d.app.stage_screen._show(many)  # type: ignore[union-attr]
        bars = d.app.screen.query_one(ConversionBars)
        await d.until(lambda: bars.size.width > 0 and bool(bars._rows))
        rows, widths = bars._rows, bars.widths()
        assert [c for row in rows for c, w in zip(row, widths, strict=True) if len(str(c)) > w] == []
        assert len(str(rows[0][1])) == widths[1], "bars are as long as there is room"
        figures = {str(row[0]).strip(): str(row[1]).strip() for row in rows if not row[2]}
        assert sum(int(figures[k]) for k in ("Sent whole", "Split", "Fetched whole")) == int(figures["Linked queries"])
        assert (figures["Stay in Access"], figures["Forms"], "Macros" in figures) == ("1,235", "1,200", False)

    drive(WizardApp(finished), todo, size=(120, 40))


def test_rows_are_found_put_into_order_and_saved(finished: Path, home: Path) -> None:
    with Migration.open(finished) as m:

        def find(wanted: RowsWanted):
            return m.sources.find_rows("harborbooks", "Books", wanted, CancellationToken())

        every = find(RowsWanted())
        assert (every.matching, every.read, len(every.rows)) == (120, 120, 120)
        names = [c.name for c in every.columns]
        pages = names.index("Pages")
        up, down = find(RowsWanted("", "Pages")), find(RowsWanted("", "Pages", True))
        numbers = [int(r[pages]) for r in up.rows if r[pages] is not None]
        assert numbers == sorted(numbers), "as numbers, not as text"
        assert [r[pages] for r in down.rows] == [r[pages] for r in up.rows][::-1]
        some = find(RowsWanted("ebook"))
        assert 0 < some.matching < 120
        assert all(any("ebook" in (v or "").casefold() for v in r) for r in some.rows)
        path = home / "books.csv"
        assert (
            m.sources.save_rows("harborbooks", "Books", RowsWanted("ebook"), path, CancellationToken()) == some.matching
        )
        lines = list(csv.reader(path.open(encoding="utf-8", newline="")))
        assert lines[0] == names
        assert len(lines) == some.matching + 1
        with pytest.raises(ProjectError, match="there already"):
            m.sources.save_rows("harborbooks", "Books", RowsWanted(), path, CancellationToken())


def test_lists_in_the_wizard(finished: Path, home: Path) -> None:
    async def todo(d: Driver) -> None:
        d.app.open(finished)
        await d.until(lambda: d.stage is not None)
        # stage 2: rows of a table
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        await d.keys("home", "down", "down", "enter")
        await d.tab("#pane-tabs", "pane-rows")
        grid = d.app.screen.query_one("#rows", Grid)
        assert len(grid.rows) == 7
        d.app.screen.query_one("#rows-wanted", Input).focus()
        await d.type("uk")
        await d.keys("enter")
        assert 0 < len(grid.rows) < 7
        assert f"{len(grid.rows)} of 7 rows" in d.text
        await d.click("#rows-sort")
        assert isinstance(d.app.screen, Chooser)
        await d.type("name, d")
        await d.keys("enter")
        names = [row[list(grid.columns).index("Name")] for row in grid.rows]
        assert names == sorted(names, reverse=True)
        await d.click("#rows-save")
        await d.keys("enter")
        assert (home / "Publishers.csv").exists()
        await d.keys("escape")
        # stage 7: the package's scripts
        d.app.go(Stage.LOAD)
        await d.goes_to(Stage.LOAD)
        await d.click("#read-scripts")
        assert isinstance(d.app.screen, ScriptsDialog)
        await d.keys("down", "down", "down")
        assert "010-tables.sql" in d.text
        await d.keys("enter")
        assert isinstance(d.app.focused, TextView)
        await d.keys("escape")
        # stage 8: rejects of the tables that have some
        d.app.go(Stage.MIGRATE)
        await d.goes_to(Stage.MIGRATE)
        await d.click("#rejects")
        assert "No row was rejected" in d.told
        screen = d.app.screen
        lost = [TableProgress(f"dbo.{n}", 5, 3, 2, status=TableState.LOSSES) for n in ("Books", "Orders")]
        screen.tables |= {t.table: t for t in lost}
        screen.query_one("#rejects", Button).press()
        await d.settle()
        assert isinstance(d.app.screen, Chooser)
        assert "dbo.Orders: 2 rows" in d.text
        await d.keys("down", "enter")
        assert isinstance(d.app.screen, RejectsDialog)
        assert "dbo.Orders" in d.text
        await d.keys("escape")
        del screen.tables["dbo.Orders"]
        screen.query_one("#rejects", Button).press()
        await d.settle()
        assert isinstance(d.app.screen, RejectsDialog), "of one table no question is asked"

    drive(WizardApp(), todo, size=(100, 30))


def test_of_a_qualified_name_the_schema_is_cut_first() -> None:
    names = ["harborbooks.Authors", "harborbooks.Book Authors", "dbo.Orders", "harborbooks.A very long name"]
    cut = [fitted(name, 15, qualified=True) for name in names]
    assert cut == ["harbor….Authors", "h….Book Authors", "dbo.Orders     ", "A very lon…name"]
