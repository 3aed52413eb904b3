"""Connecting to servers and loading objects: numbers 5000 to 5599."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, Topic, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    5000: error("{what}"),
    # connecting
    5001: error(
        "No name resolution for {host}: {reason}. Check the spelling of the server's name, or your DNS or VPN."
    ),
    5002: error(
        "{host} does not answer on port {port} within {seconds} s: no route, or a firewall drops the request."
        " For Azure SQL add this machine's address to the server's firewall; else check the port and the "
        "network."
    ),
    5003: error(
        "{host} refuses connections on port {port}: the machine is there, but no SQL Server listens on that "
        "port. Check the port, that the server runs and that TCP/IP is enabled in SQL Server Configuration "
        "Manager."
    ),
    5004: error(
        "The encrypted connection to {server} failed: {reason}. If the server uses its own certificate, trust"
        " it (option 'trust the certificate') or install the certificate of its issuer here."
    ),
    5005: error(
        "{server} does not let {user} sign in: {reason}. Check user and password, and that the server allows "
        "this way of signing in."
    ),
    5006: error(
        "The database {database} cannot be opened on {server}: {reason}. It does not exist, or {user} has no "
        "access to it; create it or choose another."
    ),
    5007: error("{user} lacks the right to {what} in {database}. Ask an administrator for: {remedy}"),
    5008: error(
        "{server} did not answer within {seconds} s. Check that it is a SQL Server and not overloaded, or "
        "raise the time limit."
    ),
    5009: error("The connection to {server} was lost: {reason}. What was committed is kept; run again to go on."),
    5010: error(
        "{server} is busy ({reason}) and stayed so over {attempts:#attempt}. Wait, or raise the service tier,"
        " and run again: what was committed is kept."
    ),
    5011: error("No ODBC driver can be loaded here: {reason}. {remedy}"),
    5012: error(
        "The instance {instance} was not found on {host}: the SQL Server Browser service does not answer on "
        "UDP port 1434. Start it, or give the instance's port instead of its name."
    ),
    5013: error("The connection setting cannot be used: {reason}."),
    5014: error("{server} refuses: {reason}"),
    5015: error("Signing in as {auth} needs {what}. Give it in stage 3."),
    5016: warning(
        "{user} cannot create tables in {database} (no db_ddladmin, no CREATE TABLE). Ask an administrator "
        "for: ALTER ROLE db_ddladmin ADD MEMBER {account}; or run the scripts of stage 7 under another "
        "account."
    ),
    5017: warning(
        "{user} cannot write rows in {database} (no INSERT). Ask an administrator for: ALTER ROLE "
        "db_datawriter ADD MEMBER {account};"
    ),
    5018: information("{user} may do all that Jetferry needs in {database}."),
    5019: warning("{server} is {version}; Jetferry's scripts need SQL Server 2016 or later. Some statements may fail."),
    5020: warning(
        "{database} has compatibility level {level}, below 130 (SQL Server 2016). Some statements may fail; "
        "consider ALTER DATABASE {quoted} SET COMPATIBILITY_LEVEL = {advised};"
    ),
    5021: error(
        "{server} cannot be reached from here: Windows alone has {what}. Write HOST or HOST,PORT, and see that "
        "TCP/IP is enabled in SQL Server Configuration Manager."
    ),
    5022: error(
        "{server} did not answer in time ({reason}). What was committed is kept; run again to go on. Where the "
        "server is only slow, raise the options answer_timeout and table_timeout."
    ),
    5023: error("{server} is busy or fails over just now ({reason}). Try again in a while: nothing was lost."),
    5024: warning(
        "{server} is {version}, without Service Pack 1: it does not know CREATE OR ALTER. Stages 7 and 8 do without it;"
        " the scripts of packages, and those saved in stage 7, need Service Pack 1 and stop there."
    ),
    5025: warning(
        "{server} is {version}, older than SQL Server {wanted}, which stage 1 has as the target. Views and procedures"
        " may use functions that it does not have: choose SQL Server {own} in stage 1 and convert again."
    ),
    5026: information(
        "{server} does not take several statements in one batch ({reason}). They are sent one by one, which is "
        "slower where the server is far away."
    ),
    5027: warning(
        "{table}: {column} is {former} and becomes {type}, which does not hold all that it may hold: of rows that are "
        "there the server rounds or cuts values by itself, or refuses. Stage 8 counts what was rounded."
    ),
    5028: warning(
        "Session {session} of {server} holds locks that this run waits for ({what}). It is {who}, {status}; its last "
        "statement began at {since} by the server's clock. Let it end its work, or have an administrator end it with "
        "KILL {session}: the run then goes on by itself."
    ),
    5029: information(
        "Session {session} of {server} was ended with KILL. An earlier connection of this project had left it behind "
        "({who}, its last statement at {since}), and this run waited for its locks ({what}). What it had not committed "
        "is undone and goes again: nothing is lost, and nothing comes twice."
    ),
    5030: warning(
        "Session {session} of {server} holds locks that this run waits for ({what}). An earlier connection of this "
        "project has left it behind ({who}, its last statement at {since}), and it could not be ended ({reason}). Have "
        "an administrator end it with KILL {session}: the run then goes on by itself."
    ),
    5031: information(
        "Whether another session of {server} holds up this run ({what}) cannot be seen: {reason}. An administrator "
        "finds it in sys.dm_exec_requests and ends it with KILL. With VIEW SERVER STATE granted, Jetferry names it."
    ),
    # loading objects
    5101: error("{what} could not be made: {reason}", topic=Topic.OBJECT_NOT_MADE),
    5102: error(
        "{what} was not tried because {dependency}, which it needs, could not be made.", topic=Topic.OBJECT_NOT_MADE
    ),
    5103: information("{what} exists already and was left as it is."),
    5104: warning("The server cannot do: {what}. {consequence}"),
    5105: warning(
        "The {kind} {name} was left as it is on the server, where it is not what is wanted: {detail}. Choose in stage "
        "7 what becomes of it, or rename it there; option 'when_exists' with the value recreate makes it again, a "
        "table without its rows.",
        topic=Topic.LEFT_AS_IT_IS,
    ),
    5106: error(
        "The {kind} {name} is not on the server as it was converted: {detail}. Somebody has changed it, or it was not "
        "loaded since; 'jetferry run' (of a package, deploying it again) makes it so. To keep what is there, have "
        "stage 7 skip it.",
        topic=Topic.CHANGED_SINCE,
    ),
    # taking rows
    5201: error("The server refuses rows of {table}: {reason}"),
    5202: error(
        "Another process has taken over {table} since this one began ({detail}). Nothing more is written from"
        " here; see to it that only one Jetferry runs on the project."
    ),
    5203: error(
        "{table} holds {rows:#row} that Jetferry did not put there. It fills only empty tables: empty the "
        "table yourself, or map the source to another one."
    ),
    5204: error(
        "{table} holds {found:#row} where Jetferry committed {expected}: someone else writes to it. Stop "
        "that, then reload the table."
    ),
    5205: error("Jetferry did not fill {table}, so it does not empty it."),
    5206: information("{table}: bulk copy cannot serve here ({reason}); rows go by array insert, which is slower."),
    5207: error("{table} is not in the database. Load the objects first (stage 7).", topic=Topic.NOT_LOADED),
    5208: error("{table} was being filled from another state of its source. Reload it, or bring that source back."),
    5209: error(
        "{column} of {table} does not exist on the server or cannot be written. Load the objects again (stage 7).",
        topic=Topic.NOT_LOADED,
    ),
    5210: error(
        "Emptying {table} would delete or change rows of {other} as well, which refer to it (ON DELETE {action}). "
        "Empty {other} first, or take its foreign key away for the reload."
    ),
    # after the rows
    5301: error(
        "{constraint} on {table} does not hold for the rows that arrived and is not trusted: {reason}",
        topic=Topic.NOT_GUARDED,
    ),
    5302: warning("Row {key} of {table} breaks {constraint}."),
    5303: information(
        "{database} is in the recovery model FULL: a load of this size writes every row to the log. "
        "BULK_LOGGED during the load, and a log backup before and after, is quicker; Jetferry does not change"
        " it."
    ),
    5304: information("The counter of {table} goes on at {value}."),
    5305: error(
        "{what} of {table} could not be made or enabled again after the load: {reason}", topic=Topic.NOT_GUARDED
    ),
    5306: warning("{count:#row} of {table} break {constraint}; the first are listed."),
    5307: information(
        "The table lock is off (option 'table_lock'), though nobody else is in the database: with it, tables without "
        "indexes ({count}: {tables}) would be filled with fewer locks and a shorter log. Jetferry does not change it."
    ),
    5309: warning("The description of {what} on {table} could not be written: {reason}."),
    5310: warning(
        "Somebody has disabled {constraint} on {table}: it is asked of no row, and Jetferry leaves it so. Enable it "
        "with ALTER TABLE … WITH CHECK CHECK CONSTRAINT, or in stage 7.",
        5,
    ),
    5308: warning(
        "{table} is not filled yet: {what} stay disabled until it is. Run stage 8 again, or enable them by hand."
    ),
}
