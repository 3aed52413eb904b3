"""Rejected rows sent again: when they are asked for, and what a retry writes anew."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import pytest

from tests.stages.conftest import stopped_at, widened
from wizard.events import BatchCommitted, Stage, Status, TableStarted
from wizard.messages import (
    Message,
    StageError,
)
from wizard.outcomes import TableState
from wizard.package import PackageSink
from wizard.sink import Delivery
from wizard.stages import Migration


def test_rejected_rows_wait_until_all_rows_were_sent_once(narrow: Migration) -> None:
    with pytest.raises(StageError, match="JF8124"):
        narrow.migrate.retry_rejects()
    stopped_at(narrow, BatchCommitted, narrow.migrate.run)
    before = {t.table: t.done for t in narrow.migrate.lines()}
    with pytest.raises(StageError, match="JF8124"):
        narrow.migrate.retry_rejects()
    assert {t.table: t.done for t in narrow.migrate.lines()} == before
    assert narrow.status(Stage.MIGRATE) is Status.READY
    assert narrow.data.stages.get(Stage.MIGRATE) is None
    narrow.migrate.run()
    assert narrow.status(Stage.MIGRATE) is Status.LOSSES


def test_a_retry_of_nothing_leaves_the_stage_as_it_was(narrow: Migration) -> None:
    narrow.migrate.run()
    record = narrow.data.stages[Stage.MIGRATE]
    with pytest.raises(StageError, match="JF8113"):
        narrow.migrate.retry_rejects(["dbo.Publishers", "dbo.Nosuch"])
    assert narrow.data.stages[Stage.MIGRATE] == record
    assert narrow.migrate.retry_rejects(["dbo.books"]).tables == ()
    assert narrow.data.stages[Stage.MIGRATE] == record
    assert narrow.detail(Stage.MIGRATE).endswith("verified")


def test_rejected_rows_sent_again_leave_a_stage_done_that_only_their_remedy_made_stale(narrow: Migration) -> None:
    narrow.migrate.run()
    widened(narrow)
    assert narrow.status(Stage.MIGRATE) is Status.STALE
    narrow.migrate.retry_rejects()
    assert narrow.status(Stage.MIGRATE) is Status.DONE
    assert narrow.detail(Stage.MIGRATE).endswith("in 10 tables, verified")
    assert narrow.migrate.verify().equal


def test_the_kit_tells_of_rows_that_linked_forms_would_not_see_until_they_were_sent(narrow: Migration) -> None:
    narrow.migrate.run()
    narrow.link.run()
    (told,) = (m for m in narrow.session.messages_of(Stage.LINK) if m.number == 7013)
    assert "[dbo].[Publishers] lacks rows on the server (3 of 7 rows arrived)" in told.text
    assert "in the table Publishers_local" in told.text
    assert "lacks rows on the server" in (narrow.link.folder / "LINKING.md").read_text(encoding="utf-8")
    widened(narrow)
    narrow.migrate.retry_rejects()
    assert 7013 not in {m.number for kit in narrow.link.plan() for m in kit.messages}


def test_a_retry_prepares_its_tables_and_writes_certificate_and_manifest_anew(
    narrow: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow.migrate.run()
    reports, package = narrow.folder / "reports", narrow.folder / "package"
    former = json.loads((reports / "certificate.json").read_text())
    assert (former["verdict"], former["rejected"]) == ("losses", 4)
    assert json.loads((package / "manifest.json").read_text())["rejected"] == 4
    widened(narrow)
    assert narrow.migrate.mended() == {"dbo.Publishers": 4}
    prepared: list[list[str]] = []
    prepare = PackageSink.prepare

    def seen(sink: PackageSink, deliveries: Sequence[Delivery]) -> list[Message]:
        prepared.append([d.table.name.name for d in deliveries])
        return prepare(sink, deliveries)

    monkeypatch.setattr(PackageSink, "prepare", seen)
    narrow.migrate.retry_rejects()
    assert prepared == [["Publishers"]]
    assert json.loads((reports / "certificate.json").read_text())["verdict"] == "equal"
    assert json.loads((package / "manifest.json").read_text())["rejected"] == 0
    assert narrow.migrate.mended() == {}


def test_rejects_that_a_run_sends_again_are_of_its_time_and_its_rows(narrow: Migration) -> None:
    """They went before the run's clock began, so that it had moved all rows of the table, in less than the table's
    seconds."""
    first = narrow.migrate.run()
    widened(narrow)
    second = narrow.migrate.run()
    (sent,) = [t for t in second.tables if t.table == "dbo.Publishers"]
    assert (sent.status, sent.moved) == (TableState.DONE, 4)
    assert second.seconds >= sent.seconds
    assert second.started > first.started
    (line,) = [t for t in narrow.migrate._verifier.runs()[-1]["tables"] if t["table"] == "dbo.Publishers"]
    assert (line["migrated"], line["arrived"]) == (4, 7)


def test_rejects_sent_again_by_themselves_are_a_run_of_their_own(narrow: Migration) -> None:
    """They were in no rehearsal and in no account of time, and began when they ended."""
    first = narrow.migrate.run()
    widened(narrow)
    before = time.time()
    sent = narrow.migrate.retry_rejects()
    assert before <= sent.started <= time.time() - sent.seconds
    assert [(t.rows, t.migrated) for t in sent.tables] == [(4, 4)]
    began, compared = narrow.migrate.rehearsals()
    assert [b.endswith(" rejects") for b in began] == [False, True]
    assert [(c.table, c.rejected) for c in compared if None not in c.seconds] == [("dbo.Publishers", (4, 0))]
    record = narrow.migrate._verifier.runs()[-1]
    assert [(t["migrated"], t["arrived"], t["rows"]) for t in record["tables"]] == [(4, 7, 7)]
    stated = json.loads((narrow.files.reports / "certificate.json").read_text(encoding="utf-8"))
    assert [len(r["tables"]) for r in stated["runs"]] == [len(first.tables), 1]


def test_a_retry_that_was_stopped_says_so_and_does_not_end_the_stage(narrow: Migration) -> None:
    narrow.migrate.run()
    widened(narrow)
    stopped_at(narrow, TableStarted, lambda cancel: narrow.migrate.retry_rejects(None, cancel))
    assert narrow.migrate.rehearsals()[0][-1].endswith(" rejects stopped")
    assert narrow.status(Stage.MIGRATE) is Status.READY
    assert narrow.migrate.retry_rejects().tables[0].status == "migrated"
    assert narrow.status(Stage.MIGRATE) is Status.READY, "stage 8 was not done when it began"
    assert [m.number for m in narrow.messages(Stage.MIGRATE)][-1] == 8125
    narrow.migrate.run()
    assert narrow.status(Stage.MIGRATE) is Status.DONE
    assert narrow.migrate.verify().equal
