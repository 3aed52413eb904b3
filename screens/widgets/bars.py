"""Bars of block characters: told by length and figure, not by colour."""

from __future__ import annotations


def bar(share: float, width: int) -> str:
    """`share` 0 to 1 of `width` cells, in eighths; never full before it is whole, never empty where something is."""
    share = max(0.0, min(1.0, share))
    eighths = int(share * width * 8)
    if share > 0:
        eighths = max(1, eighths)
    full, rest = divmod(eighths, 8)
    text = "█" * full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "")
    return text + "░" * (width - len(text))
