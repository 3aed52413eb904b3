"""Options are declared once: what the stages, the file's reader and the screens need of one is in its declaration."""

from __future__ import annotations

from dataclasses import fields

import pytest

from wizard.events import Stage
from wizard.options import LARGEST_NUMBER, OptionGroup, Preset
from wizard.settings import Options, declarations
from wizard.stages.staleness import options_for


def test_every_field_is_declared_with_its_default_as_the_first_preset() -> None:
    found = declarations()
    assert list(found) == [f.name for f in fields(Options)]
    assert {n: d.presets[Preset.DEFAULT] for n, d in found.items()} == {f.name: f.default for f in fields(Options)}


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("views", {Stage.ASSESS, Stage.CONVERT}),
        ("data_assessment", {Stage.ASSESS}),
        ("when_exists", {Stage.LOAD}),
        ("keep_nulls", {Stage.MIGRATE}),
        ("constraints", {Stage.LOAD, Stage.MIGRATE}),
        ("batch_size", set()),
    ],
)
def test_a_stage_stands_on_the_options_that_say_so(name: str, stages: set[Stage]) -> None:
    assert {s for s in Stage if name in options_for(s, Options())} == stages


@pytest.mark.parametrize(
    ("name", "value", "refused"),
    [
        ("batch_size", 0, True),
        ("batch_size", 1, False),
        ("batch_size", LARGEST_NUMBER + 1, True),
        ("max_rejects", 0, False),
        ("max_rejects", -1, True),
        ("views", False, False),
    ],
)
def test_numbers_have_bounds(name: str, value: int, refused: bool) -> None:
    assert bool(declarations()[name].refusal(value)) is refused


def test_bounds_are_in_the_line_of_help() -> None:
    assert declarations()["batch_size"].help == "Rows in a batch (1 to 1,000,000)"


def test_options_of_a_group_stand_together() -> None:
    groups = [d.group for d in declarations().values()]
    assert [g for n, g in enumerate(groups) if n == 0 or groups[n - 1] is not g] == list(OptionGroup)


def test_how_fast_rows_go_is_no_cause_of_a_reject() -> None:
    assert {n for n, d in declarations().items() if not d.of_rows} >= {"batch_size", "parallel_tables", "max_rejects"}
    assert declarations()["keep_nulls"].of_rows
