"""The package deployed on a server holds what the Access file holds."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.migrate import servers
from tests.migrate.runs import run
from tests.migrate.servers import test_server as server_at
from tests.sqlserver import freebcp
from wizard.access import AccessFile
from wizard.convert import convert
from wizard.convert.script import guarded, statements
from wizard.migrate import JobSource, jobs
from wizard.package import PackageSink
from wizard.package.scripts import version_script
from wizard.package.versions import VersionNeed
from wizard.settings import Decide, Options, SqlVersion, Target
from wizard.sqlserver.connection_test import info
from wizard.sqlserver.driver_errors import ServerError

pytestmark = pytest.mark.server
FIRST_OF_FREEBCP = datetime(1753, 1, 1)


@pytest.fixture
def schema(server: str) -> Iterator[tuple[servers.TestServer, str]]:
    """A schema of the test's own, taken away with all in it."""
    at, name = server_at(server), f"p{uuid.uuid4().hex[:10]}"
    yield at, name
    with at.session() as session:
        kinds = (("V", "VIEW"), ("F", "CONSTRAINT"), ("U", "TABLE"))
        for kind, word in kinds:
            found = session.query(
                "SELECT o.name, OBJECT_NAME(o.parent_object_id) FROM sys.objects AS o "
                f"JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE s.name = '{name}' AND o.type = '{kind}'"
            )
            for one, parent in found:
                of = f"ALTER TABLE [{name}].[{parent}] DROP CONSTRAINT [{one}]"
                session.execute(of if kind == "F" else f"DROP {word} [{name}].[{one}]")
        session.execute(f"DROP SCHEMA [{name}]")


def package(database: Path, folder: Path, schema: str, options: Options) -> Path:
    with AccessFile.open(str(database)) as file:
        made = convert(file.definition, source="s", schema=schema, options=options, target=Target(linked=False))
        moved, _ = jobs(made.tables, {"s": JobSource(file, "f", str(database))}, options)
        scripts = [guarded(s) for s in statements(made)]
        sink = PackageSink(folder / "package", folder / "work", made.tables, scripts, options, name="t")
        assert run(moved, sink, folder / "journal", options).complete
    return folder / "package"


VERSION = "000-version.sql"


def run_script(at: servers.TestServer, path: Path) -> None:
    """As sqlcmd does: batch by batch, parted by lines GO."""
    with at.session() as session:
        for batch in re.split(r"(?m)^GO\s*$", path.read_text("utf-8")):
            if batch.strip():
                session.execute(batch)


def load(at: servers.TestServer, folder: Path, manifest: dict[str, Any], scratch: Path) -> None:
    """As the deployment commands do, with freebcp in bcp's place."""
    connection = at.connection
    login = connection.user, at.password, connection.database
    for table in manifest["tables"]:
        for file in table["files"]:
            path = folder / file["path"]
            if file["format"] == "sql":
                run_script(at, path)
                continue
            target = f"{table['schema']}.[{table['name']}]"
            ends = file["field_terminator"], file["row_terminator"]
            options = ["-E"] if file["keep_identity"] else []
            said = freebcp.load(scratch, connection.host, connection.port or 1433, login, target, path, ends, *options)
            assert f"{file['rows']} rows copied." in said, said


def as_freebcp_has_it(value: Any) -> Any:
    """What FreeTDS does to a value on its way: see `freebcp`."""
    if isinstance(value, datetime) and value < FIRST_OF_FREEBCP:
        return "before datetime begins"
    return value.rstrip(" ") if isinstance(value, str) else value


def plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.normalize()
    if isinstance(value, str) and re.fullmatch(r"\{[0-9A-F-]{36}\}", value):
        return value[1:-1]
    return value


def compare(at: servers.TestServer, database: Path, manifest: dict[str, Any], through_freebcp: bool) -> int:
    """Every table of the Access file beside the server's; returns the rows compared."""
    compared = 0
    with AccessFile.open(str(database)) as file:
        for table in manifest["tables"]:
            definition = file.definition.tables_by_name[table["source"].casefold()]
            names = [c.name for c in definition.columns]
            chosen = ", ".join(f"[{n}]" for n in names)
            there = at.rows(f"SELECT {chosen} FROM [{table['schema']}].[{table['name']}]")
            own = [tuple(r.values()) for b in file.read(definition.name) for r in b.rows.to_pylist()]
            assert len(there) == len(own) == table["rows"]
            for place in range(len(names)):
                key = 0 if definition.primary_key else place
                one = sorted(((plain(r[key]), plain(r[place])) for r in there), key=repr)
                other = sorted(((plain(r[key]), plain(r[place])) for r in own), key=repr)
                for (_, found), (_, wanted) in zip(one, other, strict=True):
                    if through_freebcp:
                        wanted = as_freebcp_has_it(wanted)  # noqa: PLW2901
                        found = wanted if wanted == "before datetime begins" else found  # noqa: PLW2901
                    assert found == wanted, (table["name"], names[place])
            compared += len(own)
    return compared


@pytest.mark.skipif(not freebcp.found(), reason="needs freebcp (FreeTDS)")
def test_freebcp_loads_the_sample(sample: Path, tmp_path: Path, schema: tuple[servers.TestServer, str]) -> None:
    at, name = schema
    # Babelfish does not say which columns are rowversion, so that freebcp sends values for them, which it refuses.
    folder = package(sample, tmp_path, name, Options(add_rowversion=Decide.NEVER))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for script in manifest["scripts"]:
        if not script["after_data"] and script["path"] != VERSION:  # a stand-in may call itself anything
            run_script(at, folder / script["path"])
    load(at, folder, manifest, tmp_path)
    assert compare(at, sample, manifest, True) == 4458


def test_statements_load_the_sample(sample: Path, tmp_path: Path, schema: tuple[servers.TestServer, str]) -> None:
    at, name = schema
    folder = package(sample, tmp_path, name, Options(package_inserts=True))
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for script in manifest["scripts"]:
        if not script["after_data"] and script["path"] != VERSION:  # a stand-in may call itself anything
            run_script(at, folder / script["path"])
    for table in manifest["tables"]:
        for file in table["files"]:
            run_script(at, folder / file["path"])
    assert compare(at, sample, manifest, False) == 4458


@pytest.mark.parametrize("version", [SqlVersion.V2016, SqlVersion.V2025])
def test_the_first_script_stops_on_an_older_server(tmp_path: Path, server: str, version: SqlVersion) -> None:
    at = server_at(server)
    needs = VersionNeed(version, "TRIM", "[dbo].[100%]")
    (tmp_path / VERSION).write_text(version_script(needs).text, encoding="utf-8")
    with at.session() as session:
        found = info(session)
    if found.major < needs.first_build[0] and found.product.startswith("SQL Server"):
        with pytest.raises(ServerError, match=r"TRIM in \[dbo\]\.\[100%\]\), and this server is version 1"):
            run_script(at, tmp_path / VERSION)
    else:
        run_script(at, tmp_path / VERSION)
