"""Every message is whole sentences, in one style, whatever facts it is given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wizard.messages import CATALOGUE, Message

SENTENCES_OF_THEIR_OWN = {"{reason}", "{reasons}", "{what}", "{why}", "{hint}", "{detail}", "{remedy}", "{consequence}"}
"""facts that may end a text, be they a sentence or not"""
WORDS_OF_ACCESS = ("dbOpenTable",)


@pytest.mark.parametrize("number", CATALOGUE)
def test_a_message_begins_and_ends_as_a_sentence(number: int) -> None:
    text = CATALOGUE[number].text
    assert not text[0].islower() or text.startswith(WORDS_OF_ACCESS)
    assert text.endswith((".", "?", "!", ";")) or "{" + text.rpartition("{")[2] in SENTENCES_OF_THEIR_OWN
    assert "  " not in text


@pytest.mark.parametrize("reason", ["Permission denied", "Permission denied."])
def test_a_fact_at_the_end_leaves_one_full_stop(reason: str) -> None:
    assert Message.of(6303, file="F", reason=reason).text == "The reject file F cannot be read: Permission denied."
    assert Message.of(6004, table="T", reason=reason).text == "T could not be moved: Permission denied."


def test_a_sentence_in_brackets_at_the_end_has_its_own_full_stop() -> None:
    assert Message.of(6004, table="T", reason="It is cut. (2 more are.)").text.endswith("cut. (2 more are.)")


def test_an_empty_fact_at_the_end_leaves_no_space() -> None:
    assert Message.of(6220, rows=1, detail="").text.endswith("the same 1 row.")


def test_no_text_says_shall() -> None:
    """Readers for whom English is the second language meet it in contracts alone."""
    root = Path(__file__).resolve().parents[1]
    texts = [p for room in ("wizard", "screens") for e in ("py", "jinja") for p in (root / room).rglob(f"*.{e}")]
    assert len(texts) > 500
    assert [p.name for p in texts if re.search(r"\bshall\b", p.read_text(encoding="utf-8"))] == []
