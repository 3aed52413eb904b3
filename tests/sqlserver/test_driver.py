"""The driver is found when a server is first asked for, and what is missing is named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.messages import TargetError
from wizard.sqlserver import driver as drivers


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    drivers.driver.cache_clear()
    yield
    drivers.driver.cache_clear()


def test_no_driver_is_imported_before_a_server_is_asked_for() -> None:
    code = "import sys, wizard.sqlserver, wizard.migrate;"
    code += "print({'pyodbc', 'mssql_python', 'mssql_py_core'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "set()\n"


def test_without_unixodbc_the_other_connection_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    assert drivers.driver().name == "mssql-python"


def test_without_either_the_package_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    monkeypatch.setitem(sys.modules, "mssql_python", None)
    with pytest.raises(TargetError) as missing:
        drivers.driver()
    assert missing.value.message.number == 5011
    assert "Install" in str(missing.value)


def test_a_driver_that_lacks_a_library_is_not_tried_in_vain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "libmsodbcsql-18.so"
    broken.write_bytes(b"\x7fELF no library")
    monkeypatch.setattr(drivers, "wheel_driver", lambda: broken)
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    with pytest.raises(TargetError) as missing:
        drivers.driver()
    assert missing.value.message.number == 5011


def test_the_systems_driver_is_preferred_to_the_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    class Odbc:
        pooling = True

        @staticmethod
        def drivers() -> list[str]:
            return [drivers.SYSTEM_DRIVER]

    monkeypatch.setitem(sys.modules, "pyodbc", Odbc)
    found = drivers.driver()
    assert (found.name, found.odbc) == (drivers.SYSTEM_DRIVER, drivers.SYSTEM_DRIVER)
