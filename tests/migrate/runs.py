"""Stage 8's work on given jobs, target and folder, for tests: the target is handed over open, and stays so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from wizard import migrate
from wizard.cancellation import CancellationToken
from wizard.events import Event, Listener
from wizard.messages import Message
from wizard.migrate import (
    Job,
    RunContext,
    RunResult,
    TableComparison,
    TableResult,
    journal,
    rejects,
    run_context,
    run_history,
    table_changes,
)
from wizard.migrate.source_sums import SourceSums
from wizard.migrate.verification import VerifiedSide
from wizard.run_files import RunFiles
from wizard.settings import Options


def _nothing(_: object) -> None:
    return None


def context(
    sink: Any,
    folder: Path,
    options: Options | None = None,
    *,
    listener: Listener = _nothing,
    control: CancellationToken | None = None,
    hook: Callable[[str], None] = _nothing,
    sums: SourceSums | None = None,
) -> AbstractContextManager[RunContext]:
    @contextmanager
    def opened(heard: Listener) -> Iterator[Any]:
        if hasattr(sink, "listener"):
            sink.listener = heard
        yield sink

    return run_context(
        opened, options or Options(), RunFiles(folder), listener=listener, cancellation=control, hook=hook, sums=sums
    )


def run(jobs: Sequence[Job], sink: Any, folder: Path, options: Options, **others: Any) -> RunResult:
    with context(sink, folder, options, **others) as found:
        return migrate.run(jobs, found)


def retry_rejects(job: Job, sink: Any, folder: Path, options: Options, **others: Any) -> TableResult:
    with context(sink, folder, options, **others) as found:
        return migrate.retry_rejects(job, found)


def reload(jobs: Sequence[Job], sink: Any, folder: Path) -> list[Job]:
    with context(sink, folder) as found:
        return migrate.reload(jobs, found)


def verify(
    jobs: Sequence[Job],
    target: VerifiedSide,
    sink: Any,
    folder: Path,
    options: Options,
    *,
    listener: Listener = _nothing,
    cancelled: CancellationToken | None = None,
    sums: SourceSums | None = None,
) -> list[TableComparison]:
    with context(sink, folder, options, listener=listener, control=cancelled, sums=sums) as found:
        return migrate.verify(jobs, target, found)


def changes(jobs: Sequence[Job], sink: Any, folder: Path) -> list[table_changes.TableChange]:
    with context(sink, folder) as found:
        return table_changes.changes(jobs, found)


def remember(jobs: Sequence[Job], proofs: Sequence[TableComparison], sink: Any, folder: Path) -> None:
    with context(sink, folder) as found:
        table_changes.remember(jobs, proofs, found)


def mended(job: Job, sink: Any, folder: Path, options: Options, *others: Job) -> int:
    with context(sink, folder, options) as found:
        return rejects.mended(job, found, *others)


def history(folder: Path) -> tuple[list[Event], list[Message]]:
    return journal.history(RunFiles(folder).journal)


def keep_run(result: RunResult, folder: Path) -> Path:
    return run_history.keep_run(result, RunFiles(folder).runs)


def records(folder: Path) -> list[dict[str, Any]]:
    return run_history.records(RunFiles(folder).runs)
