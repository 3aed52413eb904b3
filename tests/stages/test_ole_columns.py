"""OLE columns are stored unwrapped where somebody asks for it, from the file to the package, and told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.access.test_embedded_files import ole
from tests.conftest import SAMPLE
from tests.faulty_disk import command
from wizard.access import AccessFile
from wizard.events import MessageTold, Stage
from wizard.messages import StageError
from wizard.settings import Target
from wizard.stages import Migration

FILE = b"BM of a cover" + bytes(range(200))


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """The sample with an embedded picture in the place of one of its covers, of the same length."""
    data = SAMPLE.read_bytes()
    with AccessFile.open(str(SAMPLE)) as file:
        covers = [c for b in file.read("Books", columns=["Cover"]) for c in b.rows.column(0).to_pylist() if c]
    short = next(c for c in covers if len(c) == 300)
    wrapped = ole(b"PBrush\0", FILE)
    padded = wrapped + bytes(300 - len(wrapped))
    assert data.count(short) == 1
    path = tmp_path / "books.accdb"
    path.write_bytes(data.replace(short, padded))
    return path


def made(folder: Path, path: Path) -> Migration:
    m = Migration.create(folder / "p", target=Target())
    m.sources.add(path)
    return m


def test_the_file_is_stored_with_type_and_name_beside_it(tmp_path: Path, books: Path) -> None:
    with made(tmp_path, books) as m:
        m.sources.unwrap("books", "books", "COVER")
        m.project.set_options(replace(m.data.options, package_inserts=True))
        m.prepare()
        found = m.assess.run()["books"]
        m.one_step()
        (table,) = (t for t in m.convert.conversion.tables if t.name.name == "Books")
        scripts = "".join(p.read_text(encoding="utf-8-sig") for p in m.folder.rglob("*Books*.sql"))
        assert m.migrate.verify().equal
    names = [c.name for c in table.columns]
    assert names[names.index("Cover") :][:3] == ["Cover", "Cover_type", "Cover_name"]
    assert "0x" + FILE.hex().upper() in scripts.upper().replace("0X", "0x")
    assert "N'PBrush'" in scripts
    assert scripts.count("N'raw'") == 13
    ((message,),) = (g.messages for g in found.findings if g.number == 4065)
    assert "13 values of Cover of Books are no embedded file" in message.text


def test_it_is_kept_in_the_project_and_makes_later_stages_stale(tmp_path: Path, books: Path) -> None:
    with made(tmp_path, books) as m:
        m.prepare()
        m.convert.run()
        assert Stage.CONVERT in m.sources.unwrap("books", "Books", "Cover")
    text = (tmp_path / "p.jetferry.toml").read_text(encoding="utf-8")
    assert "[sources.books.unwrap]" in text
    with Migration.open(tmp_path / "p") as m:
        assert m.data.sources[0].unwrap == {"Books": ("Cover",)}
        m.sources.unwrap("books", "Books", "Cover", wanted=False)
        assert m.data.sources[0].unwrap == {}
        assert "Cover_type" not in m.sources.definition("books").tables_by_name["books"].by_name


def test_a_column_that_is_none_is_refused(tmp_path: Path, books: Path) -> None:
    with made(tmp_path, books) as m:
        for table, column in (("Books", "Title"), ("Books", "Gone"), ("Gone", "Cover")):
            with pytest.raises(StageError, match="8210"):
                m.sources.unwrap("books", table, column)
    said = command("new", tmp_path / "q", "--source", books, "--target", "package", "--unwrap", "Books.Title")
    assert "JF8210" in said.err
    said = command("new", tmp_path / "r", "--source", books, "--target", "package", "--unwrap", "Nothing.Here")
    assert "no source has Nothing.Here" in said.err


def test_the_command_takes_columns_and_says_what_becomes_of_them(tmp_path: Path, books: Path) -> None:
    said = command("new", tmp_path / "p", "--source", books, "--target", "package", "--unwrap", "Books.Cover", "-v")
    assert said.status == 0
    assert "Cover of Books is stored unwrapped" in said.err + said.out


def test_rows_are_read_in_any_choice_of_columns(tmp_path: Path, books: Path) -> None:
    with made(tmp_path, books) as m:
        m.sources.unwrap("books", "Books", "Cover")
        opened = m.sources.open("books")
        whole = [r for b in opened.read("Books") for r in b.rows.to_pylist()]
        few = [r for b in opened.read("Books", columns=["cover_name", "Title"]) for r in b.rows.to_pylist()]
        assert [list(few[0]), len(few)] == [["cover_name", "Title"], len(whole)]
        assert opened.schema("Books").names == list(whole[0])
        assert {r["Cover_type"] for r in whole} == {"PBrush", "raw", None}
        assert [r["Cover"] for r in whole if r["Cover_type"] == "PBrush"] == [FILE]


def test_a_typing_error_in_the_project_file_is_told(tmp_path: Path, books: Path) -> None:
    with made(tmp_path, books) as m:
        m.session.change(m.data.with_source(replace(m.data.sources[0], unwrap={"Books": ("Covr",), "Gone": ("x",)})))
        told: list[str] = []
        m.listen(lambda e: told.append(e.message.code) if isinstance(e, MessageTold) else None)
        m.prepare()
    assert told.count("JF8210") == 2
