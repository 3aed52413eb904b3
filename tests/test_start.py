"""What a command loads: reading files needs nothing of servers, queries, projects or the wizard."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import wizard

SAMPLE = Path(wizard.__file__).parent / "sample" / "harborbooks.accdb"
_HEAVY = frozenset({"textual", "sqlglot", "tomlkit", "filelock", "jinja2", "pyodbc", "mssql_python", "cryptography"})
_RUN = """
import sys
from wizard.cli import main
try:
    main()
finally:
    sys.stdout.flush()
    print(*sorted(sys.modules), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that a command had loaded when it ended."""
    ran = subprocess.run([sys.executable, "-c", _RUN, *arguments], capture_output=True, text=True, check=True)
    assert ran.stdout
    return set(ran.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", str(SAMPLE), "--format", "csv"),
        ("inspect", str(SAMPLE)),
        ("find", str(SAMPLE.parent)),
        ("--help",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_command_on_files_loads_only_what_it_uses(arguments: tuple[str, ...]) -> None:
    assert not loaded(*arguments) & _HEAVY


def test_an_export_loads_of_our_own_what_reading_rows_needs() -> None:
    ours = {m for m in loaded("export", str(SAMPLE), "Publishers", "--format", "csv") if m.startswith("wizard.")}
    rooms = {m.split(".")[1] for m in ours if "." in m}
    assert not rooms & {"convert", "assess", "migrate", "project", "settings", "objects", "events", "estate", "worker"}
    assert not {m for m in ours if m.startswith(("wizard.access.application", "wizard.cli.app"))}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("export", "--help")], ids=" ".join)
def test_help_does_not_load_what_reading_needs(arguments: tuple[str, ...]) -> None:
    assert not loaded(*arguments) & {"numpy", "pyarrow", "construct"}


def test_moving_rows_begins_without_what_converts_and_assesses() -> None:
    late = (
        "sqlglot",
        "jinja2",
        "wizard.uses",
        "wizard.convert.interpreter",
        "wizard.convert.queries",
        "pyarrow.parquet",
    )
    code = (
        "import sys\nimport wizard.worker_process, wizard.stages.load, wizard.stages.migrate\n"
        f"print(*(m for m in {(*late, 'wizard.assess.assessment', 'wizard.assess.html_report')} if m in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


def test_the_wizard_begins_without_what_converts_links_and_fills_in_templates() -> None:
    late = {"sqlglot", "jinja2", "wizard.link", "wizard.uses", "wizard.convert.interpreter", "wizard.convert.queries"}
    code = f"import sys\nimport screens.app\nprint(*(m for m in {late} if m in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


@pytest.mark.parametrize("module", ["wizard.stages", "wizard.stages.access_files", "wizard.convert", "wizard.assess"])
def test_what_is_loaded_late_is_there_all_the_same(module: str) -> None:
    package = importlib.import_module(module)
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing
