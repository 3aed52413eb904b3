"""The script of a package that proves its queries after deployment, made of what they give over the source's rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from wizard.definitions import Query
from wizard.messages import Kind, Message, Place
from wizard.migrate.query_comparison import ERROR
from wizard.objects import ObjectKind, ServerModule, TableRef
from wizard.package.query_proof import Expected, write_query_proof
from wizard.settings import Options
from wizard.stages.function_proof import COLUMNS, UnsampledError, sampled
from wizard.stages.open_source import OpenSource
from wizard.stages.query_proof import AccessSide, UnprovenError, bounds_of, query_of, samples


def write_query_script(
    folder: Path,
    modules: Sequence[ServerModule],
    options: Options,
    open_source: Callable[[str], OpenSource],
    between: Callable[[], None],
) -> Message | None:
    """Write the script; what is said of it, None where no query gives rows.

    Raises TargetError 5600, and what `between` raises.
    """
    wanted: list[Expected] = []
    left_out: list[tuple[str, str]] = []
    for module in modules:
        between()
        if module.returns and module.source is not None:
            try:
                wanted.append(_expected_of_function(module, module.source, open_source(module.source.source)))
            except (UnprovenError, UnsampledError) as e:
                left_out.append((module.source.table, str(e)))
            continue
        query = query_of(module, open_source)
        if query is None or module.source is None or module.kind is ObjectKind.PROCEDURE:
            continue
        try:
            side = AccessSide(open_source(module.source.source), bounds_of(options), between)
            wanted.append(_expected(module, query, side))
        except UnprovenError as e:
            left_out.append((query.name, str(e)))
    if not wanted:
        return None
    path = write_query_proof(folder, wanted, left_out)
    return Message.of(6223, Place(Kind.FILE, name=str(path)), file=path.name, count=len(wanted))


def _expected(module: ServerModule, query: Query, side: AccessSide) -> Expected:
    """What the query gives. Raises UnprovenError where that is another time something else."""
    found = side.asked(query, datetime.now(), {}, samples(module))  # Access knows no zones
    unsteady = found.result.uses - {"parameters", "order"}
    if unsteady:
        raise UnprovenError(f"it asks for the {', '.join(sorted(unsteady))}")
    arguments = tuple(found.given.get(p.prompt.casefold()) for p in module.parameters)
    rows = [tuple(None if v is ERROR else v for v in row) for row in found.rows]
    function, columns = module.kind is ObjectKind.FUNCTION, len(found.result.columns)
    return Expected(query.name, str(module.name), function, arguments, columns, rows)


def _expected_of_function(module: ServerModule, source: TableRef, opened: OpenSource) -> Expected:
    """What a VBA function gives for samples. Raises UnprovenError, UnsampledError."""
    found = sampled(module, opened.visible, datetime.now())  # Access knows no zones
    if found.uses:
        raise UnprovenError(f"it asks for the {', '.join(sorted(found.uses))}")
    rows = [tuple(None if v is ERROR else v for v in row) for row in found.rows]
    return Expected(source.table, found.sql(module), False, (), len(COLUMNS), rows)
