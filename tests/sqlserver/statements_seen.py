"""What drivers say when a connection is cut, reset, stalled or refused: seen word for word where that is said; texts
without a number, and of handshakes that time out, by Microsoft's lists of errors and by analogy."""
# ruff: noqa: E501  texts stand as they were said

from __future__ import annotations

from wizard.sqlserver.driver_errors import ErrorKind

PYODBC = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]"


class MssqlError(Exception):
    def __init__(self, driver: str, ddbc: str) -> None:
        super().__init__(f"Driver Error: {driver}; DDBC Error: {ddbc}")
        self.driver_error, self.ddbc_error = driver, ddbc


DRIVER = "[Microsoft][ODBC Driver 18 for SQL Server]"
CORE = "Failed to connect to SQL Server: "
NO_SANS = "Certificate SANs: (unavailable - handshake failed before certificate could be retrieved)"
TLS_OF_CORE = f"{CORE}TLS handshake failed while connecting to '127.0.0.1': "

SAID: list[tuple[Exception, ErrorKind]] = [
    # SqlClient and the network library under it: the keywords for availability groups where they cannot be
    *(
        (Exception(state, f"[{state}] {DRIVER}{text} (0) (SQLDriverConnect)"), ErrorKind.SETTINGS)
        for state, text in (
            ("08001", "Connecting to a mirrored SQL Server instance using the MultiSubnetFailover connection option is not supported."),
            ("08001", "Connecting with the MultiSubnetFailover connection option to a SQL Server instance configured with more than 64 IP addresses is not supported."),
            ("08001", "Connecting to a named SQL Server instance using the MultiSubnetFailover connection option is not supported."),
            ("08001", "Connecting to a SQL Server instance using the MultiSubnetFailover connection option is only supported when using the TCP protocol."),
            ("HY000", "Connecting to a mirrored SQL Server instance using the ApplicationIntent ReadOnly connection option is not supported."),
        )
    ),
    # the same sources: a failover, said without a number
    *(
        (MssqlError("Client unable to establish connection", f"[Microsoft]{text}"), trouble)
        for text, trouble in (
            ("Two or more redirections have occurred. Only one redirection per login is allowed.", ErrorKind.BUSY),
            ("Unexpected routing information received.", ErrorKind.BUSY),
            ("Server provided routing information, but timeout already expired.", ErrorKind.BUSY),
            ("TCP Provider: The semaphore timeout period has expired.", ErrorKind.TIMEOUT),
            ("TCP Provider: A connection attempt failed because the connected party did not properly respond after a period of time.", ErrorKind.TIMEOUT),
            ("TCP Provider: The specified network name is no longer available.", ErrorKind.LOST),
            ("TCP Provider: No connection could be made because the target machine actively refused it.", ErrorKind.LOST),
            ("Shared Memory Provider: No process is on the other end of the pipe.", ErrorKind.LOST),
            ("A transport-level error has occurred when receiving results from the server.", ErrorKind.LOST),
            ("SQL Server does not exist or access denied.", ErrorKind.LOST),
        )
    ),
    # ODBC Driver 18 through pyodbc, word for word: cut, reset or stalled at that point of a connection
    (Exception("08001", f"[08001] {DRIVER}Client unable to establish connection because an error was encountered during"
               " handshakes before login. Common causes include client attempting to connect to an unsupported version of"
               " SQL Server, server too busy to accept new connections or a resource limitation (memory or maximum "
               "allowed connections) on the server. (26) (SQLDriverConnect)"), ErrorKind.LOST),
    (Exception("08001", f"[08001] {DRIVER}TCP Provider: Error code 0x68 (104) (SQLDriverConnect)"), ErrorKind.LOST),
    (Exception("08001", f"[08001] {DRIVER}TCP Provider: Error code 0x2746 (10054) (SQLDriverConnect)"), ErrorKind.LOST),
    (Exception("08S01", f"[08S01] {DRIVER}TCP Provider: Error code 0x2746 (10054) (SQLSetConnectAttr)"), ErrorKind.LOST),
    (Exception("08S01", f"[08S01] {DRIVER}TCP Provider: Error code 0x274C (10060) (SQLExecDirectW)"), ErrorKind.TIMEOUT),
    (Exception("08S01", f"[08S01] {DRIVER}TCP Provider: Error code 0x20 (32) (SQLExecDirectW)"), ErrorKind.LOST),
    (Exception("08001", f"[08001] {DRIVER}TCP Provider: Error code 0x6F (111) (SQLDriverConnect)"), ErrorKind.LOST),
    (Exception("08001", f"[08001] {DRIVER}TCP Provider: The wait operation timed out.\r\n (258) (SQLDriverConnect)"),
     ErrorKind.TIMEOUT),
    (Exception("08001", f"[08001] {DRIVER}SSL Provider: An existing connection was forcibly closed by the remote host."
               "\r\n (10054) (SQLDriverConnect); [08001] {DRIVER}Client unable to establish connection (10054)"),
     ErrorKind.LOST),
    (Exception("08001", f"[08001] {DRIVER}SSL Provider: [error:0A000126:SSL routines::unexpected eof while reading] (-1)"
               " (SQLDriverConnect)"), ErrorKind.LOST),
    (Exception("08S01", f"[08S01] {DRIVER}Communication link failure (0) (SQLExecDirectW)"), ErrorKind.LOST),
    (Exception("08S01", f"[08S01] {DRIVER}The connection is no longer usable because the server failed to respond to a "
               "command cancellation for a previously executed statement in a timely manner. Possible causes include "
               "application deadlocks or the server being overloaded. Open a new connection and re-try the operation. "
               "(0) (SQLExecDirectW)"), ErrorKind.LOST),
    (Exception("HYT00", f"[HYT00] {DRIVER}Query timeout expired (0) (SQLExecDirectW)"), ErrorKind.TIMEOUT),
    (Exception("HYT00", f"[HYT00] {DRIVER}Login timeout expired (0) (SQLDriverConnect); [08001] {DRIVER}A network-related"
               " or instance-specific error has occurred while establishing a connection to srv. Server is not found or "
               "not accessible. Check if instance name is correct and if SQL Server is configured to allow remote "
               "connections. (11001)"), ErrorKind.LOST),
    (Exception("HYT01", f"[HYT01] {DRIVER}Connection timeout expired (0) (SQLExecDirectW)"), ErrorKind.TIMEOUT),
    (Exception("08001", f"[08001] {DRIVER}Encryption not supported on SQL Server. (20) (SQLDriverConnect)"), ErrorKind.TLS),
    (Exception("08001", f"[08001] {DRIVER}SSL Provider: [error:0A000086:SSL routines::certificate verify failed:self-"
               "signed certificate] (-1) (SQLDriverConnect)"), ErrorKind.TLS),
    (Exception("08001", f"[08001] {DRIVER}SSL Provider: The certificate chain was issued by an authority that is not "
               "trusted.\r\n (-2146893019) (SQLDriverConnect)"), ErrorKind.TLS),
    (Exception("08001", f"[08001] {DRIVER}SSL Provider: [error:0A000410:SSL routines::sslv3 alert handshake failure:SSL "
               "alert number 40][error:0A0000C7:SSL routines::peer did not return a certificate] (-1) "
               "(SQLDriverConnect)"), ErrorKind.TLS),
    (Exception("08001", f"[08001] {DRIVER}SSL Provider: [error:0A00010B:SSL routines::wrong version number][error:"
               "0A0000C7:SSL routines::peer did not return a certificate] (-1) (SQLDriverConnect)"), ErrorKind.TLS),
    # a number is the server's own only where the server sent it: 104 is a mistake in a UNION there, a reset here
    (Exception("42000", f"[42000] {PYODBC}ORDER BY items must appear in the select list if the statement contains a UNION"
               " operator. (104) (SQLExecDirectW)"), ErrorKind.OTHER),
    # bulk copy's core
    (RuntimeError(f"{CORE}IO error: Connection reset by peer (os error 104)"), ErrorKind.LOST),
    (RuntimeError(f"{CORE}IO error: Connection refused (os error 111)"), ErrorKind.LOST),
    (RuntimeError(f"{CORE}IO error: failed to lookup address information: Name or service not known"), ErrorKind.LOST),
    (RuntimeError(f"{CORE}Connection closed: Connection closed by server while reading TDS packet header"), ErrorKind.LOST),
    (RuntimeError(f"{CORE}Protocol Error: Failed to receive token during login response parsing."), ErrorKind.LOST),
    (RuntimeError(f"{TLS_OF_CORE}unexpected EOF. {NO_SANS}"), ErrorKind.LOST),
    (RuntimeError(f"{TLS_OF_CORE}Connection reset by peer (os error 104). {NO_SANS}"), ErrorKind.LOST),
    (RuntimeError(f"{CORE}Timeout Error: Timeout while connecting"), ErrorKind.TIMEOUT),
    (RuntimeError("Failed to retrieve destination metadata: Timeout Error: Elapsed: deadline has elapsed"),
     ErrorKind.TIMEOUT),
    (RuntimeError("Query execution failed: Connection closed: Connection is dead and session recovery is unavailable"),
     ErrorKind.LOST),
    (RuntimeError("Attention acknowledgment not received within 5 seconds. Connection has been broken."), ErrorKind.LOST),
    (RuntimeError(f"{TLS_OF_CORE}error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/"
                  f"ssl3_record.c:350:. {NO_SANS}"), ErrorKind.TLS),
    (RuntimeError(f"{TLS_OF_CORE}error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify "
                  "failed:../ssl/statem/statem_clnt.c:1889: (self-signed certificate)"), ErrorKind.TLS),
    (RuntimeError(f"{CORE}Protocol Error: Server does not support encryption but client requires it (client: Required, "
                  "server: NotSupported)"), ErrorKind.TLS),
    (RuntimeError(f"{CORE}Sql Error: 18456: Class 14: State 1: Login failed for user 'a'. on srv in  at line 1"),
     ErrorKind.LOGIN),
    (RuntimeError(f"{CORE}Sql Error: 40613: Class 17: State 1: Database 'b' on server 's' is not currently available. "
                  "Please retry the connection later. on srv in  at line 1"), ErrorKind.BUSY),
    *((RuntimeError(f"{TLS_OF_CORE}{text}. {NO_SANS}"), kind) for text, kind in (
        ("Connection timed out (os error 110)", ErrorKind.TIMEOUT),
        ("Timeout while connecting", ErrorKind.TIMEOUT),
        ("deadline has elapsed", ErrorKind.TIMEOUT),
        ("early eof", ErrorKind.LOST),
        ("connection closed via error", ErrorKind.LOST),
    )),
    # mssql-python's own connection, which hands on neither SQLSTATE nor number
    (MssqlError("Client unable to establish connection", "[Microsoft]TCP Provider: Error code 0x2746"), ErrorKind.LOST),
    (MssqlError("Communication link failure", "[Microsoft]Communication link failure"), ErrorKind.LOST),
    (MssqlError("Timeout expired", "[Microsoft]Query timeout expired"), ErrorKind.TIMEOUT),
    (MssqlError("Timeout expired", "[Microsoft]Login timeout expired"), ErrorKind.TIMEOUT),
    (MssqlError("Connection failure during transaction", ""), ErrorKind.LOST),
    (MssqlError("Integrity constraint violation", "[Microsoft][SQL Server]Violation of UNIQUE KEY constraint 'u'. The "
                "duplicate key value is (connection reset by peer)."), ErrorKind.DATA),
    (MssqlError("General error", "[Microsoft][SQL Server]Login failed for user 'a'. Reason: Server is in script upgrade "
                "mode. Only administrator can connect at this time."), ErrorKind.BUSY),
    (MssqlError("General error", "[Microsoft]SSL Provider: The wait operation timed out.\r\n"), ErrorKind.TIMEOUT),
    (MssqlError("General error", "[Microsoft]Unable to complete login process due to delay in login response"),
     ErrorKind.LOST),
    (MssqlError("General error", "[Microsoft]SMux Provider: Physical connection is not usable [xFFFFFFFF]. "),
     ErrorKind.LOST),
    # FreeTDS and its kind
    (Exception("08S01", "[08S01] [FreeTDS][SQL Server]Read from the server failed (20004) (SQLExecDirectW)"),
     ErrorKind.LOST),
    (Exception("08001", "[08001] [FreeTDS][SQL Server]Unable to connect: Adaptive Server is unavailable or does not exist"
               " (20009) (SQLDriverConnect)"), ErrorKind.LOST),
    (Exception("08001", "[08001] [FreeTDS][SQL Server]Unable to connect to data source (0) (SQLDriverConnect)"),
     ErrorKind.LOST),
    (Exception("08S01", "[08S01] [FreeTDS][SQL Server]Unexpected EOF from the server (20017) (SQLExecDirectW)"),
     ErrorKind.LOST),
    (Exception("HY000", "[HY000] [FreeTDS][SQL Server]DBPROCESS is dead or not enabled (20047) (SQLExecDirectW)"),
     ErrorKind.LOST),
    # Entra
    (RuntimeError("AADSTS50126: Error validating credentials due to invalid username or password."), ErrorKind.LOGIN),
    (RuntimeError("AADSTS90033: A transient error has occurred. Please try again."), ErrorKind.BUSY),
    (RuntimeError("assigning requests failed"), ErrorKind.OTHER),
]  # fmt: skip

NUMBERED: tuple[tuple[int, str], ...] = (
    (539, "Schema changed after the target table was created. Rerun the Select Into query."),
    (601, "Could not continue scan with NOLOCK due to data movement."),
    (669, "The row object is inconsistent. Please rerun the query."),
    (924, "Database 'd' is already open and can only have one user at a time."),
    (941, "Database 'd' cannot be opened because it is not started. Retry when the database is started."),
    (952, "Database 'd' is in transition. Try the statement later."),
    (954, 'The database "d" cannot be opened. It is acting as a mirror database.'),
    (
        955,
        "Database d is enabled for Database Mirroring, but the database lacks quorum: the database cannot be opened.",
    ),
    (
        956,
        "Database d is enabled for Database Mirroring, but has not yet synchronized with its partner. Try the operation again later.",
    ),
    (
        988,
        "Unable to access database 'd' because it lacks a quorum of nodes for high availability. Try the operation again later.",
    ),
    (
        1203,
        "Process ID 55 attempted to unlock a resource it does not own: r. Retry the transaction, because this error may be caused by a timing condition.",
    ),
    (1404, "The command failed because the database mirror is busy. Reissue the command later."),
    (
        1421,
        "Communications to the remote server instance 'r' failed to complete before its timeout. The ALTER DATABASE command may have not completed. Retry the command.",
    ),
    (1807, "Could not obtain exclusive lock on database 'model'. Retry the operation later."),
    (2021, "The referenced entity 't' was modified during DDL execution. Please retry the operation."),
    (2816, "The metadata for object with id 7 has changed. Retry the statement."),
    (3947, "The transaction was aborted because the secondary compute failed to catch up redo. Retry the transaction."),
    (
        3950,
        "Version store scan timed out when attempting to read the next row. Please try the statement again later when the system is not as busy.",
    ),
    (
        4184,
        'Cannot retrieve table data for the query operation because the table "t" schema is being altered too frequently. Retry the query operation.',
    ),
    (9020, "The log for database 'd' failed to grow while shrink in progress. Please retry."),
    (
        9515,
        "An XML schema has been altered or dropped, and the query plan is no longer valid. Please rerun the query batch.",
    ),
    (10922, "The query failed. Rerun the statement."),
    (10930, "The service is currently too busy. Please try again later."),
    (17809, "Could not connect because the maximum number of '32767' user connections has already been reached."),
    (
        17889,
        "A new connection was rejected because the maximum number of connections on session ID 55 has been reached. Close an existing connection on this session and retry.",
    ),
    (20041, "Transaction rolled back. Could not execute trigger. Retry your transaction."),
    (22493, "The database 'd' failed to sync. Please retry the operation again."),
    (40627, "Operation on server 's' and database 'd' is in progress. Please wait a few minutes before trying again."),
    (40648, "Too many requests have been performed. Please retry later."),
    (40671, "Unable to 'x' 'y' on server 's'. Please retry the connection later."),
    (45157, "Server 's' is busy with another operation. Please try your operation later."),
    (701, "There is insufficient system memory in resource pool 'internal' to run this query."),
    (802, "There is insufficient memory available in the buffer pool."),
    (
        1204,
        "The instance of the SQL Server Database Engine cannot obtain a LOCK resource at this time. Rerun your statement "
        "when there are fewer active users.",
    ),
    (
        1205,
        "Transaction (Process ID 55) was deadlocked on lock resources with another process and has been chosen as the "
        "deadlock victim. Rerun the transaction.",
    ),
    (1222, "Lock request time out period exceeded."),
    (
        3960,
        "Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table"
        " 'dbo.t' directly or indirectly in database 'd' to update, delete, or insert the row.",
    ),
    (3966, "Transaction is rolled back when accessing version store. It was earlier marked as victim."),
    (596, "Cannot continue the execution because the session is in the kill state."),
    (6002, "SHUTDOWN is in progress. Log off."),
    (6005, "SHUTDOWN is in progress."),
    (17142, "SQL Server service has been paused. No new connections will be allowed."),
    (17148, "SQL Server is terminating in response to a 'stop' request from Service Control Manager."),
    (
        976,
        "The target database, 'd', is participating in an availability group and is currently not accessible for queries.",
    ),
    (982, "Unable to access the 'd' database because no online secondary replicas are enabled for read-only access."),
    (
        983,
        "Unable to access availability database 'd' because the database replica is not in the PRIMARY or SECONDARY role.",
    ),
    (921, "Database 'd' has not been recovered yet. Wait and try again."),
    (922, "Database 'd' is being recovered. Waiting until recovery is finished."),
    (927, "Database 'd' cannot be opened. It is in the middle of a restore."),
    (615, "Could not find database ID 7, name 'd'. The database may be offline. Wait a few minutes and try again."),
    (3906, 'Failed to update database "d" because the database is read-only.'),
    (8628, "A time out occurred while waiting to optimize the query. Rerun the query."),
    (
        8645,
        "A timeout occurred while waiting for memory resources to execute the query in resource pool 'default' (2).",
    ),
    (
        8651,
        "Could not perform the operation because the requested memory grant was not available in resource pool 'x' (2).",
    ),
    (17187, "SQL Server is not ready to accept new client connections. Wait a few minutes before trying again."),
    (17197, "Login failed due to timeout; the connection has been closed. This error may indicate heavy server load."),
    (18401, "Login failed for user 'a'. Reason: Server is in script upgrade mode. Only administrator can connect."),
    (
        41302,
        "The current transaction attempted to update a record that has been updated since this transaction started.",
    ),
    (41305, "The current transaction failed to commit due to a repeatable read validation failure."),
    (41839, "Transaction exceeded the maximum number of commit dependencies and the last statement was aborted."),
    (4221, "Login to read-secondary failed due to long wait on 'HADR_DATABASE_WAIT_FOR_TRANSITION_TO_VERSIONING'."),
    (10928, "Resource ID: 1. The request limit for the database is 60 and has been reached."),
    (
        10929,
        "Resource ID: 1. The request minimum guarantee is 0, maximum limit is 60. However, the server is currently too "
        "busy to support requests greater than 60 for this database. Otherwise, please try again later.",
    ),
    (14355, "The MSSQLServerADHelper service is busy. Retry this operation later."),
    (40143, "The service has encountered an error processing your request. Please try again."),
    (40197, "The service has encountered an error processing your request. Please try again. Error code 40549."),
    (40501, "The service is currently busy. Retry the request after 10 seconds."),
    (40613, "Database 'b' on server 's' is not currently available.  Please retry the connection later."),
    (42108, "Can not connect to the SQL pool since it is paused. Please resume the SQL pool and try again."),
    (42109, "The SQL pool is warming up. Please try again."),
    (45168, "The server 's' has too many active connections.  Try again later."),
    (49918, "Cannot process request. Not enough resources to process request."),
    (
        49919,
        'Cannot process create or update request. Too many create or update operations in progress for subscription "x".',
    ),
    (49920, 'Cannot process request. Too many operations in progress for subscription "x".'),
)
"""the documentation's texts of numbers that pass, for a driver that hands on the text alone"""
