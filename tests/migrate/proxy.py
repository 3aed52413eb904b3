"""A TCP proxy that cuts connections on request: at once, after swallowing the answer, or in the middle of it."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from enum import StrEnum


class Cut(StrEnum):
    BEFORE = "before the request reaches the server"
    SWALLOW = "after the server has done it, before its answer"
    DURING = "in the middle of the answer"


class Proxy:
    """Listens on a port of its own and forwards to the target until told to misbehave."""

    def __init__(self, host: str, port: int) -> None:
        self.target = host, port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.mode: Cut | None = None
        self.cuts = 0
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target)
                self._pairs.append((client, server))
                for args in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pump, args=args, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if self.mode is Cut.BEFORE and not answers:
                    break
                if self.mode in (Cut.SWALLOW, Cut.DURING) and answers:
                    if self.mode is Cut.DURING:
                        sink.sendall(data[:7])
                    time.sleep(0.05)
                    break
                sink.sendall(data)
        if self.mode is not None:
            self.mode = None
            self.cuts += 1
            self._hang_up()
        else:  # one end has said goodbye to the other: no affair of other connections
            self._hang_up([p for p in self._pairs if source in p])

    def _hang_up(self, ended: list[tuple[socket.socket, socket.socket]] | None = None) -> None:
        """Cut everything, or only what has ended; connections made from now on are left alone."""
        pairs = self._pairs if ended is None else ended
        self._pairs = [p for p in self._pairs if p not in pairs]
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def close(self) -> None:
        self.listener.close()
        self._hang_up()
