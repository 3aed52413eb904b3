"""What a driver's exception means: the server's error number, its text, and which kind of trouble it is.

Three drivers tell the same things in three ways: pyodbc by SQLSTATE and a number at the text's end, mssql-python
by text alone, its bulk copy core by `Sql Error: NUMBER: Class C: State S: TEXT on SERVER in … at line N`.
Numbers are those of SQL Server's documentation, *Database Engine events and errors* and, for Azure SQL,
*Troubleshoot transient connection errors*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """Kinds of failure that are answered differently."""

    BUSY = "busy"
    """throttled, overloaded, failing over: the same work may succeed later"""
    DEADLOCK = "deadlock"
    LOCK = "lock"
    LOST = "lost"
    """the connection is gone; what was under way may or may not have been committed"""
    TIMEOUT = "timeout"
    LOGIN = "login"
    DATABASE = "database"
    PERMISSION = "permission"
    TLS = "tls"
    DATA = "data"
    """values that break a rule or do not fit: fewer or other rows may go"""
    STRUCTURE = "structure"
    """no such table or column: no row can go, whichever it is"""
    FULL = "full"
    """the database, its log or its disk"""
    OTHER = "other"

    @property
    def passing(self) -> bool:
        """Worth another attempt, after a pause, on a new connection."""
        return self in (Trouble.BUSY, Trouble.DEADLOCK, Trouble.LOCK, Trouble.LOST, Trouble.TIMEOUT)


_NUMBERS: dict[Trouble, tuple[int, ...]] = {
    Trouble.BUSY: (
        615, 701, 802, 3906, 8645, 8651, 926, 1204, 1221, 3935, 10928, 10929, 10936, 18401, 40143, 40166, 40197,
        40501, 40540, 40613, 42108, 42109, 45168, 49918, 49919, 49920, 14355, 17197, 41301, 41302, 41305,
        41325, 41839, 983, 976,
    ),
    Trouble.DEADLOCK: (1205, 1211, 3928),
    Trouble.LOCK: (1222, 3960, 41308),
    Trouble.LOST: (20, 64, 121, 233, 596, 3957, 4221, 6005, 10053, 10054, 10060, 10061, 10065, 11001, 17142, 17147),
    Trouble.LOGIN: (4064, 18452, 18456, 18463, 18464, 18465, 18466, 18467, 18468, 18470, 18486, 18487, 18488, 40532),
    Trouble.DATABASE: (911, 4060, 4063, 916, 40607, 945, 942),
    Trouble.PERMISSION: (229, 230, 262, 297, 300, 1088, 2760, 3704, 5011, 8104, 15151, 15247, 4834),
    Trouble.DATA: (
        206, 220, 232, 241, 242, 244, 245, 248, 257, 259, 273, 295, 334, 512, 515, 517, 544, 547, 548, 550, 1946,
        2601, 2627, 2628, 4815, 4819, 4863, 4864, 4866, 4878, 5339, 7339, 7105, 8016, 8023, 8057, 8060, 8114, 8115,
        8134, 8152, 8169, 9803, 9807, 9242, 13535, 50000, 511, 1934, 8016,
    ),
    Trouble.STRUCTURE: (207, 208, 213, 264, 271, 4902, 4924, 8101, 8106),
    Trouble.FULL: (1101, 1105, 9002, 3257, 5149, 40544, 40549, 40551, 40552, 40553),
}  # fmt: skip
_TROUBLE = {number: trouble for trouble, numbers in _NUMBERS.items() for number in numbers}

THROTTLED = frozenset((701, 802, 8645, 8651, 10928, 10929, 10936, 40501, 49918, 49919, 49920))
"""what a server answers that is asked for too much at once: memory, workers, sessions, or the service as a whole"""

_STATES = (("08", Trouble.LOST), ("40001", Trouble.DEADLOCK), ("HYT", Trouble.TIMEOUT), ("28000", Trouble.LOGIN),
           ("23", Trouble.DATA), ("22", Trouble.DATA))  # fmt: skip

_WORDS: tuple[tuple[str, Trouble], ...] = (
    # for drivers that give no number, the first that fits
    (r"login failed|password|sign.?in|authentication failed|AADSTS", Trouble.LOGIN),
    (r"cannot open database|database .* does not exist", Trouble.DATABASE),
    (r"permission (was )?denied|permission denied", Trouble.PERMISSION),
    (r"deadlock", Trouble.DEADLOCK),
    (r"lock (request )?time.?out|lock timeout|could not obtain lock", Trouble.LOCK),
    (r"certificate|\bSSL\b|\bTLS\b|handshake", Trouble.TLS),
    (r"login timeout|timeout expired|timed out|elapsed", Trouble.TIMEOUT),
    (r"communication link|connection (is |was )?(broken|closed|reset|refused|aborted|lost)|broken pipe|"
     r"not connected|TCP Provider|IO error|end of file|unexpected eof|shutting down|terminating connection|"
     r"starting up|protocol error|link failure|connection has been closed|No active connection", Trouble.LOST),
    (r"destination column .* not found|failed to resolve column mappings|invalid (column|object) name|"
     r"(relation|column) .* does not exist", Trouble.STRUCTURE),
    (r"no space left|disk full|log .* is full|filegroup is full", Trouble.FULL),
    (r"truncat|too long|duplicate key|violat|cannot insert|null value|not-null|out of range|overflow|conversion|"
     r"invalid (byte|input|character|value)|conflicted with|not allowed in column|exceeds", Trouble.DATA),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """A driver's exception, understood. `number` is 0 where the driver gives none."""

    number: int
    text: str
    trouble: Trouble

    @property
    def throttled(self) -> bool:
        """Fewer connections at once would help."""
        return self.number in THROTTLED

    def __str__(self) -> str:
        return f"{self.text} (error {self.number})" if self.number else self.text


class ServerFault(Exception):  # noqa: N818  it is raised inside this room and ends as a TargetError
    """A statement or connection failed, with what is known of it. Callers in this room decide what it means."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))

    @property
    def trouble(self) -> Trouble:
        return self.fault.trouble


_CORE = re.compile(r"Sql Error: (\d+): Class \d+: State \d+: (.*?) on \S* in .*? at line \d+", re.DOTALL)
_PREFIX = re.compile(r"^(?:\[[^\]]*\]\s*)+")
_NUMBER = re.compile(r"\s*\((\d+)\)")
_TAIL = re.compile(r"\s*\(SQL\w+\)$")


def understand(error: BaseException) -> Fault:
    """What an exception of any of the three drivers says."""
    args = error.args
    if len(args) == 2 and isinstance(args[0], str) and len(args[0]) == 5 and isinstance(args[1], str):
        return _of_pyodbc(args[0], args[1])
    if driver_text := getattr(error, "ddbc_error", ""):
        return _of_words(_PREFIX.sub("", str(driver_text)), str(getattr(error, "driver_error", "")))
    told = str(error) or type(error).__name__
    found = _CORE.findall(told)
    if found:
        number, message = next(((int(n), t) for n, t in found if int(n) in _TROUBLE), (int(found[0][0]), found[0][1]))
        trouble = _TROUBLE.get(number) or _of_words(message).trouble
        return Fault(number, message.strip(), trouble)
    if isinstance(error, ValueError):  # the bulk copy core's own checks of values
        structure = _of_words(told).trouble is Trouble.STRUCTURE
        return Fault(0, told, Trouble.STRUCTURE if structure else Trouble.DATA)
    if isinstance(error, OSError):
        return Fault(0, told, Trouble.LOST)
    return _of_words(told)


def _of_pyodbc(state: str, told: str) -> Fault:
    """`[42S02] [Microsoft][ODBC Driver 18 for SQL Server][SQL Server]TEXT (208) (SQLExecDirectW); [01000] …`"""
    faults = []
    for part in re.split(r"; (?=\[[0-9A-Z]{5}\])", told):
        numbers = [int(n) for n in _NUMBER.findall(_TAIL.sub("", part))]
        message = _PREFIX.sub("", _TAIL.sub("", part))
        number = numbers[-1] if numbers else 0
        message = re.sub(rf"\s*\({number}\)\s*$", "", message)
        faults.append(Fault(number, message.strip(), _TROUBLE.get(number, Trouble.OTHER)))
    known = next((f for f in faults if f.trouble is not Trouble.OTHER), None)
    if known:
        return known
    by_words = _of_words(faults[0].text)
    by_state = next((t for prefix, t in _STATES if state.startswith(prefix)), Trouble.OTHER)
    trouble = by_words.trouble if by_words.trouble in (Trouble.TLS, Trouble.LOGIN) else by_state
    if trouble is Trouble.OTHER:
        trouble = by_words.trouble
    return Fault(faults[0].number, faults[0].text, trouble)


def _of_words(told: str, before: str = "") -> Fault:
    both = f"{before} {told}"
    trouble = next((t for words, t in _WORDS if re.search(words, both, re.IGNORECASE)), Trouble.OTHER)
    return Fault(0, told.strip() or before, trouble)
