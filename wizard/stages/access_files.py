"""Work on Access files without a project: find, inspect, export, assess.

The rooms are imported where they are used, so that `export` starts without what only conversion needs.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wizard.escaping import as_json
from wizard.messages import JetferryError, Kind, Message, PasswordError, Place, StageError
from wizard.stages.passwords import Passwords

if TYPE_CHECKING:
    from wizard.access import AccessFile
    from wizard.access.application import Application
    from wizard.access.discover import FoundFile, Search, SearchProgress, UnreadableFolder
    from wizard.access.export import Exported
    from wizard.assess import Assessment
    from wizard.assess.assessed_file import AssessedFile
    from wizard.assess.reject_forecast import RejectForecast
    from wizard.definitions import Database, TableProfile
    from wizard.objects import Conversion
    from wizard.settings import Options, Target
    from wizard.uses import Uses

AskPassword = Callable[[Path], str]
"""asked for the password of a file; empty where there is none to be had"""


def find(search: Search, stopped: Callable[[], bool]) -> Iterator[FoundFile | UnreadableFolder | SearchProgress]:
    """Access files below folders as they are found; folders that cannot be read get a message and do not end it."""
    from wizard.access.discover import find_files

    return find_files(search, stopped)


def load() -> None:
    """Load what reading and exporting use, for a command that does nothing else.

    What is loaded stays as long as the process: garbage is not looked for meanwhile, nor among it later, in a second
    process or at the end.
    """
    gc.disable()
    import_module("wizard.access.export")
    gc.freeze()
    gc.enable()


def open_file(path: Path, ask: AskPassword, *, code_page: str = "", salvage: bool = False) -> AccessFile:
    """Open read-only, with the password of JETFERRY_SOURCE_PASSWORD or the one asked for. Raises SourceError."""
    options = {"code_page": code_page or None, "salvage": salvage}
    try:
        return _open(path, Passwords().for_any_source, options)
    except PasswordError:
        password = ask(path)
        if not password:
            raise
        return _open(path, password, options)


def _open(path: Path, password: str, options: dict[str, Any]) -> AccessFile:
    from wizard.access import AccessFile

    return AccessFile.open(path, password or None, **options)


def inspect(file: AccessFile) -> dict[str, Any]:
    """What `jetferry inspect --json` prints."""
    from wizard.access.inspect import describe

    return describe(file.definition, file.row_count, application(file))


def application(file: AccessFile, *, told: bool = True) -> Application:
    """The file's forms, reports, macros and modules; where `told`, what is damaged is in `file.messages`. Raises
    SourceError.

    Where somebody only looks around it is not, so that a report says the same whatever was looked at.
    """
    from wizard.access import Diagnostics
    from wizard.access.application import read_application

    return read_application(file.pages, file.findings if told else Diagnostics())


def object_text(known: Application, kind: str, name: str) -> str:
    """A form, report, macro or module as `write_source` writes it, a form with the code behind it; empty where it was
    not read."""
    from wizard.access.application.source_files import object_text as text

    return text(known, kind, name)


def write_source(file: AccessFile, out: Path) -> dict[str, int]:
    """Write modules, forms, reports, macros and queries as text files; how many in each folder of `out`.

    Files of an earlier run that are not written now stay. Raises JetferryError (1520 where a file cannot be written).
    """
    from wizard.access.application.source_files import source_files
    from wizard.file_writing import write_whole

    written: dict[str, int] = {}
    for one in source_files(application(file), file.definition.queries):
        path = out / one.folder / one.name
        try:
            write_whole(path, one.text.encode("utf-8", "surrogatepass"))
        except OSError as e:
            raise JetferryError(1520, Place(Kind.FILE, str(path)), path=path, reason=e.strerror or e) from e
        written[one.folder] = written.get(one.folder, 0) + 1
    return written


def read_uses(definition: Database, known: Application) -> Uses:
    """What uses what in a file."""
    from wizard.uses import read_uses as read

    return read(definition, known)


def uses(file: AccessFile, name: str = "") -> dict[str, Any]:
    """What uses a table, a query or `TABLE.COLUMN`; without a name what nothing uses, as `jetferry uses` prints it.

    Raises SourceError; StageError where there is nothing of that name.
    """
    from wizard.uses import descriptions

    found = read_uses(file.definition, application(file))
    if not name:
        return descriptions.describe_unused(found)
    known = descriptions.named(found, name)
    if known is None:
        raise StageError(8113, what="table, query or column", name=name, where=file.definition.path)
    return descriptions.describe_uses(found, *known)


def formats() -> tuple[str, ...]:
    """The formats of `export`."""
    return "jsonl", "csv", "arrow", "parquet"


def export(
    file: AccessFile,
    tables: Sequence[str],
    form: str,
    out: Path | None,
    *,
    embedded: bool = False,
    spreadsheet: bool = False,
) -> list[Exported]:
    """Write tables, all where none is named, to a file each in `out`, or to standard output. Raises JetferryError.

    `embedded` gives the files in OLE objects in place of the objects; with `spreadsheet` no cell of CSV is a formula.
    """
    from wizard.access.export import ExportFormat
    from wizard.access.export import export as write

    return write(file, list(tables) or None, ExportFormat(form), out, embedded=embedded, spreadsheet=spreadsheet)


DIAGRAMS: Final = ("svg", "mermaid", "dbml", "json")
"""what an entity-relationship diagram is written as"""


def diagram(definition: Database, form: str, title: str) -> str:
    """The tables and relationships of a database as one of DIAGRAMS."""
    from wizard.diagrams import diagram_of, svg, texts

    found = diagram_of(definition)
    if form == "svg":
        return svg.alone(found, title)
    if form == "json":
        return as_json(asdict(found)) + "\n"
    return texts.mermaid(found) if form == "mermaid" else texts.dbml(found)


def profile(file: AssessedFile) -> dict[str, TableProfile]:
    """What a pass over all rows shows of each column, by table name. Raises SourceError."""
    from wizard.assess import profile_data

    return profile_data(file)


def assess(
    file: AssessedFile,
    source: str,
    options: Options,
    target: Target,
    *,
    known: Application,
    facts: Mapping[str, TableProfile] | None = None,
    told: Sequence[Message] = (),
    whole: bool = True,
) -> Assessment:
    """What would convert and what the data would do, for one file by itself. Raises SourceError.

    Args:
        known: the file's application, as `application` reads it.
        facts: its profile, where there is one already; empty where its rows are not to be looked at.
        told: messages that are to be in it besides, as of `wanted_by`.
        whole: with the objects' texts and the diagram, for a report.
    """
    from wizard.assess import assess as count
    from wizard.assess.application import assess_application
    from wizard.convert import convert, convert_loose
    from wizard.stages.crosstab_headings import headings_in

    definition = file.definition
    if facts is None:
        facts = profile(file)
    headings, problems = headings_in(file, definition, source, options) if facts else ({}, ())
    before = convert(
        definition, source=source, schema="dbo", options=options, target=target, facts=facts, headings=headings
    )  # fmt: skip
    before = replace(before, messages=before.messages + problems)
    conversion, findings, foreseen = _foreseen(file, source, before, facts, target, options=options, whole=whole)
    found = assess_application(
        definition,
        known,
        conversion,
        source=source,
        facts=facts,
        judge=lambda queries: convert_loose(
            definition, queries, source=source, schema="dbo", options=options, target=target, facts=facts
        ),
    )
    return count(
        definition, replace(conversion, messages=before.messages), (*findings, *told), source=source, facts=facts,
        foreseen=foreseen, application=found, target=target, whole=whole,
    )  # fmt: skip


def _foreseen(
    file: AssessedFile, source: str, before: Conversion, facts: Mapping[str, TableProfile], target: Target,
    *, options: Options, whole: bool,
) -> tuple[Conversion, tuple[Message, ...], tuple[RejectForecast, ...] | None]:  # fmt: skip
    """As stage 5 of a project does by default: the conversion as old rows want it, what is found, what will be lost."""
    from wizard.assess import check_data
    from wizard.assess.existing_row_checks import answer_questions
    from wizard.convert.relaxed_constraints import relax
    from wizard.convert.server_limits import room_questions
    from wizard.existing_rows import Answers, questions
    from wizard.settings import Repairs, TargetKind
    from wizard.stages.row_plans import RowPlans, forecast_messages, levelled

    if not (facts and options.data_assessment):
        return before, (), None
    wanted = [*questions(before.tables), *room_questions(before.tables)]
    answers = Answers(broken=answer_questions({source: file}, before.tables, wanted))
    package = target.kind is TargetKind.PACKAGE
    conversion = relax(before, answers, Repairs(), add_key=options.add_primary_key, package=package)
    known = set(before.messages)
    findings = tuple(m for m in conversion.messages if m not in known)
    findings += check_data(file, conversion, source=source, facts=facts, keep_nulls=options.keep_nulls)
    if not whole:
        return conversion, findings, None
    plans = RowPlans(conversion, answers, Repairs())
    foreseen = plans.foresee(file, source, facts, options)
    findings = (*levelled(findings, foreseen, plans), *(m for f in foreseen for m in forecast_messages(f)))
    return conversion, findings + plans.children(file, source, foreseen), foreseen


def wanted_by(file: AccessFile, source: str) -> tuple[Message, ...]:
    """Of a file by itself: which back ends of its linked tables are not there, which tables are in no Access file."""
    from wizard.access.discover import back_ends
    from wizard.stages.views import linked_elsewhere, wanted

    linked = file.definition.linked_tables
    missing = (b for b in back_ends(Path(file.definition.path), linked) if b.found is None)
    return (*(wanted(source, b.stored, b.tables) for b in missing), *linked_elsewhere(linked, source))


def render(form: str, *assessments: Assessment) -> str:
    """The report as html, json, csv or txt."""
    from wizard.assess import RENDERERS

    return RENDERERS[form](*assessments)


def __getattr__(name: str) -> Any:
    if name not in ("FoundFile", "Search", "SearchProgress", "UnreadableFolder"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    from wizard.access import discover

    return getattr(discover, name)


__all__ = [
    "FoundFile",
    "Search",
    "SearchProgress",
    "UnreadableFolder",
    "assess",
    "diagram",
    "export",
    "find",
    "formats",
    "inspect",
    "load",
    "open_file",
    "render",
    "uses",
    "write_source",
]
