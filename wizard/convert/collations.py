"""COLLATE, and texts that meet where one of them has it: a server refuses two collations that COLLATE gives (Msg 468).

Source: "Collation precedence (Transact-SQL)".
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from wizard.convert.tree import Enclosed, Part, SqlNode, Text, enclosed, tsql
from wizard.convert.typed_sql import Typed

_BINARY: Final = "COLLATE Latin1_General_BIN2"


def binary(value: Part) -> SqlNode:
    """The text compared by its characters' codes."""
    return tsql("{} {}", value, _BINARY)


def beside_binary(value: Typed) -> Typed:
    """The text as it can meet a binary one: one that has a collation of its own is given that."""
    given = any("COLLATE" in text for n in value.node.walk() if not isinstance(n, Text) for text in n.texts)
    return replace(value, node=binary(value)) if given else value


def as_others(value: SqlNode) -> Enclosed:
    """A text that was made of a binary one, compared as all others are."""
    return enclosed("{} COLLATE DATABASE_DEFAULT", value)
