"""The triggers written for data macros, and the pass-through queries of the kit, are statements that a server takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.convert.test_triggers import ADD, DATA, FOUND, STAMP, action, macro, made, when
from tests.sqlserver.client import Checker
from tests.sqlserver.oracle.script import Script
from wizard.access import AccessFile
from wizard.convert import convert, script
from wizard.link import kit_of
from wizard.objects import ObjectKind
from wizard.settings import Connection, Options, Target

pytestmark = pytest.mark.oracle
MACROS = (
    macro("BeforeChange", STAMP + action("SetField", Field="Note", Value='Left([Note] &amp; "x", 50)')),
    macro("BeforeChange", when("[IsInsert]", action("SetField", Field="State", Value='"new"'), STAMP)),
    macro("BeforeChange", when("[Price]&lt;0 Or IsNull([Old].[Note])", action("RaiseError", Description="No"))),
    macro("AfterInsert", ADD.replace("[Old].[Price]", "[Orders].[Price]")),
    macro("AfterUpdate", when('Updated("Price") And [State]&lt;&gt;[Old].[State]', ADD)),
    macro("AfterUpdate", FOUND),
    macro("AfterDelete", ADD),
)  # fmt: skip


@pytest.mark.parametrize("version", ["2016", "azure"])
def test_triggers_of_data_macros(checker: Checker, version: str) -> None:
    options = Options(add_primary_key=False)
    tables = script.statements(convert(DATA, source="s", schema="dbo", options=options, target=Target(linked=True)))
    base = [Script(f"table {s.name}", s.sql) for s in tables if s.kind in (ObjectKind.TABLE, ObjectKind.PRIMARY_KEY)]
    for one in MACROS:
        (found,) = made(one)
        assert found.sql, found.why
        assert [str(f) for f in checker.errors([*base, Script(found.name, found.sql)], version)] == []


def test_pass_through_queries_of_the_kit(checker: Checker, sample: Path) -> None:
    with AccessFile.open(str(sample)) as file:
        data = file.definition
        plain = convert(data, source="s", schema="dbo", options=Options(), target=Target(linked=True))
        kit = kit_of(data, plain, Connection("db"), source="s")
    kinds = (ObjectKind.TABLE, ObjectKind.VIEW, ObjectKind.FUNCTION, ObjectKind.PROCEDURE)
    base = [Script(f"{s.name}", s.sql) for s in script.statements(plain) if s.kind in kinds]
    texts = [p.sql.replace("$(1)", "NULL").replace("$(2)", "NULL") for p in kit.queries.passes]
    texts.append("THROW 50001, N'Run JetferryOpen \"Q\"', 1")
    assert len(texts) > 5
    asked = [Script(f"query {n}", text) for n, text in enumerate(texts)]
    assert [str(f) for f in checker.errors([*base, *asked], "azure")] == []
