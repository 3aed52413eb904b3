"""Proof of converted queries: each is run on the server and, over the source's rows, by the interpreter of Access SQL.

Views, functions and procedures made of crosstabs are run; procedures that change rows are not. A parameter without a
value gets a sample: a value of the column that it is compared with, else one of its type.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

from wizard.coercion.value_text import comparison_text
from wizard.convert.interpreter import (
    Bounds,
    BoundsError,
    ErrorValue,
    Interpreter,
    InterpreterError,
    ParameterError,
    Result,
    sample_columns,
)
from wizard.definitions import Query, QueryKind
from wizard.messages import Kind, Message, Place, SourceError
from wizard.migrate.query_comparison import ERROR, SCALAR, ProofVerdict, QueryProof, compared
from wizard.objects import ObjectKind, ServerModule, TableRef
from wizard.plurals import counted
from wizard.settings import Options
from wizard.sqlserver.connection import ServerSession
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError
from wizard.sqlserver.lasting_connection import LastingConnection
from wizard.stages.function_proof import UnsampledError, sampled
from wizard.stages.open_source import OpenSource

_MOST_PARAMETERS: Final = 100
_LOOKED_AT: Final = 1_000
"""rows in which a sample is sought"""
_MEMORY: Final = 512 << 20
_SAMPLES: Final[Mapping[str, object]] = {
    **dict.fromkeys(("bit",), True),
    **dict.fromkeys(("tinyint", "smallint", "int", "bigint", "float", "real", "money", "decimal", "numeric"), 1),
    **dict.fromkeys(("datetime2", "datetime", "date", "smalldatetime", "time"), datetime(2000, 1, 1)),
}
"""by the server's type of a parameter; text where it is none of these"""
UNSTEADY: Final = {"random": "its rows are chosen at random", "user": "it asks who has signed in"}


@dataclass(frozen=True)
class QueryQuestion:
    """A query as Access gives it, with the values of its parameters."""

    result: Result
    values: Mapping[str, object]

    @property
    def given(self) -> dict[str, object]:
        """The values by case-folded prompt."""
        return {prompt.casefold(): value for prompt, value in self.values.items()}

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The rows as `compared` takes them."""
        return [tuple(ERROR if isinstance(v, ErrorValue) else v for v in row) for row in self.result.rows]


class UnprovenError(Exception):
    """Why a query cannot be proven, for people."""


def bounds_of(options: Options) -> Bounds:
    """How many rows and seconds, and how much memory, a query may take."""
    return Bounds(rows=options.prove_rows, seconds=float(options.prove_seconds), memory=_MEMORY)


@dataclass(frozen=True)
class AccessSide:
    """Runs queries over a source's rows, within bounds; `between` is called now and then, and may end a run."""

    opened: OpenSource
    bounds: Bounds
    between: Callable[[], None]

    def asked(
        self, query: Query, now: datetime, given: Mapping[str, object], sample: Callable[[str], object] | None = None
    ) -> QueryQuestion:
        """The query's rows; `given` are values of parameters by prompt, `sample` gives others.

        Raises UnprovenError, and what `between` raises.
        """
        values = dict(given)
        while True:
            try:
                return QueryQuestion(self._run(query, now, values), values)
            except ParameterError as e:
                if sample is None or len(values) >= _MOST_PARAMETERS or e.prompt in values:
                    raise UnprovenError(str(e)) from e
                values[e.prompt] = self._of_column(query, e.prompt, sample)

    def _run(self, query: Query, now: datetime, values: Mapping[str, object]) -> Result:
        read = partial(_rows, self.opened)
        try:
            return Interpreter(self.opened.visible, read, now, values, self.bounds, self.between).saved(query.name)
        except ParameterError:
            raise
        except BoundsError as e:
            raise UnprovenError(f"in Access's rows {e}") from e
        except InterpreterError as e:
            raise UnprovenError(f"its rows are not known here: {e}") from e
        except SourceError as e:
            raise UnprovenError(e.message.text) from e

    def _of_column(self, query: Query, prompt: str, sample: Callable[[str], object]) -> object:
        """A value of a column that the parameter is compared with, that some row has; else a sample of its type."""
        for table, column in sample_columns(query.sql, prompt, self.opened.visible):
            try:
                for (value,) in islice(_rows(self.opened, table, [column]), _LOOKED_AT):
                    if value is not None and value != "":
                        return value
            except SourceError:
                continue
        return sample(prompt)


def _rows(opened: OpenSource, table: str, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for batch in opened.read(table, columns=columns):
        yield from zip(*(a.to_pylist() for a in batch.rows.columns), strict=True)


@dataclass
class QueryProver:
    """Proves the modules of one database of the server."""

    server: LastingConnection
    options: Options
    open: Callable[[str], OpenSource]
    between: Callable[[], None]
    missing: frozenset[str] = frozenset()
    """names of what the server does not have, as loading it failed or was not wanted"""
    refused: Mapping[str, DriverError] = field(default_factory=dict)
    """what the server said of views that it could not run, by their names; they are not asked for again"""
    _clock: tuple[datetime, float] | None = None
    """the server's time, and when it was asked for"""

    def proofs(self, modules: Sequence[ServerModule]) -> Iterator[QueryProof]:
        """A proof for each module that gives rows. Raises TargetError where the server is lost."""
        for module in modules:
            self.between()
            if module.returns and module.source is not None:
                yield self._proof_of_function(module, module.source)
                continue
            query = query_of(module, self.open)
            if query is not None and (module.kind is not ObjectKind.PROCEDURE or query.kind is QueryKind.CROSSTAB):
                yield self._proof(module, query)

    def _proof(self, module: ServerModule, query: Query) -> QueryProof:
        assert module.source is not None  # noqa: S101  # for the type checker: `query_of` has looked
        made = QueryProof(
            query.name, module.source.source, str(module.name), module.kind.value, ProofVerdict.NOT_PROVEN
        )
        return self._judged(made, module, lambda: self._compared(made, module, query))

    def _proof_of_function(self, module: ServerModule, source: TableRef) -> QueryProof:
        """A VBA function, for sample values of its arguments."""
        made = QueryProof(source.table, source.source, str(module.name), SCALAR, ProofVerdict.NOT_PROVEN)
        return self._judged(made, module, lambda: self._sampled(made, module))

    def _judged(self, made: QueryProof, module: ServerModule, prove: Callable[[], QueryProof]) -> QueryProof:
        if str(module.name) in self.missing:
            return replace(made, detail="the server does not have it: it was not loaded")
        if fault := self.refused.get(str(module.name)):
            return _refused(made, fault)
        clock = time.monotonic()
        try:
            made = prove()
        except (UnprovenError, UnsampledError) as e:
            made = replace(made, detail=str(e))
        except ServerError as e:
            made = _refused(made, e.fault)
        return replace(made, seconds=round(time.monotonic() - clock, 3))

    def _sampled(self, made: QueryProof, module: ServerModule) -> QueryProof:
        found = sampled(module, self.open(made.source).visible, self._now())
        columns, rows = self._first(f"SELECT * FROM {found.sql(module)}", module, len(found.rows) + 1)
        return _verdict(made, found.rows, rows, columns, found.uses)

    def _compared(self, made: QueryProof, module: ServerModule, query: Query) -> QueryProof:
        opened = self.open(made.source)
        side = AccessSide(opened, bounds_of(self.options), self.between)
        found = side.asked(query, self._now(), {}, samples(module))
        for use, why in UNSTEADY.items():
            if use in found.result.uses:
                raise UnprovenError(why)
        arguments = [found.given.get(p.prompt.casefold()) for p in module.parameters]
        columns, rows = self._server_rows(module, arguments)
        given = {prompt: comparison_text(v) for prompt, v in found.values.items()}
        return _verdict(replace(made, arguments=given), in_order(found, columns), rows, columns, found.result.uses)

    def _now(self) -> datetime:
        """The server's time: asked once, then counted on."""
        if self._clock is None:
            found = self.server.ask(lambda s: s.value("SELECT CONVERT(datetime2(0), GETDATE())"), "asking the time")
            self._clock = found if isinstance(found, datetime) else datetime.now(), time.monotonic()  # no zones
        moment, since = self._clock
        return (moment + timedelta(seconds=time.monotonic() - since)).replace(microsecond=0)

    def _server_rows(self, module: ServerModule, arguments: Sequence[object]) -> tuple[tuple[str, ...], list[Any]]:
        holes = ", ".join("?" * len(arguments))
        if module.kind is ObjectKind.PROCEDURE:
            sql = f"EXEC {module.name} {holes}"
        else:
            sql = f"SELECT * FROM {module.name}" + (f"({holes})" if module.kind is ObjectKind.FUNCTION else "")

        columns, rows = self._first(sql, module, self.options.prove_rows + 1, *arguments)
        if len(rows) > self.options.prove_rows:
            raise UnprovenError(f"the server gives more than {self.options.prove_rows:,} rows")
        return columns, rows

    def _first(
        self, sql: str, module: ServerModule, most: int, *arguments: object
    ) -> tuple[tuple[str, ...], list[Any]]:
        def rows_of(session: ServerSession) -> tuple[tuple[str, ...], list[Any]]:
            session.limit(self.options.prove_seconds)
            try:
                return session.first(sql, most, *arguments)
            except ServerError as e:
                if e.trouble is ErrorKind.TIMEOUT:
                    limit = f"the server needs more than {self.options.prove_seconds} seconds"
                    raise UnprovenError(limit) from e
                raise

        return self.server.ask(rows_of, f"proving {module.name}")


def _refused(made: QueryProof, fault: DriverError) -> QueryProof:
    return replace(made, verdict=ProofVerdict.DIFFERENT, detail=f"the server refuses to run it: {fault}")


def _verdict(
    made: QueryProof, ours: Sequence[tuple[Any, ...]], theirs: Sequence[Any], columns: Sequence[str],
    uses: Collection[str],
) -> QueryProof:  # fmt: skip
    """What comparing both sides' rows says."""
    outcome = compared(ours, theirs, columns)
    verdict = ProofVerdict.SAME if outcome.same else ProofVerdict.DIFFERENT
    detail = outcome.detail
    if not outcome.same and "clock" in uses:
        verdict, detail = ProofVerdict.NOT_PROVEN, f"it asks the clock, which may tell: {detail}"
    elif not outcome.same and "order" in uses:
        detail = f"it takes the first of rows in no order that it says, which may tell: {detail}"
    return replace(made, verdict=verdict, rows=len(ours), target_rows=len(theirs), errors=outcome.errors, detail=detail)


def samples(module: ServerModule) -> Callable[[str], object]:
    """By prompt, a value of the type that the server's parameter has; text where it is no number, date or bit."""
    types = {p.prompt.casefold(): p.type_name for p in module.parameters}
    return lambda prompt: _SAMPLES.get(types.get(prompt.casefold(), ""), "a")


def in_order(found: QueryQuestion, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Access's rows with the columns in the server's order: by their names where these are the same, else by place.

    Raises UnprovenError where there are more on one side.
    """
    ours = [c.casefold() for c in found.result.columns]
    theirs = [c.casefold() for c in columns]
    if len(ours) != len(theirs):
        raise UnprovenError(f"Access gives {counted(len(ours), 'column')}, the server {len(theirs)}")
    if ours == theirs or sorted(ours) != sorted(theirs) or len(set(ours)) != len(ours):
        return found.rows
    places = [ours.index(name) for name in theirs]
    return [tuple(row[p] for p in places) for row in found.rows]


def proof_message(proof: QueryProof) -> Message:
    """What is said of a query's proof; the place names the query."""
    place = Place(Kind.QUERY, proof.source, proof.query)
    match proof.verdict:
        case ProofVerdict.SAME:
            return Message.of(6220, place, rows=f"{proof.rows:,}", detail=proof.detail)
        case ProofVerdict.DIFFERENT:
            return Message.of(6221, place, detail=proof.detail)
    return Message.of(6222, place, detail=proof.detail)


def query_of(module: ServerModule, open_source: Callable[[str], OpenSource]) -> Query | None:
    """The saved query that a module was; None where it is none, or is gone."""
    if module.source is None:
        return None
    name = module.source.table.casefold()
    queries = open_source(module.source.source).definition.queries
    return next((q for q in queries if q.name.casefold() == name), None)
