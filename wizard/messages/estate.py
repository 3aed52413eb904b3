"""Many databases: numbers 9000 to 9499."""

from __future__ import annotations

from wizard.messages.catalogue import MessageEntry, Topic, error, information, warning

ENTRIES: dict[int, MessageEntry] = {
    9000: error("There is no estate at {path}. Make one with 'jetferry estate scan DIR --estate NAME'."),
    9001: error(
        "{path} is of schema version {found}; this Jetferry knows version {known}. Open it with a newer Jetferry; "
        "nothing was changed."
    ),
    9002: error("{path} is no estate's file, or it is damaged: {what}. Restore it, or scan into a new estate."),
    9003: error("Another process is at work on {path} ({what}). Wait for its end, or stop it; nothing was changed."),
    9004: error("{path} is no folder that can be looked through: {what}"),
    9005: error("The list of passwords {path} cannot be read: {what}"),
    9006: error("No file was found yet. Scan first: 'jetferry estate scan DIR --estate {name}'."),
    9007: error("{what} cannot be used: {why}"),
    9008: error("The connection to the cluster {name} was lost. What was found is kept; scan again to go on."),
    # looking at one file
    9100: error("Looking at it took longer than {seconds:#second}, and was given up. --seconds allows more."),
    9101: error("Looking at it took more memory than {megabytes} MB, and was given up. --megabytes allows more."),
    9102: error(
        "The process that looked at it ended ({what}): the file is damaged in an unexpected way, or hostile.",
        topic=Topic.FILE_WORKER_DIED,
    ),
    9103: warning("The archive cannot be listed: {what}"),
    9104: warning("Only its definitions were looked at, not its rows: {what}"),
    9105: error("An unexpected error while looking at it: {what}"),
    9106: error("The worker of the cluster did not give an answer: {what}"),
    9107: error("It needs a password, and the password command gave none for it: {what}"),
    # plans and waves
    9200: error(
        "{path} is no plan: {what}. Correct that place in an editor, or make a new one with 'jetferry estate plan'."
    ),
    9201: error("{names} would go to the same place, {target}. Give each its own database or schema in {path}."),
    9202: error("There is no wave {wave} in {path}; there are: {known}."),
    9204: warning("{count:#application} did not come to an end: {names}. Run the wave again to go on with them."),
    9205: information(
        "Stopped; what the workers had committed is kept. Go on with 'jetferry estate run {path} --estate {estate}'."
    ),
    9206: warning("{name} is in the plan and no living application of the estate any more; its entry is kept."),
    9207: error("The plan was made for another estate, {name}."),
    9208: error("The project {path} was made of other files. Give {name} another name in the plan."),
}
