"""What a driver's exception means: the server's error number, its text, and which kind of trouble it is.

Three drivers say the same things in three ways: pyodbc by SQLSTATE and a number at the text's end, mssql-python
by text alone, its bulk copy core by `Sql Error: NUMBER: Class C: State S: TEXT on SERVER in … at line N`. Which trouble
that is stands in one table, `wizard.sqlserver.error_kinds`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from wizard.sqlserver import error_kinds
from wizard.sqlserver.error_kinds import ONCE_OPEN, THROTTLED, ErrorKind


@dataclass(frozen=True, slots=True)
class DriverError:
    """A driver's exception, understood. `number` is 0 where the driver gives none."""

    number: int
    text: str
    trouble: ErrorKind

    @property
    def throttled(self) -> bool:
        """Fewer connections at once would help."""
        return self.number in THROTTLED

    @property
    def momentary(self) -> DriverError:
        """The same of a server that let us in before: what says that a database is not there means a failover then."""
        passing = self.trouble is ErrorKind.DATABASE and not self.number
        return replace(self, trouble=ErrorKind.BUSY) if passing or self.number in ONCE_OPEN else self

    def __str__(self) -> str:
        return f"{self.text.removesuffix('.')} (error {self.number})" if self.number else self.text


class ServerError(Exception):
    """A statement or connection failed, with what is known of it. Callers in this room decide what it means."""

    def __init__(self, fault: DriverError) -> None:
        self.fault = fault
        super().__init__(str(fault))

    @property
    def trouble(self) -> ErrorKind:
        """Which kind of error it is."""
        return self.fault.trouble


_CORE = re.compile(r"Sql Error: (\d+): Class \d+: State \d+: (.*?) on \S* in .*? at line \d+", re.DOTALL)
_PREFIX = re.compile(r"^(?:\[[^\]]*\]\s*)+")
_NUMBER = re.compile(r"\s*\((\d+)\)")
_TAIL = re.compile(r"\s*\(SQL\w+\)$")
_FROM_SERVER = re.compile(r"\]\s*\[SQL Server\]")


def understand(error: BaseException) -> DriverError:
    """What an exception of any of the three drivers says."""
    args = error.args
    if len(args) == 2 and isinstance(args[0], str) and len(args[0]) == 5 and isinstance(args[1], str):
        return _of_pyodbc(args[0], args[1])
    if driver_text := getattr(error, "ddbc_error", ""):
        return _of_words(_PREFIX.sub("", str(driver_text)), str(getattr(error, "driver_error", "")))
    told = str(error) or type(error).__name__
    found = [(int(number), text) for number, text in _CORE.findall(told)]
    if found:
        number, message = next((f for f in found if error_kinds.of_number(f[0])), found[0])
        return DriverError(number, message.strip(), error_kinds.of_number(number) or _of_words(message).trouble)
    if isinstance(error, ValueError):  # the bulk copy core's own checks of values
        structure = _of_words(told).trouble is ErrorKind.STRUCTURE
        return DriverError(0, told, ErrorKind.STRUCTURE if structure else ErrorKind.DATA)
    if isinstance(error, OSError):
        return DriverError(0, told, ErrorKind.LOST)
    return _of_words(told)


def _of_pyodbc(state: str, told: str) -> DriverError:
    """`[42S02] [Microsoft][ODBC Driver 18 for SQL Server][SQL Server]TEXT (208) (SQLExecDirectW); [01000] …`"""
    parts = [_of_part(part) for part in re.split(r"; (?=\[[0-9A-Z]{5}\])", told)]
    known = next((fault for fault, trouble in parts if trouble), None)
    if known is not None:
        return known
    first = parts[0][0]
    by_words = error_kinds.of_words(first.text)
    if by_words in (
        ErrorKind.TLS,
        ErrorKind.SETTINGS,
        ErrorKind.LOGIN,
        ErrorKind.TIMEOUT,
        ErrorKind.BUSY,
    ):  # 08001 and HY000 are said of these too
        return replace(first, trouble=by_words)
    return replace(first, trouble=error_kinds.of_state(state) or by_words or ErrorKind.OTHER)


def _of_part(part: str) -> tuple[DriverError, ErrorKind | None]:
    """One of the errors that came together, and what its number means. Numbers that are not the server's own are
    codes of the network library: 104 is a syntax error there and a reset here."""
    text = _TAIL.sub("", part)
    numbers = [int(n) for n in _NUMBER.findall(text)]
    number = numbers[-1] if numbers else 0
    trouble = error_kinds.of_number(number) if _FROM_SERVER.search(text) else error_kinds.of_code(number)
    message = re.sub(rf"\s*\({number}\)\s*$", "", _PREFIX.sub("", text))
    return DriverError(number, message.strip(), trouble or ErrorKind.OTHER), trouble


def _of_words(told: str, before: str = "") -> DriverError:
    trouble = error_kinds.of_words(told) or error_kinds.of_words(before) or ErrorKind.OTHER
    return DriverError(0, told.strip() or before, trouble)


__all__ = ["DriverError", "ErrorKind", "ServerError", "understand"]
