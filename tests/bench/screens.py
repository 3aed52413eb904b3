"""How the wizard behaves with much to show: a tree of 10,000 tables, and what stage 8 writes to the terminal.

`python -m tests.bench.screens [sales.accdb]`: times in milliseconds, and bytes a second where a file is given; then
how long each stage kept a key waiting at most, from `tests.bench.blocked`.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import shutil
import struct
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

from screens.app import WizardApp
from screens.source_tree import SourceTree
from screens.sources import SourcesScreen
from screens.widgets.object_tree import ObjectTree
from tests.bench import blocked
from wizard import worker
from wizard.events import Stage
from wizard.settings import Options
from wizard.stages import Migration, SourceEntry, SourceObject, SourceObjectType, SourceState

TABLES = 10_000
BOUND = 2_000
"""bytes a second that stage 8 may write at most, on the average"""


def tree() -> SourceTree:
    made = SourceTree()
    objects = [SourceObject(SourceObjectType.TABLE, f"Table {n:05}", True, rows=n) for n in range(TABLES)]
    made.add(SourceEntry("big", Path("/big.accdb"), SourceState.READY, tables=TABLES), objects, ())
    return made


async def time_tree(folder: Path) -> None:
    app = WizardApp()
    async with app.run_test(size=(80, 24)) as pilot:
        migration = Migration.create(folder / "tree")
        migration.project.confirm()
        app.opened(migration)
        await pilot.pause(1)
        screen = app.screen
        assert isinstance(screen, SourcesScreen)
        big = tree()

        async def measure(name: str, what: object) -> None:
            clock = time.perf_counter()
            what()  # type: ignore[operator]
            blocked = time.perf_counter() - clock
            await pilot.pause()
            shown = time.perf_counter() - clock
            sys.stdout.write(f"{name:24} {1000 * blocked:7.1f} ms busy {1000 * shown:7.1f} ms until shown\n")

        widget = screen.query_one("#tree", ObjectTree)
        await measure("open 10,000 tables", lambda: screen._loaded(big))

        def wanted(text: str) -> None:
            big.wanted = text
            screen._draw()

        await measure("filter, 1,111 left", lambda: wanted("table 00"))
        await measure("filter, 1 left", lambda: wanted("09999"))
        await measure("no filter", lambda: wanted(""))
        await measure("to the end", lambda: widget.action_move(TABLES))
        await measure("a page up", lambda: widget.action_page(-1))
        await measure("untick all", lambda: [big.shown(n.key) for n in big.nodes() if n.depth < 2])


def bytes_written(folder: Path, source: Path) -> None:
    """Stage 8 in a pseudo-terminal of 80x24, counted."""
    shutil.copy(source, folder)
    with Migration.create(folder / "bytes") as m:
        m.project.set_options(Options(batch_size=1_000))
        m.sources.add(folder / source.name)
        m.prepare()
        m.one_step(through=Stage.LOAD)
    pid, handle = pty.fork()
    if pid == 0:
        code = f"from pathlib import Path; from screens.app import run; run(Path({str(folder / 'bytes')!r}))"
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, "-c", code])
    fcntl.ioctl(handle, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    written = bytearray()

    def read() -> None:
        while True:
            try:
                written.extend(os.read(handle, 65_536))
            except OSError:
                return

    threading.Thread(target=read, daemon=True).start()
    time.sleep(4)
    os.write(handle, b"\x0e")
    while worker.at_work(folder / "bytes") is None:
        time.sleep(0.05)
    time.sleep(1)
    start, clock = len(written), time.monotonic()
    while worker.at_work(folder / "bytes") is not None:
        time.sleep(0.05)
    seconds, count = time.monotonic() - clock, len(written) - start
    rate = count / seconds
    sys.stdout.write(f"stage 8: {count:,} bytes in {seconds:.1f} s, {rate:,.0f} a second (bound {BOUND:,})\n")
    time.sleep(1)
    os.write(handle, b"\x11")
    os.waitpid(pid, 0)
    if rate > BOUND:
        sys.exit(1)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        asyncio.run(time_tree(Path(folder)))
        if len(sys.argv) > 1:
            bytes_written(Path(folder), Path(sys.argv[1]))
    blocked.main()


if __name__ == "__main__":
    main()
