"""Runs kept side by side: a rehearsal today, another next week, so that the cutover's length is known beforehand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wizard.escaping import csv_line
from wizard.file_writing import read_json, write_whole
from wizard.messages import Kind, Place, RecordError
from wizard.migrate.run_result import RunResult, TableResult
from wizard.outcomes import TableState

MOVED = tuple(s for s in TableState if s.moved)
"""the status of a table whose rows a run brought to their end"""


def run_record(result: RunResult) -> dict[str, Any]:
    """A run as it is kept, and as the certificate has it."""
    return {
        "started": datetime.fromtimestamp(result.started, UTC).isoformat(timespec="seconds"),
        "seconds": round(result.seconds, 3),
        "cancelled": result.cancelled,
        "retries": result.retries,
        "of_rejects": result.of_rejects,
        "tables": [asdict(t) for t in result.tables],
        "messages": [str(m) for m in result.messages],
    }


def keep_run(result: RunResult, folder: Path) -> Path:
    """Keep a run's record in the folder of the others, and its report as CSV. Raises RecordError."""
    began = datetime.fromtimestamp(result.started, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    path = folder / f"{began}.json"
    try:
        write_whole(path, json.dumps(run_record(result), ensure_ascii=False, indent=1))
        report(result.tables, path.with_suffix(".csv"))
    except OSError as e:
        raise RecordError(6012, Place(Kind.FILE, name=str(path)), file=path, reason=e.strerror or e) from e
    return path


def report(tables: Sequence[TableResult], path: Path) -> None:
    """The report people read: a line a table. Raises OSError."""
    head = "state", "from", "to", "rows", "migrated", "rejected", "retries", "ratio", "seconds", "bytes", "details"
    lines = [csv_line(head)]
    for t in tables:
        counts = (t.rows, t.migrated, t.rejected, t.retries, round(t.ratio, 4))
        lines.append(csv_line((t.state.words, t.source, t.table, *counts, t.seconds, t.bytes, t.details)))
    write_whole(path, "".join(lines).encode("utf-8-sig"))


def records(folder: Path) -> list[dict[str, Any]]:
    """All runs' records, oldest first; a damaged one is left out."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            record = read_json(path)
            if _is_record(record):
                found.append(record)
        except (OSError, ValueError):
            continue
    return found


def _is_record(record: Any) -> bool:
    """Whether it is what `of_run` makes. Raises ValueError where its time is none."""
    if not isinstance(record, dict) or not isinstance(record.get("tables"), list):
        return False
    datetime.fromisoformat(str(record.get("started")))
    whole = all(isinstance(t, dict) and all(_fits(t, f) for f in fields(TableResult)) for t in record["tables"])
    return whole and all(isinstance(record.get(k), int | float) for k in ("seconds", "cancelled"))


def _fits(table: Mapping[str, Any], field: Field[Any]) -> bool:
    """Whether a table's line has a field, or an older Jetferry knew none of it."""
    if field.name not in table:
        return field.default is not MISSING
    value, kind = table[field.name], str(field.type)
    return (
        isinstance(value, int | float)
        if kind in ("int", "float")
        else isinstance(value, str) or kind not in ("str", "TableState")
    )


@dataclass(frozen=True, slots=True)
class RunComparison:
    """A table over several runs: seconds, rejects and retries of each, None where the run did not move it."""

    table: str
    seconds: tuple[float | None, ...]
    rejected: tuple[int | None, ...]
    retries: tuple[int | None, ...]
    """how often its rows waited for a busy server or a new connection"""


def side_by_side(runs: Sequence[Mapping[str, Any]]) -> list[RunComparison]:
    """The runs' tables beside each other, in the order they first came."""
    by_run = [{t["table"]: t for t in r["tables"] if t["status"] in MOVED} for r in runs]
    names = dict.fromkeys(name for tables in by_run for name in tables)
    return [
        RunComparison(
            name,
            tuple(tables[name]["seconds"] if name in tables else None for tables in by_run),
            tuple(tables[name]["rejected"] if name in tables else None for tables in by_run),
            tuple(tables[name].get("retries", 0) if name in tables else None for tables in by_run),
        )
        for name in names
    ]
