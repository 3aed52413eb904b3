"""Commands that end in a report: assess, verify, proof, link."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from wizard.cancellation import stop_on_signals
from wizard.cli.closing_table import figures
from wizard.cli.files import ask_password
from wizard.cli.output import put, put_json, say, table
from wizard.cli.progress_output import reporting
from wizard.cli.runs import ask_passwords, ask_server_password, loudness
from wizard.events import Stage
from wizard.file_writing import write_whole
from wizard.messages import Severity, StageError
from wizard.outcomes import Exit, TableState
from wizard.plurals import counted
from wizard.project import SUFFIX, project_path
from wizard.server_name import ServerNameError
from wizard.settings import Auth, Connection, Encryption, Options, Target, TargetKind
from wizard.stages import CancellationToken, Migration, StoppedError, access_files
from wizard.stages.losses import AS_STORED, UNMADE, WEAKER

if TYPE_CHECKING:
    from wizard.stages.assess import Assessment
    from wizard.stages.query_preview import QueryPreview

_SIGN_INS: Final = {"sql": Auth.SQL, "windows": Auth.WINDOWS, "entra": Auth.ENTRA_DEFAULT}
"""by the deployment commands' names"""


def assess(what: Path, html: Path | None, as_json: bool, quiet: bool, verbose: bool) -> int:
    """The assessment of a file by itself, or of a project. Returns the exit status."""
    if what.name.endswith(SUFFIX) or (not what.is_file() and project_path(what).exists()):
        return _in_project(what, quiet, verbose, lambda m, c: _assess_project(m, c, html, as_json))
    with access_files.open_file(what, ask_password) as opened:
        told = access_files.wanted_by(opened, what.stem)
        known = access_files.application(opened)
        found = access_files.assess(opened, what.stem, Options(), Target(), known=known, told=told)
    return _show([found], html, as_json)


def _in_project(project: Path, quiet: bool, verbose: bool, work: Callable[[Migration, CancellationToken], int]) -> int:
    cancel = CancellationToken()
    stop_on_signals(cancel)
    with Migration.open(project) as migration:
        ask_passwords(migration)
        with reporting(loudness(quiet, verbose)) as lines:
            migration.listen(lines)
            try:
                with migration.session.waiting(cancel):
                    return work(migration, cancel)
            except StoppedError:
                lines.write("stopped; nothing was lost")
                return Exit.FAILED


def _assess_project(migration: Migration, cancel: CancellationToken, html: Path | None, as_json: bool) -> int:
    migration.prepare(cancel, through=Stage.MAP)
    found = list(migration.assess.run(cancel).values())
    say(f"reports: {migration.files.reports}")
    return _show(found, html, as_json)


def _show(found: list[Assessment], html: Path | None, as_json: bool) -> int:
    if html is not None:
        write_whole(html, access_files.render("html", *found))
        say(f"written: {html}")
    put(*access_files.render("json" if as_json else "txt", *found).split("\n"))
    return Exit.LEFT_OUT if any(a.left_out or a.weaker for a in found) else Exit.DONE


def deployed_on(
    project: Path,
    known: bool,
    server: str,
    *,
    database: str,
    auth: Auth | None,
    user: str,
    encryption: Encryption | None,
    trust: bool | None,
) -> Connection | None:
    """Where a package was deployed; None where the package itself is to be verified.

    With `known` server, database, login and sign-in are those of the package's result file, where they are not given.
    Raises typer.BadParameter, TargetError 5609.
    """
    if known:
        with Migration.open(project, hold=False) as migration:
            last = migration.migrate.deployments().last(database)
        if auth is None and last.sign_in in _SIGN_INS:
            auth = _SIGN_INS[last.sign_in]
        server, database, user = server or last.server, database or last.database, user or last.user
    if not server:
        if database or user:
            raise typer.BadParameter("--database and --user need --server or --deployed")
        return None
    if not database:
        raise typer.BadParameter("--server needs --database, or --deployed")
    try:
        return Connection.at(
            server, database=database, auth=auth or Auth.SQL, user=user,
            encryption=encryption or Encryption.MANDATORY, trust_certificate=bool(trust),
        )  # fmt: skip
    except ServerNameError as e:
        raise typer.BadParameter(f"--server: {e}") from None


def verify(project: Path, deployed: Connection | None, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Compare both sides; `deployed` is the server on which a package was deployed. Returns the exit status."""
    return _in_project(project, quiet, verbose, lambda m, c: _verify(m, c, deployed, as_json))


def _verify(migration: Migration, cancel: CancellationToken, deployed: Connection | None, as_json: bool) -> int:
    if deployed is not None:
        if migration.data.target.kind is not TargetKind.PACKAGE:
            raise typer.BadParameter("--server is for projects whose target is an offline package")
        ask_server_password(migration, deployed)
    found = migration.migrate.verify(cancel, deployed)
    if as_json:
        put(*found.as_json().split("\n"))
    else:
        rows = [
            (
                "equal" if p.state is TableState.DONE else p.state.words,
                p.source,
                p.table,
                *figures(p.rows + p.unread, p.target_rows, p.rejected),
            )
            for p in found.proofs
        ]
        put(*table(("verdict", "from", "to", "rows", "arrived", "rejected"), rows))
        if found.queries:
            shown = [(str(q.verdict), q.query, q.target, *figures(q.rows, q.target_rows)) for q in found.queries]
            put("", *table(("rows are", "query", "to", "in Access", "there"), shown), "", found.queries_summed)
    of_tables = (m for p in found.proofs for m in p.messages if not p.equal or m.severity is Severity.ERROR)
    for text in dict.fromkeys(map(str, (*of_tables, *found.messages))):  # what hindered all tables is said once
        say(text)
    for heading, told in ((AS_STORED, found.as_stored), (UNMADE, found.unmade), (WEAKER, found.weaker)):
        for message in told:
            say(f"{heading}: {message.fact_first}")
    for name in found.missing:
        say(f"table {name} was never made")
    status = found.verdict.exit_status
    return Exit.LEFT_OUT if status == Exit.DONE and not found.queries_alike else status


def rehearsals(project: Path, as_json: bool) -> int:
    """Print all runs side by side. Returns the exit status."""
    with Migration.open(project, hold=False) as migration:
        began, compared = migration.migrate.rehearsals()
    if as_json:
        put_json({"started": list(began), "tables": [asdict(c) for c in compared]})
        return Exit.DONE
    cells = [(c.table, *map(_run_of_table, c.seconds, c.rejected, c.retries)) for c in compared]
    put(*(table(("table", *began), cells) if began else ["No run has moved rows yet."]))
    return Exit.DONE


def _run_of_table(seconds: float | None, rejected: int | None, retries: int | None) -> str:
    if seconds is None:
        return ""
    more = [f"{rejected} rejected"] * bool(rejected) + [counted(retries or 0, "retry", "retries")] * bool(retries)
    return ", ".join((f"{seconds:.1f} s", *more))


def proof(project: Path, queries: list[str], as_json: bool, quiet: bool, verbose: bool) -> int:
    """Run converted queries on the server; all where none is named. Returns the exit status."""
    return _in_project(project, quiet, verbose, lambda m, c: _proof(m, c, queries, as_json))


def _proof(migration: Migration, cancel: CancellationToken, queries: list[str], as_json: bool) -> int:
    failed = shown = 0
    plain: list[dict[str, Any]] = []
    for found in migration.migrate.sides(queries, cancel):
        cancel.check()
        shown += 1
        if as_json:
            failed += bool(found.proof.problem)
            plain.append(_plain_proof(found))
            continue
        put(f"{found.proof.kind} {found.proof.name}")
        if found.proof.problem:
            failed += 1
            say(str(found.proof.problem))
        elif not found.proof.sql:
            put("  a procedure; it is not run, since it may change data", "")
        else:
            put("on the server:", *table(found.proof.columns, _nulls(found.proof.rows)), found.note)
            put(*(table(found.columns, _nulls(found.rows)) if found.columns else ()), "")
    if queries and not shown:
        raise StageError(8113, what="converted query", name=", ".join(queries), where="the project")
    if as_json:
        put_json(plain)
    return Exit.FAILED if failed else Exit.DONE


def _plain_proof(found: QueryPreview) -> dict[str, Any]:
    p = found.proof
    return {
        "name": p.name, "kind": p.kind, "problem": str(p.problem) if p.problem else None, "note": found.note,
        "server": {"columns": list(p.columns), "rows": [list(r) for r in p.rows]},
        "access": {"columns": list(found.columns), "rows": [list(r) for r in found.rows]},
    }  # fmt: skip


def _nulls(rows: Iterable[Sequence[str | None]]) -> list[tuple[str, ...]]:
    return [tuple("NULL" if v is None else v for v in row) for row in rows]


def link(project: Path, accept_password_risk: bool, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Write the kit of stage 9. Returns the exit status."""
    return _in_project(project, quiet, verbose, lambda m, c: _link(m, c, accept_password_risk, as_json))


def _link(migration: Migration, cancel: CancellationToken, accept_password_risk: bool, as_json: bool) -> int:
    written = [str(p) for p in migration.link.run(cancel, accept_password_risk=accept_password_risk)]
    left = migration.link.left_out()
    if as_json:
        put_json({"files": written, "left_out": [str(m) for m in left]})
    else:
        put(*written)
    for message in left:
        say(f"left out: {message}")
    return Exit.LEFT_OUT if left else Exit.DONE
