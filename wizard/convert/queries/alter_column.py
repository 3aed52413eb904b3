"""ALTER TABLE for columns that indexes, keys or defaults depend on, as a script for a person to read.

SQL Server refuses to drop or change a column that a default, check, key or index stands on (5074, 4922). Access drops a
column's default and rule with it, and keeps both, and the indexes, where a column changes. They are found on the server
by what they stand on, since nobody may know their names. What Access refuses too stays in the way: an index on a column
that is dropped, a relationship.

Sources: sys.default_constraints, sys.check_constraints, sys.sql_expression_dependencies, sys.indexes; "ALTER TABLE
(Transact-SQL)".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wizard.convert.create import text
from wizard.objects import Name, quote

_PLACE = """\
DECLARE @table{n} int = OBJECT_ID({table});
DECLARE @column{n} int = COLUMNPROPERTY(@table{n}, {column}, 'ColumnId');
"""
_DEFAULT = """\
    SELECT d.name, N' DEFAULT ' + d.definition + N' FOR ' + {quoted}
    FROM sys.default_constraints AS d
    WHERE d.parent_object_id = @table{n} AND d.parent_column_id = @column{n}
"""
_CHECKS = """\
    UNION ALL
    SELECT k.name, N' CHECK ' + k.definition
    FROM sys.check_constraints AS k
    WHERE k.parent_object_id = @table{n} AND EXISTS (
        SELECT 1 FROM sys.sql_expression_dependencies AS e
        WHERE e.referencing_id = k.object_id AND e.referenced_id = @table{n} AND e.referenced_minor_id = @column{n}
    )
"""
_ALONE = """\
    AND NOT EXISTS (
        SELECT 1 FROM sys.sql_expression_dependencies AS o
        WHERE o.referencing_id = k.object_id AND o.referenced_id = @table{n}
            AND o.referenced_minor_id NOT IN (0, @column{n})
    )
"""
_START = """\
DECLARE @drop{n} nvarchar(max) = (
    SELECT {alter} + N' DROP CONSTRAINT ' + QUOTENAME(p.name) + N';' FROM (
"""
_END = """\
    ) AS p (name, made) FOR XML PATH(N''), TYPE
).value(N'.', N'nvarchar(max)');
EXEC (@drop{n});
"""
_PARTS = """\
DECLARE @parts{n} TABLE ([rank] int, [drop] nvarchar(max), [make] nvarchar(max));
INSERT INTO @parts{n}
SELECT CASE WHEN p.made LIKE N' DEFAULT %' THEN 1 ELSE 2 END, {alter} + N' DROP CONSTRAINT ' + QUOTENAME(p.name) + N';',
    {alter} + N' ADD CONSTRAINT ' + QUOTENAME(p.name) + p.made + N';'
FROM (
"""
_INDEXES = """\
INSERT INTO @parts{n}
SELECT 3,
    CASE WHEN i.is_primary_key = 1 OR i.is_unique_constraint = 1
        THEN {alter} + N' DROP CONSTRAINT ' + QUOTENAME(i.name)
        ELSE N'DROP INDEX ' + QUOTENAME(i.name) + N' ON ' + {table} END + N';',
    CASE WHEN i.is_primary_key = 1 OR i.is_unique_constraint = 1
        THEN {alter} + N' ADD CONSTRAINT ' + QUOTENAME(i.name)
            + CASE i.is_primary_key WHEN 1 THEN N' PRIMARY KEY' ELSE N' UNIQUE' END + m.kind
        ELSE N'CREATE' + CASE i.is_unique WHEN 1 THEN N' UNIQUE' ELSE N'' END + m.kind + N' INDEX '
            + QUOTENAME(i.name) + N' ON ' + {table} END
        + N' (' + m.keys + N')' + COALESCE(N' INCLUDE (' + m.included + N')', N'')
        + COALESCE(N' WHERE ' + i.filter_definition, N'') + N';'
FROM sys.indexes AS i
    CROSS APPLY (
        SELECT CASE i.type WHEN 1 THEN N' CLUSTERED' ELSE N' NONCLUSTERED' END,
            STUFF((
                SELECT N', ' + QUOTENAME(c.name) + CASE x.is_descending_key WHEN 1 THEN N' DESC' ELSE N'' END
                FROM sys.index_columns AS x
                    INNER JOIN sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
                WHERE x.object_id = i.object_id AND x.index_id = i.index_id AND x.is_included_column = 0
                ORDER BY x.key_ordinal
                FOR XML PATH(N''), TYPE
            ).value(N'.', N'nvarchar(max)'), 1, 2, N''),
            STUFF((
                SELECT N', ' + QUOTENAME(c.name)
                FROM sys.index_columns AS x
                    INNER JOIN sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
                WHERE x.object_id = i.object_id AND x.index_id = i.index_id AND x.is_included_column = 1
                ORDER BY x.index_column_id
                FOR XML PATH(N''), TYPE
            ).value(N'.', N'nvarchar(max)'), 1, 2, N'')
    ) AS m (kind, keys, included)
WHERE i.object_id = @table{n} AND i.type IN (1, 2) AND EXISTS (
    SELECT 1 FROM sys.index_columns AS x
    WHERE x.object_id = i.object_id AND x.index_id = i.index_id AND x.column_id = @column{n}
);
"""
_RUN = """\
DECLARE @{what}{n} nvarchar(max) = (
    SELECT [{what}] FROM @parts{n} ORDER BY [rank] DESC FOR XML PATH(N''), TYPE
).value(N'.', N'nvarchar(max)');
EXEC (@{what}{n});
"""
_CHANGE = """\
DECLARE @change{n} nvarchar(max) = {change}
    + CASE COLUMNPROPERTY(@table{n}, {column}, 'AllowsNull') WHEN 0 THEN N' NOT NULL' ELSE N' NULL' END;
EXEC (@change{n});
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a column: its type in T-SQL; whether it allows NULL, None where that stays as it is; a default
    in T-SQL that takes the place of the one it has, empty where that stays."""

    column: str
    type: str
    nullable: bool | None = None
    default: str = ""


def dropping_default(table: Name, column: str, number: int) -> str:
    """Statements that drop the default of a column; `number` distinguishes the variables of a batch."""
    return _filled(_PLACE + _START + _DEFAULT + _END, table, column, number).rstrip("\n")


def adding_default(table: Name, column: str, default: str) -> str:
    """The statement that gives a column a default."""
    return f"ALTER TABLE {table} ADD DEFAULT {default} FOR {quote(column)};"


def dropping(table: Name, columns: Sequence[str]) -> str:
    """Statements that drop columns, with their defaults and the rules of each alone."""
    freeing = _PLACE + _START + _DEFAULT + _CHECKS + _ALONE + _END
    freed = "".join(_filled(freeing, table, column, n) for n, column in enumerate(columns, 1))
    return f"{freed}ALTER TABLE {table} DROP COLUMN {', '.join(map(quote, columns))};"


def changing(table: Name, change: Change, number: int) -> str:
    """Statements that change a column and put back what stood on it."""
    column = change.column
    sql = f"ALTER TABLE {table} ALTER COLUMN {quote(column)} {change.type}"
    found = _PLACE + _PARTS + _DEFAULT + _CHECKS + ") AS p (name, made);\n" + _INDEXES + _RUN
    freed = _filled(found, table, column, number, what="drop")
    if change.nullable is None:
        altered = _filled(_CHANGE, table, column, number, change=text(sql))
    else:
        altered = f"{sql} {'NULL' if change.nullable else 'NOT NULL'};\n"
    given = bool(change.default)
    kept = f"DELETE FROM @parts{number} WHERE [rank] = 1;\n" if given else ""
    made = _filled(_RUN, table, column, number, what="make")
    after = adding_default(table, column, change.default) if given else ""
    return f"{freed}{altered}{kept}{made}{after}".rstrip("\n")


def _filled(template: str, table: Name, column: str, number: int, **more: str) -> str:
    return template.format(
        table=text(str(table)),
        column=text(column),
        quoted=text(quote(column)),
        alter=text(f"ALTER TABLE {table}"),
        n=number,
        **more,
    )
