"""Stage 5: the share that converts as bars, messages by number with their objects, data findings, the reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal
from textual.widget import Widget
from textual.widgets import Button, Input, Static, TabbedContent, TabPane

from screens.stage_screen import StageScreen
from screens.widgets.listing import Heading, Listing
from screens.widgets.object_tree import Node, ObjectTree
from screens.widgets.status_signs import SEVERITY_SIGNS, STATUS_SIGNS, bar, plain
from screens.widgets.text_button import TextButton
from wizard.events import Stage, Status
from wizard.messages import Message
from wizard.outcomes import TableState
from wizard.plurals import counted, hours
from wizard.stages.repair_rules import about

OverviewRow = tuple[str, str, str, str, str, str]
_FIGURE: Final = 7
"""cells for a count where there is no bar"""

if TYPE_CHECKING:
    from wizard.stages.assess import Assessment, CategoryCount

HELP = """
# 5 Assess

Shows what will convert before anything is done. Nothing is written but the reports. You may skip it.

- **Overview**: per kind of object, the share that converts whole, as a bar.
- **Messages**, **Data** and **Application** (what forms, reports, macros and code do on linked tables): by number,
  the worst first. Enter opens a number and shows the objects it is about; the text of the one under the cursor is
  below. Enter on an object looks inside it.
- **Repair** (or `r`) makes a rule for the finding under the cursor: what becomes of values that the server cannot
  hold, of rows that share what must be unique or that refer to rows that are not there.
- **Save report** writes HTML, JSON, CSV and text and says where.

The hours are an estimate of what is left for a person to do.
"""
START = """
Jetferry converts everything once without keeping it, and looks at the data, so that you know beforehand what will
need your attention. The Access files are only read; nothing goes to a server.

Press Assess to begin, or Skip to go on without."""


class Messages(ObjectTree):
    """Messages by number, with how often each occurs: `2,100 × JF4501`."""

    def __init__(self, *, id: str, empty: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, notes=14, names=False, empty=empty)


class ConversionBars(Listing):
    """Bars and counts as wide as the list is; of several sources those are open that were opened."""

    def __init__(self) -> None:
        super().__init__(
            Heading("Kind", 19), Heading("Converts"), Heading("", 5, right=True),
            Heading("Whole", 10, right=True), Heading("Part", 5, right=True), Heading("Not", 5, right=True),
            id="bars",
        )  # fmt: skip
        self._results: Mapping[str, Assessment] = {}
        self._unfolded: set[str] = set()
        """sources whose kinds of objects are shown, where there are several"""
        self._sources: Sequence[str] = ()
        """of each row"""

    def draw(self, results: Mapping[str, Assessment]) -> None:
        """Show what was found."""
        self._results = results
        rows = overview(results, self._unfolded, max(8, self.widths()[1])) if results else ()
        self._sources = [key for key, _ in rows]
        self.show([row for _, row in rows])

    def on_resize(self) -> None:
        super().on_resize()
        self.draw(self._results)

    @on(Listing.Chosen)
    def _unfold(self, event: Listing.Chosen) -> None:
        """Open or close the source under the cursor."""
        key = self._sources[event.index]
        if key and len(self._results) > 1:
            self._unfolded ^= {key}
            self.draw(self._results)


class AssessScreen(StageScreen):
    """The screen of stage 5."""

    stage = Stage.ASSESS
    help_text = HELP
    skippable = True
    verb = "Assess"

    DEFAULT_CSS = """
    AssessScreen TabPane { padding: 0; }
    AssessScreen #both { height: 1fr; layout: vertical; }
    AssessScreen.-wide #both { layout: horizontal; }
    AssessScreen.-wide TabbedContent { width: 2.5fr; }
    AssessScreen #text { height: 5; color: $text-accent; }
    AssessScreen.-tiny #text { height: 3; }
    AssessScreen #text.-loss { color: $warning; }
    AssessScreen.-wide #text { width: 1fr; height: 1fr; border-left: vkey $primary; padding-left: 1; }
    """

    def compose_work(self) -> Iterable[Widget]:
        yield Static(START.strip().replace("\n\n", "\0").replace("\n", " ").replace("\0", "\n\n"), id="start")
        with Container(id="both"):
            with TabbedContent(id="tabs"):
                with TabPane("Overview", id="tab-overview"):
                    yield ConversionBars()
                with TabPane("Messages", id="tab-messages"):
                    yield Input(
                        placeholder="/ search a number, a name, a word", classes="search", id="find", compact=True
                    )
                    yield Messages(id="messages-tree", empty="No messages: everything converts.")
                with TabPane("Data", id="tab-data"):
                    yield Messages(id="data-tree", empty="The data will make no trouble.")
                with TabPane("Application", id="tab-application"):
                    yield Messages(id="application-tree", empty="Forms, reports, macros and code need nothing.")
            yield Static(id="text", markup=False)
        with Horizontal(classes="row", id="saving"):
            yield TextButton("Save report", id="save", compact=True)
            yield TextButton("Repair", id="repair", compact=True)
            yield TextButton("Assess again", id="again", compact=True)

    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "repair", "Repair")]
    results: Mapping[str, Assessment]

    def __init__(self) -> None:
        super().__init__()
        self.results = {}
        self._open: set[tuple[str, str]] = set()
        self._summary = ""
        """what all of it comes to, below the overview"""
        self._is_loss = False

    def focus_first(self) -> None:
        self.query_one("#next").focus()

    def refresh_work(self) -> None:
        self.aside(lambda: dict(self.migration.assess.results), self._show)

    def _show(self, results: Mapping[str, Assessment]) -> None:
        self.results = results
        known = bool(self.results)
        self.query_one("#start").display = not known
        self.query_one("#both").display = known
        self.query_one("#saving").display = known or self.over
        self.query_one("#save", Button).disabled = not known
        if self.over and not known:
            reports = self.migration.files.reports
            self.put("#start", f"Assessed: {plain(self.migration.detail(self.stage))}\n\nThe reports are in\n{reports}")
        if known:
            self._draw()

    def do(self) -> None:
        self.aside(lambda: self.migration.assess.run(self.cancel), lambda _: self._done(), doing="Assessing")

    @on(Button.Pressed, "#again")
    def _again(self) -> None:
        self.work_or_say()

    def _done(self) -> None:
        self._show(dict(self.migration.assess.results))
        self.query_one("#bars").focus()

    def _draw(self) -> None:
        self.query_one(ConversionBars).draw(self.results)
        minutes = sum(a.effort_minutes for a in self.results.values())
        effort = f"about {hours(minutes)} of work by hand" if minutes else "nothing left to do by hand"
        total = sum(a.errors for a in self.results.values())
        lost = self._lost()
        sign = STATUS_SIGNS[Status.WEAKER]
        weaker = "".join(f"{sign} {words}. " for words in self.migration.assess.less_guarded())
        told = f"{lost}{weaker}{counted(total, 'error')}, {effort}."
        self._summary, self._is_loss = f"{told} The other tabs (F4) say what it is about.", bool(lost)
        self._show_text()
        self._trees()

    def _lost(self) -> str:
        """What of the rows will not arrive as it is, source by source where there are several; '' where all will."""
        found = [(key, ", ".join(a.lost)) for key, a in self.results.items() if a.lost]
        named = [f"{key}: {what}" if len(self.results) > 1 else what for key, what in found]
        return f"{TableState.LOSSES.sign} {plain('; '.join(named))}. " if named else ""

    def _trees(self) -> None:
        wanted = self.query_one("#find", Input).value.casefold()
        told = [g for a in self.results.values() for g in a.groups]
        found = [g for a in self.results.values() for g in a.findings]
        self.query_one("#messages-tree", ObjectTree).show_nodes(
            self._lines_of("m", [m for g in told for m in g.messages], wanted)
        )
        self.query_one("#data-tree", ObjectTree).show_nodes(
            self._lines_of("d", [m for g in found for m in g.messages], "")
        )
        linked = [g for a in self.results.values() for g in a.application]
        self.query_one("#application-tree", ObjectTree).show_nodes(
            self._lines_of("a", [m for g in linked for m in g.messages], "")
        )

    def _lines_of(self, which: str, messages: Sequence[Message], wanted: str) -> list[Node]:
        groups: dict[str, list[Message]] = {}
        for m in sorted(messages, key=lambda m: (m.severity.rank, m.number)):
            if wanted in f"{m.code} {m.place} {m.text}".casefold():
                groups.setdefault(m.code, []).append(m)
        nodes: list[Node] = []
        for code, members in groups.items():
            key = (which, code)
            is_open = key in self._open or bool(wanted)
            label = f"{SEVERITY_SIGNS[members[0].severity]} {members[0].clause}"
            nodes.append(Node(key, label, 0, is_open, note=f"{len(members):,} × {code}"))
            if is_open:
                nodes += [Node((*key, n, m), f"{m.place}  {m.text}", 1) for n, m in enumerate(members)]
        return nodes

    @on(Input.Changed, "#find")
    def _find(self) -> None:
        self._trees()

    @on(Input.Submitted, "#find")
    def _found(self) -> None:
        self.query_one("#messages-tree").focus()

    @on(ObjectTree.Folded)
    @on(Listing.Chosen)
    def _fold(self, event: Listing.Posted) -> None:
        node = event.listing.node if isinstance(event.listing, ObjectTree) else None
        if node is None or not isinstance(node.key, tuple):
            return
        if len(node.key) == 2:
            self._open ^= {node.key}
            self._trees()
        else:
            self.look_inside(node.key[3].place)

    @on(TabbedContent.TabActivated)
    @on(Listing.Highlighted)
    def _show_text(self) -> None:
        """The text of what the cursor of this tab is on; of the overview, what it comes to."""
        pane = self.query_one("#tabs", TabbedContent).active_pane
        tree = next(iter(pane.query(ObjectTree)), None) if pane is not None else None
        self.query_one("#text").set_class(tree is None and self._is_loss, "-loss")
        if tree is None:
            self.put("#text", self._summary)
        elif tree.node is None:
            self.put("#text", "")
        elif isinstance(tree.node.key, tuple) and len(tree.node.key) == 4:
            m = tree.node.key[3]
            effort = f" About {hours(m.effort_minutes)} by hand." if m.effort_minutes else ""
            self.put("#text", plain(f"{m.fact_first}.{effort}"))
        else:
            self.put("#text", plain(tree.node.label))

    @on(Button.Pressed, "#repair")
    def action_repair(self) -> None:
        """A repair rule for the finding under the cursor."""
        tree = self.query_one("#data-tree", ObjectTree)
        key = tree.node.key if tree.node is not None else None
        found = [g for a in self.results.values() for g in a.findings]
        if isinstance(key, tuple) and len(key) == 4:
            self.ask_repair(about(key[3]))
        elif isinstance(key, tuple) and (members := [m for g in found if g.code == key[1] for m in g.messages]):
            self.ask_repair(about(members[0]))
        else:
            self.note("Choose a finding on the tab Data first.")

    @on(Button.Pressed, "#save")
    def _save(self) -> None:
        def saved(paths: tuple[Path, ...]) -> None:
            self.put("#text", plain(f"{counted(len(paths), 'report')} written to {paths[0].parent}"))
            self.note(f"The reports are in {paths[0].parent}")

        self.aside(self.migration.assess.save, saved, doing="Writing the reports")


def overview(results: Mapping[str, Assessment], unfolded: Set[str], width: int) -> list[tuple[str, OverviewRow]]:
    """The rows of the overview, each with the source it is of: all together, then the sources, the worst first.

    One source is open; of several, those that were opened. Bars are `width` cells.
    """

    def bars(key: str, title: str, counts: Sequence[CategoryCount]) -> tuple[str, OverviewRow]:
        whole, partly, failed, total = (
            sum(getattr(c, n) for c in counts) for n in ("converted", "partly", "failed", "total")
        )
        share = whole / total if total else 1.0
        figures = f"{whole:,} of {total:,}", f"{partly:,}", f"{failed:,}"
        return key, (title, bar(share, width), f"{int(share * 100)}%", *figures)

    rows: list[tuple[str, OverviewRow]] = []
    name = f"All {len(results):,} sources" if len(results) > 1 else "All"
    rows.append(bars("", name, [c for a in results.values() for c in a.counts]))
    for key, a in sorted(results.items(), key=lambda pair: (-pair[1].errors, pair[1].share)):
        is_open = len(results) == 1 or key in unfolded
        if len(results) > 1:
            rows.append(bars(key, f"{'▾' if is_open else '▸'} {key}", a.counts))
        if not is_open:
            continue
        rows += [bars(key, f"  {c.title}", [c]) for c in a.counts]
        if a.deliveries:
            rows += ((key, row) for row in _counts("Linked queries", {str(how): n for how, n in a.sent.items()}))
        rows += ((key, row) for row in _counts("Stay in Access", a.others))
    return rows


def _counts(title: str, counts: Mapping[str, int]) -> list[OverviewRow]:
    """What there is in all, and of each kind below it; nothing where there is none."""
    told = [(f"  {title}", sum(counts.values()))]
    told += [(f"    {kind.capitalize()}", n) for kind, n in counts.items()]
    return [(kind, f"{n:>{_FIGURE},}", "", "", "", "") for kind, n in told if n]
