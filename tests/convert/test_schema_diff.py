"""Comparing with a server: what is new, the same, changed here, changed there; and what would run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wizard.convert.alter import elsewhere
from wizard.convert.schema_diff import ComparedObject, SchemaDifference, SyncChoice, compare, plan
from wizard.objects import (
    CheckConstraint,
    Conversion,
    ForeignKey,
    KeyColumn,
    Name,
    ObjectKind,
    ServerColumn,
    ServerIndex,
    ServerModule,
    ServerTable,
    ServerType,
)

PARENT = ServerTable(
    Name("dbo", "Parent"),
    (ServerColumn("ID", ServerType("int"), nullable=False, identity=True),),
    ServerIndex("PK_Parent", (KeyColumn("ID"),), primary=True, unique=True, clustered=True),
)
CHILD = ServerTable(
    Name("dbo", "Child"),
    (
        ServerColumn("ID", ServerType("int"), nullable=False),
        ServerColumn("Price", ServerType("money"), default="0", default_name="DF_Child_Price"),
        ServerColumn("Name", ServerType("nvarchar", 20)),
    ),
    ServerIndex("PK_Child", (KeyColumn("ID"),), primary=True, unique=True, clustered=True),
    (ServerIndex("IX_Child_Name", (KeyColumn("Name"),)),),
    (ForeignKey("FK_Child_Parent", ("ID",), PARENT.name, ("ID",)),),
    (CheckConstraint("CK_Child_Price", "[Price] >= 0"),),
)
VIEW = ServerModule(Name("dbo", "V"), ObjectKind.VIEW, "CREATE VIEW [dbo].[V] AS SELECT [ID] FROM [dbo].[Child];")
WANTED = Conversion((PARENT, CHILD), (VIEW,))
AS_THE_SERVER_SAYS = replace(
    CHILD,
    columns=(CHILD.columns[0], replace(CHILD.columns[1], default="((0))"), CHILD.columns[2]),
    checks=(CheckConstraint("CK_Child_Price", "([Price]>=(0))"),),
)


def only(wanted: ServerTable, present: ServerTable, last: ServerTable | None = None) -> ComparedObject:
    previous = Conversion((last,)) if last else None
    return compare(Conversion((wanted,)), (present,), (), previous)[0]


def test_what_is_absent_is_created_with_all_its_parts_in_order() -> None:
    found = compare(WANTED, ())
    assert [f.difference for f in found] == [SchemaDifference.CREATE] * 3
    steps = plan(WANTED, found, {f.name: SyncChoice.CREATE for f in found})
    kinds = [s.kind for s, _ in steps]
    assert kinds == sorted(kinds, key=list(ObjectKind).index)
    assert {word for _, word in steps} == {"created"}


def test_a_server_that_words_expressions_its_own_way_is_the_same() -> None:
    found = compare(WANTED, (PARENT, AS_THE_SERVER_SAYS), (VIEW,), WANTED)
    assert [f.difference for f in found] == [SchemaDifference.SAME] * 3
    assert plan(WANTED, found, {f.name: SyncChoice.ALTER for f in found}) == []


def test_a_wider_column_takes_down_and_puts_back_the_index_on_it() -> None:
    wider = replace(CHILD, columns=(*CHILD.columns[:2], ServerColumn("Name", ServerType("nvarchar", 50))))
    found = only(wider, AS_THE_SERVER_SAYS, CHILD)
    assert found.difference is SchemaDifference.ALTER
    assert found.sql(SyncChoice.ALTER).splitlines() == [
        "DROP INDEX [IX_Child_Name] ON [dbo].[Child];",
        "ALTER TABLE [dbo].[Child] ALTER COLUMN [Name] nvarchar(50) NULL;",
        "CREATE INDEX [IX_Child_Name] ON [dbo].[Child] ([Name]);",
    ]


def test_a_missing_column_is_added_with_its_default() -> None:
    present = replace(AS_THE_SERVER_SAYS, columns=(CHILD.columns[0], CHILD.columns[2]))
    assert found_sql(only(CHILD, present)) == [
        "ALTER TABLE [dbo].[Child] ADD [Price] money NULL CONSTRAINT [DF_Child_Price] DEFAULT (0);"
    ]


def found_sql(found: ComparedObject) -> list[str]:
    return found.sql(SyncChoice.ALTER).splitlines()


def test_a_changed_rule_is_known_by_what_was_loaded_last() -> None:
    changed = replace(CHILD, checks=(CheckConstraint("CK_Child_Price", "[Price] > 0"),))
    for last in (CHILD, None):
        found = only(changed, AS_THE_SERVER_SAYS, last)
        assert found.difference is SchemaDifference.ALTER
    assert only(CHILD, replace(AS_THE_SERVER_SAYS, checks=changed.checks), CHILD).difference is SchemaDifference.ALTER
    rewritten = replace(AS_THE_SERVER_SAYS, checks=(CheckConstraint("CK_Child_Price", "(abs([Price])=[Price])"),))
    assert only(changed, rewritten).difference is SchemaDifference.SAME, "a server may have rewritten ours"
    assert found.difference is SchemaDifference.ALTER
    assert found_sql(found) == [
        "ALTER TABLE [dbo].[Child] DROP CONSTRAINT [CK_Child_Price];",
        "ALTER TABLE [dbo].[Child] WITH CHECK ADD CONSTRAINT [CK_Child_Price] CHECK ([Price] > 0);",
    ]


def systems_own(table: ServerTable) -> ServerTable:
    """The same table as somebody made it without naming anything, in the server's words."""
    key = table.primary_key
    return replace(
        table,
        columns=tuple(replace(c, default_name="DF__Child__Price__3B75D760") for c in table.columns),
        primary_key=replace(key, name="PK__Child__3214EC27A1B2C3D4") if key else None,
        indexes=tuple(replace(i, name=f"their {i.name}") for i in table.indexes),
        foreign_keys=tuple(replace(k, name="FK__Child__ID__3C69FB99") for k in table.foreign_keys),
        checks=tuple(replace(c, name="CK__Child__Price__3D5E1FD2") for c in table.checks),
    )


def test_parts_that_the_server_named_are_ours_and_none_is_made_a_second_time() -> None:
    there = systems_own(AS_THE_SERVER_SAYS)
    for last in (None, CHILD):
        assert only(CHILD, there, last).difference is SchemaDifference.SAME
    kinds = {(ObjectKind.INDEX, "IX_Child_Name"), (ObjectKind.FOREIGN_KEY, "FK_Child_Parent")}
    assert elsewhere(CHILD, there) == kinds | {(ObjectKind.CHECK, "CK_Child_Price")}
    assert elsewhere(CHILD, AS_THE_SERVER_SAYS) == frozenset()


def asleep(table: ServerTable) -> ServerTable:
    """The same table, whose constraints and indexes somebody has disabled."""
    return replace(
        table,
        indexes=tuple(replace(i, disabled=True) for i in table.indexes),
        foreign_keys=tuple(replace(k, disabled=True) for k in table.foreign_keys),
        checks=tuple(replace(c, disabled=True) for c in table.checks),
    )


def test_a_disabled_part_under_another_name_does_not_stand_for_ours() -> None:
    there = asleep(systems_own(AS_THE_SERVER_SAYS))
    assert elsewhere(CHILD, there) == frozenset()
    found = only(CHILD, there)
    assert found.difference is SchemaDifference.ALTER
    assert found_sql(found) == [
        "CREATE INDEX [IX_Child_Name] ON [dbo].[Child] ([Name]);",
        "ALTER TABLE [dbo].[Child] WITH CHECK ADD CONSTRAINT [FK_Child_Parent] FOREIGN KEY ([ID]) "
        "REFERENCES [dbo].[Parent] ([ID]);",
        "ALTER TABLE [dbo].[Child] WITH CHECK ADD CONSTRAINT [CK_Child_Price] CHECK ([Price] >= 0);",
    ]


def test_a_part_of_ours_that_was_disabled_differs_and_can_be_enabled() -> None:
    found = only(CHILD, asleep(AS_THE_SERVER_SAYS))
    assert found.difference is SchemaDifference.ALTER
    assert found.details == (
        "index IX_Child_Name is disabled on the server",
        "foreign key FK_Child_Parent is disabled on the server",
        "check CK_Child_Price is disabled on the server",
    )
    assert found_sql(found) == [
        "ALTER INDEX [IX_Child_Name] ON [dbo].[Child] REBUILD;",
        "ALTER TABLE [dbo].[Child] WITH CHECK CHECK CONSTRAINT [FK_Child_Parent];",
        "ALTER TABLE [dbo].[Child] WITH CHECK CHECK CONSTRAINT [CK_Child_Price];",
    ]
    old = replace(CHILD, checks=(replace(CHILD.checks[0], unchecked=True),))
    enabling = found_sql(only(old, asleep(AS_THE_SERVER_SAYS)))[-1]
    assert enabling == "ALTER TABLE [dbo].[Child] WITH NOCHECK CHECK CONSTRAINT [CK_Child_Price];"


def test_parts_that_the_server_named_are_found_by_name_when_their_column_changes() -> None:
    columns = tuple(replace(c, type=ServerType("decimal", precision=19, scale=4)) for c in CHILD.columns[1:2])
    found = only(
        replace(CHILD, columns=(CHILD.columns[0], *columns, CHILD.columns[2])), systems_own(AS_THE_SERVER_SAYS)
    )
    assert found_sql(found) == [
        "ALTER TABLE [dbo].[Child] DROP CONSTRAINT [DF__Child__Price__3B75D760];",
        "ALTER TABLE [dbo].[Child] DROP CONSTRAINT [CK__Child__Price__3D5E1FD2];",
        "ALTER TABLE [dbo].[Child] ALTER COLUMN [Price] decimal(19,4) NULL;",
        "ALTER TABLE [dbo].[Child] ADD CONSTRAINT [DF_Child_Price] DEFAULT (0) FOR [Price];",
        "ALTER TABLE [dbo].[Child] WITH CHECK ADD CONSTRAINT [CK_Child_Price] CHECK ([Price] >= 0);",
    ]


def test_a_unique_constraint_goes_as_a_constraint() -> None:
    unique = ServerIndex("UQ__Child__737584F6", (KeyColumn("Name"),), unique=True, constraint=True)
    wanted = replace(CHILD, indexes=(ServerIndex("UX_Child_Name", (KeyColumn("Name"),), unique=True),))
    there = replace(AS_THE_SERVER_SAYS, indexes=(unique,))
    assert only(wanted, there).difference is SchemaDifference.SAME
    wider = replace(wanted, columns=(*CHILD.columns[:2], ServerColumn("Name", ServerType("nvarchar", 50))))
    assert found_sql(only(wider, there))[0] == "ALTER TABLE [dbo].[Child] DROP CONSTRAINT [UQ__Child__737584F6];"


def test_two_rules_of_one_expression_keep_their_own_names() -> None:
    twice = replace(CHILD, checks=(CheckConstraint("CK_first", "[Price] >= 0"), *CHILD.checks))
    assert found_sql(only(twice, AS_THE_SERVER_SAYS)) == [
        "ALTER TABLE [dbo].[Child] WITH CHECK ADD CONSTRAINT [CK_first] CHECK ([Price] >= 0);"
    ]


def test_a_default_of_another_value_differs_whoever_named_it() -> None:
    five = replace(CHILD, columns=(CHILD.columns[0], replace(CHILD.columns[1], default="5"), CHILD.columns[2]))
    assert found_sql(only(five, systems_own(AS_THE_SERVER_SAYS))) == [
        "ALTER TABLE [dbo].[Child] DROP CONSTRAINT [DF__Child__Price__3B75D760];",
        "ALTER TABLE [dbo].[Child] ADD CONSTRAINT [DF_Child_Price] DEFAULT (5) FOR [Price];",
    ]


def test_what_others_added_on_the_server_stays() -> None:
    theirs = ServerIndex("IX_Theirs", (KeyColumn("Price"),))
    extra = ServerColumn("Theirs", ServerType("int"))
    present = replace(
        AS_THE_SERVER_SAYS, columns=(*AS_THE_SERVER_SAYS.columns, extra), indexes=(*CHILD.indexes, theirs)
    )
    found = only(CHILD, present, CHILD)
    assert found.difference is SchemaDifference.SAME
    assert found.details == ("column Theirs is on the server only and stays",)


def test_what_is_wanted_no_more_goes_if_it_was_ours() -> None:
    found = only(replace(CHILD, indexes=()), AS_THE_SERVER_SAYS, CHILD)
    assert found_sql(found) == ["DROP INDEX [IX_Child_Name] ON [dbo].[Child];"]


def test_changed_on_both_sides_is_a_conflict_with_every_choice() -> None:
    here = replace(CHILD, columns=(*CHILD.columns[:2], ServerColumn("Name", ServerType("nvarchar", 50))))
    there = replace(
        AS_THE_SERVER_SAYS, columns=(*AS_THE_SERVER_SAYS.columns[:2], ServerColumn("Name", ServerType("nvarchar", 30)))
    )
    found = only(here, there, CHILD)
    assert found.difference is SchemaDifference.CONFLICT
    assert set(found.works) == {SyncChoice.ALTER, SyncChoice.RECREATE}


def test_what_waits_for_the_rows_is_no_change_made_on_the_server() -> None:
    """Between stages 7 and 8 there is neither index nor foreign key: a change here is an ALTER, not left out."""
    here = replace(CHILD, columns=(*CHILD.columns[:2], ServerColumn("Name", ServerType("nvarchar", 50))))
    there = replace(AS_THE_SERVER_SAYS, indexes=(), foreign_keys=(), checks=())
    told = tuple(replace(c, text="No less than nothing") for c in CHILD.checks)
    found = only(replace(here, checks=told), there, replace(CHILD, checks=told))
    assert found.difference is SchemaDifference.ALTER
    assert not [d for d in found.details if "changed on the server" in d]
    dropped = replace(there, columns=there.columns[:2])
    assert only(here, dropped, CHILD).difference is SchemaDifference.CONFLICT


def test_no_statement_makes_an_identity_of_a_column() -> None:
    plain = replace(PARENT, columns=(ServerColumn("ID", ServerType("int"), nullable=False),))
    found = only(PARENT, plain)
    assert found.difference is SchemaDifference.CONFLICT
    assert set(found.works) == {SyncChoice.RECREATE}


def test_a_name_that_something_else_has_is_a_conflict_without_a_choice() -> None:
    """CREATE would fail with 2714, which is taken for there already: the table would count as made."""
    view = replace(VIEW, name=PARENT.name)
    (taken,) = compare(Conversion((PARENT,)), (), (view,))
    assert (taken.difference, taken.details, taken.works) == (
        SchemaDifference.CONFLICT, ("on the server it is a view",), {},
    )  # fmt: skip
    (taken,) = compare(Conversion(modules=(view,)), (PARENT,))
    assert (taken.difference, taken.details, taken.works) == (
        SchemaDifference.CONFLICT, ("on the server it is a table",), {},
    )  # fmt: skip


def test_recreating_takes_down_and_puts_back_the_foreign_keys_of_others() -> None:
    changed = replace(PARENT, columns=(ServerColumn("ID", ServerType("bigint"), nullable=False, identity=True),))
    found = compare(Conversion((changed,)), (PARENT, CHILD))
    steps = plan(Conversion((changed,)), found, {PARENT.name: SyncChoice.RECREATE})
    sql = [s.sql for s, _ in steps]
    assert "DROP CONSTRAINT [FK_Child_Parent]" in sql[0]
    assert sql[1] == "DROP TABLE [dbo].[Parent];"
    assert "ADD CONSTRAINT [FK_Child_Parent]" in sql[-1]


def test_a_view_changed_here_is_altered_and_one_changed_on_both_sides_is_a_conflict() -> None:
    new = replace(VIEW, sql=VIEW.sql.replace("[ID]", "[Name]"))
    edited = replace(VIEW, sql=VIEW.sql.replace("[ID]", "[Price]"))
    last = Conversion(modules=(VIEW,))
    found = compare(Conversion(modules=(new,)), (), (VIEW,), last)[0]
    assert found.difference is SchemaDifference.ALTER
    assert found.sql(SyncChoice.ALTER) == "ALTER VIEW [dbo].[V] AS SELECT [Name] FROM [dbo].[Child];"
    assert compare(Conversion(modules=(new,)), (), (edited,), last)[0].difference is SchemaDifference.CONFLICT


@pytest.mark.parametrize("head", ["CREATE", "create  or alter", "CREATE\nOR ALTER", "Create", "ALTER"])
@pytest.mark.parametrize("choice", [SyncChoice.CREATE, SyncChoice.ALTER, SyncChoice.RECREATE])
def test_no_statement_for_a_server_needs_create_or_alter(head: str, choice: SyncChoice) -> None:
    """Service Pack 1 of SQL Server 2016 brought it; what a person wrote by hand may have it."""
    theirs = replace(VIEW, sql=f"{head} VIEW [dbo].[V] AS SELECT 'CREATE OR ALTER' AS a;")
    made = Conversion(modules=(theirs,))
    there = () if choice is SyncChoice.CREATE else (VIEW,)
    (found,) = compare(made, (), there, Conversion(modules=(VIEW,)))
    steps = [s.sql for s, _ in plan(made, [found], {VIEW.name: choice})]
    word = "ALTER" if choice is SyncChoice.ALTER else "CREATE"
    assert steps[-1] == f"{word} VIEW [dbo].[V] AS SELECT 'CREATE OR ALTER' AS a;"


def test_comments_before_a_statement_written_by_hand_stay() -> None:
    theirs = replace(VIEW, sql="-- mine\n/* CREATE */ CREATE VIEW [dbo].[V] AS SELECT 1 AS a")
    (found,) = compare(Conversion(modules=(theirs,)), (), (VIEW,))
    assert found.sql(SyncChoice.ALTER) == "-- mine\n/* CREATE */ ALTER VIEW [dbo].[V] AS SELECT 1 AS a"


@pytest.mark.parametrize("head", ["CREATE OR ALTER VIEW", "CREATE   VIEW", "create view"])
def test_a_module_is_the_same_whichever_verb_made_it(head: str) -> None:
    there = replace(VIEW, sql=VIEW.sql.replace("CREATE VIEW", head, 1).replace("view [", "VIEW ["))
    assert compare(Conversion(modules=(VIEW,)), (), (there,))[0].difference is SchemaDifference.SAME
