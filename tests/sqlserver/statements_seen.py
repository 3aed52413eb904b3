"""What drivers said, word for word, when a connection was cut, reset, stalled or refused at some point of its life."""
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
