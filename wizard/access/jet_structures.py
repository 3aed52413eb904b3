"""access-parser's structures, without the rest of that package.

Importing `access_parser` itself brings its command-line reader and what that prints tables with, a sixth of the time
in which a small file is opened and exported; the structures need `construct` alone.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

_NAME = "access_parser.parsing_primitives"


def _structures() -> ModuleType:
    package = find_spec("access_parser")
    if package is None or package.origin is None:
        raise ImportError("access-parser is not installed", name="access_parser")
    spec = spec_from_file_location(_NAME, Path(package.origin).with_name("parsing_primitives.py"))
    if spec is None or spec.loader is None:
        raise ImportError("access-parser has no structures", name=_NAME)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_module = sys.modules.get(_NAME) or _structures()

ACCESSHEADER = _module.ACCESSHEADER
"""the file's first bytes: engine and version"""
parse_table_head = _module.parse_table_head
"""the head of a table definition"""
