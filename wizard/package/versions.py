"""The oldest SQL Server that a package's scripts run on, found by what they use.

Sources: the pages of the Transact-SQL reference, each under "Applies to", and for the level of compatibility, which
every database of a version may have its own of, under "Compatibility level" of the few that ask for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from wizard.objects import ObjectKind, Statement
from wizard.settings import SqlVersion
from wizard.sqlserver.connection_test import SERVICE_PACK_1

_SINCE: Final[tuple[tuple[SqlVersion, str], ...]] = (
    (
        SqlVersion.V2025,
        r"\b(REGEXP_(?:LIKE|REPLACE|SUBSTR|INSTR|COUNT|MATCHES|SPLIT_TO_TABLE)|EDIT_DISTANCE(?:_SIMILARITY)?"
        r"|JARO_WINKLER_(?:DISTANCE|SIMILARITY)|BASE64_(?:ENCODE|DECODE)|PRODUCT|UNISTR|VECTOR_DISTANCE|JSON_CONTAINS"
        r"|JSON_(?:OBJECT|ARRAY)AGG)\s*\(",
    ),
    (
        SqlVersion.V2022,
        r"\b(GREATEST|LEAST|DATETRUNC|DATE_BUCKET|GENERATE_SERIES|LEFT_SHIFT|RIGHT_SHIFT|BIT_COUNT|[GS]ET_BIT"
        r"|APPROX_PERCENTILE_(?:CONT|DISC)|JSON_(?:OBJECT|ARRAY|PATH_EXISTS))\s*\(",
    ),
    (SqlVersion.V2022, r"\bIS\s+(?:NOT\s+)?(DISTINCT\s+FROM)\b"),
    (SqlVersion.V2019, r"\b(APPROX_COUNT_DISTINCT)\s*\("),
    (SqlVersion.V2017, r"\b(STRING_AGG|CONCAT_WS|TRANSLATE|TRIM)\s*\("),
)
_LEVELS: Final[tuple[tuple[int, str], ...]] = (
    (170, r"\b(REGEXP_(?:LIKE|MATCHES|SPLIT_TO_TABLE))\s*\("),
    (160, r"\b(GENERATE_SERIES)\s*\("),
    (130, r"\b(OPENJSON|STRING_SPLIT)\s*\("),
    (110, r"\b(TRY_CONVERT)\s*\("),
    (110, r"\b(WITHIN\s+GROUP)\s*\("),
)
_NO_CODE: Final = re.compile(
    r"""'(?:[^']|'')*(?:'|\Z) | \[(?:[^\]]|\]\])*(?:\]|\Z) | "(?:[^"]|"")*(?:"|\Z) | --[^\n]* | /\*""", re.VERBOSE
)
"""a text, a name in brackets or quotes, a comment to the line's end, or where one of the other kind begins"""
_COMMENT: Final = re.compile(r"/\*|\*/")
_RUN: Final = re.compile(r"\bEXEC(?:UTE)?\s*\(|\bsp_executesql\b", re.IGNORECASE)
_RUN_TEXT: Final = re.compile(r"\bEXEC(?:UTE)?\s*\([^;]*|\bDECLARE\s+@\w+\s+nvarchar\(max\)\s*=[^;]*", re.IGNORECASE)
"""what is run, and the variables that such a text is put together in (crosstabs with headings found when they run)"""


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
        text, where = _code(statement.sql), str(statement.name)
        for version, pattern in _SINCE:
            if version > found.version and (match := re.search(pattern, text, re.IGNORECASE)):
                found = VersionNeed(version, match[1].upper(), where)
        for lowest, pattern in _LEVELS:
            if lowest > level.level and (match := re.search(pattern, text, re.IGNORECASE)):
                level = LevelNeed(lowest, match[1].upper(), where)
    return replace(found, compatibility=level)


def _code(sql: str) -> str:
    """The words of T-SQL alone, and behind them those of the texts that are run."""
    words, texts = _parted(sql)
    if not _RUN.search(words):
        return words
    numbers = [int(n) for part in _RUN_TEXT.findall(words) for n in re.findall(r"'(\d+)'", part)]
    return " ".join([words, *(_code(texts[n]) for n in numbers)])


def _parted(sql: str) -> tuple[str, list[str]]:
    """The statement without its texts, names and comments, and the texts; each leaves its number, as '0'."""
    words: list[str] = []
    texts: list[str] = []
    at = 0
    while found := _NO_CODE.search(sql, at):
        words.append(sql[at : found.start()])
        at = found.end()
        if found[0].startswith("'"):
            words.append(f"'{len(texts)}'")
            texts.append(found[0][1:-1].replace("''", "'"))
        elif found[0] == "/*":
            at = _end_of_comment(sql, at)
            words.append(" ")
        else:
            words.append("[]" if found[0][0] in '["' else " ")
    return "".join([*words, sql[at:]]), texts


def _end_of_comment(sql: str, start: int) -> int:
    """Where a comment that began before `start` ends: they nest in T-SQL."""
    depth = 1
    for found in _COMMENT.finditer(sql, start):
        depth += 1 if found[0] == "/*" else -1
        if not depth:
            return found.end()
    return len(sql)
