"""Project file, options and stages: numbers 8000 to 8999."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, Topic, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    8000: error("An unexpected error: {what}. A report was written to {report}; please send it to the authors."),
    # the project file
    8001: error("There is no project file at {path}. Make one with 'jetferry new', or check the path."),
    8002: error(
        "{path} is not valid TOML: {what}. Correct that place in an editor, or restore the file from {backup}."
    ),
    8003: error(
        "The project file is of schema version {found}; this Jetferry writes version {known}. "
        "Open it with a newer Jetferry; nothing was changed."
    ),
    8004: error("{path}, line {line}, key '{key}': {what}. {hint}"),
    8005: error(
        "The project is open in another process. It is process {pid} on {host} ({what}), since {since}. "
        "Close it there, or wait for its end; a worker can be watched with 'jetferry attach'. Nothing was changed."
    ),
    8006: error("{path} exists already. Open it, or choose another name."),
    8007: error(
        "{path} cannot be written: {what}. Nothing was lost; make room or choose another folder, and try again."
    ),
    8008: information(
        "The project file of schema version {found} is read as {known}; "
        "when it is saved, the former file stays as {backup}."
    ),
    8009: error("{path} cannot be read: {what}"),
    8010: error(
        "The project was changed on disk by somebody else since it was opened. Open it again; your "
        "last change was not saved."
    ),
    8011: error(
        "{path} is open for reading only, as another process or a worker has it. Close it there, or wait for its end."
    ),
    # the system it runs on
    8030: error(
        "Standard output cannot be written: {what}. Nothing of the project was lost; send the result elsewhere."
    ),
    8031: error(
        "{path}: {what}. What was finished before is kept; see to it (room on the disk, rights, the disk itself), and "
        "run it again."
    ),
    8032: error(
        "There is not enough memory. What was finished before is kept; close other programs or use a larger machine, "
        "and run it again."
    ),
    8034: error("An unexpected error: {what}. A report of it could not be written; please tell the authors."),
    8035: error(
        "{path} is a link or a pipe, or another account put it into a folder that every account may write to. Move or "
        "remove it, or keep the project in a folder of your own; nothing was changed."
    ),
    8036: error(
        "The wizard needs a terminal, and {what}. Without one there are commands: 'jetferry new', 'jetferry run', "
        "'jetferry --help'."
    ),
    8037: error(
        "{path} is there without its project file, and holds files of a former project, among them {name}. Move or "
        "remove it, or choose another name; nothing was changed."
    ),
    8038: error(
        "{path} has more than {most} MB, which would take a machine's memory and minutes to read. A project of ten "
        "thousand tables has less than one: take out what is too long (names that are listed one by one, statements "
        "written by hand), or divide the project."
    ),
    # options
    8020: error(
        "'{value}' is not a project name: use letters, digits, spaces, '-', '_' and '.', not at the start or end."
    ),
    8021: error("'{value}' cannot be used: {what}"),
    8024: error("A repair rule for {trouble} cannot say '{repair}'. Choose one of: {known}."),
    8026: error("A repair rule that says 'value' needs the value: --value, or its field in the dialog."),
    8027: error("A repair rule's value '{value}' is no {kind}. Write it as {sample}."),
    8028: error("A repair rule's value '{value}' does not fit {column}, which is {type}. Give one that it takes."),
    8025: error("A repair rule that names a table needs its source, and one that names a part needs its table."),
    # stages
    8100: error("{stage} cannot run yet: {needed} {how}. Finish {needed} first."),
    8101: error("{stage} cannot run yet: {needed} must be run again ({why})."),
    8102: error("{running} is running. Wait until it ends, or cancel it."),
    8103: error("{stage} cannot be skipped: what follows stands on it."),
    8104: error("No source was added. Add at least one Access file in stage 2."),
    8105: error("No table and no query of the sources is chosen. Choose some in stage 2."),
    8106: error("{problems} of the sources cannot be used: {names}. Look at them in stage 2."),
    8107: error(
        "Stage 3 was skipped to work offline: without a server, stage 7 can only save scripts. Connect in stage 3."
    ),
    8109: warning("{stage} was cut off when its process ended at an unknown point. Run it again to go on from there."),
    8110: error("No server is given. Name one in stage 3, or work offline."),
    8108: error(
        "No database is named for {source}: the server would take the account's own, which may be master. Name one in "
        "stage 3 (key 'server.database') or for the source in stage 4."
    ),
    8111: error(
        "The names of {count:#object} would collide, among them {names}. Map the sources to schemas with "
        "different names in stage 4, be it in different databases."
    ),
    8112: error("There is no result of {stage} yet. Run it first."),
    8113: error("There is no {what} named '{name}' in {where}."),
    8114: error("The target is an offline package; this needs a server. Choose one in stage 1."),
    8115: error("{step}: {what}"),
    8116: error("'{value}' cannot be chosen here; there are: {known}."),
    8117: error("Column {column} belongs to the primary key, and such a column cannot be nullable."),
    8118: error("The statement cannot be used: {what}"),
    8119: warning(
        "{name} was edited, but is not among the converted objects any more; the edit is kept and has no effect."
    ),
    8120: error(
        "{count:#table} could not be migrated, among them {names}. See their messages, then run stage 8 again."
    ),
    8121: error(
        "{file}: {what}. Fill the tables again to have the package written again: 'jetferry run --reload', or Refill "
        "in stage 8.",
        topic=Topic.SIDES_DIFFER,
    ),
    8122: error(
        "{count:#table is|tables are} not the same on both sides: {names}. See their messages; 'jetferry "
        "verify' repeats this, "
        "'jetferry run --reload' (Refill in stage 8) fills tables again.",
        topic=Topic.SIDES_DIFFER,
    ),
    8123: error(
        "The server cannot run it: {what}. Edit its statement in stage 6, then load it again.", topic=Topic.VIEW_REFUSED
    ),
    8124: error(
        "Rows of {count:#table} have not all been sent yet: {names}. Rejected ones are sent again after that. Run "
        "stage 8 first: 'jetferry run {project}'."
    ),
    8125: warning(
        "The rejected rows were sent again, but {stage} has not come to its end. Go on with 'jetferry run {project}'."
    ),
    # sources
    8200: error("{path} is not there. Correct the path, or put the file back."),
    8201: warning(
        "{path} changed since it was added: its tables, queries or other objects differ. Look at the "
        "selection and confirm."
    ),
    8202: information("{path} was written to since it was added; its definitions look the same. Its rows may differ."),
    8203: error("{path} is a source of this project already, as '{key}'."),
    8204: information("{names} in {source}: left unselected, since they look like leftovers."),
    8205: warning(
        "{tables:#linked table} of {source} cannot go without {path}, which is not there: {names}. Say where that file "
        "is, or make it a source too.",
        topic=Topic.BACK_END_MISSING,
    ),
    8206: information(
        "{table} is linked to {kind} {database}; its rows are not in an Access file and stay where they are."
    ),
    8207: error("Linked table {table}: there is no table {foreign} in {path}.", topic=Topic.BACK_END_MISSING),
    8208: error("The source file {path} cannot be read: {what}"),
    8209: information(
        "{column} of {table} is stored unwrapped: the embedded file in place of the OLE object, its type in {type}, "
        "its name in {name}. What is no embedded file stays as it is, with the type raw. Bound object frames of forms "
        "cannot show it: use an image control."
    ),
    8210: error(
        "Unwrap names {column} of {table}, which is no OLE column of this source. Correct it, or leave it out."
    ),
    8219: error("The path {path} has characters that a project file cannot hold. Rename the file or its folder."),
    # worker and one step
    8300: error("A worker is at work on this project: process {pid} on {host}, since {since}. Attach to it."),
    8301: error("No worker is at work on this project and none has been."),
    8302: error(
        "The worker, process {pid}, ended without saying why (killed, or the machine went down). "
        "Nothing that was written is lost; start it again to go on."
    ),
    8303: error("The worker did not start within {seconds:#second}: {what}"),
    8304: error("The worker has ended, and cannot {command}. Start it again."),
    8305: warning("Stopped by {signal}; everything committed is kept. Go on with 'jetferry run {project}'."),
    8306: warning("Stopped by {signal}; everything committed is kept. Go on with 'jetferry retry-rejects {project}'."),
    8307: warning(
        "Stopped at once by a second {signal}, not waiting for the next batch; everything committed is kept."
    ),
}
