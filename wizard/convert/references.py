"""Foreign keys that refer to a changed part of a table: those of other tables and its own.

SQL Server refuses to alter a column that a foreign key refers to, and to drop the key or unique index behind one:
those foreign keys are dropped first and made again last. Other work may do the same, so that the statements are
guarded; `difference.plan` keeps those of the table that owns a key, where there are any.
"""

from __future__ import annotations

from collections.abc import Iterable

from wizard.convert import create, script
from wizard.convert.alter import AlterStep
from wizard.objects import ForeignKey, Name, ObjectKind, ServerTable, Statement, literal, quote


def free_changes(work: AlterStep, present: ServerTable, tables: Iterable[ServerTable]) -> None:
    """Add to the work on `present` what it needs of the foreign keys in `tables`, which are all that are there."""
    dropped = {(s.name, s.part) for s in work.before if s.kind is ObjectKind.FOREIGN_KEY}
    for owner, key in _referring(present, tables):
        columns = frozenset(c.casefold() for c in key.referenced_columns)
        if (work.touched & columns or columns in work.freed) and (owner.name, key.name) not in dropped:
            work.details.append(f"foreign key {key.name} of {owner.name.name} refers to what changes: it is made again")
            _made_again(work, owner, key)


def free_table(work: AlterStep, present: ServerTable, tables: Iterable[ServerTable]) -> None:
    """The same where all of `present` goes: for every foreign key of another table."""
    for owner, key in _referring(present, tables):
        if owner.name != present.name:
            _made_again(work, owner, key)


def _referring(present: ServerTable, tables: Iterable[ServerTable]) -> list[tuple[ServerTable, ForeignKey]]:
    return [(t, k) for t in tables for k in t.foreign_keys if _folded(k.referenced) == _folded(present.name)]


def _folded(name: Name) -> tuple[str, str]:
    return name.schema.casefold(), name.name.casefold()


def _made_again(work: AlterStep, owner: ServerTable, key: ForeignKey) -> None:
    drop = f"ALTER TABLE {owner.name} DROP CONSTRAINT {quote(key.name)};"
    guard = f"IF NOT {create.absent(ObjectKind.FOREIGN_KEY, Name(owner.name.schema, key.name))}\n"
    work.before.append(Statement(ObjectKind.FOREIGN_KEY, owner.name, guard + drop, key.name, drops=True))
    made = create.foreign_key(owner.name, key)
    plain = Statement(ObjectKind.FOREIGN_KEY, owner.name, made, key.name)
    work.after.append(script.guarded(plain, f"OBJECT_ID({literal(str(owner.name))}) IS NOT NULL"))
