"""The certificate of a migration, as JSON and HTML: what was moved, when, how, and every figure of both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from wizard import __version__
from wizard.coercion.columns import Cut
from wizard.escaping import as_json
from wizard.file_writing import write_whole
from wizard.html_pages import page
from wizard.messages import Kind, Message, Place, RecordError
from wizard.migrate.query_comparison import QueryProof, multiset, records
from wizard.migrate.rejects import RejectLog, file_name
from wizard.migrate.repairs import RepairedValue, RepairLog, added, by_rules, changed, count_changes, what_was_done
from wizard.migrate.run_history import MOVED, side_by_side
from wizard.migrate.verification import TableComparison
from wizard.outcomes import TableState, Verdict, verdict
from wizard.plurals import counted
from wizard.settings import Options, declarations
from wizard.sqlserver.column_sums import written

_CHUNK: Final = 1 << 20
LISTED: Final = 1_000
"""rejected rows that the certificate names for a table"""
SHOWN: Final = 100
"""of them on the page for people"""
MANY: Final = 40
"""tables beyond which the page stays short when printed"""


@dataclass(frozen=True, slots=True)
class CertifiedFile:
    """A file whose rows were moved."""

    key: str
    path: str
    size: int
    modified: str
    sha256: str


def fingerprinted(key: str, path: Path) -> CertifiedFile:
    """A source with the SHA-256 of its bytes. Raises RecordError where it cannot be read."""
    digest, size = hashlib.sha256(), 0
    try:
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as e:
        raise RecordError(6012, Place(Kind.FILE, name=str(path)), file=path, reason=e.strerror or e) from e
    return CertifiedFile(key, str(path), size, modified, digest.hexdigest())


def certificate(
    *,
    project: str,
    target: str,
    sources: Sequence[CertifiedFile],
    proofs: Sequence[TableComparison],
    problems: Sequence[Message],
    missing: Sequence[str] = (),
    unmade: Sequence[Message] = (),
    weaker: Sequence[Message] = (),
    as_stored: Sequence[Message] = (),
    rejects: Mapping[str, RejectLog],
    repairs: Mapping[str, RepairLog],
    runs: Sequence[Mapping[str, Any]],
    options: Options,
    queries: Sequence[QueryProof] = (),
) -> dict[str, Any]:
    """The certificate's content, plain data for JSON.

    `target` is for people; `problems` are those of no single table; `missing` are tables that were chosen and never
    made, `unmade` what else was not; `as_stored` are columns with values in their wrapper;
    `rejects` and `repairs` are the logs by table; `runs` are records as `run_history.records` reads them. Raises
    MoveError where a reject log cannot be read.
    """
    changes = {table: _TableChanges.of(log) for table, log in repairs.items()}
    made = verdict(
        [p.state for p in proofs], others_well=not problems, missing=bool(missing), unmade=bool(unmade),
        as_stored=bool(as_stored), weaker=bool(weaker),
    )  # fmt: skip
    return {
        "certificate": "Jetferry migration certificate",
        "version": __version__,
        "project": project,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "target": target,
        "sources": [asdict(s) for s in sources],
        "options": {k: str(v) if isinstance(v, str) else v for k, v in asdict(options).items()},
        "verdict": made.value,
        "equal": made is Verdict.EQUAL,
        "missing": list(missing),
        "unmade": [f"{m.fact_first}." for m in unmade],
        "weaker": [f"{m.fact_first}." for m in weaker],
        "as_stored": [f"{m.fact_first}." for m in as_stored],
        "problems": [f"{m.fact_first}." for m in problems],
        "rows": sum(p.target_rows for p in proofs),
        "rejected": sum(p.rejected for p in proofs),
        "repaired": sum(changed(c.counts) for c in changes.values()),
        "by_rules": sum(by_rules(c.counts) for c in changes.values()),
        "added": sum(c.added for c in changes.values()),
        "damaged": sum(p.damaged for p in proofs),
        "unread": sum(p.unread for p in proofs),
        "rounded": sum(p.rounded for p in proofs),
        "characters": sum(n for c in changes.values() for (_, r), n in c.counts.items() if r == Cut.CHARACTERS),
        "tables": [_table(p, rejects.get(p.table), runs) | changes.get(p.table, _TableChanges()).facts for p in proofs],
        "queries": list(records(queries)),
        "queries_summed": multiset(queries) if queries else "",
        "runs": list(runs),
        "rehearsals": _rehearsals(runs),
    }


def _rehearsals(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The runs that moved tables, beside each other."""
    moving = [r for r in runs if any(t["status"] in MOVED for t in r["tables"])]
    return {"started": [r["started"] for r in moving], "tables": [asdict(c) for c in side_by_side(moving)]}


def _table(proof: TableComparison, log: RejectLog | None, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    moved = [(r, t) for r in runs for t in r["tables"] if t["table"] == proof.table and t["status"] in MOVED]
    run, line = moved[-1] if moved else ({}, {})
    left = log.read() if log is not None and proof.rejected else []
    return {
        "table": proof.table,
        "source": proof.source,
        "state": proof.state.value,
        "equal": proof.state is TableState.DONE,
        "moved": run.get("started"),
        "seconds": line.get("seconds"),
        "retries": line.get("retries"),
        "source_rows": proof.source_rows + proof.rejected,
        "target_rows": proof.target_rows,
        "rejected": proof.rejected,
        "damaged": proof.damaged,
        "unread": proof.unread,
        "rounded": proof.rounded,
        "source_figures_taken": "while moving" if proof.read_once else "while verifying",
        "rejects": [
            {"key": r.key, "position": r.position, "column": r.column, "number": r.number, "reason": r.reason}
            for r in left[:LISTED]
        ],
        "reject_file": str(log.folder / file_name(log.table, "csv")) if log is not None and left else "",
        "types": {name: str(type_) for name, type_ in proof.types.items()},
        "columns": {name: _figures(proof, name) for name in proof.source_figures},
        "messages": [f"{m.fact_first}." for m in proof.messages],
    }


@dataclass(frozen=True)
class _TableChanges:
    """The values of a table that rules or types changed: a log may be long, and is read once."""

    found: tuple[RepairedValue, ...] = ()
    """the first of them"""
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """by column and rule"""
    added: int = 0
    """rows that are not of the source"""
    file: str = ""

    @classmethod
    def of(cls, log: RepairLog) -> _TableChanges:
        """Raises MoveError where the log cannot be read."""
        found = log.read() if log.path.exists() else []
        file = str(log.folder / file_name(log.table, "csv")) if found else ""
        return cls(tuple(found[:LISTED]), count_changes(found), added(found), file)

    @property
    def facts(self) -> dict[str, Any]:
        """As the certificate has them, written as those of rejected rows are."""
        listed = [asdict(r) | {"done": what_was_done(r)} for r in self.found]
        return {"repaired": changed(self.counts), "repairs": listed, "repair_file": self.file}


def _figures(proof: TableComparison, column: str) -> dict[str, dict[str, str]]:
    """By figure, both sides; empty where the target has none."""
    type_, there = proof.types[column], proof.target_figures.get(column, {})
    return {
        figure: {
            "source": written(type_, figure, value),
            "target": written(type_, figure, there[figure]) if figure in there else "",
        }
        for figure, value in proof.source_figures[column].items()
    }


def write(content: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """Write `certificate.json` and `certificate.html`, each whole or not at all. Raises RecordError."""
    body = as_json(content)
    seal = hashlib.sha256(body.encode()).hexdigest()
    shown = page(
        "wizard.migrate",
        "certificate.html.jinja",
        _FILTERS,
        c=content,
        seal=seal,
        shown=SHOWN,
        many=len(content["tables"]) > MANY,
        help={name: declared.help for name, declared in declarations().items()},
        differing=[t for t in content["tables"] if t["state"] == TableState.DIFFERS],
        gone=[t for t in content["tables"] if t["state"] == TableState.MISSING],
        verdict=Verdict(content["verdict"]),
        states={s.value: s for s in TableState},
        runs=[_run(r) for r in content["runs"]],
    )
    paths = folder / "certificate.json", folder / "certificate.html"
    for path, text in zip(paths, (body, shown), strict=True):
        try:
            write_whole(path, text)
        except OSError as e:
            raise RecordError(6012, Place(Kind.FILE, name=str(path)), file=path, reason=e.strerror or e) from e
    return paths


def withdraw(folder: Path) -> None:
    """Take away a certificate that is not true any more: what it states is being changed. Raises RecordError."""
    for path in (folder / "certificate.html", folder / "certificate.json"):
        try:
            path.unlink(missing_ok=True)
        except OSError as e:
            raise RecordError(6012, Place(Kind.FILE, name=str(path)), file=path, reason=e.strerror or e) from e


def _run(record: Mapping[str, Any]) -> dict[str, Any]:
    """A run's line: of its tables only those it moved, since what was there already is no work of its own."""
    moved = [t for t in record["tables"] if t["status"] in MOVED]
    failed = sum(t["status"] == TableState.FAILED for t in record["tables"])
    ended = "stopped" if record["cancelled"] else f"{counted(failed, 'table')} failed" if failed else "complete"
    if ended == "complete" and not moved:
        ended = "nothing was left to move"
    if record.get("of_rejects"):
        ended = f"{ended} (rejected rows, sent again)"
    return {
        "started": record["started"],
        "seconds": record["seconds"],
        "tables": len(moved),
        "rows": sum(t["migrated"] for t in record["tables"] if t["status"] != TableState.THERE),
        "rejected": sum(t["rejected"] for t in moved),
        "retries": record.get("retries", 0),
        "ended": ended,
    }


def _number(value: int) -> str:
    return f"{value:,}"


def _moment(text: str | None) -> str:
    """A moment as ISO text, for people: to the minute, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M") if text else ""


_FILTERS: Final[Mapping[str, Callable[..., str]]] = {"number": _number, "counted": counted, "moment": _moment}
