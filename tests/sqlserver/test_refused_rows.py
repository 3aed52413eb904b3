"""Which rows of a batch a server refuses is found by trying many at once; nothing of the trial stays."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.migrate.fakes import NUMBERS, numbers
from tests.migrate.servers import test_server as connect
from wizard.sqlserver import array_inserts
from wizard.sqlserver.connection import ServerSession

pytestmark = pytest.mark.server


@pytest.mark.parametrize(
    ("bad", "twice"),
    [([0, 63, 64, 65, 298, 299], []), ([], [(10, 200), (70, 71)]), (list(range(300)), []), ([], [])],
    ids=["here and there", "keys that come twice", "all", "none"],
)
def test_refused_rows_are_found_and_nothing_stays(server: str, bad: list[int], twice: list[tuple[int, int]]) -> None:
    ids = list(range(300))
    for first, second in twice:
        ids[second] = ids[first]
    rows = numbers(300).set_column(0, "ID", pa.array(ids, pa.int32()))
    rows = rows.set_column(1, "Name", pa.array(["bad" if i in bad else f"name {i}" for i in range(300)]))
    target = connect(server)
    with target.table(NUMBERS) as table:
        target.execute(f"ALTER TABLE {table.name} ADD CONSTRAINT CK_{table.name.schema} CHECK (Name <> N'bad')")
        (batch,) = rows.to_batches()
        with ServerSession.open(target.connection, target.password) as session:
            found = array_inserts.refused(session, table.name, table.columns, batch, keep_identity=True)
        assert list(found) == sorted([*bad, *(second for _, second in twice)])[: array_inserts.FOUND]
        assert {fault.number for fault in found.values()} <= {547, 2627}
        assert target.rows(f"SELECT COUNT(*) FROM {table.name}") == [(0,)]
