"""Compiled templates serve the next start; nothing depends on them, and nobody else may put code in their place."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from wizard.compiled_templates import compiled_templates

TEXT = "Hello {{ name }}"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def made(text: str = TEXT) -> str:
    """By an environment that knows nothing of former ones."""
    environment = Environment(loader=DictLoader({"hello": text}), bytecode_cache=compiled_templates(), autoescape=True)
    return environment.get_template("hello").render(name="you")


def kept(cache: Path) -> list[Path]:
    return [p for p in cache.rglob("*") if p.is_file()]


def test_a_template_is_compiled_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made() == "Hello you"
    assert len(kept(cache)) == 1
    monkeypatch.setattr(Environment, "_parse", lambda *_: pytest.fail("it was compiled again"))
    assert made() == "Hello you"


def test_another_text_of_that_name_is_another_template() -> None:
    assert [made(), made("Bye {{ name }}"), made()] == ["Hello you", "Bye you", "Hello you"]


@pytest.mark.parametrize("damage", [b"", b"no code at all", None])
def test_what_is_damaged_is_compiled_again(cache: Path, damage: bytes | None) -> None:
    made()
    [file] = kept(cache)
    file.write_bytes(file.read_bytes()[:-9] if damage is None else damage)
    assert made() == "Hello you"


@pytest.mark.skipif(os.name == "nt", reason="modes of files are POSIX's")
def test_others_may_neither_read_nor_write_there(cache: Path) -> None:
    made()
    folder = kept(cache)[0].parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o777)
    assert compiled_templates() is None
    folder.chmod(0o700)
    folder.parent.chmod(0o777)
    assert compiled_templates() is None


@pytest.mark.skipif(os.name == "nt", reason="there, an account is no number")
def test_another_accounts_folder_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    made()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert compiled_templates() is None


def test_without_a_place_for_them_they_are_compiled_each_time(cache: Path) -> None:
    (cache / "jetferry").write_text("in the way")
    assert compiled_templates() is None
    assert made() == "Hello you"


def test_a_full_disk_costs_no_more_than_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", full)
    assert made() == "Hello you"
