"""Stage 4: which source goes to which database and schema; names that would meet are marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Button, Input, Label, Static

from screens.stage_screen import Blocked, StageScreen
from screens.widgets.attempts import AttemptScreen
from screens.widgets.chooser import Chooser
from screens.widgets.listing import Heading, Listing
from screens.widgets.status_signs import plain
from screens.widgets.text_button import TextButton
from wizard.events import Stage
from wizard.stages import Destination, MapRow, Project

HELP = """
# 4 Map

Each source goes to one schema of one database. The first source goes to `dbo`, every other one to a schema of its own
name, so that equal names do not meet.

- **Enter** changes the line under the cursor: database and schema, picked from what the server has or typed.
- A line marked `✗` has names that another source would put into the same schema: give one of them another schema.
- **Reset** takes the default again.

A schema that is not there yet is created in stage 7. An empty database means the one of stage 3.
"""


class MapScreen(StageScreen):
    """The screen of stage 4."""

    stage = Stage.MAP
    help_text = HELP

    def compose_work(self) -> Iterable[Widget]:
        yield Listing(
            Heading("Source"), Heading("Database"), Heading("Schema"), Heading("State", 18), id="rows",
            empty="Reading …",
        )  # fmt: skip
        with Horizontal(classes="row"):
            yield TextButton("Change", id="change", compact=True)
            yield TextButton("Reset", id="reset", compact=True)
            yield TextButton("Reset all", id="reset-all", compact=True)
        yield Static(id="note", classes="hint", markup=False)

    rows: tuple[MapRow, ...] = ()

    def refresh_work(self) -> None:
        self.aside(self._load, self._loaded, doing="Looking at the names")

    def _load(self) -> tuple[MapRow, ...]:
        if not self.migration.connect.is_offline:
            for database in {d.database for d in self.migration.data.map.values()} | {""}:
                self.migration.map.schemas(database)
        return self.migration.map.rows()

    def _loaded(self, rows: tuple[MapRow, ...]) -> None:
        self.rows = rows
        self.query_one("#rows", Listing).show([(r.source, self._database(r), r.schema, _sign(r)) for r in rows])
        self._note()

    @on(Listing.Highlighted, "#rows")
    def _note(self) -> None:
        row = self._row
        if row is None:
            return
        text = f"{row.path}"
        if row.collisions:
            names = ", ".join(row.collisions[:8]) + (" …" if len(row.collisions) > 8 else "")
            text = f"✗ These names are in another source too: {names}. Give one of the sources another schema."
        self.put("#note", plain(text))

    def _database(self, row: MapRow) -> str:
        return row.database or ("(as deployed)" if self.migration.connect.is_offline else "(as in stage 3)")

    @property
    def _row(self) -> MapRow | None:
        cursor = self.query_one("#rows", Listing).cursor
        return self.rows[cursor] if cursor < len(self.rows) else None

    @on(Listing.Chosen, "#rows")
    @on(Button.Pressed, "#change")
    def _change(self) -> None:
        row = self._row
        if row is None:
            return
        offline = self.migration.connect.is_offline
        kept = self.migration.data.map.get(row.source)

        def lists() -> tuple[tuple[str, ...], tuple[str, ...]]:
            if offline:
                return (), ()
            return self.migration.connect.databases(), self.migration.map.schemas(kept.database if kept else "")

        def given(place: Destination | None) -> None:
            if place is not None:
                self.change(
                    lambda: self.migration.map.set(row.source, place.schema, place.database),
                    lambda: replace(self.migration.data, map={**self.migration.data.map, row.source: place}),
                    self.refresh_work,
                )

        def ask(found: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
            start = Destination(row.schema, kept.database if kept else "")

            def check(place: Destination) -> None:
                self.migration.map.check(row.source, place.schema, place.database)

            self.app.push_screen(DestinationDialog(row.source, start, *found, check), given)

        self.aside(lists, ask, doing="" if offline else "Asking the server")

    @on(Button.Pressed, "#reset")
    def _reset(self) -> None:
        if self._row is not None:
            self._reset_to_default(self._row.source)

    @on(Button.Pressed, "#reset-all")
    def _reset_all(self) -> None:
        self._reset_to_default("")

    def _reset_to_default(self, key: str) -> None:
        def changed() -> Project:
            data = self.migration.data
            return replace(data, map={k: d for k, d in data.map.items() if key and k != key})

        self.change(lambda: self.migration.map.reset(key), changed, self.refresh_work)

    def ready(self) -> Blocked | None:
        bad = next((i for i, r in enumerate(self.rows) if r.collisions), None)
        if bad is not None:
            self.query_one("#rows", Listing).go_to(bad)
            return Blocked("Names would meet in one schema: change the marked line.", "#rows")
        return None

    def finish(self) -> None:
        if not self.over:
            self.migration.map.confirm()


def _sign(row: MapRow) -> str:
    if row.collisions:
        count = len(row.collisions)
        return "✗ 1 name meets" if count == 1 else f"✗ {count} names meet"
    if row.exists is None:
        return "default" if row.is_default else "yours"
    return "✓ there already" if row.exists else "will be created"


class DestinationDialog(AttemptScreen[Destination | None]):
    """Asks for a database and a schema: picked or typed."""

    DEFAULT_CSS = """
    DestinationDialog { align: center middle; }
    DestinationDialog > Vertical {
        width: 64; height: auto; border: round $primary; padding: 0 2; background: $surface;
    }
    DestinationDialog .row { height: 1; margin-bottom: 1; }
    DestinationDialog .label { width: 12; }
    DestinationDialog Input { width: 1fr; }
    DestinationDialog Button { margin-right: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(
        self,
        source: str,
        start: Destination,
        databases: Sequence[str],
        schemas: Sequence[str],
        check: Callable[[Destination], None],
    ) -> None:
        """`check` raises JetferryError where there can be no such place."""
        self._source, self._start, self._check = source, start, check
        self._names = {"database": databases, "schema": schemas}
        super().__init__()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Label(f"Where {plain(self._source)} goes", markup=False)
            with Horizontal(classes="row"):
                yield Label("Schema", classes="label")
                yield Input(self._start.schema, id="schema", compact=True)
                yield TextButton("Pick", id="pick-schema", compact=True, disabled=not self._names["schema"])
            with Horizontal(classes="row"):
                yield Label("Database", classes="label")
                yield Input(self._start.database, id="database", compact=True, placeholder="empty: the one of stage 3")
                yield TextButton("Pick", id="pick-database", compact=True, disabled=not self._names["database"])
            yield Static(id="why", markup=False)
            with Horizontal(classes="row"):
                yield TextButton("Save", id="ok", variant="primary", compact=True)
                yield TextButton("Cancel", id="cancel", compact=True)

    @on(Button.Pressed, "#pick-schema")
    @on(Button.Pressed, "#pick-database")
    def _pick(self, event: Button.Pressed) -> None:
        which = str(event.button.id).removeprefix("pick-")

        def picked(name: str | None) -> None:
            if name:
                self.query_one(f"#{which}", Input).value = name

        self.app.push_screen(Chooser(which.capitalize(), self._names[which]), picked)

    @on(Input.Submitted)
    @on(Button.Pressed, "#ok")
    def _ok(self) -> None:
        schema, database = (self.query_one(f"#{n}", Input).value.strip() for n in ("schema", "database"))
        place = Destination(schema, database)
        self.attempt(lambda: self._check(place), place, field="#schema")

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.dismiss(None)
