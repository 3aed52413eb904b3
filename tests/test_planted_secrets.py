"""Secrets planted in a source are in nothing that a whole migration shows or writes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import Jetferry, jetferry
from tests.server_schema import clear
from wizard.sqlserver import ServerSession, settings_of

__all__ = ["jetferry"]

PLANTED = b"SEKRET"
SCHEMA = "planted"
OURS = "0wnPassw0rdOfTheTest"
PASSWORDS = {"JETFERRY_PASSWORD": OURS, "JETFERRY_SOURCE_PASSWORD": OURS}
ALONE = ("inspect", "run", "again, in a worker")
"""what runs in a process of its own; the rest of the commands need not load the engine again"""

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(os.name == "nt", reason="folders are given as Linux has them")]


HOMES = ("HOME", "TMPDIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")


def in_a_process(folder: Path, *arguments: str, **passwords: str) -> bytes:
    """What a command says on both streams; everything that it keeps goes below `folder`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JETFERRY")}
    environment |= dict.fromkeys(HOMES, str(folder)) | PASSWORDS | passwords
    done = subprocess.run(
        [str(Path(sys.executable).with_name("jetferry")), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        check=False,
    )
    return done.stdout + done.stderr


def holds(data: bytes, secret: bytes) -> bool:
    return secret in data or secret.decode().encode("utf-16-le") in data


def test_planted_secrets_are_nowhere(
    shared: Path, tmp_path: Path, jetferry: Jetferry, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source" / "pwd.accdb"
    source.parent.mkdir()
    shutil.copyfile(shared / "hostile" / "pwd.accdb", source)
    assert holds(source.read_bytes(), PLANTED)
    folder = tmp_path / "work"
    folder.mkdir()
    words = tmp_path / "words"
    words.write_text(f"{OURS}\n", encoding="utf-8")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    def command(name: str, arguments: Sequence[str]) -> bytes:
        if name in ALONE:
            return in_a_process(folder, *arguments)
        done = jetferry(*arguments, cwd=folder, **dict.fromkeys(HOMES, str(folder)), **PASSWORDS)
        return (done.stdout + done.stderr).encode("utf-8", "surrogateescape")

    said = {
        name: command(name, arguments)
        for name, arguments in {
            "inspect": ("inspect", str(source), "-v"),
            "inspect --json": ("inspect", str(source), "--json"),
            "source": ("source", str(source), "--out", "code"),
            "export": ("export", str(source), "--out", "out"),
            "assess": ("assess", str(source), "-v"),
            "assess --json": ("assess", str(source), "--json"),
            "assess --html": ("assess", str(source), "--html", "report.html"),
            "new": ("new", "p", "--source", str(source), "--target", "package", "-v"),
            "run": ("run", "p", "--yes", "-v"),
            "again, in a worker": ("run", "p", "--yes", "-v", "--detach"),
            "status": ("status", "p"),
            "attach": ("attach", "p"),
            "link": ("link", "p"),
            "diagram": ("diagram", "p", "--out", "diagram.svg"),
            "estate scan": (
                "estate",
                "scan",
                str(source.parent),
                "-e",
                "e",
                "--workers",
                "1",
                "--passwords",
                str(words),
            ),
            "estate report": ("estate", "report", "-e", "e", "--out", "estate.html"),
            "estate export": ("estate", "export", "-e", "e", "--out", "tables"),
            "estate plan": ("estate", "plan", "waves.plan.toml", "-e", "e"),
            "estate run": ("estate", "run", "waves.plan.toml", "-e", "e", "--yes", "--passwords", str(words)),
        }.items()
    }
    assert all(b"JF8000" not in text and b"JF3091" not in text for text in said.values())
    written = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert any(name.endswith("conversion.json") for name in written)
    assert {"e.jetferry-estate/estate.sqlite", "estate.html", "tables/links.csv", "waves.plan.toml"} <= set(written)
    assert any(name.endswith(".log") for name in written), sorted(written)
    nowhere(said | written, PLANTED, OURS.encode())


def nowhere(texts: Mapping[str, bytes], *secrets: bytes) -> None:
    for secret in secrets:
        assert [n for n, data in texts.items() if holds(data, secret)] == []


@pytest.mark.server
@pytest.mark.timeout(300)
def test_planted_secrets_and_the_servers_password_are_nowhere_on_the_way_to_a_server(
    shared: Path, tmp_path: Path, server: str
) -> None:
    connection, password = settings_of(server)
    source = tmp_path / "source" / "pwd.accdb"
    source.parent.mkdir()
    shutil.copyfile(shared / "hostile" / "pwd.accdb", source)
    folder = tmp_path / "work"
    folder.mkdir()
    with ServerSession.open(connection, password) as session:
        clear(session, SCHEMA)
    where = ("--server", f"{connection.host},{connection.port or 1433}", "--database", connection.database)
    login = ("--user", connection.user, "--trust-server-certificate", "--schema", SCHEMA)
    ways = {
        "new": ("new", "p", "--source", str(source), "--target", "sqlserver", *where, *login, "-v"),
        "run": ("run", "p", "--yes", "-v"),
        "wrong password": ("verify", "p", "-v"),
        "again, in a worker": ("run", "p", "--yes", "-v", "--detach"),
        "attach": ("attach", "p"),
        "verify": ("verify", "p", "-v"),
        "proof": ("proof", "p"),
        "status": ("status", "p", "--json"),
        "link": ("link", "p"),
    }
    said = {}
    for name, arguments in ways.items():
        given = f"{password}x" if name == "wrong password" else password
        said[name] = in_a_process(folder, *arguments, JETFERRY_PASSWORD=given)
    with ServerSession.open(connection, password) as session:
        assert session.query(f"SELECT 1 FROM sys.tables WHERE schema_id = SCHEMA_ID('{SCHEMA}')")
        clear(session, SCHEMA)
    assert all(b"JF8000" not in text for text in said.values())
    assert b"JF5" in said["wrong password"]
    written = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert any(name.endswith("certificate.html") for name in written), sorted(written)
    nowhere(said | written, PLANTED, password.encode())
