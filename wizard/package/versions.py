"""The oldest SQL Server that a package's scripts run on, found by what they use.

Sources: the pages of the Transact-SQL reference, each under "Applies to", and for the level of compatibility, which
every database of a version may have its own of, under "Compatibility level" of the few that ask for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from wizard.objects import ObjectKind, Statement
from wizard.settings import SqlVersion
from wizard.sqlserver.connection_test import SERVICE_PACK_1
from wizard.tsql_words import SqlWord, WordKind, words

_2025: Final = """
    REGEXP_LIKE REGEXP_REPLACE REGEXP_SUBSTR REGEXP_INSTR REGEXP_COUNT REGEXP_MATCHES REGEXP_SPLIT_TO_TABLE
    EDIT_DISTANCE EDIT_DISTANCE_SIMILARITY JARO_WINKLER_DISTANCE JARO_WINKLER_SIMILARITY BASE64_ENCODE BASE64_DECODE
    PRODUCT UNISTR VECTOR_DISTANCE JSON_CONTAINS JSON_OBJECTAGG JSON_ARRAYAGG
"""
_2022: Final = """
    GREATEST LEAST DATETRUNC DATE_BUCKET GENERATE_SERIES LEFT_SHIFT RIGHT_SHIFT BIT_COUNT GET_BIT SET_BIT
    APPROX_PERCENTILE_CONT APPROX_PERCENTILE_DISC JSON_OBJECT JSON_ARRAY JSON_PATH_EXISTS
"""
_SINCE: Final[Mapping[SqlVersion, frozenset[str]]] = {
    SqlVersion.V2025: frozenset(_2025.split()),
    SqlVersion.V2022: frozenset({*_2022.split(), "DISTINCT FROM"}),
    SqlVersion.V2019: frozenset({"APPROX_COUNT_DISTINCT"}),
    SqlVersion.V2017: frozenset({"STRING_AGG", "CONCAT_WS", "TRANSLATE", "TRIM"}),
}
"""functions, and words that follow one another"""
_LEVELS: Final[Mapping[int, frozenset[str]]] = {
    170: frozenset({"REGEXP_LIKE", "REGEXP_MATCHES", "REGEXP_SPLIT_TO_TABLE"}),
    160: frozenset({"GENERATE_SERIES"}),
    130: frozenset({"OPENJSON", "STRING_SPLIT"}),
    110: frozenset({"TRY_CONVERT", "WITHIN GROUP"}),
}
_PAIRS: Final = frozenset({"DISTINCT FROM", "WITHIN GROUP"})
_VARIABLE: Final = ("NVARCHAR", "(", "MAX", ")", "=")
"""what stands behind a variable in which a text to be run is put together: crosstabs whose headings are found then"""


@dataclass(frozen=True, slots=True)
class LevelNeed:
    """The lowest level of compatibility, 0 where any will do, and what needs it."""

    level: int = 0
    word: str = ""
    where: str = ""

    @property
    def why(self) -> str:
        """What needs the level, and where it is used."""
        return f"{self.word} in {self.where}"


@dataclass(frozen=True, slots=True)
class VersionNeed:
    """The oldest version, and what needs it: a word of T-SQL and the object that has it."""

    version: SqlVersion = SqlVersion.V2016
    word: str = "CREATE OR ALTER"
    where: str = ""
    compatibility: LevelNeed = LevelNeed()

    @property
    def product(self) -> str:
        """`SQL Server 2016 Service Pack 1`, which brought CREATE OR ALTER, or a later version's name."""
        pack = " Service Pack 1" if self.version is SqlVersion.V2016 else ""
        return f"SQL Server {self.version.value}{pack}"

    @property
    def first_build(self) -> tuple[int, int]:
        """Major version and build of the first server that will do, as in ProductVersion (13.0.4001.0)."""
        return self.version.major, SERVICE_PACK_1 if self.version is SqlVersion.V2016 else 0

    @property
    def why(self) -> str:
        """What needs the version, and where it is used."""
        return f"{self.word} in {self.where}" if self.where else self.word


@dataclass(frozen=True, slots=True)
class VersionNeeds:
    """The version that scripts were written for, which stage 1 chose, and the oldest that they need."""

    written_for: SqlVersion = SqlVersion.V2022
    needs: VersionNeed = VersionNeed()


def needed(statements: Iterable[Statement]) -> VersionNeed:
    """What the scripts of these statements need; texts that are run count; other texts, names and comments do not."""
    found, level = VersionNeed(), LevelNeed()
    for statement in statements:
        if statement.kind is ObjectKind.DESCRIPTION:
            continue
        used, where = _used(statement.sql), str(statement.name)
        for version, known in _SINCE.items():
            if version > found.version and (word := next((w for w in used if w in known), "")):
                found = VersionNeed(version, word, where)
        for lowest, known in _LEVELS.items():
            if lowest > level.level and (word := next((w for w in used if w in known), "")):
                level = LevelNeed(lowest, word, where)
    return replace(found, compatibility=level)


def _used(sql: str) -> list[str]:
    """The functions and pairs of words of a statement, a person's perhaps, and of the texts that it runs."""
    found = words(sql)
    said = [w.keyword or (w.shown if w.kind is WordKind.SIGN else "") for w in found]
    pairs = list(pairwise(said))
    used = [first for first, second in pairs if second == "("]
    used += [f"{first} {second}" for first, second in pairs if f"{first} {second}" in _PAIRS]
    runs = "SP_EXECUTESQL" in said or any(pair in pairs for pair in (("EXEC", "("), ("EXECUTE", "(")))
    return used + [word for text in (_run(found, said) if runs else ()) for word in _used(text)]


def _run(found: Sequence[SqlWord], said: Sequence[str]) -> Iterator[str]:
    """The texts between what runs them, or keeps them to be run, and the end of its statement."""
    running = False
    for number, word in enumerate(found):
        runs = said[number] in ("EXEC", "EXECUTE") and said[number + 1 : number + 2] == ["("]
        keeps = said[number] == "DECLARE" and tuple(said[number + 2 : number + 2 + len(_VARIABLE)]) == _VARIABLE
        running = (running or runs or keeps) and word.shown != ";"
        if running and word.kind is WordKind.TEXT:
            yield word.value
