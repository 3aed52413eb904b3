"""Every construct of the README's table becomes what the table says."""

from __future__ import annotations

import pytest
import sqlglot

from tests.convert.saved import numbers, saved, statement
from wizard.convert.queries.constructs import CONSTRUCTS, Construct


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda c: c.name)
def test_the_sample_becomes_what_the_table_says(construct: Construct) -> None:
    conversion = saved(
        {"q": construct.sample, "Base": "SELECT ID FROM Orders", "m": "SELECT ID INTO Summary FROM Orders"}
    )
    if construct.shows.isdigit():
        assert int(construct.shows) in numbers(conversion, "q")
        assert not any(m.source and m.source.table == "q" for m in conversion.modules)
        return
    made = conversion.review[0].sql if conversion.review else statement(conversion, "q")
    assert construct.shows in made
    assert sqlglot.parse(made, dialect="tsql", error_level=sqlglot.ErrorLevel.RAISE)
