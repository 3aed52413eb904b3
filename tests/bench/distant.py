"""A TCP proxy that stands for distance: what it forwards takes its time, and round trips are counted.

A round trip is a turn of a connection: the client has said something and waits. Turns of several connections that
overlap have to be waited for once; in line are those that could not begin before another had ended, and their number
is the length of the longest chain of such turns. Opening a connection is a turn as well (SYN, SYN-ACK).
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from queue import SimpleQueue


@dataclass
class Trips:
    """Turns so far, and how many of them were in line."""

    turns: int = 0
    in_line: int = 0
    connections: int = 0
    bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begun(self) -> int:
        """A turn begins; its place in line."""
        with self._lock:
            self.turns += 1
            return self.in_line + 1

    def ended(self, place: int) -> None:
        """Its answer has arrived."""
        with self._lock:
            self.in_line = max(self.in_line, place)


class DistantServer:
    """Forwards to a server that seems `milliseconds` away, there and back."""

    def __init__(self, host: str, port: int, milliseconds: float) -> None:
        self.target, self.delay = (host, port), milliseconds / 2_000
        self.trips = Trips()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        place = self.trips.begun()
        self.trips.connections += 1
        time.sleep(2 * self.delay)
        self.trips.ended(place)
        server = socket.create_connection(self.target)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open += [client, server]
        _Pair(client, server, self.delay, self.trips)

    def close(self) -> None:
        self._listener.close()
        for end in self._open:
            end.close()


class _Pair:
    """The two ends of a connection, and the turn that is under way."""

    def __init__(self, client: socket.socket, server: socket.socket, delay: float, trips: Trips) -> None:
        self.delay, self.trips = delay, trips
        self.place: int | None = None
        for source, sink, answers in ((client, server, False), (server, client, True)):
            queue: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
            threading.Thread(target=self._read, args=(source, queue, answers), daemon=True).start()
            threading.Thread(target=self._write, args=(sink, queue, answers), daemon=True).start()

    def _read(self, source: socket.socket, queue: SimpleQueue[tuple[float, bytes]], answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 18):
                if not answers and self.place is None:
                    self.place = self.trips.begun()
                self.trips.bytes += len(data)
                queue.put((time.monotonic() + self.delay, data))
        queue.put((0.0, b""))

    def _write(self, sink: socket.socket, queue: SimpleQueue[tuple[float, bytes]], answers: bool) -> None:
        with suppress(OSError):
            while (found := queue.get())[1]:
                due, data = found
                if (left := due - time.monotonic()) > 0:
                    time.sleep(left)
                if answers and (place := self.place) is not None:
                    self.place = None
                    self.trips.ended(place)
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
