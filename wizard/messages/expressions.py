"""Converting expressions: numbers 3500 to 3999."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, Topic, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    3501: error(
        "The expression becomes longer than {limit} characters in T-SQL. Split it into several columns or queries.", 60
    ),
    3502: error("{what} cannot be part of an expression on a server. Rewrite the expression without it.", 30),
    3503: error(
        "{function} is not a function that SQL Server has or that Jetferry translates. If it is VBA code of your own, "
        "write it as a T-SQL function and call that; else compute it in the application.",
        60,
    ),
    3504: error("{function} takes {expected} arguments and has {count} here. Correct the expression in Access.", 10),
    3505: error("{function}: {reason}. Write this expression by hand.", 30),
    3506: error(
        "{what} cannot stand in {where}: SQL Server allows no sub-query there. Use a trigger, or check it in the "
        "application.",
        30,
    ),
    3507: error("The pattern '{pattern}' cannot be read: {reason}. Correct it in Access.", 10),
    3508: error("'{text}' is compared with a {type} and is none. Correct the expression in Access.", 10),
    3509: error("The name '{name}' is not a column of '{table}'. Correct the expression in Access.", 10),
    3530: error(
        "An aggregate over a sub-query or a domain function, which SQL Server refuses, stands where its value cannot "
        "be computed beforehand. Save the inner part as a query of its own and aggregate that.",
        30,
    ),
    3520: information(
        "Where the divisor is 0 the result is NULL: Access shows an error in that one row, and SQL Server would refuse "
        "the whole query."
    ),
    3521: warning(
        "{function}: tables on a server have no order, so that no row is the first or last. It becomes {other} over "
        "the same group.",
        15,
    ),
    3522: information("{function} becomes FORMAT, which is exact but slow over many rows ({picture})."),
    3523: warning(
        "{function} depends on the language and country settings of Windows; on the server the settings of the United "
        "States are used.",
        5,
    ),
    3524: information("The pattern is known only when run: its wildcards are replaced then, its brackets are not."),
    3525: warning("{function}: {reason}.", 10),
    3526: warning(
        "Text is converted to a date as the language of the server session reads it; a day without a year and a number "
        "that is more than figures, which Access takes for dates too, become NULL. Keep dates in date columns.",
        10,
    ),
    3527: information("Access's {function} becomes the server's clock; a server in Azure has UTC.", topic=Topic.CLOCK),
    3528: warning(
        "Rnd draws a new number for each row and each run, and takes no seed: what was repeatable in Access is not.", 5
    ),
    3529: information(
        "{function} gives NULL where an argument is out of its range or of no use to it, such as a negative length: "
        "Access shows an error in that one row, and SQL Server would refuse the whole query."
    ),
    3531: information(
        "{function} ends the whole query where a value cannot be converted, being too large for the type; Access shows "
        "an error in that one row."
    ),
    3532: information("{function}: {reason}."),
    3536: error(
        "{kind} meets {wanted}: Access shows an error there, and SQL Server refuses the whole statement. Correct the "
        "expression, or write it by hand.",
        15,
    ),
    3540: error("It needs the VBA function {function}, which is not converted: JF3541 says why.", 2),
    3541: error(
        "The VBA function {function} (module {module}, line {line}) is not converted: {reason}."
        " {count:#query needs|queries need} it: {queries}. Write it as a T-SQL function of that name and the queries by"
        " hand, or compute it in the application.",
        60,
    ),
    3542: information(
        "{function} gives NULL where VBA raises an error (Null for a typed argument, a division by 0, an overflow):"
        " Access shows #Error in that one row."
    ),
    3543: warning(
        "{function} may end without a value, which VBA takes for Empty: Access shows nothing there, and so does the"
        " server, which has NULL. Give it a value on every way, such as Null.",
        5,
    ),
    3534: warning(
        "{function}: a text in the criteria, without quotes about it, is taken for one number. Where it holds more "
        "than that, Access reads it as part of the criteria and the server does not.",
        10,
    ),
    3537: error(
        "{name} is no column of {domain}: the texts of a domain function see no other query's columns and ask for no "
        'parameters, so that Access shows an error. Put the value between the texts: "…=" & [{name}].',
        10,
    ),
    3545: information(
        "{operator} between numbers is one of truth values in Access's engine, where every number but 0 is True: it has"
        " no operations on bits but BAND, BOR, BXOR and BNOT, and VBA alone takes {operator} for one."
    ),
    3546: information(
        "'{text}' names a day without a year: Access takes the present year, and the server that of its own clock.",
        topic=Topic.CLOCK,
    ),
    3547: information(
        "A query in Access takes what Nz gives for text, and so may sort 10 before 9: the server sorts by the value.",
    ),
    3548: information(
        "A text is read as a number: one that is none gives NULL, where Access shows an error in that one row (or stops"
        " the query, where it is a condition), and so does one that begins with &H or &O or ends with its sign."
    ),
    3549: information(
        "A date that would lie before the year 100 or beyond 9999 is NULL: Access shows an error in that one row."
    ),
    3550: information(
        "Where it leads beyond the year 9999, counting from a date ends the whole query; Access shows an error in that"
        " one row, and so it does before the year 100."
    ),
    3551: information(
        "A whole number below -2,147,483,648 or above 2,147,483,647 is NULL where Access wants a Long: it shows an "
        "error in that one row."
    ),
    3552: information(
        "A number with more decimals than the Decimal column it goes to is rounded on the server; Access cuts them off."
    ),
    3553: warning(
        "A random number that Access draws once is drawn {times} times in T-SQL: what is made of it may be of several "
        "numbers. Draw it into a column of a table first, and calculate from that.",
        15,
    ),
    3533: error(
        "The expression becomes CASE within CASE, {depth} levels deep; SQL Server takes {limit}. Split it into several "
        "columns or queries.",
        30,
    ),
}
