"""Moving and verifying rows: numbers 6000 to 6999."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, RowProblem, Topic, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    # the run
    6001: error(
        "{table} stopped after {rejected:#rejected row}, as its limit says. Look at the first reasons in the "
        "reject file, mend the cause and run again; or raise the limit (option 'max_rejects_table')."
    ),
    6002: error(
        "The migration stopped after {rejected:#rejected row} in all, as its limit says. Look at the reject "
        "files, mend the cause and run again; or raise the limit (option 'max_rejects').",
        topic=Topic.RUN_LIMIT,
    ),
    6003: error(
        "{table} was given up: the target refused its first {refused:#row}, each on its own. The last reason:"
        " {reason}. Mend that and run again."
    ),
    6004: error("{table} could not be moved: {reason}"),
    6005: warning(
        "{table} was filled from an earlier state of {source}, and its rows have changed since, or nothing was kept "
        "of what they were. Reload it to have them ('jetferry run --reload-changed')."
    ),
    6006: information("{table} is there already, complete and from the same source: skipped."),
    6007: information("{table} goes on at position {position}, after {rows:#row}."),
    6008: warning(
        "The journal on this machine and the target disagree about {table} ({detail}). The target counts; the"
        " journal was corrected."
    ),
    6009: error("{table} has no column in the target for any column of {source}. Map at least one (stage 6)."),
    6010: error(
        "{column} cannot become {type}: its values are {source} ({reason}). Choose another type for the column"
        " (stage 6)."
    ),
    6011: warning(
        "{tables} refer to each other in a circle: they are filled in the order given, and their foreign keys"
        " are checked after the rows."
    ),
    6012: error(
        "{file} cannot be read or written: {reason}. Make room or mend the cause; the target knows how "
        "far each table came, and running again goes on there."
    ),
    6014: error(
        "Line {line} of the journal {file} is damaged, though others follow it. The rest is read; figures of "
        "earlier runs may be incomplete."
    ),
    6016: information(
        "Stopped at a batch border, as asked. {done} of {total:#table} {done:!is|are} complete; run again to go on."
    ),
    6017: error(
        "{table}: {count:#value} of {column} lost digits or a time of day: {count:!it was|they were} rounded to what "
        "{type} holds. The source has them still; for a table without such a loss choose a type that holds them "
        "(stage 6) and reload it. {file} says what the first of each batch was and is."
    ),
    6018: warning(
        "{table}: {count:#value} of {column} that the target cannot take {count:!was|were} repaired as a rule says "
        "({rule}); {file} has each with its old value."
    ),
    6023: warning(
        "{table}: {count:#row} that others refer to {count:!was|were} added, as a rule says: {count:!it has|they have} "
        "nothing but {columns}. See {file}."
    ),
    6019: warning(
        "{table}: {expected:#row} were expected in the source, and {found} were read. Compare with a backup."
    ),
    6020: information("{table} moves in {parts:#part}, up to {most} of them at once."),
    6021: warning(
        "The server says that it is asked for too much: from here on "
        "{now:#table or part of a table moves|tables or parts of tables move} at once, in place of {before}."
    ),
    6022: information(
        "The server has been calm for a while: {now:#table or part of a table moves|tables or parts of tables move} "
        "at once again."
    ),
    6040: warning(
        "The rows are not as stage 6 saw them, or it was not known yet whether they break what Access asks of new "
        "ones: constraints that they break were made weaker before the first row was sent. Stage 6 shows what was "
        "done, 'tighten.sql' has the statements that undo it."
    ),
    6041: error(
        "{table}: {count:#text} of {column} {count:!holds|hold} bytes that are no text. Access shows the rest of "
        "{count:!it|them}, so {count:!its row has|their rows have} arrived with it, and with U+FFFD in the place of "
        "those bytes, which are lost; {file} has all bytes of each. Mend the file (of Access 97, check the code page), "
        "or say by a rule what is to become of such texts ('jetferry repair')."
    ),
    6042: error(
        "{table}: about {count:#row} could not be read in the source, which is damaged, and did not arrive; {arrived} "
        "did. Nobody can count what is unreadable: the table's header tells about how many rows there were. Compare "
        "with a backup: a whole file in its place, and the table loaded again, brings them back.",
        30,
    ),
    6043: information(
        "{table}: columns were given types that do not hold all that they held: {columns}. Its rows are written anew."
    ),
    6044: error(
        "{table}: columns were given other types after the rows had arrived: {columns}. The server converted what was "
        "there, and {count:#value} {count:!was|were} rounded or cut. The source has {count:!it|them} still: choose "
        "types that hold {count:!it|them} (stage 6), and fill the table again ('jetferry run --reload', Refill in "
        "stage 8). {file} says what the first of each batch was and is."
    ),
    6090: error(
        "{table}: {count:#text} of {column} lost characters that code page {page} of the collation, in which {type} "
        "keeps text, does not hold: '?' stands in their place. The source has them still; for a table without such a "
        "loss choose nvarchar or nchar (stage 6) and reload it. {file} says what the first of each batch was and is."
    ),
    6091: warning(
        "{table}: {count:#text} of {column} {count:!holds|hold} characters beyond ASCII, and the collation of the "
        "database is not known here: a server puts '?' in the place of what {type} does not hold. {file} has the first "
        "of each batch. Compare them when they are on the server, or choose nvarchar or nchar (stage 6) and reload."
    ),
    6092: information(
        "{count:#earlier reject}; the cause may be mended: send {count:!it|them} again with 'jetferry retry-rejects "
        "{project}', or go on with 'jetferry run {project}', which does it too."
    ),
    6290: warning(
        "{table}: its rows in {source} have changed since the target was filled ({before}, {now:#row} now). Compared "
        "are the rows as they are now; 'jetferry run --reload-changed' (Refill in stage 8) brings them over."
    ),
    6291: error(
        "{table}: {count:#row} went otherwise than repair rules and types say now, which were changed after the rows "
        "had gone. Compared are the rows as they would go now: take the change back, or fill the table again "
        "('jetferry run --reload', Refill in stage 8)."
    ),
    # why a row cannot go
    6101: error(
        "{column} is {length:#character} long; {type} takes {limit}. Widen the column (stage 6) or shorten the text.",
        problem=RowProblem.UNFIT,
    ),
    6102: error(
        "{column} is {value}, out of the range of {type}. Choose a wider type (stage 6) or mend the value.",
        problem=RowProblem.UNFIT,
    ),
    6103: error(
        "{column} is NULL, and the column requires a value. Allow NULL (stage 6) or fill the value.",
        problem=RowProblem.NO_VALUE,
    ),
    6104: error(
        "{column} is {value}, a date {type} cannot hold. Choose datetime2 (stage 6), mend the date, or let "
        "such dates be repaired by a rule ('jetferry repair').",
        problem=RowProblem.DATE,
    ),
    6105: error(
        "{column} is {value}, which is no number a server stores. Mend the value.", problem=RowProblem.NOT_A_NUMBER
    ),
    6106: error(
        "{column} is {value}, which {type} cannot hold without losing digits. Choose more digits (stage 6) or"
        " round the value.",
        problem=RowProblem.UNFIT,
    ),
    6107: error(
        "{column} is {value}, which cannot become {type}. Choose another type (stage 6) or mend the value.",
        problem=RowProblem.UNFIT,
    ),
    6108: error(
        "{column} is {length:#byte} long; {type} takes {limit}. Widen the column (stage 6) or shorten the value.",
        problem=RowProblem.UNFIT,
    ),
    6110: error(
        "The values of {columns} are those of another row, and '{index}' must be unique. Mend the row, or let the "
        "index be made a plain one ('jetferry repair').",
        problem=RowProblem.DUPLICATES,
    ),
    6111: error(
        "{column} cannot be read: {what}. Mend the file (compact and repair it in Access, or take the row from a "
        "backup), or let such values be NULL or one that you give by a rule ('jetferry repair').",
        topic=Topic.ROW_UNREADABLE,
        problem=RowProblem.UNREADABLE,
    ),
    6114: error(
        "The row takes {bytes:#byte} in its page, however much of it goes elsewhere, and SQL Server has room for "
        "{limit}; {fixed} of them are columns of fixed length. Make some of these columns of varying length (stage 6), "
        "or divide the table."
    ),
    6113: error(
        "Some bytes of {column} are no text ({value}). Mend the value in Access (of an Access 97 file, check the code "
        "page), or let what is text of it go by a rule ('jetferry repair').",
        problem=RowProblem.TEXT,
    ),
    6112: error(
        "The values of {columns} take {bytes:#byte}, and a key of the index '{index}' has room for {limit}. "
        "Shorten the values, or leave the index out (stage 6)."
    ),
    6115: error(
        "The value {value} that the repair rule gives does not fit {type} either: let the rule give another ('jetferry "
        "repair')."
    ),
    6116: error("The repair rule makes it NULL, which the column does not take: let it give a value."),
    6109: error("The target refuses the row: {reason}"),
    # verification
    6201: information("{table}: equal, {rows:#row}."),
    6202: error(
        "{table}: {target:#row} in the target, {expected} expected ({source} in the source, {rejected} rejected)."
    ),
    6203: error("{table}.{column}: {figure} is {target} in the target and {source} in the source."),
    6204: error("{table}: the row {key} is missing in the target."),
    6205: error("{table}: the row {key} is in the target and not in the source (or was rejected)."),
    6206: error("{table}: the row {key} comes {count:#time} in the target and {expected} times in the source."),
    6207: error("{table}: the row {key} differs in {columns}."),
    6208: warning("{table}: more rows differ than are listed ({listed})."),
    6209: information("{table}: the server cannot compute {what}; its rows were read back and compared here."),
    6210: warning("{table} was not verified: {reason}."),
    6211: information(
        "{table}: {column} was not compared. In {count:#row} the server has put its default in the place of NULL, as "
        "option 'keep_nulls' says."
    ),
    6220: information("Access and the server give the same {rows:#row}. {detail}"),
    6221: error(
        "Access and the server do not give the same rows: {detail}. Look at both ('jetferry proof'); the "
        "messages of its conversion may say why.",
        30,
    ),
    6222: warning("The query was not proven: {detail}."),
    6223: information(
        "Run {file} after deployment: it compares the rows of {count:#query|queries} with those of Access."
    ),
    # a source that changed since
    6030: warning(
        "{source} has changed since {total:#table} of it {total:!was|were} filled in the target, but no row of "
        "{total:!that|these}: compacting a file does that, or opening it in Access. {total:!It needs|They need} not be "
        "filled again."
    ),
    6031: warning(
        "{source} has changed since the target was filled from it, and with it {count:,} of {total:#table}: {tables}. "
        "Reload these ('jetferry run --reload-changed'); the others hold the same rows still."
    ),
    6032: warning(
        "{source} has changed since the target was filled from it. Of these of its {total:#table} nothing was kept to "
        "compare them with: {tables}. Verification says whether they are the same; reload them where they are not."
    ),
    6033: information("Nothing is filled again: no table has changed since the target was filled."),
    # rejects
    6301: error(
        "{table}: {arrived:,} of {total:#row} arrived, {count:,} rejected. What was rejected, and why, is in {file}."
    ),
    6302: information("{table}: {count:#rejected row} sent again, {arrived:,} arrived."),
    6303: error("The reject file {file} cannot be read: {reason}."),
    6308: error(
        "{table}: of {rejected:#rejected row} the list {file} has {listed}: it was cut or taken away, and the others "
        "cannot be sent again by themselves. Bring it back, or fill the table again ('jetferry run --reload', Refill "
        "in stage 8)."
    ),
    6304: warning("{table}: row {position} is not in the source any more; it stays rejected."),
    6305: warning(
        "{table}: the source has changed, and at row {position} stands another row now; what was rejected stays so. "
        "Fill the table again to have it as the source is."
    ),
    6306: information("No rejected row is left: there is nothing to send again."),
    6307: warning(
        "{table}: {count:#earlier reject}; the cause may be mended, since the table, its options or its rows changed: "
        "they are sent again."
    ),
    6310: error(
        "{count:#row} of {child} {count:!refers|refer} to rows of {parent} that were rejected ({values}). Those that "
        "can go are sent all the same, but foreign key {key} cannot be trusted until what they refer to is there: mend "
        "what it was rejected for, then send it again."
    ),
    6311: error(
        "The package leaves foreign key {key} on {child} unchecked, as {count:#row} {count:!refers|refer} to rows of "
        "{parent} that were rejected. deploy says so, and its README has the statement that checks it.",
        topic=Topic.NOT_GUARDED,
    ),
}
