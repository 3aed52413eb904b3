"""What Jetferry stands on: bounds above published advisories, locked versions for CI, licences all listed."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
ADVISED = {
    "cryptography": "46.0.7",
    "filelock": "3.20.3",
    "jinja2": "3.1.6",
    "pyarrow": "23.0.1",
}
"""the first release without a published advisory, as pyproject.toml names them"""
SAID = {"mssql-python": "MIT"}
"""where the package's metadata do not say, but its licence file does"""
BORNE = {"CVE-2025-71176": ("pytest", "9.0.3")}
"""advisories of tools that are locked below the release that mends them, because another tool holds them there"""


def project() -> dict[str, list[str]]:
    """The requirements, by extra; the empty one is what everybody gets."""
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"": read["dependencies"], **read["optional-dependencies"]}


def installed(extra: str = "") -> set[str]:
    """Every package that comes with Jetferry or an extra of it, through all those it needs, on this system."""
    found: set[str] = set()
    todo = [Requirement(r) for r in project()[extra]]
    while todo:
        wanted = todo.pop()
        name = canonicalize_name(wanted.name)
        extras = wanted.extras or {""}
        if name not in found or wanted.extras:
            found.add(name)
            for text in importlib.metadata.distribution(name).requires or ():
                more = Requirement(text)
                needed = more.marker is None or any(more.marker.evaluate({"extra": e}) for e in extras)
                if needed and (canonicalize_name(more.name) not in found or more.extras):
                    todo.append(more)
    return found


def licence_of(name: str) -> str:
    """As the package's metadata say."""
    if name in SAID:
        return SAID[name]
    facts = importlib.metadata.distribution(name).metadata
    said = facts.get("License-Expression") or facts.get("License") or ""
    classes = [c.rpartition(" :: ")[2] for c in facts.get_all("Classifier") or () if c.startswith("License")]
    first = said.strip().split("\n")[0]
    return first if 0 < len(first) < 80 else ", ".join(classes)


def locked(file: str) -> dict[str, str]:
    """Name to version of a file that `.ci/lock` writes."""
    lines = (ROOT / ".ci" / file).read_text(encoding="utf-8").splitlines()
    pins = [line.partition("==") for line in lines if re.match(r"[a-z0-9]", line)]
    return {canonicalize_name(name): re.split(r"[ ;\\]", version)[0] for name, _, version in pins}


@pytest.mark.parametrize(("name", "least"), ADVISED.items())
def test_no_release_with_a_published_advisory_is_let_in(name: str, least: str) -> None:
    bound = next(Requirement(r) for r in project()[""] if canonicalize_name(Requirement(r).name) == name)
    assert min(Version(s.version) for s in bound.specifier if s.operator == ">=") >= Version(least)


def test_a_release_bears_no_advisory_but_those_of_tools_that_cannot_be_newer_yet() -> None:
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    versions = locked("requirements.txt")
    needed = {advisory for advisory, (name, mended) in BORNE.items() if Version(versions[name]) < Version(mended)}
    assert set(re.findall(r"--ignore-vuln (\S+)", release)) == needed
    assert not {name for name, _ in BORNE.values()} & installed()


@pytest.mark.parametrize("extra", ["", "test", "keyring", "estate"])
def test_the_lock_holds_every_requirement_as_it_is_bounded(extra: str) -> None:
    versions = locked("requirements.txt")
    for requirement in map(Requirement, project()[extra]):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement


def test_the_lock_of_the_checker_is_its_extra() -> None:
    (wanted,) = (Requirement(r) for r in project()["oracle"])
    assert str(wanted.specifier) in (ROOT / ".ci" / "oracle.in").read_text(encoding="utf-8")
    assert wanted.specifier.contains(locked("oracle.txt")[canonicalize_name(wanted.name)])


@pytest.mark.parametrize("file", ["requirements.txt", "oracle.txt", "release.txt"])
def test_every_locked_package_has_hashes(file: str) -> None:
    text = (ROOT / ".ci" / file).read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=[a-z0-9])", text)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_what_runs_is_what_is_locked() -> None:
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "--require-hashes --requirement .ci/requirements.txt" in run
    for line in run.splitlines():
        assert "pip install" not in line or "install()" in line


def test_every_package_that_comes_along_is_listed_with_its_licence() -> None:
    text = (ROOT / ".github" / "LICENCES.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| ([\w.-]+) \| (.+) \|$", text, re.MULTILINE))
    for name in installed():
        assert listed.get(name), name
        assert licence_of(name)
    assert "Proprietary" in listed["mssql-python-odbc"]


@pytest.mark.parametrize("extra", ["keyring", "estate"])
def test_every_package_of_what_a_user_may_add_is_listed_with_its_licence(extra: str) -> None:
    text = (ROOT / ".github" / "LICENCES.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| ([\w.-]+) \| (.+) \|$", text, re.MULTILINE))
    for name in installed(extra):
        assert licence_of(name)
        assert listed.get(name) == licence_of(name)


def test_workflows_take_actions_by_commit_and_keep_no_rights() -> None:
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert re.search(r"^permissions:\n  contents: read$", text, re.MULTILINE)
        for action in re.findall(r"uses: (\S+)", text):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    assert "cyclonedx-py environment" in release
    assert "pip-audit" in release
