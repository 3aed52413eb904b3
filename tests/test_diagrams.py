"""Entity-relationship diagrams: boxes that stand apart, lines that end at them, texts that other programs read."""

from __future__ import annotations

import json
import random
import re
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.conftest import SAMPLE
from wizard.access import AccessFile
from wizard.cli import files
from wizard.diagrams import Attribute, Box, Diagram, DiagramLine, diagram_of, layout, svg, texts
from wizard.stages.access_files import DIAGRAMS

NASTY = "<script>\"x\" & 'y'</script>"


def drawn(boxes: int, seed: int) -> Diagram:
    """Tables that refer to others, in circles and to themselves too."""
    chance = random.Random(seed)
    names = tuple(
        Box(f"T{n}", tuple(Attribute(f"C{c}", "long") for c in range(chance.randint(0, 20)))) for n in range(boxes)
    )
    ends = [(chance.randrange(boxes), chance.randrange(boxes)) for _ in range(boxes)]
    return Diagram(names, tuple(DiagramLine("r", a, b, ("C0",), ("C0",)) for a, b in ends))


@pytest.mark.parametrize("boxes", [1, 2, 7, 30, 60])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_box_stands_on_another_and_all_are_in_the_picture(boxes: int, seed: int) -> None:
    sizes = [(100.0 + n % 7 * 10, 30.0 + n % 5 * 40) for n in range(boxes)]
    made = layout.laid_out(drawn(boxes, seed), sizes)
    areas = [(s.x, s.y, s.x + w, s.y + h) for s, (w, h) in zip(made.spots, sizes, strict=True)]
    for (l1, t1, r1, b1), (l2, t2, r2, b2) in combinations(areas, 2):
        assert r1 <= l2 or r2 <= l1 or b1 <= t2 or b2 <= t1
    assert min(a[0] for a in areas) >= 0
    assert min(a[1] for a in areas) >= 0
    assert max(a[2] for a in areas) <= made.width + 0.1
    assert max(a[3] for a in areas) <= made.height + 0.1


def test_what_is_referred_to_stands_on_the_left() -> None:
    ties = [DiagramLine("r", n, n + 1, ("x",), ("y",)) for n in (0, 1)]
    chain = Diagram(tuple(Box(f"T{n}") for n in range(3)), tuple(ties))
    spots = layout.laid_out(chain, [(100, 30)] * 3).spots
    assert spots[2].x < spots[1].x < spots[0].x


def test_the_picture_names_tables_columns_and_what_refers_to_what(sample: Path) -> None:
    with AccessFile.open(str(sample)) as file:
        found = diagram_of(file.definition)
    root = ElementTree.fromstring(svg.alone(found, "books"))
    text = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    titles = [t.text or "" for t in root.iter("{http://www.w3.org/2000/svg}title")]
    assert {"Books", "Order Details", "ISBN", "text(13)"} <= set(text)
    assert "Order Details (OrderID) refers to Orders (OrderID)" in titles
    assert "Stock Movements (ISBN) refers to Books (ISBN), not enforced" in titles
    assert sum("refers to" in t for t in titles) == len(file.definition.relationships)
    for name in ("href", "script", "http://www.w3.org/1999"):
        assert name not in svg.alone(found, "books")


def test_beyond_sixty_tables_the_boxes_are_folded() -> None:
    assert ">C1<" in svg.alone(drawn(60, 1), "x")
    folded = svg.alone(drawn(61, 1), "x")
    assert ">C1<" not in folded
    assert ">T60<" in folded


@pytest.mark.parametrize(("boxes", "cut"), [(59, 2), (80, 0), (200, 0)])
def test_what_is_longer_than_a_page_is_printed_in_strips_that_cut_no_box(boxes: int, cut: int) -> None:
    """Sixty tables with all their columns, in columns that are not level, leave no room for every cut."""
    pictures = [ElementTree.fromstring(f"<svg{p}") for p in svg.inline(drawn(boxes, 1), "x").split("<svg")[1:]]
    whole, *strips = ([float(n) for n in p.attrib["viewBox"].split()] for p in pictures)
    assert pictures[0].attrib["class"] == "diagram whole"
    assert {p.attrib["class"] for p in pictures[1:]} == {"diagram strip"}
    assert len(strips) > 1
    (name,) = (g.attrib["id"] for g in pictures[0].iter("g") if "id" in g.attrib)
    assert {use.attrib["href"] for p in pictures[1:] for use in p.iter("use")} == {f"#{name}"}
    ends = [(s[1], s[1] + s[3]) for s in strips]
    assert ends[0][0] == whole[1]
    assert ends[-1][1] == pytest.approx(whole[1] + whole[3], abs=1)
    for (_, end), (top, _) in pairwise(ends):
        assert end == pytest.approx(top, abs=1), "nothing is left out"
    scale = min(1, 1030 / whole[2])
    assert max((bottom - top) * scale for top, bottom in ends) <= 551, "a page holds each, and a heading"
    areas = [(float(b.attrib["y"]), float(b.attrib["height"])) for b in pictures[0].iter("rect")]
    assert len(areas) == boxes
    in_one = sum(any(t - 1 <= y and y + height <= b + 1 for t, b in ends) for y, height in areas)
    assert boxes - in_one == cut


def test_a_picture_that_fits_a_page_stands_once() -> None:
    assert svg.inline(drawn(3, 1), "x").count("<svg") == 1


def test_names_are_no_markup_anywhere() -> None:
    one = Diagram((Box(NASTY, (Attribute(NASTY, NASTY, key=True),)),), (DiagramLine(NASTY, 0, 0, (NASTY,), (NASTY,)),))
    root = ElementTree.fromstring(svg.alone(one, NASTY))
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    assert '"' not in re.sub(r'"[^"]*"', "", texts.mermaid(one))
    assert texts.dbml(one).count('\\"') == 2 * texts.dbml(one).count("<script>")


@pytest.mark.parametrize(
    "name",
    ["%%{init: {'themeCSS': 'x'}}%%", "<script>x</script>", '"] {', "&lt;b&gt;", "`a`", "#quot;", "a\n%% b", "a#b;c"],
)
def test_a_name_is_text_to_mermaid_whatever_it_holds(name: str) -> None:
    """Settings between `%%{` and `}%%` are obeyed wherever they stand; a page shows tags before Mermaid sees them."""
    text = texts.mermaid(Diagram((Box(name, (Attribute(name, "text(9)"),)),), ()))
    shown = re.findall(r'"(.*?)"', text)
    assert len(shown) == 2
    assert not re.search(r"%%|[<>`&]", text)
    for label in shown:
        plain = re.sub(r"#(\d+|quot);", lambda m: '"' if m[1] == "quot" else chr(int(m[1])), label)
        assert plain == name.replace("\n", "\\n")


def test_mermaid_and_dbml_say_keys_and_references(sample: Path) -> None:
    with AccessFile.open(str(sample)) as file:
        found = diagram_of(file.definition)
    mermaid, dbml = texts.mermaid(found), texts.dbml(found)
    assert '    text_40 First_Name "First Name"\n' in mermaid
    assert len(re.findall(r"^  t\d+ \|\|(--|\.\.)o[{|] t\d+ : ", mermaid, re.MULTILINE)) == len(found.lines)
    assert 'Ref: "Order Details"."OrderID" > "Orders"."OrderID"' in dbml
    assert '    ("ISBN", "AuthorID") [pk]' in dbml
    assert dbml.count("{") == dbml.count("}")


def test_the_command_writes_each_kind(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for form in DIAGRAMS:
        assert files.diagram(SAMPLE, form, tmp_path / form, "") == 0
        assert files.diagram(SAMPLE, form, None, "") == 0
        assert capfd.readouterr().out == (tmp_path / form).read_text(encoding="utf-8")
    assert len(json.loads((tmp_path / "json").read_text(encoding="utf-8"))["boxes"]) == 10
