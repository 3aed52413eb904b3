"""A table, query or VBA function as reports show it: both sides as text, what became of it, its messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wizard.convert.object_texts import both_sides
from wizard.definitions import Database
from wizard.messages import Message
from wizard.objects import Conversion, Converted, Outcome, TableRef

_WORST = (Outcome.FAILED, Outcome.PARTLY, Outcome.CONVERTED)


@dataclass(frozen=True, slots=True)
class AssessedObject:
    """One object on both sides."""

    kind: str
    """`table`, `query` or `function`"""
    name: str
    target: str
    """its name on the server; empty where there is none"""
    outcome: Outcome
    """the worst of it and of its parts"""
    access: str
    """Access SQL, VBA, or a table in words"""
    server: str
    """T-SQL, or why there is none"""
    messages: tuple[Message, ...] = ()
    """its own and its parts'"""


_KINDS = {"tables": "table", "queries": "query", "functions": "function"}


def assessed_objects(
    database: Database, conversion: Conversion, items: Sequence[Converted]
) -> Iterator[AssessedObject]:
    """Those of a source, in the order of its tables, queries and functions."""
    parts: dict[TableRef, list[Converted]] = defaultdict(list)
    for item in items:
        parts[item.source].append(item)
    for item in items:
        if item.part or item.category not in _KINDS:
            continue
        texts = both_sides(database, conversion, item.source)
        if texts is None:
            continue
        own = parts[item.source] if item.category == "tables" else [item]
        outcomes = {i.outcome for i in own}
        messages = tuple(dict.fromkeys(m for i in own for m in i.messages))
        worst = item.outcome if item.outcome is Outcome.FAILED else next(o for o in _WORST if o in outcomes)
        if worst is Outcome.FAILED and item.outcome is not Outcome.FAILED:
            worst = Outcome.PARTLY  # it is made, and a part of it is not
        yield AssessedObject(_KINDS[item.category], item.source.table, item.target, worst, *texts, messages)
