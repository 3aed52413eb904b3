"""The report: one HTML file that needs no network, folded so that ten thousand databases stay usable; CSV, JSON beside.

The page holds figures and pictures as HTML. Tables travel as data: packed, so that the file can be mailed, and drawn a
page at a time by a script of the page's own, which puts names into the page as text and never as markup.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from wizard import __version__
from wizard.escaping import as_json
from wizard.estate import report_charts
from wizard.estate.export import export_views
from wizard.estate.overview import Overview, overview, status, work_rows
from wizard.estate.report_tables import details, tables
from wizard.estate.store import Estate
from wizard.file_writing import write_whole
from wizard.html_pages import page
from wizard.plurals import counted, hours

BESIDE: Final = "-data"
"""what the folder beside the report is called after its name"""


def write_report(estate: Estate, path: Path) -> tuple[Path, ...]:
    """Write the report and what lies beside it; returns where. All are their owner's alone. Raises OSError."""
    write_whole(path, as_html(estate), private=True)
    data = path.with_name(path.stem + BESIDE)
    written = [path, *(p for p, _ in export_views(estate, data, "csv"))]
    whole = data / "estate.json"
    write_whole(whole, as_json(_plain(estate)), private=True)
    return (*written, whole)


def _plain(estate: Estate) -> dict[str, Any]:
    """All of it for programs."""
    known = status(estate)
    for name in ("database", "application", "copies", "links", "personal_columns", "messages"):
        known[name] = [dict(r) for r in estate.ask(f"SELECT * FROM {name}")]
    return known


def as_html(estate: Estate) -> str:
    """The page."""
    o = overview(estate)
    script = (files("wizard.estate") / "templates" / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    found = tables(estate)
    return page(
        "wizard.estate",
        "report.html.jinja",
        {"hours": hours, "counted": counted},
        o=o,
        tiles=_tiles(o),
        shares=_shares(o),
        pictures=report_charts.pictures(estate),
        graphs=report_charts.graphs(estate),
        tables=found,
        data=Markup(_packed({t.key: {"columns": t.columns, "rows": t.rows} for t in found})),  # noqa: S704  base64
        details=Markup(_packed(details(estate))),  # noqa: S704
        script=Markup(script),  # noqa: S704  our own
        script_digest=Markup(digest),  # noqa: S704
        waves=bool(work_rows(estate)),
        version=__version__,
    )


def _packed(value: Any) -> str:
    """JSON, deflated, as base64: nothing in it can be markup."""
    raw = json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=str).encode()
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return base64.b64encode(packer.compress(raw) + packer.flush()).decode()


def _tiles(o: Overview) -> list[tuple[str, str, str]]:
    size = f"{o.size / 1e9:,.1f} GB" if o.size >= 1e8 else f"{o.size / 1e6:,.1f} MB"
    return [
        (f"{o.databases:,}", "databases", f"{o.contents:,} that differ, {size}"),
        (f"{o.applications:,}", "living applications", f"{o.families:,} families, {o.copies:,} copies"),
        (f"{o.dead:,}", "dead databases", "no change, no rows, no links"),
        (f"{o.rows:,}", "rows", f"{o.tables:,} tables, {o.queries:,} queries"),
        (f"{o.code_lines:,}", "lines of code", f"{o.forms:,} forms, {o.reports:,} reports"),
        (hours(o.effort), "of work left", "for a person, copies and dead ones apart"),
        (f"{o.personal:,}", "with personal data", "that look so, by names or patterns"),
        (f"{o.missing:,}", "link targets missing", f"{o.unread:,} databases not read"),
    ]


def _shares(o: Overview) -> list[tuple[str, str, int, float]]:
    """How far databases convert: class, words, number, share in per cent."""
    words = {"by itself": "convert by themselves", "with work": "with work", "not": "not, or cannot be read"}
    total = max(1, o.databases)
    return [(k.value.replace(" ", "-"), words[k.value], n, 100 * n / total) for k, n in o.readiness.items()]
