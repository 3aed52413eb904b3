"""Converting queries and expressions: numbers 3000 to 3999."""

from __future__ import annotations

from wizard.messages.catalogue import Entry, error

ENTRIES: dict[int, Entry] = {
    # Reading Access SQL
    3001: error(
        "Expected {expected} but found “{found}”. Correct the text in Access, or write the statement by hand", 15
    ),
    3002: error("Expected {expected} but the text ends here. Correct it in Access, or write the statement by hand", 15),
    3003: error("The {what} that begins here never ends. Add what closes it", 15),
    3004: error("{text} is not a date that Access accepts. Write it as #month/day/year hour:minute:second#", 10),
    3005: error("A name in brackets is empty. Write the name of the table or column", 10),
    3006: error(
        "The character “{character}” has no meaning in Access SQL here. Remove it or put the name in brackets", 10
    ),
    3007: error("Nested deeper than {limit} levels. Split the query or the expression into several", 60),
    3008: error(
        "{word} is not converted: it manages users or runs other statements. Do its work on the server by hand", 30
    ),
}
