"""What the tables of a run share: events reach journal and listener in one order, who only looks writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.migrate.fakes import NUMBERS, MemorySink, Rows, job, numbers
from tests.migrate.runs import history, mended, run
from wizard.cancellation import CancellationToken
from wizard.events import Event, Listener, MessageTold, Retrying
from wizard.migrate import RunContext, run_context
from wizard.run_files import RunFiles
from wizard.settings import Options
from wizard.sink import Sink

THROTTLED = Retrying(1.0, "writing", 1, 0.5, "busy", "dbo.Numbers", throttled=True)


@contextmanager
def opened(folder: Path, told: list[Event], **others: bool) -> Iterator[tuple[RunContext, Listener]]:
    heard: list[Listener] = []

    @contextmanager
    def open_sink(listener: Listener) -> Iterator[Sink]:
        heard.append(listener)
        yield MemorySink()  # type: ignore[misc]

    options = Options(parallel_tables=4)
    with run_context(open_sink, options, RunFiles(folder), listener=told.append, **others) as context:
        yield context, heard[0]


def test_what_a_target_goes_through_is_journalled_told_and_obeyed(tmp_path: Path) -> None:
    told: list[Event] = []
    with opened(tmp_path, told) as (context, on_target_event):
        on_target_event(THROTTLED)
        assert context.slots.open == 2
        assert context.events.retries["dbo.Numbers"] == 1
        assert [m.number for m in context.events.messages] == [6021]
    assert [type(e) for e in told] == [Retrying, MessageTold]
    assert history(tmp_path) == (told, [])


def test_who_only_looks_leaves_the_journal_alone(tmp_path: Path) -> None:
    told: list[Event] = []
    with opened(tmp_path, told, journalled=False) as (_, on_target_event):
        on_target_event(THROTTLED)
    assert told[0] == THROTTLED
    assert not RunFiles(tmp_path).journal.exists()


def test_a_run_that_ends_at_a_limit_ends_by_a_branch_of_the_token(tmp_path: Path) -> None:
    token, data = CancellationToken(), Rows({"Numbers": numbers(50)})
    sink = MemorySink(refuse=lambda row: "no")
    result = run([job(NUMBERS, data)], sink, tmp_path, Options(batch_size=5, max_rejects=3), control=token)
    assert result.cancelled
    assert not token.cancelled
    assert mended(job(NUMBERS, data), sink, tmp_path, Options()) == 0, "not all its rows were sent"
