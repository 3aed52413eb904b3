"""Front ends of one back end, made for us: each shared table goes once, and every front end finds it.

`sales_fe.mdb` links to Customers and Orders, `office_fe.mdb` to the same by a drive letter, Customers as "Clients", and
has a table of its own; `shop_be.mdb` holds both tables and the relationship between them.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli import conftest as command
from tests.cli.conftest import Jetferry
from tests.convert.test_triggers import action, macro
from tests.server_schema import clear
from wizard.access import AccessFile
from wizard.access.application import Application
from wizard.cli.projects import NewProject, fill
from wizard.events import Stage, Status
from wizard.messages import SourceError, StageError
from wizard.objects import Conversion
from wizard.project import Destination
from wizard.settings import Target, TargetKind
from wizard.sqlserver import connection_string
from wizard.sqlserver.connection import ServerSession
from wizard.stages import Migration, SourceObjectType
from wizard.stages.access_files import application
from wizard.stages.losses import left_out

jetferry = command.jetferry
DATA = Path(__file__).parent / "front_ends"
BACK, SALES, OFFICE = "shop_be.mdb", "sales_fe.mdb", "office_fe.mdb"


def put(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(gzip.decompress((DATA / f"{name}.gz").read_bytes()))
    return [folder / name for name in names]


@pytest.fixture
def migration(tmp_path: Path) -> Iterator[Migration]:
    with Migration.create(tmp_path / "project" / "p", target=Target(TargetKind.PACKAGE)) as made:
        made.project.confirm()
        yield made


def tables(conversion: Conversion) -> list[tuple[str, str]]:
    return [(t.source.source, str(t.name)) for t in conversion.tables if t.source]


def converted(migration: Migration) -> Conversion:
    migration.prepare()
    migration.one_step()
    assert migration.status(Stage.MIGRATE) is Status.DONE
    return migration.convert.conversion


@pytest.mark.parametrize("order", [(SALES, OFFICE, BACK), (BACK, SALES, OFFICE), (OFFICE, BACK, SALES)])
def test_a_back_end_that_is_a_source_brings_its_tables_for_all(
    migration: Migration, tmp_path: Path, order: tuple[str, ...]
) -> None:
    for path in put(tmp_path / "in", *order):
        migration.sources.add(path)
    conversion = converted(migration)
    assert sorted((s, n.split(".")[1]) for s, n in tables(conversion)) == [
        ("office_fe", "[Notes]"), ("shop_be", "[Customers]"), ("shop_be", "[Orders]"),
    ]  # fmt: skip
    back = next(t for t in conversion.tables if t.source and t.source.table == "Orders")
    assert [str(k.referenced) for k in back.foreign_keys] == [
        str(t.name) for t in conversion.tables if t.source and t.source.table == "Customers"
    ]
    views = {m.name.name: m.sql for m in conversion.modules}
    schema = "dbo" if order[0] == BACK else "shop_be"
    assert f"[{schema}].[Customers]" in views["Totals"]
    assert f"[{schema}].[Customers] AS [Clients]" in views["Client notes"]
    moved = {t.source: t.migrated for t in migration.migrate.result.tables}  # type: ignore[union-attr]
    assert moved == {"shop_be.Customers": 3, "shop_be.Orders": 7, "office_fe.Notes": 2}
    kits = {kit.source: {t.name: str(t.server) for t in kit.tables} for kit in migration.link.plan()}
    assert kits["sales_fe"] == {"Customers": f"[{schema}].[Customers]", "Orders": f"[{schema}].[Orders]"}
    assert kits["office_fe"]["Clients"] == f"[{schema}].[Customers]"
    assert set(kits["office_fe"]) == {"Clients", "Orders", "Notes"}


def test_without_it_the_first_front_end_brings_them(migration: Migration, tmp_path: Path) -> None:
    put(tmp_path / "in" / "office" / "data", BACK)  # where the stored path's last parts lead
    sales, office = put(tmp_path / "in", SALES, OFFICE)
    migration.sources.add(sales)
    migration.sources.add(office)
    (found,) = migration.sources.back_ends("sales_fe")
    assert found.path == tmp_path / "in" / "office" / "data" / BACK
    migration.sources.resolve("office_fe", r"N:\data\shop_be.mdb", found.path)
    conversion = converted(migration)
    assert sorted(tables(conversion)) == [
        ("office_fe", "[office_fe].[Notes]"), ("sales_fe", "[dbo].[Customers]"), ("sales_fe", "[dbo].[Orders]"),
    ]  # fmt: skip
    assert any(k.name == "FK_Orders_Customers" for t in conversion.tables for k in t.foreign_keys)
    notes = {o.name: o.note for o in migration.sources.objects("office_fe") if o.type is SourceObjectType.LINKED}
    assert notes["Clients"].endswith("; its rows go with sales_fe")
    assert "[dbo].[Customers] AS [Clients]" in next(m.sql for m in conversion.modules if m.name.name == "Client notes")


def test_data_macros_of_a_back_end_are_told_by_who_brings_its_tables(
    migration: Migration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_macros(file: AccessFile, *, told: bool = True) -> Application:
        found = application(file, told=told)
        stamp = macro("BeforeChange", action("SetField", Field="CustomerID", Value="1"))
        return replace(found, data_macros=(stamp,)) if file.definition.path.endswith(BACK) else found

    monkeypatch.setattr("wizard.stages.open_source.application", with_macros)
    put(tmp_path / "in" / "office" / "data", BACK)
    sales, office = put(tmp_path / "in", SALES, OFFICE)
    migration.sources.add(sales)
    migration.sources.add(office)
    (found,) = migration.sources.back_ends("sales_fe")
    migration.sources.resolve("office_fe", r"N:\data\shop_be.mdb", found.path)
    converted(migration)
    triggers = {kit.source: [(t.table, t.event, bool(t.sql)) for t in kit.triggers] for kit in migration.link.plan()}
    assert triggers == {"sales_fe": [("Orders", "BeforeChange", True)], "office_fe": []}


def test_a_table_that_its_first_owner_leaves_out_goes_with_the_next(migration: Migration, tmp_path: Path) -> None:
    for path in put(tmp_path / "in", BACK, SALES, OFFICE):
        migration.sources.add(path)
    migration.sources.select("shop_be", SourceObjectType.TABLE, ["Customers", "Orders"], False)
    migration.sources.select("sales_fe", SourceObjectType.TABLE, ["Customers"], False)
    conversion = converted(migration)
    assert sorted(tables(conversion)) == [
        ("office_fe", "[office_fe].[Clients]"),
        ("office_fe", "[office_fe].[Notes]"),
        ("sales_fe", "[sales_fe].[Orders]"),
    ]


def test_one_file_reached_in_two_ways_is_one_back_end(migration: Migration, tmp_path: Path) -> None:
    back, sales, office = put(tmp_path / "in", BACK, SALES, OFFICE)
    other = tmp_path / "elsewhere" / "SHOP_BE.MDB"
    other.parent.mkdir()
    other.hardlink_to(back)
    for path in (sales, office):
        migration.sources.add(path)
    migration.sources.resolve("office_fe", r"n:\DATA\shop_be.mdb", other)
    assert len(tables(converted(migration))) == 3


def test_a_file_is_a_source_once_whatever_it_is_called(migration: Migration, tmp_path: Path) -> None:
    (back,) = put(tmp_path / "in", BACK)
    (tmp_path / "in" / "other.mdb").hardlink_to(back)
    (tmp_path / "in" / "link.mdb").symlink_to(back)
    migration.sources.add(back)
    for name in ("other.mdb", "link.mdb"):
        with pytest.raises(SourceError, match="JF8203"):
            migration.sources.add(tmp_path / "in" / name)


def test_queries_do_not_reach_tables_of_another_database(migration: Migration, tmp_path: Path) -> None:
    for path in put(tmp_path / "in", BACK, SALES, OFFICE):
        migration.sources.add(path)
    migration.map.set("office_fe", "dbo", "other")
    migration.prepare()
    migration.convert.run()
    said = [m for i in migration.convert.items() if i.ref.table == "Client notes" for m in i.messages]
    assert [m.number for m in said] == [3103]
    assert "shop_be" in said[0].text


def test_a_front_end_alone_says_which_file_it_wants(migration: Migration, tmp_path: Path) -> None:
    (sales,) = put(tmp_path / "in", SALES)
    migration.sources.add(sales)
    migration.sources.select("sales_fe", SourceObjectType.QUERY, ["Totals"], False)
    with pytest.raises(StageError, match=r"fileserver.*shop_be\.mdb"):
        migration.sources.confirm()


def test_a_back_end_that_is_not_there_is_left_out_by_name(tmp_path: Path, jetferry: Jetferry) -> None:
    (office,) = put(tmp_path / "in", OFFICE)
    jetferry("new", tmp_path / "p", "-s", office, "--target", "package")
    with Migration.open(tmp_path / "p") as migration:
        migration.sources.select("office_fe", SourceObjectType.QUERY, ["Client notes"], False)
    done = jetferry("run", tmp_path / "p", "--yes")
    assert done.returncode == 3, done.stderr
    assert "shop_be.mdb" in done.stderr.partition("left out")[2]


def test_where_nothing_could_go_the_file_that_is_wanted_is_named(tmp_path: Path, jetferry: Jetferry) -> None:
    """A query that needs no table is something to do, and no row of the back end is."""
    (sales,) = put(tmp_path / "in", SALES)
    jetferry("new", tmp_path / "p", "-s", sales, "--target", "package")
    done = jetferry("run", tmp_path / "p", "--yes")
    assert done.returncode == 3, done.stderr
    with Migration.open(tmp_path / "p") as migration:
        (back,) = migration.sources.back_ends("sales_fe")
        assert migration.detail(Stage.MIGRATE) == f"no row was moved: {back.named} is not there"


LINKED = {  # of each front end, with the file that is wanted
    "sales_fe": ("Customers", "Orders", r"\\fileserver\office\data\shop_be.mdb"),
    "office_fe": ("Clients", "Orders", r"N:\data\shop_be.mdb"),
}


def said_of(text: str, key: str) -> bool:
    return all(word in text for word in (key, *LINKED[key]))


def test_what_lies_in_a_missing_back_end_is_told_as_left_out_everywhere(tmp_path: Path, jetferry: Jetferry) -> None:
    project, files = tmp_path / "p", tmp_path / "p.jetferry"
    jetferry("new", project, *(a for f in put(tmp_path / "in", SALES, OFFICE) for a in ("-s", f)))
    run = jetferry("run", project, "--yes")
    assert run.returncode == 3, run.stderr
    assert "8 Migrate done with losses: 2 rows in 1 table, verified; 4 tables left out" in run.stderr
    assert "± done with losses  in all" in run.stdout
    assert "0 rejected, 4 tables left out" in run.stdout
    status = jetferry("status", project).stdout
    assert "8 Migrate  done with losses" in status
    told = json.loads(jetferry("status", project, "--json").stdout)["messages"]
    verified = jetferry("verify", project)
    assert verified.returncode == 3, verified.stderr
    link = jetferry("link", project)
    assert link.returncode == 3, link.stderr
    assert (files / "link" / "Link-office_fe.ps1").is_file()
    assert json.loads(jetferry("link", project, "--json").stdout)["left_out"] == told
    page = (files / "reports" / "certificate.html").read_text(encoding="utf-8")
    assert '<p class="verdict bad">' in page
    manifest = json.loads((files / "package" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["complete"], len(manifest["missing"])) == (False, 4)
    readme = (files / "package" / "README.md").read_text(encoding="utf-8")
    for key in LINKED:
        for text in (run.stderr, status, "".join(told), verified.stderr, link.stderr, page):
            assert said_of(text, key), text
        assert said_of("".join(manifest["missing"]), key)
        assert said_of(re.sub(r"\\(.)", r"\1", readme.partition("## What is missing")[2]), key), readme


def test_where_all_lies_in_a_missing_back_end_nothing_looks_done(tmp_path: Path, jetferry: Jetferry) -> None:
    (sales,) = put(tmp_path / "in", SALES)
    jetferry("new", tmp_path / "p", "-s", sales)
    assert jetferry("run", tmp_path / "p", "--yes").returncode == 3
    assert "8 Migrate  done with losses  no row was moved: " in jetferry("status", tmp_path / "p").stdout
    page = (tmp_path / "p.jetferry" / "reports" / "certificate.html").read_text(encoding="utf-8")
    assert said_of(page, "sales_fe")
    assert "No table was chosen" not in page
    link = jetferry("link", tmp_path / "p")
    assert link.returncode == 3
    assert said_of(link.stderr, "sales_fe")
    for what in (sales, tmp_path / "p"):
        assessed = jetferry("assess", what)
        assert assessed.returncode == 3
        assert said_of(" ".join(assessed.stdout.split()), "sales_fe")


def test_linked_tables_that_are_not_chosen_are_not_missed(migration: Migration, tmp_path: Path) -> None:
    (office,) = put(tmp_path / "in", OFFICE)
    migration.sources.add(office)
    migration.sources.select("office_fe", SourceObjectType.LINKED, ["Clients", "Orders"], False)
    migration.sources.select("office_fe", SourceObjectType.QUERY, ["Client notes"], False)
    assert len(tables(converted(migration))) == 1
    assert not left_out(migration)


def test_a_folder_with_all_three_by_command(tmp_path: Path, jetferry: Jetferry) -> None:
    put(tmp_path / "in" / "deep", BACK)
    put(tmp_path / "in", SALES, OFFICE)
    made = jetferry("new", tmp_path / "p", "--source", tmp_path / "in", "--target", "package")
    assert made.returncode == 0, made.stderr
    done = jetferry("run", tmp_path / "p", "--yes")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "p.jetferry" / "package" / "data").glob("*.dat"))) == 3
    assert jetferry("link", tmp_path / "p").returncode == 0
    with Migration.open(tmp_path / "p") as migration:
        each_table_once_and_each_kit_right(migration)


def test_the_command_is_told_where_a_back_end_is(tmp_path: Path, jetferry: Jetferry) -> None:
    put(tmp_path / "in", SALES)
    put(tmp_path / "moved", BACK)
    place = f"shop_be.mdb={tmp_path / 'moved' / BACK}"
    made = jetferry("new", tmp_path / "p", "-s", tmp_path / "in" / SALES, "--target", "package", "--back-end", place)
    assert made.returncode == 0, made.stderr
    wrong = jetferry(
        "new", tmp_path / "q", "-s", tmp_path / "in" / SALES, "--target", "package", "--back-end", "x.mdb=y"
    )
    assert wrong.returncode == 2
    assert "no source is linked to x.mdb" in wrong.stderr
    assert not (tmp_path / "q.jetferry.toml").exists()


def test_the_default_map_names_no_owner_twice(migration: Migration, tmp_path: Path) -> None:
    for path in put(tmp_path / "in", BACK, SALES):
        migration.sources.add(path)
    migration.map.set("sales_fe", "dbo")
    assert migration.data.map["sales_fe"] == Destination("dbo")
    assert migration.map.collisions() == ()


def each_table_once_and_each_kit_right(migration: Migration) -> None:
    """Of a folder with all three: what is on the target, and the server's tables that each front end's kit names."""
    named = {table: name for _, name in tables(migration.convert.conversion) for table in [name.split(".")[1]]}
    assert sorted(name for _, name in tables(migration.convert.conversion)) == sorted(named.values())
    assert sorted(named) == ["[Customers]", "[Notes]", "[Orders]"]
    kits = {kit.source: {t.name: str(t.server) for t in kit.tables} for kit in migration.link.plan() if kit.tables}
    shared = {"Orders": named["[Orders]"]}
    assert kits == {
        "sales_fe": shared | {"Customers": named["[Customers]"]},
        "office_fe": shared | {"Clients": named["[Customers]"], "Notes": named["[Notes]"]},
        "shop_be": shared | {"Customers": named["[Customers]"]},
    }


@pytest.mark.server
@pytest.mark.timeout(600)
@pytest.mark.parametrize("folder", [False, True], ids=["two-and-their-back-end", "a-folder-with-all-three"])
def test_front_ends_and_their_back_end_to_a_server(tmp_path: Path, server: str, folder: bool) -> None:
    connection, password = connection_string.settings(server)
    schemas = {"shop_be": "fe_shop", "sales_fe": "fe_sales", "office_fe": "fe_office"}
    with ServerSession.open(connection, password) as session:
        for schema in reversed(schemas.values()):
            clear(session, schema)
    with Migration.create(tmp_path / "p", target=Target(TargetKind.SQL_SERVER)) as migration:
        migration.connect.set_password(password)
        given = put(tmp_path / "in", SALES, OFFICE, BACK)
        sources = (tmp_path / "in",) if folder else tuple(given)
        fill(migration, NewProject(tmp_path / "p", sources, TargetKind.SQL_SERVER), connection)
        for key, schema in schemas.items():
            migration.map.set(key, schema)
        migration.prepare()
        migration.one_step()
        assert migration.status(Stage.MIGRATE) is Status.DONE
        with ServerSession.open(connection, password) as session:
            sql = "SELECT SCHEMA_NAME(schema_id), name FROM sys.tables WHERE SCHEMA_NAME(schema_id) LIKE N'fe[_]%'"
            named = {(str(s), str(n).casefold()) for s, n in session.query(sql)}  # a stand-in folds names
            found = {(s, n) for s, n in named if "jetferry" not in n}
            rows = {n: session.value(f"SELECT COUNT(*) FROM [{s}].[{n}]") for s, n in found}
            joined = session.value("SELECT COUNT(*) FROM fe_office.[Client notes]")
            totals = session.value("SELECT SUM(Total) FROM fe_sales.Totals")
        assert found == {("fe_shop", "customers"), ("fe_shop", "orders"), ("fe_office", "notes")}
        assert rows == {"customers": 3, "orders": 7, "notes": 2}
        assert (joined, float(totals)) == (2, 287.0)
        migration.link.run()
        each_table_once_and_each_kit_right(migration)
    with ServerSession.open(connection, password) as session:
        for schema in reversed(schemas.values()):
            clear(session, schema)
