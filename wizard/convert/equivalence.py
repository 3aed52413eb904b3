"""Whether two objects are the same to a server, which stores expressions and some types in its own words."""

from __future__ import annotations

from typing import Final

from wizard.convert.script import headed
from wizard.objects import ForeignKey, ServerColumn, ServerIndex, ServerModule, ServerType
from wizard.tsql_words import WordKind, pieces, words

_SYNONYMS: Final = {"numeric": "decimal", "timestamp": "rowversion", "integer": "int", "double precision": "float"}


def same_type(one: ServerType, other: ServerType) -> bool:
    """Whether two types are one, synonyms and default lengths looked through."""

    def plain(kind: ServerType) -> tuple[object, ...]:
        name = _SYNONYMS.get(kind.name.casefold(), kind.name.casefold())
        return name, kind.length, kind.precision, (kind.scale or 0) if kind.precision is not None else kind.scale

    return plain(one) == plain(other)


def same_column(wanted: ServerColumn, present: ServerColumn, last: ServerColumn | None) -> bool:
    """Apart from default and description."""
    if wanted.computed or present.computed:
        before = last.computed if last else None
        return bool(present.computed) and same_expression(wanted.computed, present.computed, before)
    return (
        same_type(wanted.type, present.type)
        and wanted.nullable == present.nullable
        and wanted.identity == present.identity
    )


def same_expression(wanted: str, present: str, last: str | None) -> bool:
    """Whether they say the same; where that cannot be known, the last one loaded decides, if it is known.

    Without it two expressions count as the same: the server has rewritten ours, and nothing says that anybody changed
    it. What the server words as it was given (columns, constants, operators) is held against ours at any rate.
    """
    if bool(wanted) != bool(present):
        return False
    if not wanted or says_the_same(wanted, present):
        return True
    from wizard.convert.normal_forms import plain

    if plain(wanted) and plain(present):
        return False
    return last is None or last == wanted


def says_the_same(one: str, other: str) -> bool:
    """By their forms; where one cannot be read, equal but for parentheses, blanks, brackets and case."""
    if one == other:
        return True
    from wizard.convert.normal_forms import form

    forms = form(one), form(other)
    if None not in forms:
        return forms[0] == forms[1]
    return _canonical(one) == _canonical(other)


def _canonical(expression: str) -> list[tuple[bool, str]]:
    """Texts keep their case and blanks; of all else case, brackets and parentheses mean nothing."""
    texts = ((w, w.kind is WordKind.TEXT) for w in words(expression) if w.shown not in ("(", ")"))
    return [(text, w.value if text else w.value.casefold()) for w, text in texts]


def same_index(one: ServerIndex, other: ServerIndex) -> bool:
    """Apart from the filter, and from clustering of what is no key."""
    return one.unique == other.unique and [(c.name.casefold(), c.descending) for c in one.columns] == [
        (c.name.casefold(), c.descending) for c in other.columns
    ]


def same_key(one: ForeignKey, other: ForeignKey) -> bool:
    """Whether two foreign keys ask the same."""

    def plain(key: ForeignKey) -> object:
        pairs = zip(key.columns, key.referenced_columns, strict=False)
        referenced = (key.referenced.schema.casefold(), key.referenced.name.casefold())
        folded = sorted((a.casefold(), b.casefold()) for a, b in pairs)
        return folded, referenced, key.on_delete, key.on_update

    return plain(one) == plain(other)


def same_module(wanted: ServerModule, present: ServerModule, last: ServerModule | None) -> bool:
    """The text but for blanks at the ends of it and its lines; where the server shows none, the last one decides."""
    if not present.sql.strip():
        return last is None or last.sql == wanted.sql
    return _text(wanted.sql) == _text(present.sql)


def _text(sql: str) -> str:
    """A server keeps CREATE OR ALTER as CREATE, with the blanks that were around what it takes out.

    What stands in a name or a text is part of it, blanks at the end of a line too.
    """
    found = [p.shown if p.kind is not WordKind.BLANK else _layout(p.shown) for p in pieces(headed(sql, "CREATE"))]
    while found and (found[-1] == ";" or not found[-1].strip()):
        found.pop()
    return "".join(found).lstrip()


def _layout(blanks: str) -> str:
    """Blanks without those at ends of lines."""
    *ended, last = blanks.replace("\r\n", "\n").split("\n")
    return "\n" * len(ended) + last
