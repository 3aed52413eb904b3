"""Kinds of errors: by a server's error number, a provider's code, SQLSTATE, a driver's words.

Each line says where it is known from. *Events*: SQL Server's documentation, "Database Engine events and errors".
*Azure*: "Troubleshoot transient connection errors in Azure SQL Database". *SqlClient*: the list of transient errors
of `SqlConfigurableRetryFactory`. *ODBC*: "Appendix A: ODBC error codes". *Seen*: what ODBC Driver 18, mssql-python and
its bulk copy core said when their connection was cut, reset or stalled in that place
(`tests/sqlserver/test_driver_errors.py` has the texts word for word).
"""

from __future__ import annotations

import re
from enum import StrEnum


class ErrorKind(StrEnum):
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
    SETTINGS = "settings"
    """keywords of the connection that do not go together, or not with this server"""
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
        return self in (ErrorKind.BUSY, ErrorKind.DEADLOCK, ErrorKind.LOCK, ErrorKind.LOST, ErrorKind.TIMEOUT)


NUMBERS: tuple[tuple[ErrorKind, str, tuple[int, ...]], ...] = (
    (ErrorKind.BUSY, "Azure: throttled, or the limit of workers, sessions or the service is reached",
     (10928, 10929, 10936, 40501, 49918, 49919, 49920, 45168, 45169)),
    (ErrorKind.BUSY, "Azure, SqlClient: the service moves the database or meets an error of its own",
     (615, 926, 3906, 3935, 14355, 40020, 40143, 40166, 40197, 40540, 40613, 41301, 41302, 41305, 41325, 41839, 42108,
      42109)),
    (ErrorKind.BUSY, "Azure: the server or subscription is busy with another operation",
     (40627, 40642, 40648, 40671, 40675, 45156, 45157)),
    (ErrorKind.BUSY, "Events: no memory, locks, threads or connections just now",
     (701, 802, 1204, 1221, 8628, 8645, 8651, 10930, 17189, 17197, 17809, 17889, 22335, 22498)),
    (ErrorKind.BUSY, "Events: \"rerun the statement\", \"retry the transaction\", \"try again later\"",
     (539, 601, 617, 669, 1203, 1215, 1216, 1232, 1404, 1413, 1421, 1532, 1533, 1534, 1535, 1807, 2021, 2816, 3635,
      3941, 3947, 3948, 3950, 3953, 4117, 4184, 9020, 9515, 10922, 11539, 14817, 14906, 16528, 16554, 20041, 22225,
      22226, 22353, 22355, 22358, 22427, 22430, 22491, 22493)),
    (ErrorKind.BUSY, "Events: the server or database starts, is upgraded or changes its role in an availability group",
     (904, 921, 922, 923, 924, 927, 941, 952, 954, 955, 956, 976, 978, 979, 982, 983, 984, 988, 17187, 18401, 35217,
      41144)),
    (ErrorKind.DEADLOCK, "Events", (1205, 1211, 3928)),
    (ErrorKind.LOCK, "Events: lock time-out, update conflict of row versions", (1222, 3960, 3966, 41308)),
    (ErrorKind.LOST, "Events: the server shuts down, or ends the session",
     (596, 3957, 6002, 6005, 17142, 17147, 17148, 17830)),
    (ErrorKind.LOST, "Azure, SqlClient: the network or the other end of a named pipe is gone; a replica is not ready",
     (64, 121, 233, 258, 997, 4221, 10053, 10054, 10060, 10061, 10065, 11001)),
    (ErrorKind.LOST, "FreeTDS: DB-Library's numbers for a connection that fails, times out or dies",
     (20002, 20003, 20004, 20006, 20009, 20017, 20047)),
    (ErrorKind.LOGIN, "Events: the account, its password or its certificate",
     (4064, 18450, 18451, 18452, 18456, 18461, 18463, 18464, 18465, 18466, 18467, 18468, 18470, 18486, 18487, 18488)),
    (ErrorKind.LOGIN, "Azure: no such server, or its firewall does not let this address in", (40532, 40615, 47073)),
    (ErrorKind.DATABASE, "Events: no such database, or not for this account", (911, 916, 942, 945, 4060, 4063, 40607)),
    (ErrorKind.PERMISSION, "Events", (229, 230, 262, 297, 300, 1088, 2760, 3704, 4834, 5011, 8104, 15151, 15247)),
    (ErrorKind.TLS, "Events: the client's version of TLS is too old for the server", (47072,)),
    (ErrorKind.DATA, "Events", (
        206, 220, 232, 241, 242, 244, 245, 248, 257, 259, 273, 295, 334, 511, 512, 515, 517, 544, 547, 548, 550, 1934,
        1946, 2601, 2627, 2628, 4815, 4819, 4863, 4864, 4866, 4878, 5339, 7105, 7339, 8016, 8023, 8057, 8060, 8114,
        8115, 8134, 8152, 8169, 9242, 9803, 9807, 13535, 50000,
    )),
    (ErrorKind.STRUCTURE, "Events", (207, 208, 213, 264, 271, 4902, 4924, 8101, 8106)),
    (ErrorKind.FULL, "Events", (1101, 1105, 3257, 5149, 9002)),
    (ErrorKind.FULL, "Azure: the quota of the database, or of one transaction", (40544, 40549, 40551, 40552, 40553)),
)  # fmt: skip
"""by the number of an error that the server sent"""

THROTTLED = frozenset((701, 802, 8645, 8651, 10928, 10929, 10936, 40501, 49918, 49919, 49920))
"""what a server answers that is asked for too much at once: memory, workers, sessions, or the service as a whole"""

PROVIDED: tuple[tuple[ErrorKind, str, tuple[int, ...]], ...] = (
    (ErrorKind.TLS, "Seen: the server offers no encryption", (20,)),
    (ErrorKind.TIMEOUT, "Windows: WAIT_TIMEOUT; Linux: ETIMEDOUT; Winsock: WSAETIMEDOUT", (258, 110, 10060)),
    (ErrorKind.LOST, "Seen: the handshake before login was cut", (26,)),
    (ErrorKind.LOST, "Linux: EPIPE, ENETUNREACH, ECONNABORTED, ECONNRESET, ECONNREFUSED, EHOSTUNREACH",
     (32, 101, 103, 104, 111, 113)),
    (ErrorKind.LOST, "Windows and Winsock: the pipe or network name is gone, the connection aborted, reset or refused",
     (64, 109, 121, 233, 10050, 10051, 10052, 10053, 10054, 10057, 10058, 10061, 10064, 10065, 11001, 11002)),
)  # fmt: skip
"""by the code of the network library, which a driver gives where the error is not the server's"""

STATES: tuple[tuple[str, ErrorKind, str], ...] = (
    ("HYT", ErrorKind.TIMEOUT, "ODBC: HYT00 time-out, HYT01 connection time-out"),
    ("08", ErrorKind.LOST, "ODBC: 08001 unable to connect, 08S01 link failure, 08003, 08004, 08007"),
    ("40001", ErrorKind.DEADLOCK, "ODBC: serialization failure"),
    ("40003", ErrorKind.LOST, "ODBC: statement completion unknown"),
    ("28000", ErrorKind.LOGIN, "ODBC: invalid authorization specification"),
    ("3D000", ErrorKind.DATABASE, "ODBC: invalid catalog name"),
    ("23", ErrorKind.DATA, "ODBC: integrity constraint violation"),
    ("22", ErrorKind.DATA, "ODBC: data exception"),
    ("57P0", ErrorKind.LOST, "Seen: a stand-in on PostgreSQL shuts down or starts"),
)
"""by the beginning of an SQLSTATE"""

WORDS: tuple[tuple[ErrorKind, str, str], ...] = (
    (ErrorKind.DATA, "Events: sentences that quote values, which may hold any words",
     r"^\W*(violation of |cannot insert |the (insert|update|merge) statement conflicted|string or binary data would be"
     r" trunc|conversion failed|error converting|arithmetic overflow)"),
    (ErrorKind.SETTINGS, "SqlClient, the network library: keywords for availability groups where they cannot be",
     r"(using|with) the (MultiSubnetFailover|ApplicationIntent \w+) connection option"),
    (ErrorKind.BUSY, "Events, Azure: the server is there but cannot serve just now",
     r"script upgrade mode|not ready to accept|server is (currently )?busy|service is currently busy|currently "
     r"unavailable|not currently available|try again later|retry the (connection|request)|starting up|in recovery mode|"
     r"too many (active connections|connections|clients)|remaining connection slots|AADSTS(90033|90024|50196)"),
    (ErrorKind.BUSY, "Events, Azure: the same that the numbers above say, of a driver that hands on no number",
     r"insufficient (system )?memory|obtain a LOCK resource|memory grant was not available|waiting for memory "
     r"resources|waiting to optimize|not enough resources to process|operations in progress for subscription|"
     r"limit for the database is \d+ and has been reached|error processing your request|in an availability group|"
     r"access availability database|lacks (a )?quorum|is in transition|because it is not started|acting as a mirror "
     r"database|not yet synchronized with its partner|only have one user at a time|routing information|redirections "
     r"have occurred|maximum number of .{1,40}has (already )?been reached|no online secondary replicas|"
     r"not been recovered yet|is being recovered|"
     r"in the middle of a restore|database may be offline|because the database is read-only|SQL pool is warming|SQL "
     r"pool since it is paused|service is busy|commit dependencies|failed to commit due to a|updated since this "
     r"transaction started"),
    (ErrorKind.LOCK, "Events: row versions, of a driver that hands on no number",
     r"aborted due to update conflict|when accessing version store"),
    (ErrorKind.LOST, "Seen: reset, cut or refused, be it in the middle of a handshake",
     r"connection (is |was )?(broken|closed by|reset|refused|aborted|lost|terminated)|forcibly closed|broken pipe|"
     r"unexpected eof|end of file|error code 0x(68|20|6F|65|71|2745|2746|274D|274C)\b|os error (32|101|103|104|"
     r"111|113)\)|handshakes before login|response parsing|network is unreachable|no route to host|name or service not "
     r"known|lookup address|no longer usable|communication link|not connected|connection has been closed|link failure|"
     r"connection is dead|No active connection|shutting down|terminating connection|read from the server failed|"
     r"write to the server failed|server is unavailable or does not exist|unable to connect to data source|"
     r"attention acknowledg|early eof|connection closed via|in the kill state|shutdown is in progress|service has been "
     r"paused|is terminating (in response|due) to|login to read-secondary failed|physical connection is not usable|"
     r"connection may have been terminated|transport-level error|network name is no longer|other end of the "
     r"pipe|actively refused|overlapped I/O operation|does not exist or access denied|"
     r"complete login process|network-related or instance-specific|TDS stream"),
    (ErrorKind.TIMEOUT, "Seen: ODBC's login and query time-outs, those of bulk copy's core, be it in a handshake",
     r"time.?out (expired|error|while)|timed out|\belapsed|did not (properly )?respond|time.?out period|"
     r"(login|query|connection) time.?out"),
    (ErrorKind.TLS, "Seen: certificates, versions and settings of TLS that do not fit",
     r"certificate|self.signed|not trusted|encryption not supported|not support encryption|\bSSL\b|\bTLS\b|handshake"),
    (ErrorKind.LOGIN, "Events; Entra's codes",
     r"login failed|\bpassword\b|\bsign.?in\b|authentication failed|AADSTS"),
    (ErrorKind.DATABASE, "Events", r"cannot open (user default )?database|database .* does not exist"),
    (ErrorKind.PERMISSION, "Events", r"permission (was )?denied"),
    (ErrorKind.DEADLOCK, "Events", r"deadlock"),
    (ErrorKind.LOCK, "Events", r"lock (request )?time.?out|could not obtain lock"),
    (ErrorKind.BUSY, "Events: what is worth another attempt, as the server says itself",
     r"(rerun|retry|reissue) (the|your|this) (select into |alter database )?(statement|query|transaction|operation|"
     r"command|request|login|batch)|please (retry|rerun|wait)|try (the|your|this) (operation|statement|command) "
     r"(again )?later|due to data movement"),
    (ErrorKind.LOST, "Seen: all else that a driver says of its connection",
     r"connection (closed|failure)|TCP Provider|named pipes provider|IO error|protocol error|unable to "
     r"(establish|complete) (a )?connection"),
    (ErrorKind.STRUCTURE, "Seen: bulk copy's core; a stand-in on PostgreSQL",
     r"destination column .* not found|failed to resolve column mappings|invalid (column|object) name|"
     r"(relation|column) .* does not exist"),
    (ErrorKind.FULL, "Events", r"no space left|disk full|log .* is full|filegroup is full"),
    (ErrorKind.DATA, "Seen: bulk copy's core; a stand-in on PostgreSQL",
     r"truncat|too long|duplicate key|violat|cannot insert|null value|not-null|out of range|overflow|conversion|"
     r"invalid (byte|input|character|value)|conflicted with|not allowed in column|exceeds"),
)  # fmt: skip
"""for texts without a number, the first that fits"""

ONCE_OPEN = frozenset((20, 911, 4060, 4063, 40532))
"""what a server that let us in before says while it fails over; at the first contact it is a mistake in the settings"""

_BY_NUMBER = {number: trouble for trouble, _, numbers in NUMBERS for number in numbers}
_BY_CODE = {code: trouble for trouble, _, codes in PROVIDED for code in codes}
_PATTERNS = tuple((trouble, re.compile(words, re.IGNORECASE)) for trouble, _, words in WORDS)
_NOISE = re.compile(r"Certificate SANs: \(unavailable[^)]*\)|\[[^\]]*peer did not return a certificate\]")
"""said of certificates by handshakes that failed for any reason"""


def of_number(number: int) -> ErrorKind | None:
    """What an error that the server sent means; None where the number says nothing."""
    return _BY_NUMBER.get(number)


def of_code(code: int) -> ErrorKind | None:
    """What a code of the network library means."""
    return _BY_CODE.get(code)


def of_state(state: str) -> ErrorKind | None:
    """What an SQLSTATE means."""
    return next((trouble for prefix, trouble, _ in STATES if state.startswith(prefix)), None)


def of_words(text: str) -> ErrorKind | None:
    """What the words of a driver mean."""
    text = _NOISE.sub("", text)
    return next((trouble for trouble, pattern in _PATTERNS if pattern.search(text)), None)
