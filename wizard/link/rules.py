"""Texts for constraints that the server names in its errors: a table of constraint and words for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wizard.objects import CheckConstraint, ServerTable


@dataclass(frozen=True, slots=True)
class KitRule:
    """A constraint of the server and the words for people when a row breaks it."""

    constraint: str
    table: str
    """the link's name"""
    text: str


def rules_of(table: str, target: ServerTable) -> Iterator[KitRule]:
    """The rules of a linked table: Access's validation texts, and for what Access had no text, a plain sentence."""
    for check in target.checks:
        yield KitRule(check.name, table, check.text or _said(check))
    for index in (target.primary_key, *target.indexes):
        if index is not None and (index.primary or index.unique):
            columns = ", ".join(c.name for c in index.columns)
            yield KitRule(index.name, table, f"There is a row of {table} with this {columns} already.")
    for key in target.foreign_keys:
        columns, referenced = ", ".join(key.columns), key.referenced.name
        said = f"{columns} of {table} must be one that {referenced} has, and a row of {referenced} that is used stays."
        yield KitRule(key.name, table, said)


def _said(check: CheckConstraint) -> str:
    if check.column and check.tightens:
        return f"{check.column} needs a value."
    if check.column and check.filled:
        return f"{check.column} may not be an empty text."
    about = check.column or "The row"
    return f"{about} breaks the rule {check.rule}." if check.rule else f"{about} breaks a rule ({check.name})."
