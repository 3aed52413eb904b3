"""Plans: which applications go in which wave, what people edit and what stays of it."""

from __future__ import annotations

import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.estate.trees import BACK, OFFICE, SALES, data, put, scanned
from wizard.estate.plan import Plan, plan, read_plan
from wizard.estate.store import Estate
from wizard.estate.waves import Candidate, project_name, waves
from wizard.messages import ProjectError
from wizard.settings import Preset, TargetKind, TypeRule

NEW, OLD = 1_790_000_000, 1_200_000_000


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "share"
    for name in (BACK, SALES, OFFICE):
        put(root / "shop", name, modified=NEW)
    put(root / "anna", SALES, modified=NEW)  # the same front end in another hand
    put(root / "copy of shop", BACK, modified=NEW)
    put(root / "dead", OFFICE, as_name="old.mdb", modified=OLD)
    return root


@pytest.fixture
def estate(tmp_path: Path, tree: Path) -> Iterator[Estate]:
    with Estate.open(tmp_path / "ours", make=True) as opened:
        scanned(opened, tree)
        yield opened


def planned(estate: Estate, path: Path, **more: Any) -> Any:
    return plan(estate, path, most=more.pop("most", 20), minutes=more.pop("minutes", 2400), **more)


def written(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_living_applications_go_with_a_front_end_of_each_kind(estate: Estate, tree: Path, tmp_path: Path) -> None:
    path = tmp_path / "our.plan.toml"
    found = planned(estate, path)
    (entry,) = [a for a in written(path)["applications"] if a["name"] == "shop-be"]
    assert entry["key"] == str(tree / "shop" / BACK)
    assert [Path(s).name for s in entry["sources"]] == [BACK, OFFICE, SALES]
    assert found.applications == 1  # neither the copy nor the dead one
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_hand_edits_survive_planning_again(estate: Estate, tree: Path, tmp_path: Path) -> None:
    path = tmp_path / "our.plan.toml"
    planned(estate, path)
    text = path.read_text(encoding="utf-8")
    text = text.replace('responsible = ""', 'responsible = "Ada"  # since May').replace("wave = 1\n", "wave = 7\n")
    text = text.replace("at_once = 2 ", "at_once = 5 ").replace("go = true\n", 'go = true\nschema = "shop"\n')
    path.write_text(text, encoding="utf-8")
    put(tree / "new", OFFICE, as_name="third_fe.mdb", modified=NEW + 5)
    with (tree / "new" / "third_fe.mdb").open("ab") as file:
        file.write(b"\0" * 2048)
    (tree / "shop" / SALES).unlink()
    put(tree / "stock", BACK, as_name="stock.mdb", modified=NEW)
    stock = tree / "stock" / "stock.mdb"
    stock.write_bytes(stock.read_bytes().replace("Customers".encode("utf-16-le"), "Stocklist".encode("utf-16-le")))
    scanned(estate, tree)
    found = planned(estate, path)
    again = path.read_text(encoding="utf-8")
    assert 'responsible = "Ada"  # since May' in again
    (entry,) = [a for a in written(path)["applications"] if a["name"] == "shop-be"]
    assert (entry["wave"], entry["schema"], entry["go"]) == (7, "shop", True)
    assert str(tree / "anna" / SALES) in entry["sources"]  # nobody had edited these
    assert written(path)["limits"]["at_once"] == 5
    assert found.added == len(written(path)["applications"]) - 1


def test_what_left_the_estate_stays_in_the_plan_and_does_not_go(estate: Estate, tree: Path, tmp_path: Path) -> None:
    path = tmp_path / "our.plan.toml"
    planned(estate, path)
    for file in tree.rglob("*.mdb"):
        file.unlink()
    scanned(estate, tree)
    found = planned(estate, path)
    assert [m.number for m in found.messages] == [9206]
    assert [a["go"] for a in written(path)["applications"]] == [False]
    assert read_plan(path).entries == ()
    for folder, name in (("shop", BACK), ("anna", SALES)):
        put(tree / folder, name, modified=NEW)
    scanned(estate, tree)
    assert planned(estate, path).messages == ()
    assert [a["go"] for a in written(path)["applications"]] == [True]  # nobody had said that it must not


def test_an_application_keeps_its_name_as_its_project_has_it(estate: Estate, tree: Path, tmp_path: Path) -> None:
    """A namesake that comes later and goes earlier takes another one, though names are given in order."""
    path = tmp_path / "our.plan.toml"
    planned(estate, path)
    (entry,) = written(path)["applications"]
    namesake = put(tree / "earlier", BACK, as_name=Path(entry["key"]).name)
    namesake.write_bytes(data(BACK).replace("Customers".encode("utf-16-le"), "Stocklist".encode("utf-16-le")))
    scanned(estate, tree)
    planned(estate, path)
    names = {a["key"]: a["name"] for a in written(path)["applications"]}
    assert names.pop(entry["key"]) == entry["name"]
    assert list(names.values()) == [f"{entry['name']}-2"]


def test_an_entry_that_was_written_by_hand_is_its_writers_own(estate: Estate, tree: Path, tmp_path: Path) -> None:
    path = tmp_path / "our.plan.toml"
    planned(estate, path)
    own = f'\n[[applications]]  # ours\nkey = "own"\nname = "own"\nsources = ["{(tree / "shop" / BACK).as_posix()}"]\n'
    path.write_text(path.read_text(encoding="utf-8") + own, encoding="utf-8")
    assert planned(estate, path).messages == ()
    assert path.read_text(encoding="utf-8").endswith(own)


def test_planning_again_without_a_change_changes_nothing(estate: Estate, tmp_path: Path) -> None:
    path = tmp_path / "our.plan.toml"
    planned(estate, path)
    before = path.read_text(encoding="utf-8")
    planned(estate, path)
    assert path.read_text(encoding="utf-8") == before


def test_waves_are_cut_by_number_and_by_work() -> None:
    def one(number: int, effort: int) -> Candidate:
        return Candidate(str(number), f"a{number}", (), "by itself", effort, 0, 0, 1, 0)  # type: ignore[arg-type]

    found = waves([one(n, 10) for n in range(5)], most=2, minutes=1000)
    assert [c.wave for c in found] == [1, 1, 2, 2, 3]
    found = waves([one(1, 10), one(2, 55), one(3, 500), one(4, 1)], most=9, minutes=60)
    assert [c.wave for c in found] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "name"),
    [("Größe & Co", "grosse-co"), ("2019 Orders", "db-2019-orders"), ("../../etc", "etc"), ("=cmd", "cmd"), ("", "db"),
     ("x" * 200, "x" * 60), ("日本", "db")],
)  # fmt: skip
def test_names_of_projects_are_harmless(text: str, name: str) -> None:
    assert project_name(text) == name


HEAD = """
version = 1
estate = "ours"
[defaults]
database = "app_{name}"
schema = "w{wave}"
[defaults.target]
kind = "sqlserver"
[defaults.server]
host = "sql.example.com"
[defaults.options]
preset = "optimistic"
"""
ONE = '[[applications]]\nkey = "/a.mdb"\nname = "a"\nwave = 2\nsources = ["/a.mdb"]\n'
TWO = '[[applications]]\nkey = "/b.mdb"\nname = "b"\nsources = ["/b.mdb"]\n'


def read(tmp_path: Path, text: str) -> Plan:
    path = tmp_path / "p.plan.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path, "ours")


def test_an_application_may_have_its_own_target_options_and_rules(tmp_path: Path) -> None:
    own = 'database = "own"\n[applications.options]\nbatch_size = 7\n[[applications.types.rules]]\nsource = "text"\n'
    found = read(
        tmp_path, HEAD + ONE + own + 'target = "nvarchar(max)"\n' + TWO + '[applications.target]\nkind = "package"\n'
    )
    a, b = found.entries
    assert (a.project.connection.host, a.project.connection.database, a.schema) == ("sql.example.com", "own", "w2")
    assert (a.project.preset, a.project.options.batch_size) == (Preset.OPTIMISTIC, 7)
    assert a.project.types.project == (TypeRule("text", "nvarchar(max)"),)
    assert (b.project.target.kind, b.target, b.server) == (TargetKind.PACKAGE, "package b", "")
    assert found.waves == (1, 2)


@pytest.mark.parametrize(
    ("text", "number", "told"),
    [
        (HEAD + ONE + TWO.replace('"b"', '"b"\ndatabase = "app_a"\nschema = "w2"'), 9201, "app_a"),
        (HEAD + ONE + ONE.replace("/a.mdb", "/c.mdb"), 9201, "a"),
        (
            HEAD + ONE + TWO.replace('"b"', '"b"\ndatabase = "app_a"\nschema = "w2"') + "[applications.server]\n"
            'host = "tcp:SQL.example.com"\nport = 1433\n',
            9201,
            "sql.example.com, app_a, w2",
        ),
        (
            HEAD
            + ONE.replace('["/a.mdb"]', '["/a.mdb", "/orders.mdb"]')
            + TWO.replace('"b"', '"b"\ndatabase = "app_a"\nschema = "w2_orders"'),
            9201,
            "w2_orders",
        ),
        (
            HEAD.replace('"w{wave}"', '""')
            + ONE.replace('["/a.mdb"]', '["/a.mdb", "/orders.mdb"]')
            + TWO.replace('"b"', '"b"\ndatabase = "app_a"\nschema = "Orders"'),
            9201,
            "orders",
        ),
        (HEAD + ONE.replace('name = "a"', 'name = "a"\nwhoo = 1'), 9200, "whoo"),
        (HEAD + ONE + "[applications.options]\nbatch_size = 0\n", 9200, "batch_size"),
        (HEAD.replace("{name}", "{nam}") + ONE, 9200, "nam"),
        (HEAD + ONE + '[applications.server]\npassword = "x"\n', 9200, "password"),
        (HEAD.replace('host = "sql.example.com"', "") + ONE, 9200, "no server"),
        (HEAD.replace('"ours"', '"theirs"') + ONE, 9207, "theirs"),
        ("this is no TOML", 9200, "plan"),
        (HEAD + ONE.replace("wave = 2", "wave = 0"), 9200, "wave"),
        (HEAD + ONE.replace('name = "a"', 'name = "../../escaped"'), 9200, "name: '../../escaped' can be the name"),
        (HEAD + ONE.replace('name = "a"', 'name = "/tmp/escaped"'), 9200, "name"),
        (HEAD + ONE.replace('name = "a"', 'name = "a\\u001b[31m"'), 9200, "name"),
        (HEAD.replace("{name}", "{name.__class__}") + ONE, 9200, "name.__class__"),
        (HEAD.replace("{name}", "{wave:>9999999999}") + ONE, 9200, "wave"),
        (HEAD.replace("{name}", "{name!r}") + ONE, 9200, "unknown part"),
        (HEAD.replace("{name}", "{") + ONE, 9200, "unknown part"),
    ],
)
def test_what_is_wrong_in_a_plan_is_told_with_its_key(tmp_path: Path, text: str, number: int, told: str) -> None:
    with pytest.raises(ProjectError) as wrong:
        read(tmp_path, text)
    assert wrong.value.message.number == number
    assert told in wrong.value.message.text
