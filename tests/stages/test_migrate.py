"""Stage 8: its ends, good and bad, and what is kept of each."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import replace
from typing import NoReturn

import pytest

from tests.stages.conftest import stopped_at, widened
from wizard.events import BatchCommitted, Event, MessageTold, Stage, Status, TableFinished, TableStarted
from wizard.messages import (
    Kind,
    Message,
    MoveError,
    Place,
    ProjectError,
    RowProblem,
    StageError,
    TargetError,
    Topic,
    WorkFailedError,
)
from wizard.migrate.verification import TableComparison
from wizard.objects import Converted, Outcome, TableRef
from wizard.outcomes import Exit, Verdict
from wizard.package import PackageTableSums
from wizard.package.sink import PackageSink
from wizard.project import ProjectFile
from wizard.settings import Connection, Repair, RepairRule, Target, TargetKind
from wizard.stages import CancellationToken, LoadFailure, Migration, StoppedError, migration_verifier
from wizard.stages.losses import left_out
from wizard.stages.project_session import ProjectSession
from wizard.stages.verification import Verification
from wizard.worker import Order, WorkerTask
from wizard.worker_process import perform


def test_there_is_no_certificate_of_what_is_being_changed(narrow: Migration) -> None:
    narrow.migrate.run()
    assert narrow.migrate.certificate is not None
    stopped_at(narrow, TableStarted, lambda cancel: narrow.migrate.reload(None, cancel))
    assert narrow.migrate.certificate is None
    assert not (narrow.folder / "package" / "manifest.json").exists(), "the package is not whole"
    narrow.migrate.run()
    assert narrow.migrate.certificate is not None
    assert (narrow.folder / "package" / "manifest.json").exists()


def test_every_act_that_changes_what_they_state_writes_certificate_and_manifest_anew(narrow: Migration) -> None:
    reports, package = narrow.folder / "reports", narrow.folder / "package"

    def stated() -> tuple[str, int, int, int]:
        """The verdict, rows rejected and repaired; and rows rejected as the package has it."""
        made = json.loads((reports / "certificate.json").read_text(encoding="utf-8"))
        manifest = (package / "manifest.json").read_bytes()
        assert hashlib.sha256(manifest).hexdigest() in made["target"], "it is about this package"
        page = (reports / "certificate.html").read_text(encoding="utf-8")
        assert f'class="verdict {Verdict(made["verdict"]).role}"' in page
        assert re.search(r"[a-z] \(JF6\d\d\d\)\.", page)
        assert not re.search(r"JF\d+ (error|warning|information):", page), "a note says its fact first"
        return made["verdict"], made["rejected"], made["repaired"], json.loads(manifest)["rejected"]

    narrow.migrate.run()
    assert stated() == ("losses", 4, 0, 4)
    narrow.project.set_repair(RepairRule(RowProblem.UNFIT, Repair.NEAREST))
    narrow.migrate.run()
    assert stated() == ("equal", 0, 4, 0)
    narrow.project.reset_repair(RepairRule(RowProblem.UNFIT, Repair.NEAREST))
    narrow.migrate.reload()
    assert stated() == ("losses", 4, 0, 4)
    widened(narrow)
    narrow.migrate.retry_rejects()
    assert stated() == ("equal", 0, 0, 0)
    (data,) = (package / "data").glob("*-Authors.dat")
    data.write_bytes(data.read_bytes().replace(b"Homer", b"Remoh"))
    narrow.migrate.verify()
    assert stated()[0] == "differs"


def test_what_a_comparison_found_after_the_stage_had_ended_is_known(
    narrow: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow.migrate.run()
    (data,) = (narrow.folder / "package" / "data").glob("*-Authors.dat")
    data.write_bytes(data.read_bytes().replace(b"Homer", b"Remoh"))
    narrow.migrate.verify()
    assert narrow.over(Stage.MIGRATE)
    assert narrow.migrate.found_differing() is None, "of a package it may have been a server on which it was deployed"
    on_server = replace(narrow.data, target=Target(TargetKind.SQL_SERVER))
    monkeypatch.setattr(ProjectSession, "project", property(lambda _: on_server))
    found = narrow.migrate.found_differing()
    assert found is not None
    assert found.topic is Topic.SIDES_DIFFER
    assert "1 table is not the same on both sides: dbo.Authors." in found.text


def test_a_package_without_its_check_sums_is_told_of_as_verification_tells(narrow: Migration) -> None:
    """`verify` ended with 1 and the package's own deploy refused it, while `run` had nothing to do."""
    narrow.migrate.run()
    assert narrow.migrate.found_differing() is None
    (narrow.folder / "package" / "SHA256SUMS").unlink()
    found = narrow.migrate.found_differing()
    assert found is not None
    assert "SHA256SUMS: it is not there" in found.text


def test_tables_that_are_no_longer_the_projects_are_no_lines_and_no_losses_of_it(narrow: Migration) -> None:
    """The journal tells of them still: their rejects made every later run end with status 3."""
    narrow.migrate.run()
    assert left_out(narrow)
    narrow.map.set("harborbooks", "other")
    narrow.prepare()
    narrow.one_step()
    lines = narrow.migrate.known_lines()
    assert len(lines) == len(narrow.migrate.lines()) == 10
    assert all(t.table.startswith("other.") for t in lines)
    assert [x for x in left_out(narrow) if "dbo." in x] == []


def test_tables_are_filled_again_as_what_was_changed_since_wants_them(narrow: Migration) -> None:
    """Stages 6 and 7 come first: messages say 'choose another type, and run --reload', which was refused."""
    assert perform(narrow, Order(WorkerTask.RUN), CancellationToken()) == Exit.LEFT_OUT
    narrow.convert.edit_type(TableRef("harborbooks", "Publishers"), "Name", "nvarchar(60)")
    assert perform(narrow, Order(WorkerTask.RELOAD), CancellationToken()) == Exit.DONE
    assert narrow.migrate.verify().verdict is Verdict.EQUAL


def test_what_the_server_refused_in_stage_7_is_a_loss_of_the_certificate_too(converted: Migration) -> None:
    """`run` ended with 3 for it while `verify` certified that both sides are equal."""
    converted.load.run()
    converted.migrate.run()
    assert converted.migrate.verify().verdict is Verdict.EQUAL
    at = Place(Kind.OBJECT, name="[dbo].[Authors]", part="Full")
    column = Message.of(5101, at, what="column Full of [dbo].[Authors]", reason="no.")
    described = Message.of(5101, at, what="description Full of [dbo].[Authors]", reason="no.")
    view = Message.of(5101, Place(Kind.OBJECT, name="[dbo].[Old]"), what="view [dbo].[Old]", reason="no.")
    result = converted.load.result
    assert result is not None
    converted.load._result = replace(
        result,
        failures=(
            LoadFailure("[dbo].[Authors]", "table", "", column.text, "Full"),
            LoadFailure("[dbo].[Authors]", "description", "", described.text, "Full"),
            LoadFailure("[dbo].[Old]", "view", "", view.text),
        ),
    )
    for message in (column, described, view):
        converted.session.emit_message(Stage.LOAD, message)
    assert converted.load.missing() == {"[dbo].[Old]"}, "a table of which a part is missing is there"
    found = converted.migrate.verify()
    assert (found.verdict, found.equal, found.losses) == (Verdict.LOSSES, True, 0)
    assert found.unmade == (column, view)
    stated = json.loads((converted.folder / "reports" / "certificate.json").read_text(encoding="utf-8"))
    assert (stated["verdict"], len(stated["unmade"])) == ("losses", 2)
    lines = left_out(converted)
    assert [sum(what in line for line in lines) for what in ("column Full of", "view [dbo].[Old]")] == [1, 1]


def test_the_certificate_says_of_which_tables_the_source_was_read_once(narrow: Migration) -> None:
    def taken() -> tuple[dict[str, str], str]:
        made = json.loads((narrow.folder / "reports" / "certificate.json").read_text(encoding="utf-8"))
        page = (narrow.folder / "reports" / "certificate.html").read_text(encoding="utf-8")
        return {t["table"]: t["source_figures_taken"] for t in made["tables"]}, page

    narrow.migrate.run()
    tables, page = taken()
    again = [name for name, when in tables.items() if when == "while verifying"]
    assert again == ["dbo.Publishers"], "which had rejected rows"
    assert "taken as its rows were read to be sent" in page
    assert page.count("The source was read again for these figures.") == 1
    narrow.migrate.verify()
    tables, page = taken()
    assert set(tables.values()) == {"while verifying"}
    assert "read again" not in page
    assert "taken as its rows were read" not in page


def test_the_certificate_says_of_no_figures_that_the_source_was_read_for_them(converted: Migration) -> None:
    def cut(event: Event) -> None:
        if isinstance(event, MessageTold) and event.message.number == 5630:
            (data,) = (converted.folder / "package" / "data").glob("*-Customers.dat")
            data.write_bytes(data.read_bytes()[:-20])

    converted.listen(cut)
    with pytest.raises(WorkFailedError, match=r"JF8122.*dbo\.Customers\."):
        converted.migrate.run()
    page = (converted.folder / "reports" / "certificate.html").read_text(encoding="utf-8")
    assert page.count("No figure was computed.") == 1
    assert "taken as its rows were read to be sent" in page
    assert "The source was read again" not in page


def test_values_exchanged_in_a_file_before_verification_fail_the_stage(narrow: Migration) -> None:
    """Figures are the same: the file's SHA-256 alone is not."""

    def exchange(event: Event) -> None:
        if isinstance(event, MessageTold) and event.message.number == 5630:
            (data,) = (narrow.folder / "package" / "data").glob("*-Customers.dat")
            first, second, *rest = (line.split(b"\t") for line in data.read_bytes().split(b"\n"))
            assert first[1] != second[1]
            first[1], second[1] = second[1], first[1]
            data.write_bytes(b"\n".join(b"\t".join(line) for line in (first, second, *rest)))

    told = list[Message]()
    narrow.listen(exchange)
    narrow.listen(lambda event: told.append(event.message) if isinstance(event, MessageTold) else None)
    with pytest.raises(WorkFailedError, match=r"JF8121.*Customers\.dat: its content was changed"):
        narrow.migrate.run()
    assert narrow.statuses()[Stage.MIGRATE] is Status.FAILED
    assert [m.number for m in told if m.number in (8121, 8122)] == [8121]
    made = json.loads((narrow.folder / "reports" / "certificate.json").read_text(encoding="utf-8"))
    assert made["verdict"] == "differs"
    (customers,) = [t for t in made["tables"] if t["table"] == "dbo.Customers"]
    assert customers["state"] == "migrated", "what its figures say"


@pytest.mark.parametrize("what", ["exchanged", "added"])
def test_statements_changed_while_other_tables_move_fail_the_stage(narrow: Migration, what: str) -> None:
    """The SHA-256 is of the statements as they were written, not of what lies there at the end."""

    def change(event: Event) -> None:
        if isinstance(event, TableFinished) and event.table == "dbo.Customers":
            (file,) = (narrow.folder / "package" / "data").glob("*-Customers.sql")
            text = file.read_text(encoding="utf-8")
            if what == "added":
                text = text.replace("COMMIT TRANSACTION;", "DELETE FROM [dbo].[Customers];\nCOMMIT TRANSACTION;")
            else:
                first, second = re.findall(r"VALUES \(N'\w+', (N'[^']+')", text)[:2]
                text = text.replace(first, "?", 1).replace(second, first, 1).replace("?", second, 1)
            file.write_bytes(text.encode())

    narrow.project.set_option("package_inserts", True)
    narrow.load.run()
    narrow.listen(change)
    with pytest.raises(WorkFailedError, match=r"JF8121.*Customers\.sql: its content was changed"):
        narrow.migrate.run()


def test_a_view_that_the_server_cannot_run_is_said_by_the_run(migration: Migration) -> None:
    view = Place(Kind.QUERY, "harborbooks", "Countries")
    refused = Message.of(8123, view, what="Invalid object name 'dbo.Countries' (error 208)")
    found, told = Verification((), (refused,)), list[Message]()
    migration.listen(lambda event: told.append(event.message) if isinstance(event, MessageTold) else None)
    migration.project.set_target(Target(TargetKind.SQL_SERVER))
    assert migration.migrate._verifier.report(found) is None, "the rows are there"
    assert refused in told
    gone = Message.of(5207, view, table="[dbo].[Countries]")
    assert [Verification((), (m,)).losses for m in (refused, gone)] == [1, 1], "it is left out"
    assert "1 view that the server does not run" in migration.migrate._verifier.summary(found)
    moved = TableComparison("dbo.A", "harborbooks.A", True, 1, 1, 0)
    seen = replace(found, proofs=(moved,))
    assert (seen.verdict, seen.equal) == (Verdict.LOSSES, True), "`run` ends with 3 for it, and so does `verify`"
    file = Message.of(8121, file="data.dat", what="its content was changed")
    assert replace(seen, messages=(refused, file)).verdict is Verdict.DIFFERS


def test_what_stage_6_could_not_convert_is_a_loss_of_the_certificate_too(converted: Migration) -> None:
    """`run` ended with 3 for it while `verify` certified that both sides are equal."""
    converted.load.run()
    converted.migrate.run()
    conversion = converted.convert.conversion
    note = Message.of(3168, Place(Kind.QUERY, "harborbooks", "Old"))
    why = Message.of(3104, Place(Kind.QUERY, "harborbooks", "Old"), name="Gone")
    failed = Converted(TableRef("harborbooks", "Old"), "queries", "", Outcome.FAILED, "", (note, why))
    converted.convert._edited = replace(conversion, items=(*conversion.items, failed))
    found = converted.migrate.verify()
    assert (found.verdict, found.equal, found.losses, found.unmade) == (Verdict.LOSSES, True, 0, (why,))
    assert converted.migrate.unmade() == (why,), "`status` has it"
    stated = json.loads((converted.folder / "reports" / "certificate.json").read_text(encoding="utf-8"))
    assert (stated["verdict"], len(stated["unmade"])) == ("losses", 1)
    assert len(left_out(converted)) == 1


def test_an_object_that_somebody_changed_on_the_server_is_a_loss_as_long_as_it_is_so(
    converted: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted.load.run()
    converted.migrate.run()
    place = Place(Kind.OBJECT, name="[dbo].[Orders]")
    changed = Message.of(5106, place, kind="table", name="[dbo].[Orders]", detail="index IX is missing")
    verifier = converted.migrate._verifier
    monkeypatch.setattr(verifier, "_changed", lambda *_: (changed,))
    monkeypatch.setattr(verifier, "_prove_queries", lambda *_, **__: [])
    monkeypatch.setattr(migration_verifier.LoadStage, "unselectable", lambda *_: [])
    monkeypatch.setattr(migration_verifier, "ServerTableSums", lambda *_: PackageTableSums(converted.files.package))
    server = Connection("127.0.0.1", database="books", user="sa")
    found = converted.migrate.verify(deployed=server)
    assert (found.verdict, found.unmade, found.losses) == (Verdict.LOSSES, (changed,), 1)
    assert verifier.summary(found).endswith("1 object not as made, verified")
    assert converted.status(Stage.LOAD) is Status.DONE, "a package is not what was changed"
    verifier.report(found)
    assert converted.migrate.unguarded() == (changed,)
    assert len(left_out(converted)) == 1
    monkeypatch.setattr(verifier, "_changed", lambda *_: ())
    assert converted.migrate.verify(deployed=server).verdict is Verdict.EQUAL, "it is as it was made again"


def test_a_constraint_that_two_messages_are_about_is_counted_once(migration: Migration) -> None:
    def place(key: str) -> Place:
        return Place(Kind.OBJECT, name="[dbo].[Books]", part=key)

    facts = {"table": "[dbo].[Books]", "reason": "it does not hold (error 547)"}
    found = Verification(
        (),
        (Message.of(8123, what="no such view"),),
        unmade=(
            Message.of(5301, place("FK_1"), constraint="FK_1", **facts),
            Message.of(5305, place("FK_1"), what="foreign key FK_1", **facts),
            Message.of(5305, place("FK_2"), what="foreign key FK_2", **facts),
        ),
    )
    assert "2 constraints or indexes not made or trusted" in migration.migrate._verifier.summary(found)


def test_a_limit_of_rejects_fails_the_stage_and_says_why(narrow: Migration) -> None:
    narrow.project.set_option("max_rejects", 1)
    with pytest.raises(MoveError, match="JF6002"):
        narrow.migrate.run()
    assert narrow.status(Stage.MIGRATE) is Status.FAILED
    assert "option 'max_rejects'" in narrow.detail(Stage.MIGRATE)
    assert {t.table: t.status for t in narrow.migrate.lines()}["dbo.Publishers"] == "failed"
    assert narrow.migrate.rehearsals()[0][0].endswith(" failed")


def test_a_table_that_is_gone_from_the_server_has_stage_7_done_again(
    narrow: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the message says to load the objects, and nothing would: stage 7 was done."""
    gone = TargetError(5207, table="[dbo].[Authors]")

    def open_(*_: object) -> NoReturn:
        raise gone

    with monkeypatch.context() as patched:
        patched.setattr(PackageSink, "open", open_)
        with pytest.raises(WorkFailedError, match="JF8120"):
            narrow.migrate.run()
    assert narrow.status(Stage.LOAD) is Status.READY
    assert narrow.status(Stage.MIGRATE) is Status.FAILED
    narrow.one_step()
    assert narrow.status(Stage.LOAD) is Status.DONE
    assert narrow.status(Stage.MIGRATE) is Status.LOSSES


def test_stopped_runs_are_kept_and_their_time_counts(narrow: Migration) -> None:
    narrow.project.set_option("batch_size", 100)
    for count in range(1, 3):
        cancel = CancellationToken()
        seen: list[Event] = []

        def slow(event: Event, cancel: CancellationToken = cancel, seen: list[Event] = seen) -> None:
            if isinstance(event, BatchCommitted) and event.table == "dbo.Stock Movements":
                time.sleep(0.2)
                cancel.cancel("test")
            if isinstance(event, BatchCommitted | TableStarted):
                seen.append(event)

        ended = narrow.listen(slow)
        with pytest.raises(StoppedError):
            narrow.migrate.run(cancel)
        ended()
        assert len(narrow.migrate.rehearsals()[0]) == count
    narrow.migrate.run()
    began, compared = narrow.migrate.rehearsals()
    assert [b.endswith(" stopped") for b in began] == [True, True, False]
    found = {c.table: c.seconds for c in compared}["dbo.Stock Movements"]
    assert found[:2] == (None, None)
    assert found[2] is not None
    assert found[2] > 0.4
    made = json.loads((narrow.folder / "reports" / "certificate.json").read_text(encoding="utf-8"))
    lines = [t for r in made["runs"] for t in r["tables"] if t["table"] == "dbo.Stock Movements"]
    assert [t["status"] for t in lines] == ["cancelled", "cancelled", "migrated"]
    assert sum(t["migrated"] for t in lines) == lines[-1]["arrived"] == 2_000
    assert all(0 < t["migrated"] < 2_000 for t in lines)
    assert sum(t["seconds"] for t in lines) == pytest.approx(lines[-1]["seconds_in_all"])
    whole = next(t for t in made["tables"] if t["table"] == "dbo.Stock Movements")
    assert whole["seconds"] == lines[-1]["seconds_in_all"]


def test_a_full_disk_at_the_end_does_not_hide_what_went_wrong(
    converted: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise ProjectError(8007, path="p", what="No space left on device")

    def fails() -> None:
        with converted.session.run(Stage.MIGRATE):
            monkeypatch.setattr(ProjectFile, "save", full)
            raise StageError(8118, what="the cause")

    told: list[Event] = []
    converted.listen(told.append)
    with pytest.raises(StageError, match="JF8118"):
        fails()
    assert [e.message.number for e in told if isinstance(e, MessageTold)] == [8007]
