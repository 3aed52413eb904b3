"""Access's functions, by area; importing this package fills the registry."""

from __future__ import annotations

from wizard.convert.functions import (
    aggregates,
    clock,
    conversion,
    dates,
    domains,
    finance,
    formats,
    logic,
    numbers,
    text,
)
from wizard.convert.functions.readme import functions_table
from wizard.convert.functions.refused import REFUSED, refusal
from wizard.convert.functions.registry import FUNCTIONS, Call, Function, Sample, find

AREAS = (text, numbers, conversion, logic, clock, dates, formats, finance, aggregates, domains)

__all__ = ["AREAS", "FUNCTIONS", "REFUSED", "Call", "Function", "Sample", "find", "functions_table", "refusal"]
