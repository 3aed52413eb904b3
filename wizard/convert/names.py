"""Names on the server: Access's own wherever SQL Server can have them, changed only where it must be.

SQL Server's rules ("Database identifiers"): 1 to 128 UTF-16 units, any character between brackets; compared without
case, width and trailing spaces under the usual collations. Collations without a version in their name, the default of
most servers among them, know the characters of Unicode 3 and overlook all others ("Collation and Unicode support").
A table whose name begins with # is a temporary one even in brackets. Tables, views, procedures, functions and
constraints of a schema share one set of names.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from wizard.messages import Message, Place

LONGEST: Final = 128
"""UTF-16 units"""
_LONGEST_PARAMETER: Final = 100
"""characters of a parameter's name, which has an @ before it and may get a number behind it"""

_RESERVED = """
    add all alter and any as asc authorization backup begin between break browse bulk by cascade case check
    checkpoint close clustered coalesce collate column commit compute constraint contains containstable continue
    convert create cross current current_date current_time current_timestamp current_user cursor database dbcc
    deallocate declare default delete deny desc disk distinct distributed double drop dump else end errlvl escape
    except exec execute exists exit external fetch file fillfactor for foreign freetext freetexttable from full
    function goto grant group having holdlock identity identity_insert identitycol if in index inner insert intersect
    into is join key kill left like lineno load merge national nocheck nonclustered not null nullif of off offsets on
    open opendatasource openquery openrowset openxml option or order outer over percent pivot plan precision primary
    print proc procedure public raiserror read readtext reconfigure references replication restore restrict return
    revert revoke right rollback rowcount rowguidcol rule save schema securityaudit select semantickeyphrasetable
    semanticsimilaritydetailstable semanticsimilaritytable session_user set setuser shutdown some statistics
    system_user table tablesample textsize then to top tran transaction trigger truncate try_convert tsequal union
    unique unpivot update updatetext use user values varying view waitfor when where while with within writetext
"""
RESERVED: Final = frozenset(_RESERVED.split())
"""Transact-SQL's reserved keywords, which stand as names only in brackets."""


def folded(name: str) -> str:
    """What two names have in common where a server takes them for one.

    Case, width and trailing spaces do not count, nor do characters that older collations have no weight for.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    return (plain if plain.isascii() else "".join(filter(_weighs, plain))).rstrip(" ")


def _weighs(character: str) -> bool:
    return character <= "\uffff" and unicodedata.ucd_3_2_0.category(character) != "Cn"


SYSTEM_SCHEMAS: Final = frozenset({"sys", "information_schema"})
"""the server's own, in which nobody makes anything"""


def schema_refused(name: str) -> str:
    """Why a schema cannot have that name; empty where it can."""
    if not name.strip() or units(name) > LONGEST or "\0" in name:
        return f"it must have 1 to {LONGEST} characters"
    return "it is the server's own, in which nothing can be made" if folded(name) in SYSTEM_SCHEMAS else ""


def units(text: str) -> int:
    """UTF-16 units, which is how SQL Server measures names."""
    return len(text) + sum(ord(c) > 0xFFFF for c in text)


def needs_quoting(name: str) -> bool:
    """Whether a person must write brackets around it (scripts made here always have them)."""
    if name.casefold() in RESERVED or not name:
        return True
    first = name[0]
    if not (first == "_" or first.isalpha()):
        return True
    return not all(c in "_@#$" or c.isalnum() for c in name)


def legal(name: str, *, temporary: bool = False) -> str:
    """The nearest name that SQL Server and its scripts take: control characters, which Access forbids too, go.

    `temporary`: a leading # would make the object a temporary one.
    """
    kept = "".join("�" if c < " " or "\ud800" <= c <= "\udfff" else c for c in name).rstrip(" ") or "_"
    if temporary and kept.startswith("#"):
        kept = "_" + kept[1:]
    return shortened(kept)


def shortened(name: str, limit: int = LONGEST) -> str:
    """Cut to so many UTF-16 units, never through a surrogate pair."""
    while units(name) > limit:
        name = name[: min(len(name) - 1, limit)]
    return name


class NameRegister:
    """The names taken in one schema (or one table's columns or indexes), and a free one for each wish."""

    def __init__(self, taken: tuple[str, ...] = ()) -> None:
        self._taken = {folded(n) for n in taken}

    def take(self, wanted: str, *, temporary: bool = True, avoid: frozenset[str] = frozenset()) -> str:
        """The wanted name where it is legal and free, else the nearest that is: `Name_2`, `Name_3` …

        `avoid` are folded names that others of more right will take later.
        """
        base = legal(wanted, temporary=temporary)
        name, count = base, 1
        while folded(name) in self._taken or folded(name) in avoid:
            count += 1
            suffix = f"_{count}"
            name = shortened(base, LONGEST - len(suffix)) + suffix
        self._taken.add(folded(name))
        return name


def renamed(source: str, target: str, place: Place) -> tuple[Message, ...]:
    """The message that a name changed; none where it did not."""
    if source == target:
        return ()
    if source.startswith("#") and not target.startswith("#"):
        reason = "SQL Server keeps names that begin with # for temporary objects"
    elif units(source) > LONGEST:
        reason = "SQL Server's names have at most 128 characters"
    elif folded(source) == folded(target):
        reason = "it had trailing spaces or characters that SQL Server does not take in a name"
    else:
        reason = "another object of the schema has that name, or one that a server takes for the same"
    return (Message.of(2020, place, name=source, target=target, reason=reason),)


def variable_name(prompt: str) -> str:
    """What stands behind the @: letters and digits of Unicode 3.2, since variables have no brackets; room for a number.

    Source: "Database identifiers".
    """
    kept = "".join(c if _in_a_name(c) else " " for c in prompt)
    return shortened("_".join(kept.split()).strip("_") or "parameter", _LONGEST_PARAMETER)


def _in_a_name(character: str) -> bool:
    kind = unicodedata.ucd_3_2_0.category(character)
    return character == "_" or (character <= "\uffff" and (kind.startswith("L") or kind == "Nd"))
