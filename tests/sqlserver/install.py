"""Where Microsoft's assemblies are, and putting them there: `python -m tests.sqlserver.install`.

They come out of wheels that are only unpacked, never installed: mssql-cli 1.0.0 (ScriptDom and DacFx 15.0.4451,
SqlParser), dotnetcore2 3.1.23 (.NET Core 3.1), psycopg2-binary 2.9.5 (OpenSSL 1.1: .NET Core 3.1 knows no OpenSSL 3,
and DacFx hashes with it). With pythonnet they are some 80 MB to download and 150 MB on disk, in
`$XDG_CACHE_HOME/jetferry-oracle`. libicu is the system's (Debian 12: `apt install libicu72`).
"""

from __future__ import annotations

import glob
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

EDITION: Final = "1"
"""raised when what is unpacked changes"""
_WHEELS: Final = (
    ("mssql-cli==1.0.0", "mssql_cli-*.whl", ()),
    ("dotnetcore2==3.1.23", "dotnetcore2-*.whl", ()),
    (
        "psycopg2-binary==2.9.5",
        "psycopg2_binary-*.whl",
        ("--python-version", "3.11", "--platform", "manylinux2014_x86_64"),
    ),
)
_SERVICE: Final = "mssqlcli/mssqltoolsservice/bin/"
_WANTED: Final = ("Microsoft.Data.Tools.", "Microsoft.SqlServer.", "System.")
_RUNTIME: Final = {
    "runtimeOptions": {
        "tfm": "netcoreapp3.1",
        "framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
    }
}


def cache() -> Path:
    """The folder of this edition, whether it is there or not."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    tag = f"{sys.implementation.cache_tag}"
    return Path(base) / "jetferry-oracle" / f"{EDITION}-{tag}"


def lacking() -> str:
    """Why the checker cannot run here; empty where it can."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "AMD64"):
        return "Microsoft's checker runs on x86-64 Linux only"
    if not icu_version():
        return "Microsoft's checker needs libicu (Debian 12: apt install libicu72)"
    if not (cache() / "ready").is_file():
        return "Microsoft's checker is not installed: python -m tests.sqlserver.install"
    if find_spec("pythonnet") is None and not (cache() / "python").is_dir():
        return "Microsoft's checker needs pythonnet: pip install 'jetferry[oracle]'"
    return ""


def icu_version() -> str:
    """The version of the system's libicu, which .NET is to be told; empty where there is none."""
    folders = ("/usr/lib/*/", "/usr/lib64/", "/usr/lib/", "/lib64/")
    names = sorted(n for f in folders for n in glob.glob(f"{f}libicuuc.so.*.*"))  # noqa: PTH207  patterns are absolute
    return names[-1].rsplit(".so.", 1)[1] if names else ""


def environment(folder: Path) -> dict[str, str]:
    """What .NET Core 3.1 must find in the environment from the start."""
    paths = [str(folder / "ssl"), os.environ.get("LD_LIBRARY_PATH", "")]
    modules = [str(folder / "python"), os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "CLR_ICU_VERSION_OVERRIDE": icu_version(),
        "CLR_OPENSSL_VERSION_OVERRIDE": "1.1",
        "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
        "LD_LIBRARY_PATH": ":".join(p for p in paths if p),
        "PYTHONPATH": ":".join(p for p in modules if p),
        "PYTHONUTF8": "1",
    }


def install() -> None:
    """Make the folder, whole or not at all. Raises CalledProcessError where pip cannot get a wheel."""
    folder = cache()
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    try:
        for requirement, _, options in _WHEELS:
            _pip("download", "--no-deps", "--only-binary", ":all:", "-d", str(made / "wheels"), *options, requirement)
        if find_spec("pythonnet") is None:  # without the extra [oracle]
            _pip("install", "--target", str(made / "python"), "pythonnet>=3.0.3")
        _unpack(made)
        shutil.rmtree(made / "wheels")
        (made / "ready").touch()
        if folder.exists():
            shutil.rmtree(folder)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _pip(*arguments: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check")
    subprocess.run([sys.executable, "-m", "pip", arguments[0], *quiet, *arguments[1:]], check=True)


def _unpack(made: Path) -> None:
    shell, runtime, driver = (next((made / "wheels").glob(pattern)) for _, pattern, _ in _WHEELS)
    _extract(runtime, made, lambda name: "dotnet/" + name.split("/bin/", 1)[1] if "/bin/" in name else "")
    (made / "dotnet" / "dotnet").chmod(0o755)
    there = {p.name for p in (made / "dotnet" / "shared").glob("*/*/*.dll")}

    def assembly(name: str) -> str:
        short = name.removeprefix(_SERVICE)
        wanted = name.startswith(_SERVICE) and short.startswith(_WANTED) and short.endswith(".dll")
        return f"lib/{short}" if wanted and "/" not in short and short not in there else ""

    _extract(shell, made, assembly)
    _extract(driver, made, lambda name: f"ssl/{Path(name).name}" if ".libs/lib" in name and _openssl(name) else "")
    (made / "ssl" / "libssl.so.1.1").symlink_to(next((made / "ssl").glob("libssl-*.so.1.1")).name)
    (made / "rc.json").write_text(json.dumps(_RUNTIME), encoding="utf-8")


def _openssl(name: str) -> bool:
    return "/libssl" in name or "/libcrypto" in name


def _extract(wheel: Path, made: Path, place: Callable[[str], str]) -> None:
    """Unpack what `place` gives a path for."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = "" if entry.is_dir() else place(entry.filename)
            if path:
                (made / path).parent.mkdir(parents=True, exist_ok=True)
                (made / path).write_bytes(archive.read(entry))


def main() -> None:
    """Install where it can be done; say what is lacking where it cannot. Never fails: the tests skip then."""
    if not lacking():
        return
    if (cache() / "ready").is_file() or "not installed" not in lacking():
        print(lacking(), file=sys.stderr)
        return
    try:
        install()
    except (subprocess.CalledProcessError, OSError, StopIteration) as e:
        print(f"Microsoft's checker could not be installed, its tests are skipped: {e}", file=sys.stderr)


if __name__ == "__main__":
    main()
