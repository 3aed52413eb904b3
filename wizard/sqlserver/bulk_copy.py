"""Bulk copy of Arrow batches inside a transaction of our own, through the core of mssql-python.

`mssql_python.Cursor.bulkcopy_arrow` opens a connection for each call, so that what it copies can be part of no
transaction. The core it stands on (`mssql_py_core`, of the wheel mssql-python depends on) takes statements and
bulk copies on one connection: BEGIN TRANSACTION, the checkpoint's update, the copy and COMMIT travel together here.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from wizard.objects import SETTINGS, Name, ServerColumn
from wizard.settings import Auth, Connection
from wizard.sink import Delivery
from wizard.sqlserver import timeouts as waiting
from wizard.sqlserver.blockers import BlockerSearch, application_name
from wizard.sqlserver.checkpoints import object_id
from wizard.sqlserver.connection import Row, let_in, searching, understood
from wizard.sqlserver.connection_string import KEEP_ALIVE, KEEP_ALIVE_INTERVAL, parameters
from wizard.sqlserver.driver import remedy
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError
from wizard.sqlserver.timeouts import GRACE, ServerLine, Timeouts

PACKET_SIZES = (16_384, 8_192, 4_096)
"""Tried in this order; some servers accept a size at sign-in and then cannot read packets that large."""

Spelled = dict[Name, dict[str, str]]
"""by table and case-folded name, how the server spells its columns, where that had to be asked"""

_ABSENT = ("Destination column", "Failed to resolve column mappings")
"""what the core says of a column that it does not find"""
_ALIGNMENT = 16
"""bytes of the widest value, a decimal"""
_PANIC = "PanicException"
"""what the core raises where it meets what it holds for impossible"""
_TOKEN_SCOPE = "https://database.windows.net/.default"


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """What a bulk copy does besides copying; names as in SQL Server's INSERT BULK."""

    keep_identity: bool = True
    keep_nulls: bool = True
    check_constraints: bool = False
    fire_triggers: bool = False
    table_lock: bool = True
    timeout: int = 300
    """seconds a batch may take; then it fails and is tried again. 0: for ever"""
    batch_size: int = 0
    """rows after which the server commits, where no transaction is open; 0 for all at once"""

    def of(self, delivery: Delivery) -> CopyOptions:
        """The same for a delivery: counters are kept only where it brings their values."""
        return replace(self, keep_identity=self.keep_identity and any(c.identity for c in delivery.columns))


def is_unresolved(fault: DriverError) -> bool:
    """Whether bulk copy did not find a column among those that the server described to it."""
    return any(words in fault.text for words in _ABSENT)


class UnsuitableError(Exception):
    """Bulk copy cannot serve this account, server or value; rows must go another way. `args[0]` says why."""


class BulkSession:
    """A connection that takes statements without parameters and bulk copies. Every failure is a ServerError.

    `spelled` remembers how the server spells columns, for all sessions that are given the same one. How long the
    server is waited for its line's timeouts say; the core has time-outs for copies alone.
    """

    def __init__(self, raw: Any, server: str, spelled: Spelled, line: ServerLine | None = None) -> None:
        self._raw = raw
        self._line = line or ServerLine(server, waiting.current())
        self._cursor = raw.cursor()
        self._spelled = spelled
        self._searching: Callable[[object], BlockerSearch | None] = lambda _: None
        self.server = server
        self.refused = False
        """a copy has failed here: some servers (Babelfish) take no other on that connection"""
        self._asking = False
        """a copy was begun and has not ended well: it may have been asking for columns"""

    @classmethod
    def open(
        cls,
        connection: Connection,
        password: str,
        packet_size: int = PACKET_SIZES[0],
        spelled: Spelled | None = None,
        timeouts: Timeouts | None = None,
    ) -> BulkSession:
        """Connect, with packets of `packet_size` bytes.

        Raises UnsuitableError where this way of signing in is not open to bulk copy, else ServerError.
        """
        try:
            core: Any = importlib.import_module("mssql_py_core")
        except ImportError as e:
            raise UnsuitableError(f"{e}. {remedy(str(e))}") from e
        line = ServerLine(connection.server, timeouts or waiting.current())
        name = application_name(line.timeouts.origin)
        context = _context(connection, password) | {"packet_size": packet_size, "application_name": name}

        def connect() -> Any:
            return understood(lambda: line.call(lambda: core.PyCoreConnection(context), connection.timeout + GRACE))

        raw = let_in(connection, connect)
        bulk = cls(raw, connection.server, {} if spelled is None else spelled, line)
        bulk._searching = lambda number: searching(number, connection, password, line.timeouts)
        return bulk

    def settle(self) -> None:
        """Make the settings that every session has. Raises ServerError."""
        number = self.row(f"{SETTINGS}\nSELECT @@SPID")
        self._line.search = self._searching(number and number[0])

    def execute(self, sql: str) -> None:
        """Run a batch."""
        self._call(self._line.timeouts.answer, self._cursor.execute, self._run_at_all(sql))

    def _run_at_all(self, sql: str) -> str:
        """The core asks for columns under SET FMTONLY ON. Where that question ends too early, by a lock or by an end of
        patience, the session runs nothing from there on ("SET FMTONLY"), however well it answers."""
        failed, self._asking = self._asking, False
        return f"SET FMTONLY OFF;\n{sql}" if failed else sql

    def row(self, sql: str) -> Row | None:
        """The first row a batch gives."""
        found = self._rows(sql)
        return found[0] if found else None

    def _rows(self, sql: str) -> list[Row]:
        run = self._run_at_all(sql)

        def work() -> list[Row]:
            self._cursor.execute(run)
            return [tuple(row) for row in self._cursor.fetchall()]

        return list(self._call(self._line.timeouts.answer, work))

    def copy(self, table: Name, batch: pa.RecordBatch | pa.Table, options: CopyOptions) -> None:
        """Send a batch's rows into the columns named as its fields, in upper or lower case. Raises ServerError.

        The core looks for columns by their exact names, and a server that takes names in any case may keep others.
        """
        sent = self._spelled.get(table)
        try:
            self._send(table, batch, options, sent)
        except ServerError as e:
            if not is_unresolved(e.fault) or sent is not None:
                raise
            self._send(table, batch, options, self._spelling(table))

    def _spelling(self, table: Name) -> dict[str, str]:
        """How the server spells the table's columns, as it says, or has said on another connection meanwhile."""
        found = self._spelled.get(table)
        if found is None:
            there = self._rows(f"SELECT name FROM sys.columns WHERE object_id = {object_id(table)}")
            found = self._spelled[table] = {str(name).casefold(): str(name) for (name,) in there}
        return found

    def _send(
        self, table: Name, batch: pa.RecordBatch | pa.Table, options: CopyOptions, spelled: dict[str, str] | None
    ) -> None:
        names = [(spelled or {}).get(name.casefold(), name) for name in batch.schema.names]
        before, self.refused = self.refused, True
        self._asking = True
        # an empty copy, which asks how the columns are called, is a question like others
        result = self._call(
            options.timeout if batch.num_rows else self._line.timeouts.answer,
            self._cursor.bulkcopy_arrow,
            str(table),
            aligned_columns(batch),
            batch_size=options.batch_size,
            timeout=options.timeout,
            column_mappings=names,
            keep_identity=options.keep_identity,
            keep_nulls=options.keep_nulls,
            check_constraints=options.check_constraints,
            fire_triggers=options.fire_triggers,
            table_lock=options.table_lock,
        )
        if result["rows_copied"] != batch.num_rows:
            reason = f"{result['rows_copied']} of {batch.num_rows} rows were sent"
            raise ServerError(DriverError(0, reason, ErrorKind.LOST))
        self.refused, self._asking = before, False

    def _call(self, seconds: float, work: Any, *args: Any, **keywords: Any) -> Any:
        limit = seconds and seconds + GRACE
        try:
            return understood(lambda: self._line.call(lambda: work(*args, **keywords), limit))
        except ServerError as e:
            raise ServerError(self._line.explained(e.fault)) from e
        except BaseException as e:
            if type(e).__name__ == _PANIC:  # which is no Exception, so that nobody overlooks it
                raise UnsuitableError(f"bulk copy's core failed: {e}") from e
            raise

    def close(self) -> None:
        """Never raises: a connection that cannot be closed is gone."""
        self._line.end(self._raw.close)


def _context(connection: Connection, password: str) -> dict[str, Any]:
    """The settings as the core wants them."""
    odbc = parameters(connection, password)
    context: dict[str, Any] = {
        "server": odbc["Server"],
        "database": connection.database,
        "encryption": odbc["Encrypt"],
        "trust_server_certificate": odbc.get("TrustServerCertificate", "no"),
        "connect_timeout": connection.timeout,
        "connect_retry_count": 0,
        "keep_alive": KEEP_ALIVE * 1_000,
        "keep_alive_interval": KEEP_ALIVE_INTERVAL * 1_000,
    } | _more(connection)
    match connection.auth:
        case Auth.SQL:
            return context | {"user_name": connection.user, "password": password}
        case Auth.WINDOWS:
            return context | {"trusted_connection": "yes"}
        case Auth.ENTRA_SERVICE_PRINCIPAL:
            auth: Any = importlib.import_module("mssql_python.auth")
            factory = auth.ServicePrincipalAuth.make_token_factory(connection.user, password)
            names = {"user_name": connection.user, "password": password, "authentication": odbc["Authentication"]}
            return context | names | {"entra_id_token_factory": factory}
        case _:
            return context | {"access_token": _token(connection)}


_CORE_KEYS: Final = {
    "applicationintent": "application_intent",
    "hostnameincertificate": "host_name_in_certificate",
    "servercertificate": "server_certificate",
    "serverspn": "server_spn",
    "multisubnetfailover": "multi_subnet_failover",
    "ipaddresspreference": "ip_address_preference",
    "packetsize": "packet_size",
}
"""keywords of a connection string by their names in the core, which knows no others"""


def _more(connection: Connection) -> dict[str, Any]:
    found = {_CORE_KEYS[k.casefold()]: v for k, v in connection.more if k.casefold() in _CORE_KEYS}
    return {k: int(v) if v.isdecimal() else v for k, v in found.items()}


def _token(connection: Connection) -> str:
    """An access token for Azure SQL. Raises UnsuitableError where none is to be had without a password."""
    with _signing_in:  # one at a time: who signs in through a browser does so once
        try:
            return str(_credential(connection.auth, connection.user).get_token(_TOKEN_SCOPE).token)
        except UnsuitableError:
            raise
        except Exception as e:
            raise ServerError(DriverError(0, str(e), ErrorKind.LOGIN)) from e


_signing_in = Lock()


@lru_cache
def _credential(auth: Auth, user: str) -> Any:
    """What gives tokens, and keeps those it has."""
    identity: Any = importlib.import_module("azure.identity")
    match auth:
        case Auth.ENTRA_MANAGED_IDENTITY:
            return identity.ManagedIdentityCredential(client_id=user or None)
        case Auth.ENTRA_INTERACTIVE:
            return identity.InteractiveBrowserCredential(login_hint=user or None)
        case Auth.ENTRA_DEFAULT:
            return identity.DefaultAzureCredential()
        case _:
            raise UnsuitableError(f"signing in as {auth} is not open to bulk copy")


def aligned_columns(batch: pa.RecordBatch | pa.Table) -> pa.RecordBatch | pa.Table:
    """The batch with every buffer where the core can read it: values read in the middle of a page may begin anywhere,
    which Arrow's own format allows only at multiples of their size."""
    if isinstance(batch, pa.Table):
        return batch
    for number, column in enumerate(batch.columns):
        buffers = column.buffers()
        if any(b is not None and b.address % _ALIGNMENT for b in buffers):
            moved = [b if b is None or not b.address % _ALIGNMENT else _copied(b) for b in buffers]
            whole = pa.Array.from_buffers(column.type, len(column), moved, offset=column.offset)
            batch = batch.set_column(number, batch.schema.field(number), whole)
    return batch


def _copied(buffer: pa.Buffer) -> pa.Buffer:
    made = pa.allocate_buffer(buffer.size)
    memoryview(made).cast("B")[:] = memoryview(buffer).cast("B")
    return made


def with_extended_types(columns: Sequence[ServerColumn]) -> tuple[str, ...]:
    """The names of columns whose values travel as text."""
    return tuple(c.name for c in columns if c.type.name.casefold() == "datetime2" and c.type.scale in (None, 7))


def wire_batch(batch: pa.RecordBatch, extended: Sequence[str]) -> pa.RecordBatch:
    """The batch as bulk copy takes it: datetime2(7), which travels as text, becomes a timestamp.

    In nanoseconds where the values fit (1677 to 2262), else in microseconds where the seventh digit is zero.
    Raises UnsuitableError where neither holds.
    """
    for name in extended:
        index = batch.schema.get_field_index(name)
        values = batch.column(index)
        try:
            stamps = pc.cast(values, pa.timestamp("ns"))
        except pa.ArrowInvalid:
            if pc.any(pc.not_equal(pc.utf8_slice_codeunits(values, 26, 27), "0")).as_py():
                raise UnsuitableError(f"{name} holds dates in steps of 100 ns outside 1677 to 2262") from None
            stamps = pc.cast(pc.utf8_slice_codeunits(values, 0, 26), pa.timestamp("us"))
        batch = batch.set_column(index, name, stamps)
    return batch
