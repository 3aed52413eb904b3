"""Outcomes are told from one enumeration, never a loss as success; figures and nouns come together in one place."""

from __future__ import annotations

import re
from string import Formatter
from typing import Any

import pytest

from screens.widgets.status_signs import COLOURS, STATUS_ROLES, STATUS_SIGNS
from wizard.events import Stage, Status, TableFinished, TableStarted, TableVerified, decode, encode
from wizard.messages import CATALOGUE, Message, Severity
from wizard.outcomes import WORST, Exit, Role, TableState, Verdict, settled, verdict, worst
from wizard.plurals import counted
from wizard.stages.state_machine import StageMachine
from wizard.stages.table_progress import TableProgressLines, cut_off
from wizard.stages.views import TableProgress


def test_every_state_has_words_sign_colour_and_exit_status_and_a_place_among_the_worst() -> None:
    assert set(WORST) == set(TableState)
    signs = [s.sign for s in TableState if s is not TableState.THERE]
    assert len(set(signs)) == len(signs), "nothing is told by colour alone"
    assert set(COLOURS) == set(Role)
    for state in TableState:
        assert state.words
        assert (state.exit_status is Exit.DONE) == (state.role is Role.GOOD)


@pytest.mark.parametrize("status", [TableState.DONE, TableState.THERE, TableState.LOSSES, TableState.MISSING])
@pytest.mark.parametrize("equal", [None, True])
def test_a_table_with_rejects_is_never_done(status: TableState, equal: bool | None) -> None:
    assert status.seen(591, 9, equal) is TableState.LOSSES
    assert status.seen(0, 9, equal) is TableState.MISSING
    assert status.seen(591, 9, False) is TableState.DIFFERS
    assert status.seen(600, 0, equal).role is Role.GOOD
    assert TableState.LOSSES.exit_status is TableState.MISSING.exit_status is Exit.LEFT_OUT


def test_what_has_not_ended_is_not_judged_by_its_rejects() -> None:
    for state in (TableState.WAITING, TableState.RUNNING, TableState.STOPPED, TableState.FAILED):
        assert state.seen(0, 9, True) is state


def test_the_worst_state_and_the_verdict_tell_for_all() -> None:
    done, losses, missing = settled(3, 0), settled(3, 1), settled(0, 9)
    assert [done, losses, missing] == [TableState.DONE, TableState.LOSSES, TableState.MISSING]
    assert worst([done, losses]) is losses
    assert worst([]) is TableState.DONE
    assert worst([TableState.THERE, done]) is TableState.DONE, "something was done now"
    assert worst([TableState.THERE]) is TableState.THERE
    assert verdict([done], others_well=True) is Verdict.EQUAL
    assert verdict([done, losses], others_well=True) is Verdict.LOSSES
    assert verdict([done, missing], others_well=True) is Verdict.MISSING
    assert verdict([done], others_well=True, missing=True) is Verdict.MISSING, "a table that was never made"
    assert verdict([done], others_well=False) is verdict([], others_well=False) is Verdict.DIFFERS
    assert verdict([], others_well=True) is Verdict.NOTHING, "there was nothing to compare"
    assert verdict([], others_well=True, missing=True) is Verdict.MISSING
    assert verdict([done], others_well=True, unmade=True) is Verdict.LOSSES, "a key that could not be made"
    assert settled(3, 0, 1) is TableState.LOSSES, "a text lost what of it is no text"
    assert settled(3, 0, unread=65) is TableState.LOSSES, "a page of the source could not be read"
    assert settled(0, 0, unread=65) is TableState.MISSING
    assert (Verdict.LOSSES.role, Verdict.MISSING.role) == (Role.LOSS, Role.BAD), "amber; red where a table is missing"


def test_a_stage_with_losses_is_done_and_says_so() -> None:
    assert (Status.LOSSES.done, Status.LOSSES.over, Status.SKIPPED.done) == (True, True, False)
    assert STATUS_SIGNS[Status.LOSSES] != STATUS_SIGNS[Status.DONE]
    assert STATUS_ROLES[Status.LOSSES] is Role.LOSS
    assert StageMachine().status(Stage.PROJECT) is Status.READY


def test_lines_follow_what_is_told_and_forget_a_comparison_when_rows_move_again() -> None:
    lines = TableProgressLines([TableProgress("dbo.A", 9)])
    lines(TableVerified(1.0, "dbo.Other", True))
    assert [t.table for t in lines.tables] == ["dbo.A"], "a comparison alone makes no line"
    lines(TableFinished(1.0, "dbo.A", 9, 0, 0.1, TableState.DONE))
    lines(TableVerified(2.0, "dbo.A", True))
    lines(TableFinished(3.0, "dbo.A", 9, 0, 0.0, TableState.THERE))
    assert lines.tables[0].equal, "it was there already: nothing moved since"
    lines(TableStarted(4.0, "dbo.A", 9))
    assert (lines.tables[0].equal, lines.tables[0].state) == (None, TableState.RUNNING)
    assert cut_off(lines.tables[0]).state is TableState.STOPPED, "nobody works on it"


def test_a_line_of_a_table_that_was_there_knows_how_many_rows_it_has() -> None:
    lines = TableProgressLines()
    lines(TableFinished(1.0, "dbo.A", 7, 2, 0.0, TableState.THERE))
    lines(TableFinished(1.0, "dbo.B", 7, 2, 0.0, TableState.FAILED))
    assert [t.rows for t in lines.tables] == [9, 0], "what failed may have had more"


def test_states_are_written_as_they_were_and_read_back() -> None:
    event = TableFinished(1.0, "dbo.A", 5, 4, 0.5, TableState.LOSSES)
    assert '"partly"' in encode(event), "journals of earlier versions say the same"
    assert decode(encode(event)) == event
    with pytest.raises(ValueError, match="not an event"):
        decode(encode(event).replace("partly", "somehow"))


def test_one_is_one() -> None:
    assert [counted(n, "table") for n in (0, 1, 2, 2_000)] == ["0 tables", "1 table", "2 tables", "2,000 tables"]
    assert counted(1, "retry", "retries") == "1 retry"
    loss = Message.of(6301, table="dbo.A", arrived=0, total=9, count=9, file="a.csv")
    assert loss.text.startswith("dbo.A: 0 of 9 rows arrived, 9 rejected.")
    assert loss.severity is Severity.ERROR, "the counter of messages counts a loss as an error"


class _One(int):
    """Any fact of a message, as the number 1."""

    def __format__(self, spec: str) -> str:
        return int.__format__(1, spec) if spec in ("", ",") else "1"


def test_no_message_says_1_tables() -> None:
    wrong = []
    for number, entry in CATALOGUE.items():
        facts: dict[str, Any] = {name.split(".")[0]: _One(1) for _, name, _, _ in Formatter().parse(entry.text) if name}
        text = Message.of(number, **facts).text
        nouns = "tables|rows|values|objects|files|parts|queries|dates|texts|names"
        if re.search(rf"\b1 (?:rejected |earlier |hidden )?(?:{nouns})\b(?! no output)", text):
            wrong.append(f"JF{number}: {text}")
    assert not wrong


def test_counts_of_rows_are_all_written_alike() -> None:
    for count in (1500, "1,500"):
        told = Message.of(4003, count=count, rows=2000, column="c", type="t", longest=5, samples="s")
        assert told.text.startswith("1,500 of 2,000 rows hold")
