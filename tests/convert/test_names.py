"""Names: kept where SQL Server can have them, unique as it compares them, never a way out of their quotes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wizard.convert.names import LONGEST, NameRegister, folded, legal, needs_quoting, units
from wizard.objects import quote

names = st.text(max_size=150)


def unquoted(sql: str) -> str:
    """An identifier read back as T-SQL reads it: to the first closing bracket that is not doubled."""
    assert sql.startswith("[")
    at, read = 1, ""
    while not (sql[at] == "]" and sql[at : at + 2] != "]]"):
        read += sql[at]
        at += 2 if sql[at] == "]" else 1
    assert at == len(sql) - 1, "nothing stands outside the quotes"
    return read


@given(names)
def test_a_name_stays_within_its_brackets(name: str) -> None:
    made = legal(name)
    assert unquoted(quote(made)) == made
    assert 1 <= units(made) <= LONGEST
    assert not any(c < " " for c in made)


@given(st.lists(names, max_size=30))
def test_names_of_a_schema_differ_as_a_server_compares_them(wanted: list[str]) -> None:
    taken = NameRegister()
    made = [taken.take(w) for w in wanted]
    assert len({folded(m) for m in made}) == len(made)
    assert all(1 <= units(m) <= LONGEST for m in made)


@given(st.from_regex(r"[A-Za-zÄé\u4e00 .\-\[\]';]{0,30}[A-Za-z]", fullmatch=True))
def test_a_name_that_can_be_kept_is_kept(name: str) -> None:
    assert NameRegister().take(name) == name


def test_names_that_differ_in_case_or_trailing_blanks_are_one_to_a_server() -> None:
    taken = NameRegister()
    assert [taken.take(n) for n in ("Orders", "ORDERS", "Orders ", "ｏｒｄｅｒｓ")] == [
        "Orders", "ORDERS_2", "Orders_3", "ｏｒｄｅｒｓ_4",
    ]  # fmt: skip


def test_characters_that_older_collations_overlook_do_not_tell_two_names_apart() -> None:
    taken = NameRegister()
    wanted = ("0", "0\uffff", "Box", "Box📦", "🍕", "🍔", "Bö", "Bo")
    assert [taken.take(n) for n in wanted] == ["0", "0\uffff_2", "Box", "Box📦_2", "🍕", "🍔_2", "Bö", "Bo"]


def test_a_table_does_not_become_a_temporary_one_by_its_name() -> None:
    assert NameRegister().take("#Import") == "_Import"
    assert NameRegister().take("#Import", temporary=False) == "#Import"


def test_a_long_name_is_cut_between_characters() -> None:
    made = legal("😀" * 100)
    assert made == "😀" * 64


def test_what_needs_brackets_by_hand() -> None:
    assert [n for n in ("Name", "Order", "First Name", "_x", "2nd", "Größe", "a-b") if needs_quoting(n)] == [
        "Order", "First Name", "2nd", "a-b",
    ]  # fmt: skip
