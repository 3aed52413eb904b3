"""What a report is written as."""

from __future__ import annotations

from typing import Final

from wizard.assess.html_report import as_html
from wizard.assess.reports import as_csv, as_json, as_text

RENDERERS: Final = {"html": as_html, "json": as_json, "csv": as_csv, "txt": as_text}
"""what writes the report, by the ending of its file"""
