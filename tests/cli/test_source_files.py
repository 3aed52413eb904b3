"""`jetferry source` and the application in `inspect`: what a person gets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SHARED
from wizard.access.application import Application, DefinitionNode, Form, Module, ModuleKind
from wizard.access.application.source_files import source_files
from wizard.escaping import file_names

CORPUS = SHARED / "application" / "corpus"


def jetferry(*words: str | Path) -> tuple[int, str, str]:
    command = [sys.executable, "-c", "from wizard.cli import main; main()", *map(str, words)]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment, check=False)
    return done.returncode, done.stdout, done.stderr


def test_names_are_safe_on_every_system() -> None:
    names = ["a/b", "A:B", "con", "LPT1.x", "..", "", "tail. ", "x" * 5000, "new\nline", "\u202eabc"]
    made = list(file_names(names))
    assert made[:5] == ["a_b", "A_B (2)", "_con", "_LPT1.x", "_"]
    assert len({n.casefold() for n in made}) == len(names)
    assert all(len(n.encode()) <= 210 and not set(n) & set('<>:"/\\|?*\n\u202e') for n in made)


def test_source_has_no_passwords_and_skips_what_was_compiled() -> None:
    code = "' don't\ns = \"ODBC;DSN=x;PWD=hunter2\"\nx = 1\n"
    modules = (Module("A", ModuleKind.STANDARD, code), Module("B", ModuleKind.CLASS, None))
    form = Form("F", DefinitionNode(150, {"RecordSource": "SELECT 1\r\nFROM [ODBC;DSN=x;PWD=hunter2].[t]"}))
    made = source_files(Application(modules=modules, forms=(form,)), ())
    assert [(f.folder, f.name) for f in made] == [("modules", "A.bas"), ("forms", "F.txt")]
    assert "hunter2" not in str(made)
    assert made[0].text == "' don't\ns = \"ODBC;DSN=x\"\nx = 1\n"


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs the databases of ../shared, which is not here")
def test_source_writes_a_file_an_object(tmp_path: Path) -> None:
    file = CORPUS / "vcs_testing2020.accdb"
    assert jetferry("source", file, "--out", tmp_path, "--quiet") == (0, "", "")
    written = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()}
    assert {
        "modules/Form_frmMain.cls",
        "modules/basUtility.bas",
        "forms/frmMain.txt",
        "reports/rptDefaultPrinter.txt",
        "macros/AutoExec.txt",
        "data-macros/tblSaveXML.AfterUpdate.xml",
        "queries/qryNavigationPaneGroups.sql",
    } <= {w.replace("\\", "/") for w in written}
    status, shown, _ = jetferry("inspect", file)
    assert status == 0
    assert "OpenForm frmMain" in shown
    assert "basUtility  standard, 111 lines" in shown


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs the databases of ../shared, which is not here")
def test_a_damaged_form_is_one_message_and_everything_else_is_read(tmp_path: Path) -> None:
    data = bytearray((CORPUS / "vcs_demo2015.accdb").read_bytes())
    found = [at for at in range(len(data) - 10) if data[at : at + 10] in (form_head(0x14), form_head(0x15))]
    for at in found:
        data[at : at + 2] = b"\x77\0"
    assert found
    path = tmp_path / "harmed.accdb"
    path.write_bytes(data)
    status, out, err = jetferry("inspect", path, "--json")
    assert status == 0
    application = json.loads(out)["application"]
    assert (application["forms"], len(application["modules"]), len(application["macros"])) == ([], 3, 2)
    assert err.count("JF1530") == 1
    assert "format 0x77" in err


def form_head(form: int) -> bytes:
    return bytes([form, 0, form, 0, 0, 0, 0, 0, 0x96, 0])
