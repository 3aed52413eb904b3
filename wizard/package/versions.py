"""The oldest SQL Server that a package's scripts run on, found by what they use.

Sources: the pages of the Transact-SQL reference, each under "Applies to". Compatibility is not asked for: every
database of a version may have its own level, and none of these needs one but STRING_AGG's siblings of 2022.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wizard.objects import ObjectKind, Statement
from wizard.settings import SqlVersion
from wizard.sqlserver.connection_test import SERVICE_PACK_1

_SINCE: Final[tuple[tuple[SqlVersion, str], ...]] = (
    (
        SqlVersion.V2025,
        r"\b(REGEXP_(?:LIKE|REPLACE|SUBSTR|INSTR|COUNT)|EDIT_DISTANCE|BASE64_ENCODE|PRODUCT|UNISTR)\s*\(",
    ),
    (
        SqlVersion.V2022,
        r"\b(GREATEST|LEAST|DATETRUNC|DATE_BUCKET|GENERATE_SERIES|LEFT_SHIFT|RIGHT_SHIFT|BIT_COUNT)\s*\(",
    ),
    (SqlVersion.V2022, r"\bIS\s+(?:NOT\s+)?(DISTINCT\s+FROM)\b"),
    (SqlVersion.V2019, r"\b(APPROX_COUNT_DISTINCT)\s*\("),
    (SqlVersion.V2017, r"\b(STRING_AGG|CONCAT_WS|TRANSLATE|TRIM)\s*\("),
)
_NAME: Final = re.compile(r"\[(?:[^\]]|\]\])*\]")


@dataclass(frozen=True, slots=True)
class VersionNeed:
    """The oldest version, and what needs it: a word of T-SQL and the object that has it."""

    version: SqlVersion = SqlVersion.V2016
    word: str = "CREATE OR ALTER"
    where: str = ""

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
    """What the scripts of these statements need; texts that are run count, names and descriptions do not."""
    found = VersionNeed()
    for statement in statements:
        if statement.kind is ObjectKind.DESCRIPTION:
            continue
        text = _NAME.sub("", statement.sql)
        for version, pattern in _SINCE:
            if version > found.version and (match := re.search(pattern, text, re.IGNORECASE)):
                found = VersionNeed(version, match[1].upper(), str(statement.name))
    return found
