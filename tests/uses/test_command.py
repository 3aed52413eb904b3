"""`jetferry uses`: what a person gets, over the sample and over the databases of others."""

from __future__ import annotations

import json

import pytest

from tests.cli.test_source_files import jetferry
from tests.conftest import SAMPLE, SHARED
from wizard.access import AccessFile
from wizard.stages.access_files import uses

CORPUS = SHARED / "application" / "corpus"


def test_uses_of_a_column_and_of_nothing() -> None:
    status, out, _ = jetferry("uses", SAMPLE, "Books.Price", "--json")
    assert status == 0
    found = {(u["user"], u["how"]) for u in json.loads(out)["uses"]}
    assert {("Top Ten Books", "SQL"), ("Raise Prices", "SQL")} <= found
    status, out, err = jetferry("uses", SAMPLE, "Nothing")
    assert (status, out) == (2, "")
    assert "JF8113" in err


@pytest.mark.corpus
def test_uses_in_forms_reports_and_code_of_real_applications() -> None:
    with AccessFile.open(CORPUS / "faculty.accdb") as file:
        name = uses(file, "Faculty.Last Name")["uses"]
    assert {u["kind"] for u in name} == {"query", "form", "report"}
    with AccessFile.open(CORPUS / "erp_fe.accdb") as file:
        clients = uses(file, "Clients")["uses"]
        unused = {o["name"] for o in uses(file)["unused"]}
    lines = {(u["user"], u["part"], u["line"], u["how"]) for u in clients}
    assert ("Form_subList_Clients", "ApplySearchFilter", 51, "record source") in lines
    assert ("modTesting", "CreateTestClient", 431, "domain function") in lines
    assert "Invoices" in unused
    assert "Clients" not in unused
