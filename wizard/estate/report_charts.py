"""The charts of the estate's report: ages and sizes, families, effort against readiness, waves, links."""

from __future__ import annotations

from collections import defaultdict
from pathlib import PureWindowsPath
from typing import Final

from markupsafe import Markup

from wizard import charts as draw
from wizard.charts import Picture
from wizard.estate.links import LinkState
from wizard.estate.overview import work_rows
from wizard.estate.store import Estate

_FAMILIES: Final = 14
_GRAPHS: Final = 6
_SIZES: Final = (1e6, 1e7, 1e8, 1e9)
_SIZE_NAMES: Final = ("< 1 MB", "< 10 MB", "< 100 MB", "< 1 GB", "1 GB and more")
_EFFORTS: Final = (0, 60, 480, 2400)
"""minutes"""
_EFFORT_NAMES: Final = ("none", "an hour", "a day", "a week", "more")
_SHARES: Final = (0.5, 0.8, 0.95, 0.99999)
_SHARE_NAMES: Final = ("< 50%", "< 80%", "< 95%", "< 100%", "all")
_YEARS: Final = 20


def _picture(title: str, note: str, svg: str, *legend: tuple[str, str]) -> Picture:
    return Picture(title, note, Markup(svg), legend)  # noqa: S704  every name in it is escaped


def pictures(estate: Estate) -> list[Picture]:
    """Those of the estate as a whole."""
    return [*_ages(estate), *_sizes(estate), *_families(estate), *_effort(estate), *_waves(estate)]


def _ages(estate: Estate) -> list[Picture]:
    rows = estate.ask(
        "SELECT CAST(strftime('%Y', modified) AS INTEGER) AS year, sum(dead) AS dead, count(*) AS files FROM database "
        "GROUP BY 1 ORDER BY 1"
    )
    by_year = {r["year"]: (r["files"] - r["dead"], r["dead"]) for r in rows if r["year"]}
    if not by_year:
        return []
    last = max(by_year)
    first = max(min(by_year), last - _YEARS + 1)
    before = [v for y, v in by_year.items() if y < first]
    shown = [draw.Bar(f"< {first}", _living(sum(b[0] for b in before), sum(b[1] for b in before)))] if before else []
    shown += [draw.Bar(str(y), _living(*by_year.get(y, (0, 0)))) for y in range(first, last + 1)]
    svg = draw.columns("databases by the year of their last change", shown)
    return [_picture("Ages", "by the year of the last change", svg, ("alive", "alive"), ("dead", "dead"))]


def _living(alive: int, dead: int) -> tuple[tuple[str, float], ...]:
    return (("alive", alive), ("dead", dead))


def _sizes(estate: Estate) -> list[Picture]:
    counts: dict[int, int] = defaultdict(int)
    for row in estate.ask("SELECT size FROM database"):
        counts[sum(row["size"] >= s for s in _SIZES)] += 1
    if not counts:
        return []
    shown = [draw.Bar(name, (("size", counts[n]),)) for n, name in enumerate(_SIZE_NAMES)]
    return [_picture("Sizes", "databases by the size of their file", draw.bars("databases by size", shown))]


_RELATIONS: Final = {
    "master": "master", "same content": "same", "older state": "older", "part of the rows": "older",
    "part of the definitions": "older",
}  # fmt: skip


def _families(estate: Estate) -> list[Picture]:
    rows = estate.ask("SELECT * FROM family ORDER BY files DESC, name LIMIT ?", _FAMILIES)
    shown = []
    for row in rows:
        parts: dict[str, int] = dict.fromkeys(("master", "same", "older", "sibling"), 0)
        for member in estate.ask("SELECT relation, count(*) FROM family_member WHERE family = ? GROUP BY 1", row["id"]):
            parts[_RELATIONS.get(member[0], "sibling")] += member[1]
        shown.append(draw.Bar(row["name"], tuple(parts.items())))
    if not shown:
        return []
    legend = (("master", "master"), ("same", "same content"), ("older", "older state or part"), ("sibling", "sibling"))
    note = f"the largest {len(shown)}; a sibling has the same or more definitions and rows of its own"
    return [_picture("Families of copies", note, draw.bars("families of copies", shown), *legend)]


def _effort(estate: Estate) -> list[Picture]:
    counts: dict[tuple[int, int], int] = defaultdict(int)
    for row in estate.ask("SELECT share, effort FROM database WHERE state = 'assessed'"):
        across = sum(row["share"] >= s for s in _SHARES)
        counts[across, sum(row["effort"] > e for e in _EFFORTS)] += 1
    if not counts:
        return []
    svg = draw.grid(
        "databases by effort and readiness", _SHARE_NAMES, _EFFORT_NAMES, counts, x="of the objects convert",
        y="work up to",
    )  # fmt: skip
    return [_picture("Effort against readiness", "how many databases fall where", svg)]


_STATES: Final = {"done": "done", "losses": "losses", "failed": "failed", "running": "running"}


def _waves(estate: Estate) -> list[Picture]:
    waves: dict[int, dict[str, int]] = {}
    for row in work_rows(estate):
        of_wave = waves.setdefault(row.wave, dict.fromkeys(("done", "losses", "failed", "running", "waiting"), 0))
        of_wave[_STATES.get(row.state, "waiting")] += 1
    if not waves:
        return []
    shown = [draw.Bar(f"wave {n}", tuple(parts.items())) for n, parts in sorted(waves.items())[:40]]
    legend = tuple((k, {"losses": "done with losses"}.get(k, k)) for k in next(iter(waves.values())))
    return [_picture("Waves", "applications and where they stand", draw.bars("waves", shown, label=90), *legend)]


def graphs(estate: Estate) -> list[Picture]:
    """Links of the largest applications."""
    found = []
    for row in estate.ask(
        "SELECT id, name, files, back_ends, front_ends FROM application WHERE (back_ends > 0 OR missing > 0) "
        "AND copy_of = '' ORDER BY files DESC, missing DESC, name LIMIT ?",
        _GRAPHS,
    ):
        svg = draw.graph(_graph(estate, row["id"], row["name"]))
        note = f"{row['front_ends']:,} front, {row['back_ends']:,} back ends"
        found.append(_picture(row["name"], note, svg))
    return found


def _graph(estate: Estate, application: int, name: str) -> draw.Graph:
    """Files of an application; what lies elsewhere is drawn once for each target."""
    nodes: list[tuple[str, str]] = []
    at: dict[object, int] = {}
    files = estate.ask(
        "SELECT f.id, f.name, af.role FROM application_file af JOIN file f ON f.id = af.file WHERE af.application = ? "
        "ORDER BY af.role, f.name",
        application,
    )
    for file in files:
        at[file["id"]] = len(nodes)
        nodes.append((file["name"], {"back end": "back", "front end": "front"}.get(file["role"], "front")))
    edges = []
    for edge in estate.ask(
        "SELECT e.* FROM edge e JOIN application_file af ON af.file = e.file WHERE af.application = ? LIMIT 2000",
        application,
    ):
        target: object = edge["target_file"] if edge["target_file"] is not None else (edge["kind"], edge["target"])
        if target not in at:
            at[target] = len(nodes)
            kind = "missing" if edge["state"] in (LinkState.MISSING, LinkState.AMBIGUOUS) else "other"
            nodes.append((f"{edge['kind']}: {PureWindowsPath(edge['target']).name or edge['target']}", kind))
        edges.append((at[edge["file"]], at[target]))
    return draw.Graph(name, tuple(nodes), tuple(edges))
