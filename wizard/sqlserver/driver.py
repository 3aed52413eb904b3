"""Which driver speaks to the server, loaded when a server is first asked for and not before.

In this order: pyodbc with Microsoft's ODBC Driver 18 of the system; pyodbc with the same driver inside the wheel
that mssql-python brings, named by path; mssql-python's own connection, where pyodbc cannot be imported because
the system has no unixODBC.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wizard.messages import Kind, Place, TargetError
from wizard.settings import Connection
from wizard.sqlserver.blockers import APPLICATION
from wizard.sqlserver.connection_string import KEEP_ALIVE, KEEP_ALIVE_INTERVAL, parameters, text

SYSTEM_DRIVER = "ODBC Driver 18 for SQL Server"

_PACKAGES = {
    # what the dynamic loader misses: packages of apt, dnf, zypper, apk
    "libltdl": ("libltdl7", "libtool-ltdl", "libltdl7", "libltdl"),
    "libkrb5": ("libkrb5-3", "krb5-libs", "krb5", "krb5-libs"),
    "libgssapi_krb5": ("libgssapi-krb5-2", "krb5-libs", "krb5", "krb5-libs"),
    "libodbc": ("unixodbc", "unixODBC", "unixODBC", "unixodbc"),
    "libodbcinst": ("unixodbc", "unixODBC", "unixODBC", "unixodbc"),
}
_INSTALLERS = (("debian", "apt install"), ("rhel", "dnf install"), ("suse", "zypper install"), ("alpine", "apk add"))


@dataclass(frozen=True, slots=True)
class Driver:
    """A way to open connections. `module` is the DB-API module, for its exceptions."""

    name: str
    """for people"""
    module: Any
    odbc: str
    """the value of the Driver keyword; empty where the module brings its own"""

    def connect(self, connection: Connection, password: str, application: str = APPLICATION) -> Any:
        """A DB-API connection with autocommit on, which the server knows by this application's name.

        Raises what the module raises, or TargetError for bad settings.
        """
        given = parameters(connection, password)
        # ConnectRetryCount 0: a connection that mends itself in silence would leave its transaction behind
        given |= {"ConnectRetryCount": "0", "KeepAlive": f"{KEEP_ALIVE}", "KeepAliveInterval": f"{KEEP_ALIVE_INTERVAL}"}
        string = text({"Driver": self.odbc, **given, "APP": application} if self.odbc else given)
        return self.module.connect(string, autocommit=True, timeout=connection.timeout)


@functools.cache
def driver() -> Driver:
    """The driver of this machine. Raises TargetError that names what to install."""
    try:
        pyodbc: Any = importlib.import_module("pyodbc")
    except ImportError as why:
        return _own_driver(why)
    pyodbc.pooling = False
    if SYSTEM_DRIVER in pyodbc.drivers():
        return Driver(SYSTEM_DRIVER, pyodbc, SYSTEM_DRIVER)
    path = wheel_driver()
    if path is None:
        return _own_driver(ImportError(f"{SYSTEM_DRIVER} is not installed"))
    _must_load(path)
    return Driver(f"{SYSTEM_DRIVER} (of mssql-python)", pyodbc, str(path))


@functools.cache
def columnar() -> Driver | None:
    """The driver that hands out whole columns: mssql-python; None where it cannot be loaded or is an older one."""
    try:
        found = _own_driver(ImportError())
    except TargetError:
        return None
    return found if hasattr(found.module.Cursor, "arrow_batch") else None


def _own_driver(why: Exception) -> Driver:
    try:
        module: Any = importlib.import_module("mssql_python")
        module.pooling(enabled=False)
    except (ImportError, RuntimeError, OSError) as e:
        raise TargetError(5011, Place(Kind.SERVER), reason=f"{why}; {e}", remedy=remedy(f"{why} {e}")) from e
    path = wheel_driver()
    if path is not None:
        _must_load(path)
    return Driver("mssql-python", module, "")


def _must_load(path: Path) -> None:
    """Raises TargetError that names the package, where a library the driver is linked against is missing."""
    try:
        ctypes.CDLL(str(path))
    except OSError as e:
        raise TargetError(5011, Place(Kind.SERVER), reason=str(e), remedy=remedy(str(e))) from e


def wheel_driver() -> Path | None:
    """The ODBC driver inside mssql-python's wheel that suits this system; None where there is none."""
    try:
        package: Any = importlib.import_module("mssql_python_odbc")
    except ImportError:
        return None
    libraries = Path(package.get_libs_dir())
    if sys.platform == "win32":  # its driver manager takes registered names only
        return None
    if sys.platform == "darwin":
        found = sorted((libraries / "macos").rglob("libmsodbcsql*.dylib"))
    else:
        machine = {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().casefold(), platform.machine())
        found = sorted((libraries / "linux" / family()).glob(f"{machine}/lib/libmsodbcsql*.so*"))
    return found[-1] if found else None


def family(os_release: Path = Path("/etc/os-release")) -> str:
    """The family of this Linux, as the wheel names its folders."""
    try:
        release = os_release.read_text(encoding="utf-8").casefold()
    except OSError:
        release = ""
    ids = " ".join(re.findall(r'^id(?:_like)?="?([^"\n]*)', release, re.MULTILINE))
    for names, name in ((("alpine",), "alpine"), (("suse", "sles"), "suse"), (("rhel", "fedora", "centos"), "rhel")):
        if any(n in ids for n in names):
            return name
    return "debian_ubuntu"


def remedy(error: str) -> str:
    """What to install so that the library the loader misses is found."""
    missing = [name for name in _PACKAGES if re.search(rf"{name}(?:\.|-|\b)", error)]
    if not missing:
        return "Install Microsoft's ODBC Driver 18 for SQL Server, or unixODBC."
    index = next((i for i, (n, _) in enumerate(_INSTALLERS) if family().startswith(n)), 0)
    packages = dict.fromkeys(_PACKAGES[name][index] for name in missing)
    return f"Install what is missing: {_INSTALLERS[index][1]} {' '.join(packages)}"
