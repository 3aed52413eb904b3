"""Stage 1: options with their presets, type rules."""

from __future__ import annotations

import pytest

from tests.stages.conftest import BOOKS, KEY
from wizard.messages import (
    ConversionError,
    ProjectError,
)
from wizard.options import Preset
from wizard.settings import Options, TypeRule
from wizard.stages import Migration, RuleLevel


def test_presets_and_ranges(migration: Migration) -> None:
    migration.project.use_preset(Preset.FULL)
    assert migration.data.options.check_constraints
    with pytest.raises(ProjectError, match="batch_size"):
        migration.project.set_option("batch_size", 0)
    assert migration.data.options.batch_size == Options().batch_size


def test_type_rules_are_tried_from_the_most_local_and_impossible_ones_refused(migration: Migration) -> None:
    migration.project.set_rules([TypeRule("text", "nvarchar(max)")])
    migration.project.set_rules([TypeRule("text", "nvarchar(100)")], KEY)
    migration.project.set_rules([TypeRule("text", "nvarchar(200)")], KEY, "Books")
    levels = [r.level for r in migration.project.rules(KEY, "Books")][:4]
    assert levels == [RuleLevel.TABLE, RuleLevel.DATABASE, RuleLevel.PROJECT, RuleLevel.DEFAULT]
    assert migration.project.check_rule(TypeRule("text", "int")) is not None
    with pytest.raises(ConversionError):
        migration.project.set_rules([TypeRule("text", "int")])
    migration.project.set_rules([], KEY, "Books")
    assert migration.project.own_rules(KEY, "Books") == ()
    migration.prepare()
    migration.convert.run()
    assert {c.type for c in migration.convert.columns(BOOKS) if c.source_type == "text"} == {"nvarchar(100)"}
