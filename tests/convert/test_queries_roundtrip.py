"""Every saved query of the oracles is read, and written back to the same tree."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import load_oracle
from wizard.convert.dialect import parse_query, to_access
from wizard.messages import ConversionError


def test_every_query_of_the_oracles_round_trips(shared: Path) -> None:
    seen, failed = 0, []
    for path in sorted((shared / "expected").glob("*.json")):
        for query in load_oracle(path).get("queries", []):
            if query["type"] == "PASSTHROUGH":
                continue
            seen += 1
            try:
                tree = parse_query(query["sql"])
                if parse_query(to_access(tree)) != tree:
                    failed.append((path.name, query["name"], to_access(tree)))
            except ConversionError as error:
                failed.append((path.name, query["name"], str(error)))
    assert not failed
    assert seen > 100
