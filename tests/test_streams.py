"""Whatever standard output and error are - another encoding, full, closed, without a reader - the command copes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLE
from wizard.file_writing import write_whole

MAIN = (
    "import sys\n"
    "from wizard.cli import main\n"
    "for words in sys.argv[1].split(';'):\n"
    "    sys.argv = ['jetferry', *words.split('|')]\n"
    "    try: main()\n"
    "    except SystemExit as e: print(f'status {e.code}', file=sys.stderr)\n"
)


def run(*commands: str, environment: dict[str, str] | None = None) -> tuple[bytes, bytes]:
    """Commands one after the other in one process, words parted by `|`; what it wrote to both streams."""
    done = subprocess.run(
        [sys.executable, "-c", MAIN, ";".join(commands)], capture_output=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    return done.stdout, done.stderr


@pytest.fixture
def odd(tmp_path: Path, shared: Path) -> Path:
    """A file with odd names, in a folder with an odd name that is no UTF-8."""
    folder = tmp_path / os.fsdecode(b"f\xff\xe9 \xe2\x82\xac")
    write_whole(folder / "evil.accdb", (shared / "hostile" / "evil.accdb").read_bytes())
    return folder


@pytest.mark.corpus
@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux")
@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_every_encoding_takes_every_name(odd: Path, encoding: str) -> None:
    file = str(odd / "evil.accdb")
    out, err = run(
        f"inspect|{file}", f"assess|{file}", f"find|{odd}", f"export|{file}|--out|{odd / 'out'}",
        environment={"PYTHONIOENCODING": encoding},
    )  # fmt: skip
    told = err.decode(encoding)
    assert "JF8000" not in told
    assert "Traceback" not in told
    assert [line for line in told.splitlines() if line.startswith("status")] == [
        "status 0", "status 3", "status 0", "status 0",
    ]  # fmt: skip
    shown = out.decode(encoding)
    assert r"\U0001f600" in shown
    assert "\x1b" not in shown
    assert "#####" in shown  # the bars of the assessment


@pytest.mark.corpus
def test_json_says_the_same_in_every_encoding(shared: Path) -> None:
    file = shared / "hostile" / "evil.mdb"
    plain, _ = run(f"inspect|{file}|--json", environment={"PYTHONIOENCODING": "utf-8"})
    small, _ = run(f"inspect|{file}|--json", environment={"PYTHONIOENCODING": "ascii"})
    assert json.loads(plain) == json.loads(small)


JETFERRY = f"{sys.executable} -c 'from wizard.cli import main; main()'"
RESULTS = (f"inspect '{SAMPLE}'", f"export '{SAMPLE}' Publishers", "--help")


def shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", RESULTS, ids=lambda w: w.split()[0])
def test_a_full_standard_output_is_told(words: str) -> None:
    done = shell(f"{JETFERRY} {words} >/dev/full")
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert done.stderr.count("JF80") == 1
    assert "JF8000" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("words", RESULTS[:2], ids=lambda w: w.split()[0])
def test_a_closed_standard_output_is_told_and_no_file_takes_its_place(words: str) -> None:
    done = shell(f"{JETFERRY} {words} >&-")
    assert done.returncode == 1
    assert re.fullmatch("JF8030 error: Standard output cannot be written: it is closed.*\n", done.stderr)


def test_talk_that_nobody_hears_hinders_no_work(tmp_path: Path) -> None:
    done = shell(f"cd {tmp_path}; {JETFERRY} demo --headless d 2>/dev/full | tail -1")
    assert done.stdout.strip().endswith("harborbooks.jetferry/package")
    assert (tmp_path / "d" / "harborbooks.jetferry" / "package" / "manifest.json").exists()


def test_a_closed_standard_error_puts_no_talk_among_the_results(tmp_path: Path) -> None:
    """Python prints to standard output where it has no standard error."""
    words = f"cd {tmp_path}; {JETFERRY} find {SAMPLE.parent}"
    assert shell(f"{words} 2>&- <&-").stdout == shell(words).stdout
    done = shell(f"cd {tmp_path}; {JETFERRY} demo --headless d 2>&- <&- | tail -1")
    assert done.stdout.strip().endswith("harborbooks.jetferry/package")
    assert shell(f"{JETFERRY} status {tmp_path}/nothing 2>&-").stdout == ""


@pytest.mark.parametrize("folder", ["/dev/null/demo", "/proc/demo"])
def test_a_demo_that_can_be_nowhere_is_told(folder: str) -> None:
    done = shell(f"{JETFERRY} demo --headless {folder}")
    assert done.returncode == 2
    assert f"JF8007 error: {folder} cannot be written" in done.stderr


def test_the_wizard_without_a_terminal_says_so(tmp_path: Path) -> None:
    """It would wait for keys for ever."""
    _, err = run("open", f"open|{tmp_path}", f"demo|{tmp_path / 'd'}", str(SAMPLE))
    told = err.decode().splitlines()
    assert (
        told[::2] == [next(line for line in told if line.startswith("JF8036 error: The wizard needs a terminal"))] * 4
    )
    assert told[1::2] == ["status 2"] * 4
    assert not (tmp_path / "d").exists(), "nothing is made that nobody sees"


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
@pytest.mark.parametrize(
    ("redirected", "term", "why"),
    [
        ("stdin", "xterm", "standard input is not one"),
        ("stdout", "xterm", "standard output is not one"),
        ("", "dumb", "TERM=dumb says that this one cannot show it"),
    ],
)
def test_half_a_terminal_is_none(redirected: str, term: str, why: str) -> None:
    """Output that is piped, and a terminal without a cursor: status 2 and what to do, not a screen nobody sees."""
    ours, theirs = os.openpty()
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    if redirected:
        streams[redirected] = subprocess.DEVNULL
    try:
        done = subprocess.Popen([sys.executable, "-c", MAIN, "open"], **streams, env={**os.environ, "TERM": term})
        done.wait(60)
        told = os.read(ours, 4_096).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert f"The wizard needs a terminal, and {why}. Without one there are commands: 'jetferry new'" in told
    assert "status 2" in told
