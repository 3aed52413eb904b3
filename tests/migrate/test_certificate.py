"""A certificate holds every figure, names what was lost, and certifies nothing where anything differs."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.migrate.compared import OPTIONS, MemoryCheck, moved
from tests.migrate.fakes import NUMBERS, MemorySink, Rows, column, job, numbers, server_table
from tests.migrate.runs import records, run, verify
from wizard.messages import Message
from wizard.migrate import Job
from wizard.migrate.certificate import certificate, fingerprinted, write
from wizard.migrate.rejects import RejectLog
from wizard.migrate.repairs import RepairLog
from wizard.migrate.run_history import run_record


def certified(of: Job, sink: MemorySink, folder: Path, *problems: Message) -> tuple[dict[str, Any], str]:
    """The certificate of what was moved, as programs and as people read it."""
    result = run([of], sink, folder, OPTIONS)
    (folder / "a.accdb").write_bytes(b"abc")
    content = certificate(
        project="<Harbor>",
        target="memory",
        sources=[fingerprinted("src", folder / "a.accdb")],
        proofs=verify([of], MemoryCheck(sink), sink, folder, OPTIONS),
        problems=problems,
        rejects={of.name: RejectLog(folder / "rejects", of.table.name)},
        repairs={of.name: RepairLog(folder / "repairs", of.table.name)},
        runs=[run_record(result), *records(folder)],
        options=OPTIONS,
    )
    as_json, as_html = write(content, folder)
    page = as_html.read_text(encoding="utf-8")
    assert hashlib.sha256(as_json.read_bytes()).hexdigest() in page
    return json.loads(as_json.read_text(encoding="utf-8")), page


def test_a_certificate_holds_every_figure_and_the_source(tmp_path: Path) -> None:
    table = server_table("Prices", column("ID", "int"), column("Price", "money"), key="ID")
    prices = pa.table({"ID": pa.array([1, 2], pa.int32()), "Price": [Decimal("1.5000"), Decimal("-0.0001")]})
    read, page = certified(job(table, Rows({"Prices": prices})), MemorySink(), tmp_path)
    assert read["equal"]
    assert read["sources"][0]["sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert read["tables"][0]["columns"]["ID"]["sum"] == {"source": "3", "target": "3"}
    assert read["tables"][0]["columns"]["Price"]["sum"] == {"source": "1.4999", "target": "1.4999"}
    assert read["tables"][0]["types"] == {"ID": "int", "Price": "money"}
    assert read["tables"][0]["moved"] == read["runs"][0]["started"]
    assert "&lt;Harbor&gt;" in page
    assert "1 table, 2 rows: every row of the source is in the target" in page
    assert "Lock the table while rows are copied" in page


def test_a_certificate_names_rejected_rows(tmp_path: Path) -> None:
    names = ["x" * (41 if i % 100 == 5 else 3) for i in range(1_000)]
    of = job(NUMBERS, Rows({"Numbers": numbers(1_000).set_column(1, "Name", [names])}))
    read, page = certified(of, MemorySink(), tmp_path)
    assert (read["equal"], read["rejected"]) == (False, 10), "a loss is not equal"
    assert [r["key"] for r in read["tables"][0]["rejects"]] == [f"ID={i}" for i in range(5, 1_000, 100)]
    assert (read["verdict"], read["tables"][0]["state"]) == ("losses", "partly"), "never equal"
    assert 'class="verdict loss"' in page
    assert "10 rows of 1,000 could not go and are" in page
    assert "JF6101: Name is 41 characters long" in page
    assert "dbo.Numbers.csv" in page


def test_a_certificate_certifies_nothing_where_anything_differs(tmp_path: Path) -> None:
    of, sink = moved(tmp_path)
    sink.stored[NUMBERS.name].rows[500]["Name"] = "name 50O"
    read, page = certified(of, sink, tmp_path)
    assert not read["equal"]
    assert "1 of 1 table differs.\nThis certificate" in page, "a blank between the sentences"
    assert "This certificate certifies nothing" in page
    assert "the row ID=500 differs in Name" in page
    sink.stored[NUMBERS.name].rows[500]["Name"] = "name 500"
    changed = Message.of(8121, file="data/001.dat", what="its content was changed")
    read, page = certified(of, sink, tmp_path, changed)
    assert not read["equal"]
    assert "differ" not in page.split("</p>")[2]
    assert "1 problem beside the tables." in page
    assert "data/001.dat" in page
