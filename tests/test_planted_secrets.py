"""Secrets planted in a source are in nothing that a whole migration shows or writes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import Jetferry, jetferry

__all__ = ["jetferry"]

PLANTED = b"SEKRET"
OURS = "0wnPassw0rdOfTheTest"
PASSWORDS = {"JETFERRY_PASSWORD": OURS, "JETFERRY_SOURCE_PASSWORD": OURS}
ALONE = ("inspect", "run", "again, in a worker")
"""what runs in a process of its own; the rest of the commands need not load the engine again"""

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(os.name == "nt", reason="folders are given as Linux has them")]


HOMES = ("HOME", "TMPDIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")


def in_a_process(folder: Path, *arguments: str) -> bytes:
    """What a command says on both streams; everything that it keeps goes below `folder`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JETFERRY")}
    environment |= dict.fromkeys(HOMES, str(folder)) | PASSWORDS
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
    for secret in (PLANTED, OURS.encode()):
        assert [n for n, data in (said | written).items() if holds(data, secret)] == []
