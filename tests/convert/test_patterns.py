"""Like patterns: an Access pattern and its T-SQL translation match the same texts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.convert.patterns import like_pattern

literals = st.sampled_from(list("abz^-!]%_0 '"))
lists = st.builds(
    lambda n, inside: f"[{n}{inside}]",
    st.sampled_from(["", "!"]),
    st.sampled_from(["a", "a-c", "abz", "*", "?", "#", "[", "0-9", "^a", "%_", "a^", "a-", "^-"]),
)
patterns = st.lists(st.one_of(literals, st.sampled_from(["*", "?", "#"]), lists), max_size=6).map("".join)
texts = st.text("abz^-!]%_0 '*?#[", max_size=6)


def access_regex(pattern: str) -> str:
    """Access's documented meaning of a pattern, as a regular expression."""
    made, at = "", 0
    while at < len(pattern):
        c = pattern[at]
        if c == "[":
            end = pattern.index("]", at)
            inside = pattern[at + 1 : end]
            negated = inside.startswith("!") and len(inside) > 1
            made += _members(inside[1:] if negated else inside, negated)
            at = end
        else:
            made += {"*": ".*", "?": ".", "#": "[0-9]"}.get(c, re.escape(c))
        at += 1
    return made


def server_regex(pattern: str) -> str:
    """T-SQL's documented meaning of a pattern, as a regular expression."""
    made, at = "", 0
    while at < len(pattern):
        c = pattern[at]
        if c == "[":
            end = pattern.index("]", at)
            inside = pattern[at + 1 : end]
            negated = inside.startswith("^")
            made += _members(inside[1:] if negated else inside, negated)
            at = end
        else:
            made += {"%": ".*", "_": "."}.get(c, re.escape(c))
        at += 1
    return made


def _members(inside: str, negated: bool) -> str:
    if not inside:
        return ""
    ranges = re.sub(r"([\[\]^\\])", r"\\\1", inside)
    return f"[{'^' if negated else ''}{ranges}]"


@given(patterns, texts)
def test_both_match_the_same(pattern: str, text: str) -> None:
    flags = re.DOTALL
    here = re.fullmatch(access_regex(pattern), text, flags) is not None
    there = re.fullmatch(server_regex(like_pattern(pattern)), text, flags) is not None
    assert here == there


@pytest.mark.parametrize(
    ("access", "server"),
    [
        ("*", "%"),
        ("A?#", "A_[0-9]"),
        ("100%_", "100[%][_]"),
        ("[!a-c]*", "[^abc]%"),
        ("[a-]*", "[-a]%"),
        ("[!a-]", "[^-a]"),
        ("[A-Dx]?", "[ABCDx]_"),
        ("[A-z]", "[ABCDEFGHIJKLMNOPQRSTUVWXYZ]"),
        ("[0-9c-a]", "[0-9c-a]"),
        ("[[]x]", "[[]x]"),
        ("[*][?][#]", "*?#"),
        ("[^]", "^"),
        ("[^a]", "[a^]"),
        ("[!^a]", "[^^a]"),
        ("[!]", "!"),
        ("a[]b", "ab"),
    ],
)
def test_the_translation(access: str, server: str) -> None:
    assert like_pattern(access) == server


def test_the_wildcards_of_alike_are_those_of_ansi() -> None:
    assert like_pattern("A%_*?#[!a]", ansi=True) == "A%_*?#[^a]"


def test_a_bracket_that_never_closes_is_refused() -> None:
    with pytest.raises(ValueError, match="character 2"):
        like_pattern("a[bc")
