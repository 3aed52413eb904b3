"""README and reference say what the code does: options, constructs, functions, commands, stages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests import reference
from wizard.cli.app import app
from wizard.events import Stage
from wizard.project.document import from_document

HOME = Path(__file__).resolve().parents[1]
README = (HOME / "README.md").read_text(encoding="utf-8")
REFERENCE = reference.REFERENCE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", reference.TABLES)
def test_a_table_of_the_reference_is_the_codes_own(name: str) -> None:
    assert reference.shown(name) == reference.TABLES[name]()


def test_every_command_and_stage_is_listed() -> None:
    commands = [c.name or (c.callback.__name__ if c.callback else "") for c in app.registered_commands if not c.hidden]
    assert commands
    for name in commands:
        assert re.search(rf"`{name} ", REFERENCE), name
        assert f"`{name}`" in README, name
    for stage in Stage:
        assert f"| {stage.number} | {stage.value.capitalize()} |" in README


def test_the_project_file_shown_is_one() -> None:
    text = REFERENCE.partition("```toml\n")[2].partition("```")[0]
    project = from_document(tomllib.loads(text))
    assert project.options.batch_size == 5000
    assert "Paste Errors" not in project.sources[0].tables
    assert project.connection.host == "sql.example.com"


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"\]\((snapshots/[^)]+)\)", README)
    assert len(pictures) == 10
    for name in pictures:
        assert (HOME / name).is_file(), name


@pytest.mark.parametrize(
    "page", ["README.md", *(f".github/{n}.md" for n in ("REFERENCE", "CONTRIBUTING", "ARCHITECTURE"))]
)
def test_what_a_page_points_to_is_there(page: str) -> None:
    text = (HOME / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert ((HOME / page).parent / target).exists(), target
    for path in re.findall(r"`?((?:wizard|screens|tests)/[\w/]+(?:\.py|/))", text):
        assert (HOME / path).exists(), path
