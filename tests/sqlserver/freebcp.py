"""Loading data files with FreeTDS's freebcp, which speaks the same format as Microsoft's bcp.

Where it differs from bcp: it cuts spaces off the end of text; it reads dates through datetime, so that years before
1753 and fractions finer than a millisecond come out wrong; it takes terminators as they are and not in hexadecimal;
it has no -C (the character set is that of its configuration) and needs no -q; and it leaves out the DONE token that
[MS-TDS] wants at the end of bulk data. SQL Server does not mind that, Babelfish takes it for a broken stream: a proxy
adds the token.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_BULK = 0x07
_LAST = 0x01
_TLS = (0x14, 0x15, 0x16, 0x17)
_DONE = bytes([0xFD]) + bytes(12)


def found() -> bool:
    return shutil.which("freebcp") is not None


def load(
    folder: Path,
    host: str,
    port: int,
    login: tuple[str, str, str],
    table: str,
    data: Path,
    ends: tuple[str, str],
    *options: str,
) -> str:
    """Run freebcp; returns what it says. `login` is user, password, database. Only the login is encrypted."""
    with _completed(host, port) as through:
        configuration = folder / "freetds.conf"
        configuration.write_text(
            "[global]\nclient charset = UTF-8\ntds version = 7.4\nencryption = request\ntext size = 2147483647\n"
            f"[there]\nhost = 127.0.0.1\nport = {through}\n"
        )
        user, password, database = login
        done = subprocess.run(
            [
                "freebcp", table, "in", str(data), "-c", "-t", ends[0], "-r", ends[1], "-S", "there",
                "-U", user, "-P", password, "-D", database, *options,
            ],
            env={**os.environ, "FREETDSCONF": str(configuration)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )  # fmt: skip
    return done.stdout + done.stderr


@contextmanager
def _completed(host: str, port: int) -> Iterator[int]:
    """A proxy for one connection, on the port it gives."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_serve, args=(listening, host, port), daemon=True).start()
        yield listening.getsockname()[1]


def _serve(listening: socket.socket, host: str, port: int) -> None:
    with suppress(OSError):
        client, _ = listening.accept()
        with client, socket.create_connection((host, port)) as server:
            threading.Thread(target=_answers, args=(server, client), daemon=True).start()
            with client.makefile("rb") as stream:
                while packet := _packet(stream.read):
                    server.sendall(_with_done(packet))


def _answers(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while data := server.recv(65536):
            client.sendall(data)
        client.shutdown(socket.SHUT_RDWR)


def _packet(read: object) -> bytes:
    """The next TDS packet or TLS record of the client; empty at the end."""
    assert callable(read)
    head: bytes = read(5)
    if len(head) < 5:
        return b""
    length = int.from_bytes(head[3:5], "big") + 5 if head[0] in _TLS else int.from_bytes(head[2:4], "big")
    rest: bytes = read(length - 5)
    return head + rest


def _with_done(packet: bytes) -> bytes:
    """The last packet of bulk data, no longer last, and one more with the token."""
    if packet[0] != _BULK or not packet[1] & _LAST:
        return packet
    number = (packet[6] + 1) % 256
    length = (8 + len(_DONE)).to_bytes(2, "big")
    more = bytes([_BULK, _LAST]) + length + packet[4:6] + bytes([number, 0]) + _DONE
    return packet[:1] + bytes([packet[1] & ~_LAST]) + packet[2:] + more
