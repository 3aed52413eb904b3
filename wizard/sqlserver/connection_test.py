"""Asking a server: can it be reached, does it let us in, what is it, what may we do, what is there."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeVar

from wizard.messages import Kind, Message, Place, TargetError
from wizard.objects import literal, quote
from wizard.server_name import network_name, on_windows, windows_only
from wizard.settings import Connection, SqlVersion
from wizard.sqlserver import round_trips
from wizard.sqlserver.code_pages import OF_DATABASE
from wizard.sqlserver.connection import ServerSession, error_message
from wizard.sqlserver.driver_errors import DriverError, ErrorKind, ServerError
from wizard.sqlserver.retry import RetryPolicy
from wizard.sqlserver.timeouts import current

T = TypeVar("T")
_PROMPT = 30
"""seconds within which a server answers the questions of a test"""
DEFAULT_PORT = 1433


class ConnectionStep(StrEnum):
    """The steps of a test, in their order."""

    REACH = "reach"
    ENCRYPT = "encrypt"
    SIGN_IN = "sign in"
    DATABASE = "database"
    RIGHTS = "rights"


@dataclass(frozen=True, slots=True)
class ConnectionVerdict:
    """What a step of the test showed. `seconds` is the time it took."""

    step: ConnectionStep
    passed: bool
    text: str
    seconds: float = 0.0
    messages: tuple[Message, ...] = ()
    found: ServerInfo | None = None
    """what the server says of itself, where this step asked"""


@dataclass(frozen=True, slots=True)
class Tier:
    """What a new database of Azure SQL Database is to be; what is empty is left to Azure.

    Source: "CREATE DATABASE (Azure SQL Database)", whose words these are.
    """

    edition: str = ""
    """Basic, Standard, Premium, GeneralPurpose, BusinessCritical, Hyperscale"""
    objective: str = ""
    """the service objective: S0, GP_Gen5_2, GP_S_Gen5_1 …"""
    size: str = ""
    """the largest size: 2 GB, 500 MB"""

    def clause(self) -> str:
        """With a space before it; empty where nothing is asked for. Raises ValueError where a size is none."""
        parts = []
        if self.edition:
            parts.append(f"EDITION = {literal(self.edition)[1:]}")
        if self.objective:
            parts.append(f"SERVICE_OBJECTIVE = {literal(self.objective)[1:]}")
        if self.size:
            if not re.fullmatch(r"[0-9]{1,6} ?(?:MB|GB)", self.size, re.IGNORECASE):
                raise ValueError(f"'{self.size}' is no size such as 500 MB or 2 GB")
            parts.append(f"MAXSIZE = {self.size.upper()}")
        return f" ({', '.join(parts)})" if parts else ""


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """What a server says of itself, the database and the account."""

    version: str
    """`16.0.1000.6`"""
    product: str
    """`SQL Server 2022`, `Azure SQL Database`"""
    edition: str
    database: str
    compatibility: int
    collation: str
    user: str
    roles: tuple[str, ...]
    """of db_owner, db_ddladmin, db_datawriter, db_datareader, those the account has"""
    may_create: bool
    may_write: bool
    code_page: int = 0
    """of the database's collation; 0 where the server does not say"""

    @property
    def major(self) -> int:
        """13 for SQL Server 2016; 0 where the server does not say."""
        found = re.match(r"\d+", self.version)
        return int(found[0]) if found else 0

    @property
    def build(self) -> int:
        """4001 of 13.0.4001.0; 0 where the server does not say."""
        found = re.match(r"\d+\.\d+\.(\d+)", self.version)
        return int(found[1]) if found else 0


SERVICE_PACK_1: Final = 4001
"""the first build of SQL Server 2016 (13.0.4001) that has CREATE OR ALTER"""
_PRODUCTS = {v.major: v.value for v in SqlVersion}
_AZURE = {5: "Azure SQL Database", 8: "Azure SQL Managed Instance"}
_ROLES = ("db_owner", "db_ddladmin", "db_datawriter", "db_datareader")


def check(connection: Connection, password: str = "", version: SqlVersion | None = None) -> Iterator[ConnectionVerdict]:
    """Test a connection step by step; the first step that fails is the last verdict. Raises nothing.

    `version` is the one that statements are written for.
    """
    clock = time.monotonic()
    trouble = _unreachable(connection)
    if trouble:
        yield ConnectionVerdict(ConnectionStep.REACH, False, trouble.text, time.monotonic() - clock, (trouble,))
        return
    yield ConnectionVerdict(ConnectionStep.REACH, True, f"{connection.server} answers.", time.monotonic() - clock)
    clock = time.monotonic()
    try:
        session = _entered(connection, password)
    except TargetError as e:
        yield ConnectionVerdict(ConnectionStep.SIGN_IN, False, e.message.text, time.monotonic() - clock, (e.message,))
        return
    except ServerError as e:
        yield from _not_let_in(connection, e, time.monotonic() - clock)
        return
    with session:
        yield from _let_in(session, connection, version, time.monotonic() - clock)


def _entered(connection: Connection, password: str) -> ServerSession:
    """A session for the test. A connection that is cut, or a server that changes over, is tried again at once; a
    silent one is not, since somebody waits for the answer. Raises ServerError, TargetError."""
    timeouts = replace(current(), answer=float(max(connection.timeout, _PROMPT)))
    pauses = RetryPolicy(attempts=3)
    for attempt in range(1, pauses.attempts):
        try:
            return ServerSession.open(connection, password, timeouts=timeouts, first=True)
        except ServerError as e:
            if e.trouble not in (ErrorKind.LOST, ErrorKind.BUSY):
                raise
        timeouts.rest(pauses.delay(attempt))
    return ServerSession.open(connection, password, timeouts=timeouts, first=True)


def _not_let_in(connection: Connection, why: ServerError, seconds: float) -> Iterator[ConnectionVerdict]:
    message = error_message(why.fault, connection).message
    encrypted = ConnectionVerdict(
        ConnectionStep.ENCRYPT, True, f"The connection is encrypted ({connection.encryption})."
    )
    match why.trouble:
        case ErrorKind.LOGIN:
            yield encrypted
            yield ConnectionVerdict(ConnectionStep.SIGN_IN, False, message.text, seconds, (message,))
        case ErrorKind.DATABASE:
            yield encrypted
            yield ConnectionVerdict(ConnectionStep.SIGN_IN, True, f"{connection.user or 'The account'} is let in.")
            yield ConnectionVerdict(ConnectionStep.DATABASE, False, message.text, seconds, (message,))
        case _:
            yield ConnectionVerdict(ConnectionStep.ENCRYPT, False, message.text, seconds, (message,))


def _let_in(
    session: ServerSession, connection: Connection, version: SqlVersion | None, seconds: float
) -> Iterator[ConnectionVerdict]:
    yield ConnectionVerdict(ConnectionStep.ENCRYPT, True, _encryption(session, connection))
    yield ConnectionVerdict(ConnectionStep.SIGN_IN, True, f"{connection.user or 'The account'} is let in.", seconds)
    clock = time.monotonic()
    try:
        found = info(session)
    except ServerError as e:
        message = error_message(e.fault, connection).message
        yield ConnectionVerdict(ConnectionStep.DATABASE, False, message.text, time.monotonic() - clock, (message,))
        return
    what = f"{found.product} {found.version} ({found.edition})"
    text = f"{found.database}: {what}, level {found.compatibility}, {found.collation}"
    yield ConnectionVerdict(
        ConnectionStep.DATABASE, True, text, time.monotonic() - clock, tuple(lacking(found, connection, version)), found
    )
    messages = tuple(rights(found, connection))
    wanting = [m.text for m in messages]
    words = " ".join(wanting) or Message.of(5018, user=found.user, database=found.database).text
    yield ConnectionVerdict(ConnectionStep.RIGHTS, not wanting, words, 0.0, messages)


def _encryption(session: ServerSession, connection: Connection) -> str:
    try:
        on = session.value("SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID")
    except ServerError:  # without VIEW SERVER STATE the view is closed
        on = None
    known = {"TRUE": "The connection is encrypted.", "FALSE": "The connection is not encrypted."}
    return known.get(str(on).upper(), f"The connection follows the setting '{connection.encryption}'.")


def lacking(found: ServerInfo, connection: Connection, version: SqlVersion | None = None) -> Iterator[Message]:
    """What the server is too old for, by its build, its database's level and the version statements are written for.

    Sources: "CREATE VIEW (Transact-SQL)" for CREATE OR ALTER; "ALTER DATABASE compatibility level".
    """
    place, server = Place(Kind.SERVER, name=connection.server), connection.server
    azure = found.product in _AZURE.values()
    told = f"{found.product} {found.version}"
    if not azure and 0 < found.major < SqlVersion.V2016.major:
        yield Message.of(5019, place, server=server, version=told)
    if not azure and found.major == SqlVersion.V2016.major and 0 < found.build < SERVICE_PACK_1:
        yield Message.of(5024, place, server=server, version=told)
    if not azure and version is not None and SqlVersion.V2016.major <= found.major < version.major:
        yield Message.of(5025, place, server=server, version=told, wanted=version.value, own=_PRODUCTS[found.major])
    if 0 < found.compatibility < 130:
        advised = max(130, min(170, found.major * 10)) if not azure else 160
        facts = {"level": found.compatibility, "quoted": quote(found.database), "advised": advised}
        yield Message.of(5020, place, database=found.database, **facts)


def rights(found: ServerInfo, connection: Connection) -> Iterator[Message]:
    """What the account lacks for stages 7 and 8."""
    place = Place(Kind.SERVER, name=connection.server)
    facts = {"user": found.user, "database": found.database, "account": quote(found.user)}
    if not found.may_create:
        yield Message.of(5016, place, **facts)
    if not found.may_write:
        yield Message.of(5017, place, **facts)


def _unreachable(connection: Connection) -> Message | None:
    """Why no TCP connection comes about; None where one does, or where only the instance's name is known."""
    place = Place(Kind.SERVER, name=connection.server)
    host = network_name(connection.host)
    if what := windows_only(host):
        return None if on_windows() else Message.of(5021, place, server=connection.server, what=what)
    if connection.instance and connection.port is None:
        if browsed(host, connection.instance, connection.timeout) is None and host != "localhost":
            return Message.of(5012, place, instance=connection.instance, host=host)
        return None
    return _refused(host, connection.port or DEFAULT_PORT, connection.timeout, place)


def _refused(host: str, port: int, timeout: int, place: Place) -> Message | None:
    try:
        socket.create_connection((host, port), timeout=timeout).close()
    except socket.gaierror as e:
        return Message.of(5001, place, host=host, reason=e.strerror or e)
    except ConnectionRefusedError:
        return Message.of(5003, place, host=host, port=port)
    except (TimeoutError, OSError):
        return Message.of(5002, place, host=host, port=port, seconds=timeout)
    return None


def browsed(host: str, instance: str, timeout: float = 3.0) -> int | None:
    """The TCP port of a named instance, asked of SQL Server Browser (MC-SQLR: CLNT_UCAST_INST on UDP 1434).

    `timeout` in seconds, at most 5. None where nothing answers.
    """
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.settimeout(min(timeout, 5.0))
            asked.sendto(b"\x04" + instance.encode("utf-8", "replace") + b"\0", (host, 1434))
            answer = asked.recv(4_096)[3:].decode("ascii", "replace")
    except OSError:
        return None
    found = re.search(r"(?:^|;)tcp;(\d+)", answer, re.IGNORECASE)
    return int(found[1]) if found else None


def info(session: ServerSession) -> ServerInfo:
    """What the server says. Raises ServerError."""

    wanted = (*_FACTS.values(), *map(_IN_ROLE.format, _ROLES))
    answers = round_trips.ask_each(session, [f"SELECT {w}" for w in wanted])
    # what a server does not know is as if it said nothing
    told = [None if isinstance(a, DriverError) or not a else a[0][0] for a in answers]
    facts = dict(zip(_FACTS, told, strict=False))
    roles = tuple(r for r, answer in zip(_ROLES, told[len(_FACTS) :], strict=True) if answer == 1)
    version = str(facts["version"] or "")
    engine = int(str(facts["engine"] or 0))
    major = re.match(r"\d+", version)
    product = f"SQL Server {_PRODUCTS.get(int(major[0]), '')}".strip() if major else "SQL Server"
    writer = "db_owner" in roles or "db_datawriter" in roles
    return ServerInfo(
        version=version,
        product=_AZURE.get(engine, product),
        edition=str(facts["edition"] or ""),
        database=str(facts["database"] or ""),
        compatibility=int(str(facts["level"] or 0)),
        collation=str(facts["collation"] or ""),
        user=str(facts["user"] or ""),
        roles=roles,
        may_create="db_owner" in roles or facts["may create"] == 1,
        may_write=writer or facts["may write"] == 1,
        code_page=int(str(facts["code page"] or 0)),
    )


_FACTS: Final = {
    "version": "CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128))",
    "engine": "CAST(SERVERPROPERTY('EngineEdition') AS int)",
    "edition": "CAST(SERVERPROPERTY('Edition') AS nvarchar(128))",
    "database": "DB_NAME()",
    "level": "compatibility_level FROM sys.databases WHERE name = DB_NAME()",
    "collation": "CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS nvarchar(128))",
    "code page": OF_DATABASE,
    "user": "USER_NAME()",
    "may create": "HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'CREATE TABLE')",
    "may write": "HAS_PERMS_BY_NAME(DB_NAME(), 'DATABASE', 'INSERT')",
}
_IN_ROLE: Final = "IS_ROLEMEMBER(N'{}')"


@contextmanager
def connected(connection: Connection, password: str) -> Iterator[ServerSession]:
    """A session; whatever fails in it, signing in first of all, is a TargetError in words."""
    try:
        with ServerSession.open(connection, password) as session:
            yield session
    except ServerError as e:
        raise error_message(e.fault, connection) from e


def ask_server(
    connection: Connection, password: str, question: Callable[[ServerSession], T], policy: RetryPolicy | None = None
) -> T:
    """The answer to a question on a connection of its own, asked again as `policy` says where trouble passes.

    Raises TargetError in words.
    """

    def ask() -> T:
        with ServerSession.open(connection, password) as session:
            return question(session)

    try:
        return policy.run(ask, "asking the server", connection.server) if policy else ask()
    except ServerError as e:
        raise error_message(e.fault, connection) from e


def databases(connection: Connection, password: str = "") -> list[str]:
    """Databases the account may open, those of the system left out. Raises TargetError."""
    sql = (
        "SELECT name FROM sys.databases WHERE name NOT IN (N'master', N'tempdb', N'model', N'msdb')"
        " AND HAS_DBACCESS(name) = 1 ORDER BY name"
    )
    return ask_server(replace(connection, database=""), password, lambda s: [str(r[0]) for r in s.query(sql)])


def create_database(connection: Connection, password: str, name: str, tier: Tier | None = None) -> None:
    """`tier` is for Azure SQL Database. Raises TargetError where the account may not, or the name is taken."""
    options = tier.clause() if tier else ""
    ask_server(
        replace(connection, database=""), password, lambda s: s.execute(f"CREATE DATABASE {quote(name)}{options}")
    )


def unreadable(session: ServerSession, sql: str) -> str:
    """Why a statement cannot be read; empty where it can. Only parsed (SET PARSEONLY), and taken back at any rate."""
    session.execute("BEGIN TRANSACTION")
    try:
        session.execute("SET PARSEONLY ON")
        session.execute(sql)
    except ServerError as e:
        return str(e.fault.text)
    finally:
        with suppress(ServerError):
            session.execute("SET PARSEONLY OFF")
        with suppress(ServerError):
            session.execute("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION")
    return ""


def schemas(connection: Connection, password: str = "") -> list[str]:
    """Schemas of the database, the system's own left out. Raises TargetError."""
    sql = (
        "SELECT name FROM sys.schemas WHERE name NOT IN (N'sys', N'INFORMATION_SCHEMA', N'guest')"
        " AND name NOT LIKE N'db[_]%' ORDER BY name"
    )
    return ask_server(connection, password, lambda s: [str(r[0]) for r in s.query(sql)])
