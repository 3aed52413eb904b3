"""Commands of an estate: scan, status, report, export, plan, run."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typer

from wizard.cancellation import CancellationToken, stop_on_signals
from wizard.cli.output import put, put_json, say, say_over, table, width
from wizard.escaping import for_terminal, shell_word
from wizard.estate import overview
from wizard.estate.derivation import DEAD_MONTHS, derive
from wizard.estate.engines import Engine, LocalEngine
from wizard.estate.file_passwords import FilePasswords
from wizard.estate.model import Limits, ScanPhase, ScanProgress, WorkState
from wizard.estate.scan import ScanOptions, ScanResult, check_roots, command_of, read_passwords
from wizard.estate.scan import scan as scan_folders
from wizard.estate.store import Estate
from wizard.file_writing import expanded, real_path
from wizard.messages import Message
from wizard.outcomes import Exit
from wizard.plurals import counted, hours
from wizard.settings import TargetKind
from wizard.stages.throughput import duration

FOLLOW_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Dask cluster, where one was named."""

    scheduler: str = ""
    paths: tuple[str, ...] = ()
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def mapping(self) -> tuple[tuple[str, str], ...]:
        """Raises typer.BadParameter."""
        pairs = [p.partition("=") for p in self.paths]
        if any(not (here and there) for here, _, there in pairs):
            raise typer.BadParameter("--map: write HERE=THERE")
        return tuple((str(real_path(here).absolute()), there) for here, _, there in pairs)


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """The arguments and options of `estate scan`."""

    folders: tuple[Path, ...]
    estate: Path
    workers: int
    seconds: float
    megabytes: int
    rows: bool
    checks: bool
    passwords: Path | None
    password_command: str
    again: bool
    retry: bool
    code_page: str
    dead_months: int
    cluster: Cluster

    def options(self) -> ScanOptions:
        """Raises typer.BadParameter, ProjectError."""
        if self.seconds <= 0 or self.megabytes < 256:
            raise typer.BadParameter("--seconds must be more than 0, --megabytes at least 256")
        words = _passwords(self.passwords, self.password_command)
        return ScanOptions(
            words.listed,
            words.command,
            self.rows,
            self.checks,
            self.again,
            self.retry,
            self.code_page,
            self.cluster.mapping(),
        )  # fmt: skip

    def engine(self) -> Engine:
        """What looks at the files. Raises ProjectError where a cluster cannot be reached."""
        limits = Limits(self.seconds, self.megabytes)
        if not self.cluster.scheduler:
            return LocalEngine(self.workers, limits)
        from wizard.estate.dask_engine import DaskEngine

        c = self.cluster
        return DaskEngine(c.scheduler, limits, ca=c.ca, cert=c.cert, key=c.key)


def _passwords(listed: Path | None, command: str) -> FilePasswords:
    """Raises typer.BadParameter, ProjectError."""
    try:
        words = command_of(command)
    except ValueError as e:
        raise typer.BadParameter(f"--password-command: {e}") from None
    return FilePasswords(read_passwords(listed) if listed else (), words)


def scan(asked: ScanRequest, as_json: bool, quiet: bool) -> int:
    """Scan. Returns the exit status."""
    options = asked.options()
    cancel = CancellationToken()
    stop_on_signals(cancel)
    check_roots(asked.folders)  # before an estate is made for them
    with Estate.open(asked.estate, make=bool(asked.folders)) as estate:
        estate.remember(DEAD_MONTHS, str(max(1, asked.dead_months)))
        engine = asked.engine()
        try:
            lines = _Lines(quiet)
            found = scan_folders(
                estate,
                asked.folders,
                engine,
                options,
                stopped=lambda: cancel.cancelled,
                on_progress=lines,
                derive=derive,
            )
            lines.end()
        finally:
            engine.close()
        return _scanned(estate, found, asked, as_json, quiet)


def _scanned(estate: Estate, found: ScanResult, asked: ScanRequest, as_json: bool, quiet: bool) -> int:
    if as_json:
        put_json({"estate": str(estate.folder), **asdict(found)})
    if found.stopped:
        say(f"Stopped; what was found is kept. Go on with: jetferry estate scan --estate {shell_word(asked.estate)}")
        return Exit.FAILED
    if not quiet:
        state = estate.ask("SELECT state, count(*) AS files FROM file WHERE gone = 0 GROUP BY 1 ORDER BY 2 DESC")
        told = ", ".join(f"{r['files']:,} {r['state']}" for r in state)
        say(
            f"{counted(found.found, 'file')} in {counted(found.folders, 'folder')}, {found.looked_at:,} looked at in "
            f"{found.seconds:,.0f} s: {told or 'none'}"
        )
        if found.gone:
            say(f"{counted(found.gone, 'file')} of earlier scans no longer there")
        for row in estate.ask("SELECT path, reason FROM trouble WHERE scan = (SELECT max(id) FROM scan) LIMIT 10"):
            say(f"not looked at: {row['path']}: {row['reason']}")
        say(f"Go on with: jetferry estate report --estate {shell_word(asked.estate)}")
    if not as_json:
        put(str(estate.folder))
    links = "a link, which is not followed"
    troubles = estate.one("SELECT count(*) FROM trouble WHERE scan = (SELECT max(id) FROM scan) AND reason <> ?", links)
    unread = estate.one("SELECT count(*) FROM unreadable")
    return Exit.LEFT_OUT if troubles or unread else Exit.DONE


class _Lines:
    """Progress to standard error: one line that moves on a terminal, a line every ten seconds else."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._moving = sys.stderr.isatty()
        self._next = 0.0

    def __call__(self, progress: ScanProgress) -> None:
        if self._quiet:
            return
        if self._moving:
            say_over(_progress_line(progress)[:150])
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + 10
            say(_progress_line(progress))

    def end(self) -> None:
        """Clear the line."""
        if self._moving and not self._quiet:
            say_over("")


def _progress_line(p: ScanProgress) -> str:
    if p.phase is ScanPhase.COMPARING:
        return "comparing: families, links, applications"
    left = f", {duration(p.seconds_left)} left" if p.seconds_left is not None else ""
    failed = f", {p.failed:,} cannot be read" if p.failed else ""
    where = f": {p.current}" if p.current else ""
    return f"{p.done:,} of {p.found:,} found{failed}, {p.rate:.1f} files/s{left}{where}"


def export(estate: Path, out: Path, form: str, as_json: bool, quiet: bool) -> int:
    """Write the estate's views as files. Returns the exit status."""
    from wizard.estate.export import FORMATS, export_views

    if form not in FORMATS:
        raise typer.BadParameter(f"--format: '{form}' is none of {', '.join(FORMATS)}")
    with Estate.open(estate) as opened:
        written = []
        for path, rows in export_views(opened, expanded(out), form):
            written.append({"path": str(path), "rows": rows})
            if not quiet and not as_json:
                say(f"{path.name}: {counted(rows, 'row')}")
    if as_json:
        put_json({"files": written})
    return Exit.DONE


def status(estate: Path, as_json: bool, follow: bool) -> int:
    """Print what is known, `follow`: again and again while something is at work. Returns the exit status."""
    with Estate.open(estate) as opened:
        shown = overview.status(opened)
        if as_json:
            put_json(shown)
        else:
            put(*_status_lines(shown, overview.overview(opened)))
        before: dict[str, str] = {r.name: _stand(r) for r in overview.work_rows(opened)}
        while follow and overview.at_work(opened):
            time.sleep(FOLLOW_SECONDS)
            _print_changes(opened, before)
        return Exit.DONE


def _print_changes(estate: Estate, before: dict[str, str]) -> None:
    """A line for each application that stands elsewhere than before, and for a scan that goes on."""
    for row in overview.work_rows(estate):
        stand = _stand(row)
        if before.get(row.name) != stand:
            before[row.name] = stand
            put(f"{datetime.now().strftime('%H:%M:%S')} {row.name}: {stand}")
    if "scan" in overview.at_work(estate):
        done, found = estate.ask("SELECT sum(state <> 'waiting'), count(*) FROM file WHERE gone = 0")[0]
        stand = f"{done or 0:,} of {found:,} files found are known"
        if before.get("") != stand:
            before[""] = stand
            put(f"{datetime.now().strftime('%H:%M:%S')} scan: {stand}")


def _stand(row: overview.WorkRow) -> str:
    rows = f", {row.done:,} of {row.rows:,} rows" if row.state == WorkState.RUNNING and row.rows else ""
    detail = f": {row.detail}" if row.detail else ""
    verdict = f" ({row.verdict})" if row.verdict else ""
    return f"{row.state}{verdict}{rows}{detail}"


def _status_lines(shown: dict[str, Any], o: overview.Overview) -> list[str]:
    lines = [f"{o.name} ({o.folder})", f"last scan: {o.scanned or 'none has ended'}"]
    if shown["at_work"]:
        lines.append(f"at work now: {', '.join(shown['at_work'])}")
    lines += ["", overview.summary(o)]
    held = f"{counted(o.rows, 'row')} in {counted(o.tables, 'table')}, {counted(o.queries, 'query', 'queries')}"
    code = counted(o.code_lines, "line of code", "lines of code")
    facts = (
        ("size", f"{o.size / 1e9:,.2f} GB, {held}"),
        ("applications", f"{counted(o.forms, 'form')}, {counted(o.reports, 'report')}, {code}"),
        ("converts", f"by itself {o.itself:,}, with work {o.work:,}, not {o.impossible:,}"),
        ("work left", hours(o.effort) + ", copies and dead ones apart"),
        ("personal", f"{counted(o.personal, 'database')} with columns that look personal"),
        ("links", f"{counted(o.missing, 'target')} missing"),
        ("archives", f"{counted(o.archived, 'database')} in ZIP archives, not opened"),
        ("not looked at", counted(o.troubles, "place")),
    )
    lines += [f"  {name:<14} {text}" for name, text in facts]
    work = shown["applications_of_plans"]
    if work:
        cells = [
            (str(w["wave"]), w["name"], w["state"], w["verdict"], f"{w['rows']:,}", f"{w['rejected']:,}",
             w["responsible"], w["detail"])
            for w in work
        ]  # fmt: skip
        heads = ("wave", "application", "state", "verdict", "rows", "rows lost", "responsible", "detail")
        lines += ["", *table(heads, cells, most=width())]
    return lines


def report(estate: Path, out: Path | None, as_json: bool, quiet: bool) -> int:
    """Write the report. Returns the exit status."""
    from wizard.estate.report import write_report

    with Estate.open(estate) as opened:
        path = expanded(out) if out else opened.folder / "report.html"
        written = write_report(opened, path)
        if as_json:
            put_json({"report": str(path), "files": [str(w) for w in written]})
            return Exit.DONE
        put(str(path))
        if not quiet:
            say(f"{counted(len(written) - 1, 'file')} beside it, in {written[1].parent}")
    return Exit.DONE


def plan(
    estate: Path, file: Path | None, *, wave_size: int, wave_hours: float, target: TargetKind, server: str,
    as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Write the plan, or bring it up to date. Returns the exit status."""
    from wizard.estate import plan as planning

    if wave_size < 1 or wave_hours <= 0:
        raise typer.BadParameter("--wave-size and --wave-hours must be more than 0")
    with Estate.open(estate) as opened:
        path = expanded(file).absolute() if file else opened.folder.with_name(opened.name + planning.SUFFIX)
        found = planning.plan(opened, path, most=wave_size, minutes=int(wave_hours * 60), target=target, server=server)
    if as_json:
        put_json({
            "plan": str(found.path), "applications": found.applications, "waves": found.waves, "added": found.added,
            "messages": [str(m) for m in found.messages],
        })  # fmt: skip
        return Exit.DONE
    put(str(found.path))
    if not quiet:
        for message in found.messages:
            say(str(message))
        planned = f"{counted(found.applications, 'application')} in {counted(found.waves, 'wave')}"
        say(f"{planned}, {found.added:,} of them new.")
        say(f"Edit it, then: jetferry estate run {shell_word(found.path)} --wave 1 --estate {shell_word(estate)}")
    return Exit.DONE


def run(
    estate: Path, file: Path, *, wave: int, passwords: Path | None, password_command: str, yes: bool, as_json: bool,
    quiet: bool,
) -> int:  # fmt: skip
    """Run waves of a plan. Returns the exit status."""
    from wizard.estate.plan import read_plan
    from wizard.estate.projects import is_server
    from wizard.estate.run import run as run_waves

    words = _passwords(passwords, password_command)
    cancel = CancellationToken()
    with Estate.open(estate) as opened:
        read = read_plan(expanded(file), opened.name)
        servers = sorted({e.server for e in read.entries if is_server(e) and wave in (0, e.wave)})
        if servers and not yes and not _agreed(servers):
            say("Nothing was done. Run it with --yes to go on without being asked.")
            return Exit.FAILED
        stop_on_signals(cancel)

        def on_work(name: str, state: WorkState, detail: str) -> None:
            if not quiet:
                say(f"{datetime.now().strftime('%H:%M:%S')} {name}: {state}{f' ({detail})' if detail else ''}")

        found = run_waves(opened, read, wave, passwords=words, stopped=lambda: cancel.cancelled, on_work=on_work)
        rows = overview.work_rows(opened, read.name, wave)
        heads = ("wave", "application", "state", "verdict", "rows", "rows lost", "detail")
        cells = [(str(r.wave), r.name, r.state, r.verdict, f"{r.rows:,}", f"{r.rejected:,}", r.detail) for r in rows]
        if as_json:
            put_json({"applications": [asdict(r) for r in rows], "stopped": found.stopped, "status": found.exit_status})
        else:
            put(*table(heads, cells, most=width()))
        if found.stopped:
            say(str(Message.of(9205, path=file, estate=estate)))
        open_ones = sorted(n for n, s in found.states.items() if not s.over)
        if open_ones:
            say(str(Message.of(9204, count=len(open_ones), names=", ".join(open_ones[:5]))))
        return found.exit_status


def _agreed(servers: list[str]) -> bool:
    """Whether something may be written to servers."""
    if not sys.stdin.isatty():
        say(f"This writes to {', '.join(servers)}; without a terminal to ask at, say --yes.")
        return False
    return typer.confirm(for_terminal(f"Create objects and write rows to {', '.join(servers)}?"), err=True)
