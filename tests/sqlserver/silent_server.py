"""A server that says no more than it is told to: sockets that accept and never answer, and a speaker of little TDS.

`FakeServer` lets anybody in (MS-TDS: PRELOGIN, LOGIN7, SQL batches, without encryption) and answers each batch with
what `answer` makes of its text: bytes of a token stream, or None for silence. It is for what no real server does
when asked: going silent, hanging up and refusing at one chosen moment.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from wizard.settings import Connection, Encryption

DONE = b"\xfd" + struct.pack("<HHQ", 0, 0, 0)
"""a statement that counts no rows is done"""
_BATCH, _ANSWER, _ATTENTION, _LOGIN, _PRELOGIN = 0x01, 0x04, 0x06, 0x10, 0x12
_NO_ENCRYPTION = bytes.fromhex("0000150006 01001b0001 02001c0001 04001d0001 ff 100003e80000 02 00 00")


def _packet(data: bytes) -> bytes:
    return struct.pack(">BBHHBB", _ANSWER, 1, len(data) + 8, 0, 1, 0) + data


def _text(value: str) -> bytes:
    return bytes([len(value)]) + value.encode("utf-16-le")


def _token(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + struct.pack("<H", len(body)) + body


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done in it takes no longer."""
    clock = time.monotonic()
    yield
    assert time.monotonic() - clock < seconds


def let_in() -> bytes:
    collation = b"\x07\x05\x09\x04\xd0\x00\x34\x00"
    sizes = b"\x04" + _text("4096") + _text("4096")
    database = b"\x01" + _text("books") + _text("master")
    name = b"\x01\x74\x00\x00\x04" + _text("Microsoft SQL Server") + bytes([16, 0, 3, 232])
    return b"".join(_token(0xE3, body) for body in (database, sizes, collation)) + _token(0xAD, name) + DONE


def answer(*rows: tuple[int | str, ...]) -> bytes:
    """A result set of `int` and `nvarchar` columns, which one row at least shows."""
    columns = b"".join(
        struct.pack("<IH", 0, 1)
        + (b"\x26\x04" if isinstance(value, int) else b"\xe7" + struct.pack("<H", 8000) + b"\x09\x04\xd0\x00\x34")
        + _text(f"c{n}")
        for n, value in enumerate(rows[0])
    )
    out = b"\x81" + struct.pack("<H", len(rows[0])) + columns
    for row in rows:
        out += b"\xd1"
        for value in row:
            data = struct.pack("<i", value) if isinstance(value, int) else value.encode("utf-16-le")
            out += (bytes([4]) if isinstance(value, int) else struct.pack("<H", len(data))) + data
    return out + b"\xfd" + struct.pack("<HHQ", 0x10, 0xC1, len(rows))


def refusal(number: int, text: str, severity: int = 16) -> bytes:
    """An ERROR token and the end of the statement."""
    message = struct.pack("<H", len(text)) + text.encode("utf-16-le")
    body = struct.pack("<iBB", number, 1, severity) + message + _text("fake") + _text("") + struct.pack("<i", 1)
    return _token(0xAA, body) + b"\xfd" + struct.pack("<HHQ", 2, 0, 0)


Answer = Callable[[str], bytes | None]


class FakeServer:
    """Listens on a port of its own. `asked` are the batches that came, in their order."""

    def __init__(self, answer: Answer = lambda sql: DONE, login: Callable[[], bytes | None] = let_in) -> None:
        self._answer, self._login = answer, login
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def connection(self, **others: object) -> Connection:
        """Settings that lead here, without encryption, which this server does not speak."""
        settings = {"user": "ferry", "database": "books", "encryption": Encryption.OPTIONAL, "timeout": 3, **others}
        return Connection.at(f"127.0.0.1,{self.port}", **settings)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, EOFError):
            while True:
                kind, data = self._request(client)
                answer: bytes | None = None
                if kind == _PRELOGIN:
                    answer = _NO_ENCRYPTION
                elif kind == _LOGIN:
                    answer = self._login()
                elif kind == _BATCH:
                    sql = data[struct.unpack("<I", data[:4])[0] :].decode("utf-16-le")
                    self.asked.append(sql)
                    answer = self._answer(sql)
                elif kind != _ATTENTION:  # calls of procedures, transactions
                    answer = self._answer(f"<{kind}>")
                if answer is not None:
                    client.sendall(_packet(answer))

    @staticmethod
    def _request(client: socket.socket) -> tuple[int, bytes]:
        data = b""
        while True:
            kind, status, size = struct.unpack(">BBH", _exactly(client, 8)[:4])
            data += _exactly(client, size - 8)
            if status & 1:
                return kind, data

    def close(self) -> None:
        self._listener.close()
        for client in self._open:
            client.close()


def _exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = client.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def reset(client: socket.socket) -> None:
    """End a connection with a reset in place of a goodbye."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


@contextmanager
def mute() -> Iterator[int]:
    """The port of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def scripted(script: Callable[[socket.socket], None]) -> Iterator[int]:
    """The port of a server that does with each connection what the script says."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with suppress(OSError):
                    script(client)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
