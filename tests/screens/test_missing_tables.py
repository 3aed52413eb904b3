"""Linked tables whose back end is not there: the tree of stage 2 lets a person leave them out, and then nobody misses
them."""

from __future__ import annotations

from pathlib import Path

from screens.app import WizardApp
from screens.widgets.listing import Listing
from tests.screens.conftest import Driver, drive
from tests.test_front_ends import OFFICE, put
from wizard.events import Stage, Status
from wizard.settings import Target, TargetKind
from wizard.stages import Migration, SourceObjectType
from wizard.stages.losses import left_out


def test_linked_tables_that_are_missing_can_be_left_out_in_the_tree(home: Path) -> None:
    (front,) = put(home, OFFICE)
    with Migration.create(home / "p", target=Target(TargetKind.PACKAGE)) as m:
        key = m.sources.add(front).key
        linked = [o for o in m.sources.objects(key) if o.type is SourceObjectType.LINKED]
        assert [(o.chosen, o.selectable) for o in linked] == [(True, True)] * len(linked)

    async def walk(d: Driver) -> None:
        await d.until(lambda: d.stage is not None)
        d.app.go(Stage.SOURCES)
        await d.goes_to(Stage.SOURCES)
        await d.until(lambda: "Linked tables" in d.text)
        lines = [str(line[0]) for line in d.app.screen.query_one("#tree", Listing).rows]
        at = next(n for n, line in enumerate(lines) if "Linked tables" in line)
        await d.keys("home", *["down"] * at, "space")
        assert f"0 of {len(linked)}" in d.text

    drive(WizardApp(home / "p"), walk)
    with Migration.open(home / "p") as m:
        assert not any(o.chosen for o in m.sources.objects(key) if o.type is SourceObjectType.LINKED)
        m.prepare()
        m.one_step()
        assert (m.status(Stage.MIGRATE), m.migrate.never_made()) == (Status.DONE, ())
        assert [line for line in left_out(m) if "shop_be" in line] == [], "the file is not wanted any more"
