"""The README says what the code does: options, commands, stages."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from wizard.cli.app import app
from wizard.events import Stage
from wizard.project.document import from_document
from wizard.settings import Options, Preset

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


def shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_every_option_is_listed_with_its_presets() -> None:
    listed = README.partition("<!-- options:begin -->\n")[2].partition("<!-- options:end -->")[0].splitlines()[2:]
    wanted = [
        f"| `{f.name}` | {f.metadata['help']} | " + " | ".join(shown(f.metadata["presets"][p]) for p in Preset) + " |"
        for f in fields(Options)
    ]
    assert listed == wanted


def test_every_command_and_stage_is_listed() -> None:
    commands = [c.name or (c.callback.__name__ if c.callback else "") for c in app.registered_commands if not c.hidden]
    for name in commands:
        assert re.search(rf"`{name} ", README), name
    for stage in Stage:
        assert f"| {stage.number} | {stage.value.capitalize()} |" in README


def test_the_project_file_shown_is_one() -> None:
    text = README.partition("```toml\n")[2].partition("```")[0]
    project = from_document(tomllib.loads(text))
    assert project.options.batch_size == 5000
    assert "Paste Errors" not in project.sources[0].tables
    assert project.connection.host == "sql.example.com"


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"\]\((snapshots/[^)]+)\)", README)
    assert len(pictures) == 10
    for name in pictures:
        assert (Path(__file__).resolve().parents[1] / name).is_file(), name
