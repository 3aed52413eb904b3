"""The README's table of constructs is the code's own."""

from __future__ import annotations

from pathlib import Path

from wizard.convert.queries.constructs import constructs_table

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_readme_shows_the_constructs_the_code_knows() -> None:
    text = README.read_text(encoding="utf-8")
    _, start, rest = text.partition("<!-- constructs:begin -->\n")
    shown, end, _ = rest.partition("<!-- constructs:end -->")
    assert start
    assert end
    assert shown.strip() == constructs_table().strip()
