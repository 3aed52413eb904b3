"""Converting queries: numbers 3000 to 3499."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, Topic, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    # Reading Access SQL
    3001: error(
        "Expected {expected} but found “{found}”. Correct the text in Access, or write the statement by hand.", 15
    ),
    3002: error(
        "Expected {expected} but the text ends here. Correct it in Access, or write the statement by hand.", 15
    ),
    3003: error("The {what} that begins here never ends. Add what closes it.", 15),
    3200: information(
        "Access cuts Long Text to 255 characters where it groups by it or leaves out duplicates (DISTINCT, UNION); the "
        "server takes the whole text."
    ),
    3201: information(
        "Where {table} already has a row of the same {columns}, Access leaves the new one out and appends the others; "
        "the server appends none, with an error. Where such rows are expected, leave them out by WHERE NOT EXISTS.",
        5,
    ),
    3202: information(
        "Text that is longer than {length} characters is cut in Access where it goes into {column}; the server changes "
        "nothing then, with an error. Where such text is expected, cut it with Left.",
        5,
    ),
    3210: warning(
        "The column {text} stays empty, as in Access: headings are compared with the values as text, and a number's is"
        " its figures, that of Yes -1 and that of No 0. Write IN (-1, 0), or give a text to PIVOT.",
        5,
    ),
    3004: error("{text} is not a date that Access accepts. Write it as #month/day/year hour:minute:second#.", 10),
    3005: error("A name in brackets is empty. Write the name of the table or column.", 10),
    3006: error(
        "The character “{character}” has no meaning in Access SQL here. Remove it or put the name in brackets.", 10
    ),
    3007: error("Nested deeper than {limit} levels. Split the query or the expression into several.", 60),
    3008: error(
        "{word} is not converted: it manages users or runs other statements. Do its work on the server by hand.", 30
    ),
    3009: error(
        "{word} asks the connection for the last AutoNumber given, and a query saved on the server has none of its "
        "own. Use SCOPE_IDENTITY() in the batch that adds the row.",
        30,
    ),
    3010: error(
        "The text has {length:,} characters, and Access itself takes about 64,000 of a statement: more than {limit:,}"
        " are not read. Split it, or write it by hand.",
        60,
    ),
    3090: error("The number {written} is larger than any that Access can hold. Correct it in Access.", 10),
    3091: error(
        "Jetferry has failed to translate it, by a mistake of its own ({what}): please report it, with this text."
        " Meanwhile write the statement by hand.",
        30,
    ),
    # What a query says
    3101: error("“{name}” could be a column of any of these: {sources}. Write the table's name before it.", 10),
    3102: error("Two of the tables or queries in FROM are called {name}. Give one of them another name with AS.", 10),
    3103: error(
        "It reads {name}, a linked table of {where}, whose rows do not go to this database. Where that is an Access "
        "file, say where it lies or make it a source too: the query then finds its tables.",
        30,
        topic=Topic.READS_ELSEWHERE,
    ),
    3104: error(
        "There is no table or query {name} in this database. Correct the name, or drop the query.",
        15,
        topic=Topic.READS_ELSEWHERE,
    ),
    3110: error(
        "It reads {name}, a system table of Access, which no server has. SQL Server lists its objects in sys.objects, "
        "sys.columns and the like: write the query for those.",
        30,
        topic=Topic.READS_ELSEWHERE,
    ),
    3105: error(
        "{name} is read from or written to another file, {file}. Migrate that file too, then name its table.", 30
    ),
    3106: error(
        "The aggregate {name} stands in {clause}, where rows are not yet grouped. Put a condition in HAVING.", 15
    ),
    3107: error("Queries read each other in a circle: {circle}. Break it in Access.", 60),
    3108: error("It reads the query {name}, which could not be converted: {reason}", 15, topic=Topic.READS_ELSEWHERE),
    3109: error(
        "{name} holds several values or attachments, which are rows of a table of their own on the server: they cannot"
        " be compared, grouped or calculated with as one. Name them, as in {name}.Value or {name}.FileName.",
        30,
    ),
    3111: information(
        "“{prompt}” is no column: as Access asks for it, it is the parameter {name}, taken as {type}.", 5
    ),
    3112: information("{prompt} lies outside the database: it is the parameter {name}, taken as {type}.", 5),
    3113: error("{name}.* asks for the columns of {name}, which is not in FROM. Correct the name.", 10),
    3114: warning(
        "SELECT * over several tables: the columns are listed as they are now; later ones will not appear.", 5
    ),
    3115: error("No column is left to return.", 15),
    3116: warning(
        "{name} holds several values, so that * leaves it out. Name it, {name}.Value or {name}.FileName where needed.",
        15,
    ),
    3117: error("The output column {name} is calculated from itself. Break the circle, or write the table's name.", 15),
    3118: error("ORDER BY {position} names no output column. Correct the number.", 10),
    3119: warning(
        "TOP without ORDER BY: which rows it gives is as undetermined on the server as it was in Access.", 10
    ),
    3120: warning(
        "DISTINCTROW removes rows that come from the same rows of the tables it shows; without their primary keys,"
        " or where TOP sorts by other tables, it was left out, so that rows may appear more than once.",
        20,
    ),
    3121: error("A crosstab or an action query cannot be part of another query. Save it as a query of its own.", 20),
    3122: error("The members of a UNION have {first} and {other} columns. Give all of them the same number.", 15),
    3123: error(
        "It returns more than {most} columns, the most that a view can have. Split it into several queries.", 30
    ),
    3124: error("It needs more than {most} parameters. Split it into several queries.", 30),
    3125: error("{name} is neither grouped nor aggregated, which Access refuses too. Add it to GROUP BY.", 10),
    3127: information("TOP without ORDER BY: rows are taken in the order of what it reads ({order})."),
    3128: warning(
        "{function}: rows of a group may tie in the order of what it reads ({order}), any of which may then be taken."
        " Sort by a unique column too.",
        5,
    ),
    3129: information(
        "“{name}” is a column of what it reads and of its own output: as in Access, the latter is meant."
    ),
    # What a query changes
    3143: error("SELECT DISTINCT sorts by {order}, which it does not give, and which Access refuses. Give it too.", 10),
    3144: information(
        "{name} holds several values: they are given in one text ({name}.{part}, separated by commas), as Access's"
        " datasheets show them."
    ),
    3145: error(
        "It adds a value to {name}, whose values are rows of {table} on the server. Add a row to that table, with the"
        " number that the row's {name} has.",
        30,
    ),
    3146: warning(
        "{name} is no table until the query {query} makes it: its columns are inferred from that query. As SQL Server"
        " makes no view over a table that is not there, this is a procedure. Run {query} first.",
        10,
    ),
    3147: error(
        "The query {name} reads a table that another query makes, so that it became a procedure: a domain function"
        " cannot read it. Make the table in Access and migrate it with the others.",
        20,
    ),
    3130: error("{name} is no column that can be set. Correct the name.", 15),
    3131: error(
        "It changes columns of several tables at once ({tables}), one of them without a primary key. Give it a primary"
        " key, or make an update query for each table.",
        45,
    ),
    3132: warning(
        "{name} is on the outer side of its join: Access would add rows there, the server only changes those present.",
        30,
    ),
    3133: error("It does not say from which of {tables} to delete rows. Write the table and .* after DELETE.", 15),
    3134: error("{columns:#column is|columns are} to take {values:#value}. Give each column its value.", 15),
    3135: error("The output columns {names} are no columns of {table}. Give them the names of its columns.", 15),
    3136: error("{name} is calculated by the server and takes no value. Leave it out.", 10),
    3137: information(
        "A table {name} that exists is dropped first when the procedure runs, as Access does after asking."
    ),
    3138: error("The column {name} is to take two values at once. Leave one of them out.", 10),
    3139: error("{name} is a query. Name the table that its rows belong to.", 20),
    3140: warning("There is no table {name} in this database: the procedure fails when run until there is one.", 10),
    3141: warning(
        "If several rows of {other} meet a row of {table}, Access changes that row once for each, one change on top of"
        " the other; the server changes it once. Add them up in a query first and join that.",
        30,
    ),
    3142: warning(
        "If several rows of {other} meet a row of {table}, it takes its value from any one of them, and in Access from"
        " the last that it meets. Choose one of them in a query first and join that.",
        15,
    ),
    3150: error("{type} is no type that Access knows. Correct its name.", 10),
    3151: error("This data definition has no counterpart. Write it for the server by hand.", 30),
    3152: warning("TEMPORARY has no effect in Access, which makes a table that all can see: so does this.", 5),
    3153: warning("DISALLOW NULL: the server keeps NULL out by making the columns NOT NULL. Change them too.", 10),
    3154: error(
        "{name} becomes an AutoNumber, or counts otherwise: no statement makes an IDENTITY of a column that is there."
        " Make the table again, or set its counter with DBCC CHECKIDENT.",
        20,
    ),
    3155: error(
        "{column} is {type}, which SQL Server takes in no key or index. Give the column a shorter type, such as"
        " TEXT(255), or leave the index out.",
        15,
    ),
    3156: warning(
        "ON DELETE SET NULL: {columns} cannot be NULL, so that neither Access nor SQL Server could set it. It is NO"
        " ACTION: a row that others refer to cannot be deleted.",
        5,
    ),
    3157: error(
        "The index {name} of {table} was left out of the conversion: there is nothing to drop. Leave the query out.", 5
    ),
    3158: warning(
        "UNIQUE takes NULL once on the server and any number of times in Access: {columns}. Make it NOT NULL, or have "
        "CREATE UNIQUE INDEX … WHERE … IS NOT NULL in place of the constraint.",
        5,
    ),
    # What becomes of a query
    3160: error("It returns no rows, so that nothing can read it.", 15),
    3161: error("It is a query that a form or report made for itself.", 15, topic=Topic.READS_ELSEWHERE),
    3162: information("Not converted, as the options say."),
    3163: information("A pass-through query is in the server's own language already: kept as it is, for review."),
    3164: information("Data definition is converted for review and not run."),
    3165: information("A view has no order: ORDER BY was left out. Write ORDER BY {order} where rows are read.", 2),
    3169: warning(
        "A view has no order: ORDER BY {order} was left out. Return what it sorts by, and sort where rows are read.",
        10,
    ),
    3166: warning(
        "The {count} column headings are those found in the data at conversion; new ones will not appear.", 5
    ),
    3175: error(
        "{name} is an AutoNumber, whose values neither Access nor SQL Server changes. Leave the column out.", 10
    ),
    3176: information(
        "As Access does, it changes the rows of {name} that there are and adds those that the join finds missing."
    ),
    # statements written by hand
    3180: warning(
        "The statement cannot be parsed: {reason}. Correct it, or let the server judge it.", 10, topic=Topic.OF_OBJECT
    ),
    3181: information(
        "Of this statement only the server can say whether it is right: more than its CREATE was not parsed.",
        topic=Topic.OF_OBJECT,
    ),
    3195: information(
        "The statement has {length} characters and is not checked here, where {limit} are read at most. The server "
        "says whether it is right.",
        topic=Topic.OF_OBJECT,
    ),
    3182: warning(
        "It makes {made}, and what reads the query looks for {wanted}. Give it that name.", 5, topic=Topic.OF_OBJECT
    ),
    3183: warning(
        "Nothing in the conversion is called {names}. Unless the server has it already, correct the name.",
        5,
        topic=Topic.OF_OBJECT,
    ),
    3184: information(
        "Its tables are there; its columns are not checked, since it reads more than tables.", topic=Topic.OF_OBJECT
    ),
    3185: warning("A column cannot be found: {reason}. Correct its name.", 5, topic=Topic.OF_OBJECT),
    3186: warning("The server does not take it: {reason}", 10, topic=Topic.OF_OBJECT),
    3197: warning(
        "It lists {listed:#name} for its columns and gives {given:#column}, which a server refuses. List as many as it "
        "gives.",
        5,
        topic=Topic.OF_OBJECT,
    ),
    3198: warning(
        "A column of what it gives has no name ({columns}), which a server refuses. Give it one with AS.",
        5,
        topic=Topic.OF_OBJECT,
    ),
    3199: information(
        "Whether the server takes it was not found out: {reason} Stage 7 will tell.",
        topic=Topic.OF_OBJECT,
    ),
    3187: error(
        "{name} reads queries that read queries, {most} deep, which is as deep as SQL Server lets views be. It "
        "cannot be read here, as only FROM can have its text in place of its view. Read what it reads instead.",
        30,
    ),
    3188: information(
        "{name} reads queries that read queries, {most} deep, which is as deep as SQL Server lets views be: this "
        "query has its text in place of its view."
    ),
    3189: warning(
        "Two columns of what it gives have one name ({names}), which a server refuses. Give each a name of its own.",
        5,
        topic=Topic.OF_OBJECT,
    ),
    3190: warning(
        "It sorts without TOP, which a server refuses in a view. Leave ORDER BY out, and sort where it is read.",
        5,
        topic=Topic.OF_OBJECT,
    ),
    3191: information(
        "What it reads of another database ({names}) is not looked up here; only the server can.", topic=Topic.OF_OBJECT
    ),
    3192: error(
        "What it changes of {query} is no column of a table there: {name} is calculated, grouped by, told apart by or"
        " of a UNION. Change the table's own column.",
        20,
    ),
    3193: error(
        "It changes columns of several tables through the query {query}, and SQL Server changes one at a time so. Join"
        " the tables themselves in the update query.",
        20,
    ),
    3194: error(
        "The rows of {query} are not those of one table, and SQL Server deletes none through it. Delete from the table,"
        " joined to the query.",
        20,
    ),
    3172: warning(
        "The {count} column headings are those found in the data at conversion; new ones will not appear, and a column"
        " is empty where the query leaves out its rows when run.",
        5,
    ),
    3167: error("It is a crosstab without fixed headings, which became a procedure: nothing can read from that.", 30),
    3170: error("It would have more than {most} column headings. List those that are wanted after PIVOT with IN.", 20),
    3171: information(
        "Not converted: {count:#hidden query|hidden queries} (~sq_…), which Access made from record sources and "
        "lists of {owners}. They belong to these forms and reports and work there as before through linked tables."
    ),
    3173: information(
        "It draws random values and has parameters: a function of SQL Server may not do both, so it is a procedure."
    ),
    3174: error("It became a procedure, as it draws random values and has parameters: nothing can read from that.", 30),
    3168: information("The column headings are found when the procedure runs."),
    3230: error(
        "{word} is a value of SQL Server's, and no name that Access knows. Correct it, or write the statement by hand.",
        15,
    ),
}
