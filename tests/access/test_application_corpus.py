"""Forms, reports, macros and modules of real databases, against what Access itself exported of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED
from wizard.access import AccessFile
from wizard.access.application import Application, read_application
from wizard.access.application.inspect import describe

HERE = SHARED / "application"
NAMES = sorted(p.stem for p in (HERE / "expected").glob("*.json") if p.name != "drift.json")
DRIFT = {("filterform_mda", "frmFilterFormWizard", "FormCodeOptions", "AfterUpdate")}
"""besides drift.json: the handler that the export names is not in the form's module of this file either"""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not NAMES, reason="needs the databases of ../shared, which is not here"),
]


def expected(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((HERE / "expected" / f"{name}.json").read_text(encoding="utf-8"))
    return read


def path_of(name: str) -> Path:
    return HERE / "corpus" / str(expected(name)["file"])


@cache
def read(name: str) -> tuple[Application, list[str]]:
    with AccessFile.open(path_of(name)) as file:
        return read_application(file.pages, file.findings), [str(m) for m in file.messages]


@cache
def shown(name: str) -> dict[str, dict[str, Any]]:
    found = describe(read(name)[0])
    return {kind: {o["name"].casefold(): o for o in found[kind]} for kind in ("modules", "forms", "reports", "macros")}


def same(want: object, have: object) -> bool:
    return isinstance(want, str) and isinstance(have, str) and want.split() == have.split()


@pytest.mark.parametrize("name", NAMES)
def test_modules_are_as_exported(name: str) -> None:
    drift = json.loads((HERE / "expected" / "drift.json").read_text()).get(expected(name)["file"], [])
    for module, want in expected(name)["modules"].items():
        have = shown(name)["modules"].get(module.casefold())
        if have and module not in drift:
            assert (module, have["sha256"]) == (module, want["sha256"])


def pairs(want: dict[str, Any], have: dict[str, Any]) -> Iterator[tuple[str, str, object, object]]:
    """Control, property, what the export says, and what was read; of the controls that the file has."""
    yield "", "record_source", want.get("record_source") or "", have["record_source"]
    yield from (("", k, v, have["properties"].get(k)) for k, v in want["properties"].items())
    controls = {c["name"]: c for c in have["controls"]}
    for control, properties in want["controls"].items():
        if control in controls:
            yield from ((control, k, v, controls[control].get(k)) for k, v in properties.items())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["forms", "reports"])
def test_forms_and_reports_are_as_exported(name: str, kind: str) -> None:
    for form, want in expected(name).get(kind, {}).items():
        for control, key, value, have in pairs(want, shown(name)[kind].get(form.casefold()) or pytest.fail(form)):
            if (name, form, control, key) in DRIFT:
                continue
            if isinstance(value, str):
                assert same(value, have), (form, control, key)
            elif isinstance(value, list):  # an embedded macro
                assert isinstance(have, dict), (form, control, key)
                assert [[a["action"], *a["arguments"]] for a in have["actions"]] == value, (form, control, key)


@pytest.mark.parametrize("name", NAMES)
def test_macros_are_as_exported(name: str) -> None:
    for macro, want in expected(name).get("macros", {}).items():
        if have := shown(name)["macros"].get(macro.casefold()):
            assert [[a["action"], *a["arguments"]] for a in have["actions"]] == want


@pytest.mark.parametrize("name", NAMES)
def test_every_object_of_the_catalogue_is_read(name: str) -> None:
    with AccessFile.open(path_of(name)) as file:
        other = file.definition.other
    application, messages = read(name)
    assert not messages
    assert {f.name for f in application.forms} == set(other.forms)
    assert {f.name for f in application.reports} == set(other.reports)
    assert {m.name for m in application.modules} >= set(other.modules)


def test_what_a_table_does_by_itself_is_read() -> None:
    (macro,) = read("vcs_testing2020")[0].data_macros
    assert (macro.table, macro.event) == ("tblSaveXML", "AfterUpdate")
    assert macro.xml.lstrip("\ufeff").startswith("<?xml") or "<DataMacro" in macro.xml
