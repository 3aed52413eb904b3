"""A converted query as both sides give it: the server's first rows, and those of Access over the source's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from wizard.coercion.value_text import preview_text
from wizard.convert.interpreter import ErrorValue
from wizard.objects import Name, ObjectKind, ServerModule
from wizard.package.query_proof import constant
from wizard.plurals import counted
from wizard.settings import Options
from wizard.stages.databases import DatabaseScope
from wizard.stages.open_source import OpenSource
from wizard.stages.query_proof import AccessSide, QueryQuestion, UnprovenError, bounds_of, query_of, samples
from wizard.stages.server_preview import ROWS, ServerPreview, prove


@dataclass(frozen=True, slots=True)
class QueryPreview:
    """`proof` is the server's side; `columns` and `rows` are Access's, as many rows as the server's are shown."""

    proof: ServerPreview
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    note: str = ""
    """how many rows Access gives in all, with which values of parameters; or why its side is not known"""


def query_previews(
    part: DatabaseScope,
    password: str,
    options: Options,
    open_source: Callable[[str], OpenSource],
    *,
    wanted: Sequence[str] = (),
    between: Callable[[], None] = lambda: None,
) -> Iterator[QueryPreview]:
    """Each view and function, all or those that are wanted, on both sides; a parameter has the same value on both.

    Raises TargetError where the server cannot be reached, and what `between` raises.
    """
    known: dict[Name, QueryQuestion | str] = {}

    def arguments(module: ServerModule) -> list[str]:
        found = known.setdefault(module.name, _asked(module, options, open_source, between))
        values = found.given if isinstance(found, QueryQuestion) else {}
        return [constant(values.get(p.prompt.casefold())) for p in module.parameters]

    modules = {str(m.name): m for m in part.conversion.modules}
    for proof in prove(part, password, wanted, arguments):
        found = known.get(modules[proof.name].name, "")
        yield _shown(proof, found) if isinstance(found, QueryQuestion) else QueryPreview(proof, note=found)


def _asked(
    module: ServerModule, options: Options, open_source: Callable[[str], OpenSource], between: Callable[[], None]
) -> QueryQuestion | str:
    """Access's side, or why it is not known."""
    query = query_of(module, open_source)
    if query is None or module.source is None or module.kind is ObjectKind.PROCEDURE:
        return ""
    side = AccessSide(open_source(module.source.source), bounds_of(options), between)
    try:
        return side.asked(query, datetime.now(), {}, samples(module))  # Access knows no zones
    except UnprovenError as e:
        return f"Access's side is not known: {e}"


def _shown(proof: ServerPreview, found: QueryQuestion) -> QueryPreview:
    first = found.result.rows[:ROWS]
    rows = tuple(tuple("#Error" if isinstance(v, ErrorValue) else preview_text(v) for v in row) for row in first)
    values = ", ".join(f"{prompt} = {value}" for prompt, value in found.values.items())
    note = f"Access gives {counted(len(found.result.rows), 'row')}" + (f" with {values}" if values else "")
    return QueryPreview(proof, found.result.columns, rows, note)
