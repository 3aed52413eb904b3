"""The certificate of a migration, as JSON and HTML: what was moved, when, how, and every figure of both sides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2

from wizard import __version__
from wizard.messages import Kind, MoveError, Place
from wizard.migrate.run import RunResult
from wizard.migrate.verify import TableProof
from wizard.settings import Options

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file whose rows were moved."""

    key: str
    path: str
    size: int
    sha256: str


def fingerprinted(key: str, path: Path) -> SourceFile:
    """A source with the SHA-256 of its bytes. Raises MoveError 6012 where it cannot be read."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except OSError as e:
        raise MoveError(6012, Place(Kind.FILE, name=str(path)), file=path, reason=e.strerror or e) from e
    return SourceFile(key, str(path), size, digest.hexdigest())


def certificate(
    *,
    project: str,
    target: str,
    sources: Sequence[SourceFile],
    proofs: Sequence[TableProof],
    runs: Sequence[Mapping[str, Any]],
    options: Options,
) -> dict[str, Any]:
    """The certificate's content. `runs` are records as `rehearsals.records` reads them, `target` is for people."""
    return {
        "certificate": "Jetferry migration certificate",
        "version": __version__,
        "project": project,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "target": target,
        "sources": [asdict(s) for s in sources],
        "options": {k: str(v) if isinstance(v, str) else v for k, v in asdict(options).items()},
        "equal": bool(proofs) and all(p.equal for p in proofs),
        "rows": sum(p.target_rows for p in proofs),
        "rejected": sum(p.rejected for p in proofs),
        "tables": [_table(p) for p in proofs],
        "runs": list(runs),
    }


def _table(proof: TableProof) -> dict[str, Any]:
    return {
        "table": proof.table,
        "source": proof.source,
        "equal": proof.equal,
        "source_rows": proof.source_rows + proof.rejected,
        "target_rows": proof.target_rows,
        "rejected": proof.rejected,
        "columns": {
            name: {
                figure: {"source": str(value), "target": str(proof.target_figures.get(name, {}).get(figure, ""))}
                for figure, value in figures.items()
            }
            for name, figures in proof.source_figures.items()
        },
        "messages": [str(m) for m in proof.messages],
    }


def write(content: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """Write `certificate.json` and `certificate.html`, each whole or not at all. Raises MoveError 6012."""
    body = json.dumps(content, ensure_ascii=False, indent=1)
    seal = hashlib.sha256(body.encode()).hexdigest()
    page = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_PAGE)
    paths = folder / "certificate.json", folder / "certificate.html"
    for path, text in zip(paths, (body, page.render(c=content, seal=seal)), strict=True):
        new = path.with_name(path.name + ".new")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            new.write_text(text, encoding="utf-8")
            new.replace(path)
        except OSError as e:
            raise MoveError(6012, Place(Kind.FILE, name=str(path)), file=path, reason=e.strerror or e) from e
    return paths


def of_run(result: RunResult) -> dict[str, Any]:
    """A run as certificate and rehearsals keep it."""
    return {
        "started": datetime.fromtimestamp(result.started, UTC).isoformat(timespec="seconds"),
        "seconds": round(result.seconds, 3),
        "cancelled": result.cancelled,
        "tables": [asdict(t) for t in result.tables],
        "messages": [str(m) for m in result.messages],
    }


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Migration certificate: {{ c.project }}</title>
<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1c2330 }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
th, td { border-bottom: 1px solid #d5dae3; padding: .25rem .6rem; text-align: left; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums } code { word-break: break-all }
.yes { color: #176b3a } .no { color: #a11d2a; font-weight: 600 }
</style></head><body>
<h1>Migration certificate: {{ c.project }}</h1>
<p class="{{ 'yes' if c.equal else 'no' }}">
{% if c.equal %}All {{ c.tables|length }} tables hold the same rows as their sources, {{ c.rows }} rows in all\
{% if c.rejected %}, {{ c.rejected }} rejected rows aside{% endif %}.
{% else %}Not all tables are equal to their sources; see below.{% endif %}</p>
<p>To {{ c.target }}. Made {{ c.made }} by Jetferry {{ c.version }}.</p>
<h2>Sources</h2>
<table><tr><th>Source</th><th>File</th><th>Bytes</th><th>SHA-256</th></tr>
{% for s in c.sources %}
<tr><td>{{ s.key }}</td><td>{{ s.path }}</td><td class="n">{{ s.size }}</td><td><code>{{ s.sha256 }}</code></td></tr>
{% endfor %}</table>
<h2>Tables</h2>
<table><tr><th>Table</th><th>From</th><th>Equal</th><th>Source rows</th><th>Target rows</th><th>Rejected</th></tr>
{% for t in c.tables %}
<tr><td>{{ t.table }}</td><td>{{ t.source }}</td>
<td class="{{ 'yes' if t.equal else 'no' }}">{{ 'yes' if t.equal else 'no' }}</td>
<td class="n">{{ t.source_rows }}</td><td class="n">{{ t.target_rows }}</td><td class="n">{{ t.rejected }}</td></tr>
{% endfor %}</table>
{% for t in c.tables %}
<h2>{{ t.table }}</h2>
{% if t.messages %}<ul>{% for m in t.messages %}<li>{{ m }}</li>{% endfor %}</ul>{% endif %}
<table><tr><th>Column</th><th>Figure</th><th>Source</th><th>Target</th></tr>
{% for name, figures in t.columns.items() %}{% for figure, v in figures.items() %}
<tr><td>{{ name }}</td><td>{{ figure }}</td><td class="n">{{ v.source }}</td>
<td class="n {{ '' if v.source == v.target else 'no' }}">{{ v.target }}</td></tr>
{% endfor %}{% endfor %}</table>
{% endfor %}
<h2>Runs</h2>
<table><tr><th>Started</th><th>Seconds</th><th>Tables</th><th>Rows</th><th>Rejected</th></tr>
{% for r in c.runs %}
<tr><td>{{ r.started }}</td><td class="n">{{ r.seconds }}</td><td class="n">{{ r.tables|length }}</td>
<td class="n">{{ r.tables|sum(attribute='migrated') }}</td>
<td class="n">{{ r.tables|sum(attribute='rejected') }}</td></tr>
{% endfor %}</table>
<h2>Options</h2>
<table>{% for k, v in c.options.items() %}<tr><td>{{ k }}</td><td>{{ v }}</td></tr>{% endfor %}</table>
<p>SHA-256 of the certificate's JSON: <code>{{ seal }}</code></p>
<p>Signed off by: ______________________________ on ______________</p>
</body></html>
"""
