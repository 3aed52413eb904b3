"""Commands that run a project or look at one running: run, retry-rejects, attach, stop, status."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import typer

from wizard import worker, worker_process
from wizard.cancellation import stop_on_signals
from wizard.cli.closing_table import closing_table
from wizard.cli.errors import status_of
from wizard.cli.files import ask_password
from wizard.cli.output import first, printed, put, put_json, say, table, width
from wizard.cli.progress_output import Loudness, ProgressLines, reporting
from wizard.escaping import for_terminal, shell_word
from wizard.events import Stage, WorkEnded
from wizard.messages import JetferryError, Message, SourceError, StageError, Topic
from wizard.outcomes import Exit, Role, TableState
from wizard.settings import Connection, TargetKind
from wizard.stages import CancellationToken, Migration, SourceState, StoppedError, title
from wizard.stages.losses import losses, names_of_losses
from wizard.stages.written_settings import NOTHING_WRITTEN, WrittenSettings
from wizard.worker import Command, Order, WorkerTask


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What `jetferry run` was asked for."""

    through: Stage = Stage.MIGRATE
    yes: bool = False
    detach: bool = False
    reload: bool = False
    reload_changed: bool = False
    as_json: bool = False
    settings: WrittenSettings = NOTHING_WRITTEN


def loudness(quiet: bool, verbose: bool) -> Loudness:
    """How much to print, by the options `--quiet` and `--verbose`."""
    return Loudness.QUIET if quiet else (Loudness.VERBOSE if verbose else Loudness.NORMAL)


def run(project: Path, options: RunOptions, quiet: bool, verbose: bool) -> int:
    """Every stage that is not done. Returns the exit status. Raises JetferryError."""
    if options.reload and options.reload_changed:
        raise typer.BadParameter("choose one of --reload and --reload-changed")
    if (options.reload or options.reload_changed) and options.through.number < Stage.MIGRATE.number:
        raise typer.BadParameter(f"rows are filled again by stage 8, and --through ends with {title(options.through)}")
    loud = loudness(quiet, verbose)
    with Migration.open(project) as migration:
        ask_passwords(migration)
        print_stale(options.settings.apply(migration))
        tables = _to_reload(migration) if options.reload_changed else ()
        if tables:
            options = replace(options, reload=True)
        if not options.reload and all(migration.over(s) for s in Stage if s.number <= options.through.number):
            if not (options.through.number >= Stage.MIGRATE.number and _differing(migration)):
                say(f"Nothing to do: everything through {title(options.through)} is done, and nothing changed since.")
        elif not _agreed(migration, options, tables):
            return _nothing_done()
        order = Order(WorkerTask.RELOAD if options.reload else WorkerTask.RUN, options.through, tables)
        if options.detach:
            attachment = worker.start(project, order.work, migration=migration, through=options.through, tables=tables)
            if options.as_json:
                put_json({"pid": attachment.state.pid, "project": str(migration.path)})
            else:
                put(str(attachment.state.pid))
            say(f"It works on by itself. Watch it with: jetferry attach {shell_word(project)}")
            return Exit.DONE
        return _perform(migration, order, loud, options.as_json)


def _nothing_done() -> int:
    say("Nothing was done. Run it with --yes to go on without being asked.")
    return Exit.FAILED


def print_stale(stages: Sequence[Stage]) -> None:
    """Which stages a change has made stale."""
    if stages:
        say("To be done again: " + ", ".join(f"{s.number} {s.value}" for s in stages))


def _to_reload(migration: Migration) -> tuple[str, ...]:
    """The tables whose rows changed since the target was filled."""
    tables = migration.migrate.to_reload()
    say(f"To be filled again: {', '.join(tables)}." if tables else Message.of(6033).text)
    return tables


def _agreed(migration: Migration, options: RunOptions, tables: tuple[str, ...]) -> bool:
    """Whether a run may write what it writes."""
    if options.through.number < Stage.LOAD.number:
        return True
    if not options.reload:
        return may_write(migration, options.yes, "Create objects and write rows to")
    which = ", ".join(tables) or "the tables that Jetferry filled"
    return may_write(migration, options.yes, f"Empty and fill again {which} in", package=True)


def may_write(migration: Migration, yes: bool, what: str, *, package: bool = False) -> bool:
    """Whether something may be written to a server, or taken from it: asked, unless `yes`.

    `what` is done, up to the name of the target. `package`: it is asked of a package too.
    """
    target = migration.data.target.kind
    if yes or (target is TargetKind.PACKAGE and not package):
        return True
    c = migration.data.connection
    where = "the package" if target is TargetKind.PACKAGE else f"database '{c.database}' on {c.server}"
    if not sys.stdin.isatty():
        say(f"This writes to {where}; without a terminal to ask at, say --yes.")
        return False
    return typer.confirm(for_terminal(f"{what} {where}?"), err=True)


def ask_passwords(migration: Migration) -> None:
    """Passwords that will be needed and are neither in the environment nor in a keyring."""
    for entry in migration.sources.entries():
        if entry.state is SourceState.LOCKED:
            password = ask_password(entry.path)
            if password:
                migration.sources.set_password(entry.key, password)
    if migration.data.target.kind is not TargetKind.PACKAGE:
        ask_server_password(migration, migration.data.connection)


def ask_server_password(migration: Migration, c: Connection) -> None:
    """The server's password, where signing in needs one that is neither in the environment nor in a keyring."""
    if not c.auth.needs_password or migration.connect.password():
        return
    if sys.stdin.isatty():
        prompt = f"Password of {c.user} on {c.server}"
        migration.connect.set_password(
            typer.prompt(for_terminal(prompt), hide_input=True, default="", show_default=False, err=True)
        )


def _perform(migration: Migration, order: Order, loud: Loudness, as_json: bool) -> int:
    cancel = CancellationToken()
    stop_on_signals(cancel)
    with reporting(loud, as_json) as lines:
        migration.listen(lines)

        def ended(status: int, detail: str) -> int:
            """The last line of JSON, however it ends."""
            if as_json:
                lines(WorkEnded(time.time(), status, detail))
            return status

        def stopped(message: Message) -> int:
            lines.write(str(message))
            return ended(Exit.FAILED, message.text)

        try:
            status = worker_process.perform(migration, order, cancel)
            worker.seen(migration.path)  # how an earlier worker ended is not how things stand any more
            ended(status, names_of_losses(migration) if as_json else "")
        except StoppedError as e:
            signal, project = e.args[0] or "a request", shell_word(migration.path)
            return stopped(Message.of(order.work.stopped, signal=signal, project=project))
        except KeyboardInterrupt:
            return stopped(Message.of(8307, signal="SIGINT"))
        except JetferryError as e:
            ended(status_of(e), str(e.message))
            raise
    if not as_json:
        _report(migration)
    say_losses(migration)
    return status


def say_losses(migration: Migration) -> bool:
    """What stayed behind by name, and why where that was not printed before. False where nothing did."""
    lines = dict.fromkeys(f"{x.heading}: {x.name if printed(x.why) else x}" for x in losses(migration))
    for text in lines:
        say(text)
    return bool(lines)


def _report(migration: Migration) -> None:
    """The table at the end, to standard output."""
    result = migration.migrate.result
    if result is None or not result.tables:
        return
    put(
        *closing_table(
            result, width(), missing=len(migration.migrate.never_made()), weaker=len(migration.migrate.weaker())
        )
    )


def retry(project: Path, tables: list[str], loud: Loudness, *, yes: bool, as_json: bool) -> int:
    """Send rejected rows again, of all tables where none is named; asks as `run` does. Returns the exit status."""
    with Migration.open(project) as migration:
        ask_passwords(migration)
        first = "Change objects and send" if migration.loads_before_retry else "Send"
        if not may_write(migration, yes, f"{first} rejected rows again to"):
            return _nothing_done()
        order = Order(WorkerTask.RETRY_REJECTS, tables=tuple(tables))
        status = _perform(migration, order, loud, as_json)
        result = migration.migrate.result
        if result is not None and not result.tables and loud is not Loudness.VERBOSE:
            say(Message.of(6306).text)
        return status


def attach(project: Path, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Watch a worker to its end. Returns the worker's exit status."""
    attachment = worker.attach(project)
    with reporting(loudness(quiet, verbose), as_json) as lines:
        ended = _watch(attachment, lines)
    if ended is None:
        say(f"No longer watched; the work goes on. Watch it again with: jetferry attach {shell_word(project)}")
        return Exit.DONE
    worker.seen(project)
    if ended.exit_status == Exit.LEFT_OUT and _losses_said(project):
        return ended.exit_status
    if ended.detail and first(ended.detail):
        say(ended.detail)
    return ended.exit_status


def _losses_said(project: Path) -> bool:
    """What stayed behind by name. False where the project cannot say it: a source cannot be opened here, for one."""
    with suppress(JetferryError), Migration.open(project, hold=False) as migration:
        return say_losses(migration)
    return False


def _watch(attachment: worker.Attachment, lines: ProgressLines) -> WorkEnded | None:
    try:
        lines.past(attachment.history)
        for event in attachment.follow():
            lines(event)
    except KeyboardInterrupt:
        return None
    finally:
        attachment.close()
    return attachment.ended


def stop(project: Path, as_json: bool) -> int:
    """Ask a worker to stop. Returns the exit status."""
    attachment = worker.attach(project)
    attachment.send(Command.CANCEL)
    if as_json:
        put_json({"pid": attachment.state.pid, "stopping": True})
    say("It stops at the next batch.")
    return Exit.DONE


def status(project: Path, as_json: bool, follow: bool) -> int:
    """Print how far a project has come, `follow`: until its worker ends. Returns the exit status."""
    shown = _status(project)
    if as_json:
        put_json(shown)
    else:
        put(*_status_text(shown))
    if not follow:
        return Exit.DONE
    try:
        attachment = worker.attach(project)
    except JetferryError:
        return Exit.DONE
    ended = _watch(attachment, ProgressLines(Loudness.NORMAL))
    return ended.exit_status if ended else Exit.DONE


def _status(project: Path) -> dict[str, Any]:
    at_work = worker.at_work(project)
    last = None if at_work else worker.unseen(project)
    with Migration.open(project, hold=False) as migration:
        migration.sources.check_quickly()
        data, statuses = migration.data, migration.statuses()
        stages = [
            {"stage": s.value, "number": s.number, "status": statuses[s].value, "detail": migration.detail(s)}
            for s in Stage
        ]
        deployments = migration.migrate.deployments()
        return {
            "project": str(migration.path),
            "name": data.name,
            "target": data.target.kind.value,
            "current": migration.current().value,
            "worker": {"pid": at_work.pid, "host": at_work.host, "since": at_work.since} if at_work else None,
            "last_worker": {
                "pid": last[0].pid,
                "since": last[0].since,
                "work": last[0].work.value,
                "exit_status": last[1].exit_status,
                "detail": last[1].detail,
            }
            if last
            else None,
            "sources": [{"key": s.key, "path": s.path} for s in data.sources],
            "stages": stages,
            "tables": [
                {
                    "table": t.table,
                    "status": t.state.value,
                    "state": t.state.words,
                    "rows": t.rows,
                    "done": t.done,
                    "rejected": t.rejected,
                    "repaired": t.repaired,
                    "damaged": t.damaged,
                    "unread": t.unread,
                    "rounded": t.rounded,
                    "equal": t.equal if t.state.role is Role.GOOD else False if t.equal is False else None,
                }
                for t in migration.migrate.known_lines()
            ],
            "deployments": [{**asdict(d), "summary": d.summary} for d in deployments.found],
            "unmade": [str(m) for m in migration.migrate.unmade()],
            "weaker": [str(m) for m in _weaker(migration)],
            "as_stored": [str(m) for m in migration.migrate.as_stored()],
            "messages": [
                str(m) for m in (*_wanted(migration), *_again(migration), *_differing(migration), *deployments.messages)
            ],
        }


def _weaker(migration: Migration) -> Sequence[Message]:
    """Keys and indexes that gave way to old rows; none before stage 6."""
    with suppress(StageError, SourceError):
        return migration.migrate.weaker()
    return ()


def _again(migration: Migration) -> list[Message]:
    """Of rows rejected earlier that may be sent again."""
    told = migration.migrate.may_be_mended()
    return [told] if told else []


def _differing(migration: Migration) -> list[Message]:
    """That tables differ, as a comparison found after stage 8 had ended well."""
    told = migration.migrate.found_differing() if migration.over(Stage.MIGRATE) else None
    return [told] if told else []


def _wanted(migration: Migration) -> list[Message]:
    """Messages about linked tables that stay behind, from stage 2's last look: this opens no file."""
    return [m for m in migration.session.messages_of(Stage.SOURCES) if m.topic is Topic.BACK_END_MISSING]


def _status_text(shown: dict[str, Any]) -> list[str]:
    lines = [f"{shown['name']} ({shown['project']}), to {shown['target']}"]
    if shown["worker"]:
        w = shown["worker"]
        lines.append(f"A worker is at work: process {w['pid']} on {w['host']}, since {w['since']}")
    if w := shown["last_worker"]:
        detail = f": {w['detail']}" if w["detail"] else ""
        lines.append(f"The last worker ({w['work']}, since {w['since']}) ended with status {w['exit_status']}{detail}")
    lines.append("")
    lines += table(
        ("stage", "status", "detail"),
        [(title(Stage(s["stage"])), s["status"], s["detail"]) for s in shown["stages"]],
    )
    moved = [
        (
            t["table"],
            f"{TableState(t['status']).sign} {t['state']}",
            f"{t['rows']:,}",
            f"{t['done']:,}",
            f"{t['rejected']:,}",
            f"{t['unread']:,}",
            f"{t['repaired']:,}",
        )
        for t in shown["tables"]
    ]
    if moved:
        lines += ["", *table(("table", "state", "rows", "arrived", "rejected", "unreadable", "repaired values"), moved)]
    weaker = [f"Less guarded than in Access: {m}" for m in shown["weaker"]]
    unmade = [f"Not made or trusted: {m}" for m in shown["unmade"]]
    unmade += [f"As stored: {m}" for m in shown["as_stored"]]
    told = [d["summary"] for d in shown["deployments"]] + unmade + weaker + shown["messages"]
    if told:
        lines += ["", *told]
    return lines
