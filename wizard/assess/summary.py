"""An assessment in sentences: what moves by itself, what needs a person, how long, and what will be lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wizard.assess.assessment import Assessment, CategoryCount
from wizard.assess.reject_forecast import RejectForecast
from wizard.plurals import counted, hours, percent, singular, within_sentence

_NAMED = 4
"""names that a sentence lists"""


def summary(found: Sequence[Assessment]) -> tuple[str, ...]:
    """The sentences, of one source or of several together."""
    return (_by_itself(found), _by_hand(found), _lost(found), *_weaker(found), *_staying(found))


def _by_itself(found: Sequence[Assessment]) -> str:
    counts = [c for a in found for c in a.counts]
    whole, total = sum(c.converted for c in counts), sum(c.total for c in counts)
    tables, rows = sum(len(a.tables) for a in found), sum(a.rows for a in found)
    of = f"{counted(len(found), 'database')} with " if len(found) > 1 else ""
    held = f"{of}{counted(tables, 'table')} and {counted(rows, 'row')}"
    if not total:
        return f"There is nothing to convert: {held}."
    what = "All" if whole == total else percent(whole, total, digits=0)
    objects = f"{whole:,} of {counted(total, 'object')} (tables, columns, keys, queries and the like)"
    return f"{what} of it converts by itself: {objects}, of {held}."


def _by_hand(found: Sequence[Assessment]) -> str:
    counts = [c for a in found for c in a.counts]
    parts = [
        f"{number} {'is' if len(numbers) == 1 and single else 'are'} {how}"
        for how, numbers, number, single in (
            ("not converted", *_kinds(counts, "failed")),
            ("converted in part only", *_kinds(counts, "partly")),
        )
        if numbers
    ]
    minutes = sum(a.effort_minutes for a in found)
    work = f"The work that is left for a person is estimated at {hours(minutes)}" if minutes else "No work is left"
    if not parts:
        after = f"{work}, after it: what it consists of stands under Effort" if minutes else work
        return f"Nothing needs to be converted by a person. {after}."
    return f"A person has to look at the rest: {' and '.join(parts)}. {work}; what it consists of stands under Effort."


def _kinds(counts: Sequence[CategoryCount], how: str) -> tuple[list[int], str, bool]:
    """`2 queries and 1 index`, with the numbers, and whether it is one thing."""
    by_title: dict[str, int] = {}
    for count in counts:
        by_title[count.title] = by_title.get(count.title, 0) + getattr(count, how)
    told = [(n, title) for title, n in by_title.items() if n]
    words = [f"{n:,} {singular(title) if n == 1 else within_sentence(title)}" for n, title in told]
    numbers = [n for n, _ in told]
    return numbers, _and(words), numbers == [1]


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _lost(found: Sequence[Assessment]) -> str:
    unseen = [a for a in found if not a.looked]
    foreseen = [f for a in found for f in a.foreseen]
    rejected, repaired = [f for f in foreseen if f.rejected], sum(f.repaired for f in foreseen)
    damaged = sum(f.damaged for f in foreseen)
    parts = []
    if rejected:
        rows = sum(f.rejected for f in rejected)
        be = "will" if rows else ""
        parts.append(f"{counted(rows, 'row')} of {_tables(rejected)} {be} be rejected, each kept with its reason")
    if unread := [f for f in foreseen if f.unread]:
        rows = sum(f.unread for f in unread)
        parts.append(f"about {counted(rows, 'row')} of {_tables(unread)}, which cannot be read in the damaged file")
    if damaged:
        parts.append(f"{counted(damaged, 'text')} will arrive with what of it is text")
    if stored := sum(a.stored for a in found):
        parts.append(f"values of {counted(stored, 'column')} will come as they are stored in the file")
    if rounded := sum(f.rounded for f in foreseen):
        types = "its column's type holds" if rounded == 1 else "their columns' types hold"
        parts.append(f"{counted(rounded, 'value')} will be rounded or cut to what {types}")
    if repaired > damaged:
        parts.append(f"{counted(repaired - damaged, 'value')} will be changed as repair rules say")
    if unseen:
        named = "the data" if len(unseen) == len(found) else f"the data of {counted(len(unseen), 'database')}"
        seen = f"; {_and(parts)}" if parts else ""
        return f"What will be lost is not known: {named} were not looked at{seen}."
    if any(not a.forecast for a in found):
        told = sum(len(a.findings) for a in found if not a.forecast)
        data = f"{counted(told, 'finding')} about the data {'is' if told == 1 else 'are'} listed" if told else ""
        seen = "; ".join(filter(None, (data, _and(parts))))
        which = "Which rows will be rejected, stage 5 of a project tells row by row"
        return f"{which}: {seen or 'here nothing was found that would be'}."
    if not parts:
        return "What will be lost: no row and no value that was found in the data."
    return f"What will be lost: {_and(parts)}. All else arrives as it is."


def _tables(rejected: Sequence[RejectForecast]) -> str:
    named = [f.name for f in sorted(rejected, key=lambda f: (-f.rejected, f.name))]
    more = [f"{len(named) - _NAMED:,} more"] * (len(named) > _NAMED)
    return _and([*named[:_NAMED], *more])


def _weaker(found: Sequence[Assessment]) -> tuple[str, ...]:
    weaker = sum(a.weaker for a in found)
    if not weaker:
        return ()
    told = f"{counted(weaker, 'foreign key or unique index', 'foreign keys or unique indexes')} of Access"
    return (f"{told} will be left out or made plain, as old rows break {'it' if weaker == 1 else 'them'}.",)


def _staying(found: Sequence[Assessment]) -> Iterator[str]:
    kinds: dict[str, int] = {}
    for a in found:
        for kind, number in a.others.items():
            kinds[kind] = kinds.get(kind, 0) + number
    words = [counted(n, kind.removesuffix("s"), kind) for kind, n in kinds.items() if n]
    if words:
        yield f"{_and(words)} stay in Access, which works on with the server's tables linked."
