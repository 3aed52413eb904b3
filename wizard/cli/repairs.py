"""The command that lists, makes and takes away repair rules."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from wizard.cli.output import put, put_json
from wizard.cli.runs import print_stale
from wizard.messages import RowProblem
from wizard.outcomes import Exit
from wizard.settings import REPAIRS, Repair, RepairRule
from wizard.stages import Migration
from wizard.stages.repair_rules import ACTIONS, WORDS, worded


def repair(
    project: Path,
    trouble: RowProblem | None,
    chosen: Repair | None,
    value: str,
    of: tuple[str, str, str],
    *,
    as_json: bool,
) -> int:
    """Lists the rules without `trouble`; takes a rule away without `chosen`. Raises ProjectError, StageError."""
    if trouble is None:
        with Migration.open(project, hold=False) as migration:
            _list(migration, as_json)
        return Exit.DONE
    source, table, part = of
    with Migration.open(project) as migration:
        if not source and table and len(migration.data.sources) == 1:
            source = migration.data.sources[0].key
        rule = RepairRule(trouble, chosen or REPAIRS[trouble][0], value, source, table, part)
        stale = migration.project.set_repair(rule) if chosen else migration.project.reset_repair(rule)
        print_stale(stale)
        if as_json:
            put_json({"stale": [s.value for s in stale]})
    return Exit.DONE


def _list(migration: Migration, as_json: bool) -> None:
    plain = []
    for trouble in RowProblem:
        rules = [r for r in migration.data.repairs if r.trouble is trouble]
        general = [] if any(not r.source for r in rules) else [migration.project.repair_for(trouble)]
        for rule in sorted([*general, *rules], key=lambda r: r.level):
            given = f" ({rule.value})" if rule.repair is Repair.VALUE else ""
            what = f"{WORDS[trouble]}, {ACTIONS[rule.repair]}{given}"
            if as_json:
                plain.append({**asdict(rule), "default": rule not in rules, "what": what})
            else:
                put(f"{trouble.value:14} {rule.repair.value:12} {worded(rule)}: {what}")
    if as_json:
        put_json(plain)
