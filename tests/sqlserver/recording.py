"""A pytest plugin that keeps every conversion the tests make and has the checker look at all of them at the end.

Each worker of xdist checks its own and hands what was found to the controller, which fails the run. It stands in
`tests/conftest.py`, so that it is there before a test module imports what it wraps. Off where the checker is not
installed, and with `-m "not oracle"`.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from typing import Any

import pytest

import wizard.convert
import wizard.convert.expressions
import wizard.convert.queries
from tests.sqlserver.install import lacking
from tests.sqlserver.kept import Kept, Value
from tests.sqlserver.known import known
from wizard.objects import Conversion
from wizard.settings import Target

MOST = 6_000
"""expressions that one worker keeps: property tests make any number"""

_ROOM = "tests/sqlserver/"
_WIDEST = 1_024
"""columns of a table: wider ones are no table's, but a test's of how fast something is"""


class Recorder:
    """Wraps what converts, and remembers which test called it."""

    def __init__(self) -> None:
        self.kept = Kept()
        self.reports: list[dict[str, Any]] = []
        self._wrap(wizard.convert, "convert", self._convert)
        self._wrap(wizard.convert.queries, "convert_queries", self._convert_queries)
        self._wrap(wizard.convert.expressions, "translate_value", partial(self._translate, condition=False))
        self._wrap(wizard.convert.expressions, "translate_condition", partial(self._translate, condition=True))

    def _wrap(self, module: Any, name: str, keep: Callable[..., None]) -> None:
        real = getattr(module, name)

        @wraps(real)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            keep(result, *args, **kwargs)
            return result

        setattr(module, name, wrapper)

    def _keep(self, made: Conversion, target: Target) -> None:
        """Tests of this room hold what they make to the checker themselves."""
        test = _test()
        if not test.startswith(_ROOM):
            self.kept.keep(made, target, test)

    def _convert(self, made: Conversion, *_: Any, **facts: Any) -> None:
        others = tuple(g.server for g in (facts.get("given") or {}).values())  # tables that other sources bring
        self._keep(
            replace(made, tables=(*(replace(t, foreign_keys=()) for t in others), *made.tables)), facts["target"]
        )

    def _convert_queries(self, made: Any, task: Any, drafts: Any, *_: Any) -> None:
        tables = tuple(d.finished(task.options) for d in drafts.values())
        self._keep(Conversion(tables, tuple(made.modules)), task.target)

    def _translate(self, made: Any, _node: Any, scope: Any, *, condition: bool) -> None:
        """Only what tests translate: inside a conversion the whole statement is kept."""
        types = getattr(scope, "types", None)
        if not isinstance(types, dict) or len(types) >= _WIDEST or len(self.kept.values) >= MOST:
            return
        value = Value(tuple(types.items()), str(made if condition else made.node), condition)
        self.kept.values.setdefault(value, _test())

    def check(self) -> dict[str, Any]:
        """What the checker says of all that was kept: counts and errors, as plain data."""
        from tests.sqlserver import client  # noqa: PLC0415  nothing to check, nothing to start

        counts: Counter[str] = Counter()
        errors: list[str] = []
        start = time.monotonic()
        checker = client.shared()
        for version, scripts in self.kept.databases():
            checked = checker.check(scripts, version)
            counts.update(checked.counts)
            wrong = {(f.file, f.code): f for f in checked.found if f.severity == "error" and not known(f)}
            errors += [f"[{version}] {f}" for f in wrong.values()]
        made = len(self.kept.conversions) + len(self.kept.values)
        seconds = time.monotonic() - start
        return {"made": made, "statements": sum(counts.values()), "errors": errors, "seconds": seconds}

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        here = bool(self.kept.conversions or self.kept.values)
        config = session.config
        if here and not _off(config):
            report = self.check()
            if hasattr(config, "workeroutput"):
                config.workeroutput["oracle"] = report
            else:
                self.reports.append(report)
        if client := sys.modules.get("tests.sqlserver.client"):
            client.close_shared()
        if any(r["errors"] for r in self.reports) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of xdist ended."""
        report = getattr(node, "workeroutput", {}).get("oracle")
        if report:
            self.reports.append(report)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self.reports:
            return
        errors = [e for r in self.reports for e in r["errors"]]
        made, statements = (sum(r[name] for r in self.reports) for name in ("made", "statements"))
        seconds = max(r["seconds"] for r in self.reports)
        words = f"{statements} statements of {made} conversions made by tests, {len(errors)} errors, {seconds:.0f} s"
        terminalreporter.section(f"Microsoft's checker: {words}", red=bool(errors), green=not errors)
        for error in errors:
            terminalreporter.write_line(error)


def _test() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "?").rsplit(" ", 1)[0].replace("\n", " ")


def _off(config: pytest.Config) -> bool:
    return "not oracle" in (config.option.markexpr or "") or bool(lacking())
