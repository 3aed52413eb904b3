"""Access's functions, by area; importing this package fills the registry."""

from __future__ import annotations

from wizard.convert.functions import (
    aggregates,
    conversion,
    current_time,
    dates,
    domains,
    errors,
    finance,
    formats,
    guids,
    logic,
    numbers,
    text,
)
from wizard.convert.functions.registry import FUNCTIONS, FunctionCall, Sample, SqlFunction, find
from wizard.convert.functions.unsupported import REFUSED, refusal

AREAS = (text, guids, numbers, conversion, logic, errors, current_time, dates, formats, finance, aggregates, domains)

__all__ = [
    "AREAS",
    "FUNCTIONS",
    "REFUSED",
    "FunctionCall",
    "Sample",
    "SqlFunction",
    "find",
    "refusal",
]
