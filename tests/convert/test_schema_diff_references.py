"""Changing what foreign keys, computed columns and rules stand on: all is taken down first and made again after.

SQL Server refuses ALTER COLUMN for a column in a key, index, check, default, computed column or foreign key (on either
side), and refuses to drop a key or unique index that a foreign key refers to.
"""

from __future__ import annotations

from dataclasses import replace

from wizard.convert.schema_diff import SchemaDifference, SyncChoice, compare, plan
from wizard.objects import (
    Action,
    CheckConstraint,
    Conversion,
    ForeignKey,
    KeyColumn,
    Name,
    ObjectKind,
    ServerColumn,
    ServerIndex,
    ServerTable,
    ServerType,
)

INT, BIGINT = ServerType("int"), ServerType("bigint")


def parent(kind: ServerType = INT, *, unique: bool = True) -> ServerTable:
    return ServerTable(
        Name("dbo", "Parent"),
        (ServerColumn("ID", kind, nullable=False), ServerColumn("Code", ServerType("nvarchar", 9), nullable=False)),
        ServerIndex("PK_Parent", (KeyColumn("ID"),), primary=True, unique=True, clustered=True),
        (ServerIndex("UX_Parent_Code", (KeyColumn("Code"),), unique=unique),),
    )


def child(kind: ServerType = INT, *, keys: tuple[ForeignKey, ...] | None = None) -> ServerTable:
    name = Name("dbo", "Child")
    refers = (ForeignKey("FK_Child_Parent", ("ParentID",), parent().name, ("ID",)),)
    return ServerTable(name, (ServerColumn("ParentID", kind),), foreign_keys=refers if keys is None else keys)


BY_CODE = replace(
    child(keys=(ForeignKey("FK_Child_Code", ("Code",), parent().name, ("Code",)),)),
    columns=(ServerColumn("Code", ServerType("nvarchar", 9)),),
)


def steps(wanted: tuple[ServerTable, ...], there: tuple[ServerTable, ...], **chosen: SyncChoice) -> list[str]:
    """The last line of each statement that would run."""
    found = compare(Conversion(wanted), there, (), Conversion(there))
    plans = plan(Conversion(wanted), found, {f.name: chosen.get(f.name.name, SyncChoice.ALTER) for f in found})
    return [s.sql.splitlines()[-1] for s, _ in plans]


def test_a_referred_column_and_the_one_that_refers_change_together() -> None:
    assert steps((parent(BIGINT), child(BIGINT)), (parent(), child())) == [
        "ALTER TABLE [dbo].[Child] DROP CONSTRAINT [FK_Child_Parent];",
        "ALTER TABLE [dbo].[Parent] DROP CONSTRAINT [PK_Parent];",
        "ALTER TABLE [dbo].[Parent] ALTER COLUMN [ID] bigint NOT NULL;",
        "ALTER TABLE [dbo].[Child] ALTER COLUMN [ParentID] bigint NULL;",
        "ALTER TABLE [dbo].[Parent] ADD CONSTRAINT [PK_Parent] PRIMARY KEY CLUSTERED ([ID]);",
        "ALTER TABLE [dbo].[Child] WITH CHECK ADD CONSTRAINT [FK_Child_Parent] FOREIGN KEY ([ParentID]) "
        "REFERENCES [dbo].[Parent] ([ID]);",
    ]


def test_the_table_that_refers_may_be_left_as_it_is() -> None:
    renamed = replace(parent(), primary_key=ServerIndex("PK_Parent", (KeyColumn("ID", descending=True),), True, True))
    found = steps((renamed, child()), (parent(), child()), Child=SyncChoice.SKIP)
    assert found == [
        "ALTER TABLE [dbo].[Child] DROP CONSTRAINT [FK_Child_Parent];",
        "ALTER TABLE [dbo].[Parent] DROP CONSTRAINT [PK_Parent];",
        "ALTER TABLE [dbo].[Parent] ADD CONSTRAINT [PK_Parent] PRIMARY KEY NONCLUSTERED ([ID] DESC);",
        "ALTER TABLE [dbo].[Child] WITH CHECK ADD CONSTRAINT [FK_Child_Parent] FOREIGN KEY ([ParentID]) "
        "REFERENCES [dbo].[Parent] ([ID]);",
    ]


def test_a_foreign_key_of_others_is_found_though_they_are_no_part_of_the_conversion() -> None:
    found = steps((parent(BIGINT),), (parent(), child()))
    assert found[0] == "ALTER TABLE [dbo].[Child] DROP CONSTRAINT [FK_Child_Parent];"
    assert "ADD CONSTRAINT [FK_Child_Parent]" in found[-1]


def test_a_foreign_key_wanted_no_more_is_not_made_again() -> None:
    found = steps((parent(BIGINT), child(keys=())), (parent(), child()))
    assert len([s for s in found if "FK_Child_Parent" in s]) == 1
    assert found[0] == "ALTER TABLE [dbo].[Child] DROP CONSTRAINT [FK_Child_Parent];"


def test_of_two_works_the_owner_of_a_foreign_key_says_what_it_becomes() -> None:
    cascading = tuple(replace(k, on_delete=Action.CASCADE) for k in child().foreign_keys)
    found = [s for s in steps((parent(BIGINT), child(keys=cascading)), (parent(), child())) if "FK_Child" in s]
    assert len(found) == 2
    assert found[1].endswith("ON DELETE CASCADE;")


def test_recreating_the_table_that_refers_makes_its_foreign_key_once() -> None:
    found = steps((parent(BIGINT), child(BIGINT)), (parent(), child()), Child=SyncChoice.RECREATE)
    assert len([s for s in found if "ADD CONSTRAINT [FK_Child_Parent]" in s]) == 1
    assert found.index("DROP TABLE [dbo].[Child];") > 0


def test_a_unique_index_that_is_referred_to_goes_after_the_foreign_key() -> None:
    found = steps((parent(unique=False),), (parent(), BY_CODE))
    assert found[:2] == [
        "ALTER TABLE [dbo].[Child] DROP CONSTRAINT [FK_Child_Code];",
        "DROP INDEX [UX_Parent_Code] ON [dbo].[Parent];",
    ]


def test_other_foreign_keys_are_left_alone() -> None:
    assert not [s for s in steps((parent(unique=False),), (parent(), child())) if "FK_" in s]


def test_a_table_that_refers_to_itself_is_freed_of_that() -> None:
    own = (ForeignKey("FK_Tree", ("Up",), Name("dbo", "Parent"), ("ID",)),)
    tree = [
        replace(parent(kind), columns=(*parent(kind).columns, ServerColumn("Up", kind)), foreign_keys=own)
        for kind in (INT, BIGINT)
    ]
    found = steps((tree[1],), (tree[0],))
    assert found[0] == "ALTER TABLE [dbo].[Parent] DROP CONSTRAINT [FK_Tree];"
    assert len([s for s in found if "FK_Tree" in s]) == 2
    assert "FK_Tree" in found[-1]


def test_where_the_server_lists_no_foreign_keys_those_that_were_loaded_count() -> None:
    blind = replace(child(), foreign_keys=())
    last = Conversion((parent(), child()))
    wanted = Conversion((parent(BIGINT), child(BIGINT)))
    found = compare(wanted, (parent(), blind), (), last, frozenset({ObjectKind.FOREIGN_KEY}))
    sql = [s.sql for s, _ in plan(wanted, found, {f.name: SyncChoice.ALTER for f in found})]
    assert "DROP CONSTRAINT [FK_Child_Parent]" in sql[0]


def computing(kind: ServerType) -> ServerTable:
    return ServerTable(
        Name("dbo", "T"),
        (
            ServerColumn("Double", kind, computed="[Price] * 2", persisted=True),
            ServerColumn("Price", kind, nullable=False, default="1", default_name="DF_T_Price"),
        ),
        indexes=(ServerIndex("IX_T_Double", (KeyColumn("Double"),)),),
        checks=(CheckConstraint("CK_T_Price", "[Price] > 0"),),
    )


def test_all_that_stands_on_a_column_goes_before_it_changes_and_comes_back() -> None:
    assert steps((computing(BIGINT),), (computing(INT),)) == [
        "ALTER TABLE [dbo].[T] DROP CONSTRAINT [DF_T_Price];",
        "ALTER TABLE [dbo].[T] DROP CONSTRAINT [CK_T_Price];",
        "DROP INDEX [IX_T_Double] ON [dbo].[T];",
        "ALTER TABLE [dbo].[T] DROP COLUMN [Double];",
        "ALTER TABLE [dbo].[T] ALTER COLUMN [Price] bigint NOT NULL;",
        "ALTER TABLE [dbo].[T] ADD [Double] AS ([Price] * 2) PERSISTED;",
        "CREATE INDEX [IX_T_Double] ON [dbo].[T] ([Double]);",
        "ALTER TABLE [dbo].[T] WITH CHECK ADD CONSTRAINT [CK_T_Price] CHECK ([Price] > 0);",
        "ALTER TABLE [dbo].[T] ADD CONSTRAINT [DF_T_Price] DEFAULT (1) FOR [Price];",
    ]


def test_a_column_that_somebody_computes_on_the_server_stands_in_the_way() -> None:
    wanted = replace(computing(BIGINT), columns=computing(BIGINT).columns[1:], indexes=())
    found = compare(Conversion((wanted,)), (computing(INT),))[0]
    assert found.difference is SchemaDifference.CONFLICT
    assert any("computed from one that changes" in d for d in found.details)


def test_a_primary_key_that_others_made_comes_back_after_its_column_changed() -> None:
    found = steps((replace(parent(BIGINT), primary_key=None),), (parent(),))
    assert found[0] == "ALTER TABLE [dbo].[Parent] DROP CONSTRAINT [PK_Parent];"
    assert "ALTER TABLE [dbo].[Parent] ADD CONSTRAINT [PK_Parent] PRIMARY KEY CLUSTERED ([ID]);" in found
