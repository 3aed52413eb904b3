"""Texts by the pictures of Format: `@` is a character or a space, `&` a character or nothing."""

from __future__ import annotations

import re
from typing import Final

from wizard.convert.interpreter.text_parsing import lowered, raised

_TOKEN: Final = re.compile(
    r'\\(?P<escaped>.)|"(?P<quoted>[^"]*)"?|(?P<end>;)|(?P<sign>[@&<>!])|(?P<other>.)', re.DOTALL
)


def formatted(text: str | None, picture: str) -> str:
    """Characters fill the picture from the right, after `!` from the left; what is left over follows at the end.

    A second section is for Null and empty text.
    """
    sections: list[list[re.Match[str]]] = [[]]
    for token in _TOKEN.finditer(picture):
        if token["end"]:
            sections.append([])
        else:
            sections[-1].append(token)
    if text is None and len(sections) < 2:
        return ""
    tokens = sections[1] if not text and len(sections) > 1 else sections[0]
    text = text or ""
    signs = [t["sign"] for t in tokens if t["sign"]]
    if "<" in signs:
        text = lowered(text)
    if ">" in signs:
        text = raised(text)
    places = sum(s in "@&" for s in signs)
    missing = max(0, places - len(text))
    characters: list[str | None] = [*text]
    blanks: list[str | None] = [None] * missing
    filled = characters + blanks if "!" in signs else blanks + characters
    made, at = "", 0
    for token in tokens:
        if token["sign"] in ("@", "&"):
            character = filled[at]
            at += 1
            made += (" " if token["sign"] == "@" else "") if character is None else character
        elif not token["sign"]:
            made += next(p for p in (token["escaped"], token["quoted"], token["other"]) if p is not None)
    rest = "".join(c for c in filled[at:] if c is not None)
    return made + (rest if tokens is sections[0] or places else "")
