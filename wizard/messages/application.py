"""What forms, reports, macros and code will do on linked tables: numbers 4500 to 4599.

Error numbers of Access are those of Microsoft's "Microsoft Access database engine error messages".
"""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, Topic, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    4500: error(
        "It opens {table} as a dynaset without dbSeeChanges. {column} becomes an IDENTITY column, and Access refuses "
        "that on a linked table (error 3622). Write OpenRecordset(…, dbOpenDynaset, dbSeeChanges), or dbOpenSnapshot "
        "where it only reads.",
        5,
        topic=Topic.RECORDSET_OPENED,
    ),
    4501: error(
        "It changes {table} without dbSeeChanges. {column} becomes an IDENTITY column, and Access refuses that on a "
        "linked table (error 3622). Write Execute …, dbFailOnError + dbSeeChanges.",
        5,
        topic=Topic.STATEMENT_EXECUTED,
    ),
    4502: information(
        "RunSQL changes {table}, which is on the server then. It takes no options, and where warnings are off nobody "
        "sees which rows the server refused. Write CurrentDb.Execute …, dbFailOnError + dbSeeChanges. The kit does not "
        "change it by itself: Execute stops where RunSQL goes on, and knows no controls of forms.",
        5,
    ),
    4503: information(
        "What it runs is known only at run time, and it passes no dbSeeChanges. It fails (error 3622) when that opens "
        "or changes one of {count:#table} with an IDENTITY column. Add dbSeeChanges to its options.",
        5,
        topic=Topic.UNKNOWN_EXECUTED,
    ),
    4504: error(
        "dbOpenTable opens tables of the Access file itself, no linked ones (error 3219). Write dbOpenDynaset, "
        "dbSeeChanges; what used Seek then opens a query for the row that it wants.",
        10,
        topic=Topic.TABLE_RECORDSET,
    ),
    4505: error(
        "Seek needs a recordset of type table, which a linked table does not have (error 3251). Open a query for the "
        "row instead: SELECT … WHERE the key equals the value.",
        20,
        topic=Topic.SEEK,
    ),
    4506: error(
        "Index is a property of recordsets of type table, which a linked table does not have (error 3251). Leave it "
        "out; ORDER BY sorts.",
        5,
        topic=Topic.SEEK,
    ),
    4507: error(
        "{column} of {table} is read before .Update. On a server the number is given when the row is saved, so it is "
        "Null here. Call .Update first, then .Bookmark = .LastModified, and read it then.",
        15,
        topic=Topic.EARLY_KEY,
    ),
    4508: error(
        "@@IDENTITY asks the Access file for the last AutoNumber that it gave itself, and a linked table's numbers are "
        "the server's: it gives 0. Add the row through a recordset and read the key after .Bookmark = .LastModified, "
        "or send INSERT and SCOPE_IDENTITY() in one pass-through query. The kit does not change it by itself: the "
        "INSERT before it must change too.",
        20,
    ),
    4509: warning(
        "It makes a table, column, index or relationship in the Access file itself ({method}). On the server nothing "
        "of it is made: keep it for tables that one session passes work through, else make them on the server "
        "beforehand. The kit does not change it by itself: only you know which it is.",
        20,
    ),
    4510: error(
        "It changes the design of {table}, and Access refuses that for linked tables (error 3611). Send it to the "
        "server in a pass-through query, in T-SQL, or make the change once, beforehand. The kit does not change it by "
        "itself: whether it still is to be made at all is for you to say.",
        20,
    ),
    4511: warning(
        "A transaction includes linked tables. The server keeps its locks until it ends, and Access may open a second "
        "connection that waits for them: keep it short, ask nobody in between, and open recordsets before it begins. "
        "Better is one stored procedure. The kit does not change it by itself: what must stay together is for you to "
        "say.",
        20,
    ),
    4512: warning(
        "{method} looks through all rows of {table} ({rows:,}), which come over the network for it. Open a recordset "
        "with that criterion in its WHERE instead. The kit does not change it by itself: the code may go on from the "
        "row that was found.",
        15,
    ),
    4513: warning(
        "{function} stands in a loop: each round is a query of its own to the server. Open one recordset or a joined "
        "query before the loop. The kit does not change it by itself: the loop must be written anew.",
        15,
    ),
    4514: warning(
        "{function} in a control is a query of its own to the server, for each row that is shown. Join {domain} in the "
        "record source, or look it up in a combo box.",
        10,
    ),
    4515: error(
        "SQL that goes to the server as it is holds {what}, which is Access SQL. Write {instead}. The kit does not "
        "change it by itself: T-SQL has no function that does quite the same.",
        10,
    ),
    4516: error(
        "{column} of {table} is a Yes/No column, a bit on the server, and is compared with {value}. A bit is 0 or 1 "
        "there and -1 or 0 in Access, so that the result changes: write True or False.",
        5,
        topic=Topic.TRUE_AS_NUMBER,
    ),
    4517: warning(
        "It uses {column} of {table}, which has the name {name} on the server, and so in the linked table. Write that "
        "name here, or give the column its old name in a query.",
        5,
        topic=Topic.RENAMED,
    ),
    4518: information(
        "Eval runs a text: which tables and columns it needs cannot be seen from the file. Try it on the server; "
        "what is not seen cannot be changed by the kit either.",
        10,
    ),
    4519: error(
        "SQL that goes to the server as it is names {reference}, which only Access knows. Put its value into the text, "
        "or pass it as a parameter. The kit does not change it by itself: how a value is written depends on its type.",
        10,
    ),
    4520: warning(
        "It opens with all {rows:#row} of {table}. Access fetches the keys of all of them, and row by row what it "
        "shows: let it open on a search, with a WHERE, or for new records only.",
        20,
    ),
    4521: warning(
        "The list has {rows:#row} of {table}, which are fetched whenever the form opens. Let it fill when the first "
        "letters are typed, or with the rows that can be chosen here.",
        15,
    ),
    4522: warning(
        "It calls {function} for each row of a form that shows many: each is work of its own, and with a domain "
        "function a query to the server. Compute it in the record source or a view.",
        15,
    ),
    4523: warning(
        "The subform has no link fields: it fetches all {rows:#row} of {table} whatever record the form is on. Set "
        "LinkMasterFields and LinkChildFields, or a WHERE in its record source.",
        10,
    ),
    4524: error(
        "A Declare without PtrSafe does not compile in 64-bit Access, and with it no code of the project. Write "
        "Declare PtrSafe, with LongPtr for handles and pointers.",
        10,
        topic=Topic.DECLARE,
    ),
    4525: warning(
        "It connects to an Access file through OLE DB ({provider}). The rows are on the server then: connect to that, "
        "or use CurrentProject.Connection, which sees the linked tables. The kit does not change it by itself: what is "
        "sent there must be SQL of the other engine then.",
        20,
    ),
    4526: warning(
        "Access cannot send it to the server and fetches whole tables for it, up to {rows:#row} each time: {reasons}. "
        "Make it a view, or change what keeps it here.",
        20,
    ),
    4527: information(
        "Access sends a part of it to the server and does the rest itself, with up to {rows:#row} coming over the "
        "network each time: {reasons}.",
        5,
    ),
    4528: error(
        "SQL that goes to the server as it is holds {what}, which is Access SQL. Write {instead}.",
        10,
        topic=Topic.ACCESS_LITERAL,
    ),
    4529: error(
        "{column} of {table} is a Yes/No column, and is compared with 1: in Access, where Yes is -1, no row is so; on "
        "the server, where it is a bit, every row with Yes is. Write True or False. The kit does not change it by "
        "itself: what the code lives by today is for you to say.",
        5,
    ),
    4530: warning(
        "Its SQL would not become a view: {reason} Access runs it over the linked tables as it did before; look at "
        "whether it still gives what it should.",
        10,
    ),
    4531: warning(
        "{table} has a data macro for {event}, which a linked table does not run. The kit of stage 9 has a trigger "
        "that would do its work, in Triggers.sql: read it, try it, and run it on the server.",
        20,
    ),
    4532: warning(
        "{table} has a data macro for {event}, which a linked table does not run. No trigger is written for it: {why}. "
        "Write one, or let the forms do its work.",
        60,
    ),
    4533: information(
        "The {kind} {name} (file {path}) goes on with {object} over the link. Where it makes or replaces a table, that "
        "is a local one again: let it append to the linked table.",
        10,
    ),
    4534: information(
        "The application has ribbons of its own ({names}). They and the code that they call stay in Access and work as "
        "before.",
    ),
    4535: information(
        "When the file is opened, {said}. With linked tables, what opens first is also what first asks for the server: "
        "see that it says so when the server cannot be reached.",
        5,
    ),
    4536: warning(
        "The code refers to {name}, {library}, which 64-bit Access does not have: there no code of the project "
        "compiles. Take the library of today's Access, or stay with 32-bit Access.",
        30,
    ),
    4537: warning(
        "{table} holds the application's ribbons, and Access reads it from the file itself when that is opened. Leave "
        "it out of stage 2's selection, so that it stays local.",
        5,
    ),
    4538: error(
        "It changes the definition of {table} ({method}), and Access refuses that for linked tables (error 3057). Make "
        "the change on the server, once, beforehand. The kit does not change it by itself: whether it still is to be "
        "made at all is for you to say.",
        20,
    ),
    4539: error(
        "It deletes {table}, which is a link then: the link goes, and the table with its rows stays on the server. "
        "Empty it by DELETE, or drop it there. The kit does not change it by itself: which of them is meant is for you "
        "to say.",
        15,
    ),
    4540: error(
        "SELECT … INTO makes {table} anew: RunSQL puts a local table in the place of the link, and Execute stops, as "
        "there is one of that name (error 3010). Empty the table by DELETE and append to it. The kit does not change "
        "it by itself: columns and keys of the table would be others.",
        20,
    ),
    4541: error(
        "It runs or opens a query on {table} by its definition, without dbSeeChanges. {column} becomes an IDENTITY "
        "column, and Access refuses that on a linked table (error 3622). Write .Execute dbFailOnError + dbSeeChanges, "
        "or .OpenRecordset(dbOpenDynaset, dbSeeChanges).",
        5,
        topic=Topic.DEFINITION_RUN,
    ),
    4599: warning(
        "{count:#text} of the application {count:!was|were} not looked at, as there are too many. Split the file.", 0
    ),
}
