"""Files assessed by the workers of an existing Dask cluster: `jetferry[estate]`, `--scheduler`.

The scheduler and the workers need this version of Jetferry, and the workers see the files, be it at another path
(`--map`). On each a file worker of our own looks at them, so that time and memory are limited there as here, and a
hostile file costs neither the cluster's worker nor the cluster. A worker that goes away has its files looked at by
another.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from wizard import __version__
from wizard.estate.engines import AHEAD, END, POLL, Asked
from wizard.estate.file_worker import FileWorker
from wizard.estate.model import FileScan, FileState, Limits, ScanOrder
from wizard.messages import Kind, Message, Place, ProjectError

_CONNECT: Final = "20s"
_NOT_ITS_FAULT: Final = (ImportError, AttributeError, TypeError, RuntimeError)
"""what a task raises that the scheduler or a worker cannot load: no file is to blame"""
_own = threading.local()
"""a file worker for each thread of a worker"""


def scan_on_worker(order: ScanOrder, version: str) -> FileScan:
    """What runs on the cluster: plain data in, plain data out. Raises ImportError where its Jetferry is another one."""
    if version != __version__:
        raise ImportError(f"it has Jetferry {__version__}")
    file_worker: FileWorker | None = getattr(_own, "file_worker", None)
    if file_worker is None or file_worker.limits != order.limits:
        if file_worker is not None:
            file_worker.close()
        file_worker = _own.file_worker = FileWorker(order.limits)
        atexit.register(file_worker.close)
    return file_worker.scan(order)


class DaskEngine:
    """The cluster of a scheduler."""

    def __init__(
        self, scheduler: str, limits: Limits | None = None, *, ca: Path | None = None, cert: Path | None = None,
        key: Path | None = None,
    ) -> None:  # fmt: skip
        """Raises ProjectError 9007 where Dask is not installed or the scheduler cannot be reached."""
        try:
            from distributed.client import Client, logger
            from distributed.security import Security
        except ImportError as e:
            raise _unusable(scheduler, "install jetferry[estate], which brings Dask's distributed") from e
        logger.setLevel("CRITICAL")  # what goes wrong is told in our words
        self.scheduler = scheduler
        given = bool(ca or cert or key)
        try:
            security = Security(
                tls_ca_file=str(ca) if ca else None, tls_client_cert=str(cert) if cert else None,
                tls_client_key=str(key) if key else None, require_encryption=True,
            ) if given else Security()  # fmt: skip
            _check_address(scheduler, encrypted=security.get_connection_args("client")["ssl_context"], given=given)
            self._client: Any = Client(scheduler, security=security, timeout=_CONNECT, set_as_default=False)
        except (OSError, ValueError, TypeError) as e:
            raise _unusable(scheduler, e) from e
        self.limits = limits or Limits()

    @property
    def slots(self) -> int:
        """Files that the cluster looks at at once, as it is now."""
        with self._connected():
            found: dict[str, int] = self._client.nthreads()
        return max(1, sum(found.values()))

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """Raises ProjectError 9008 where the scheduler is lost."""
        try:
            yield
        except (CancelledError, OSError) as e:
            raise self._lost() from e

    def _lost(self) -> ProjectError:
        return ProjectError(9008, Place(Kind.PROJECT), name=self.scheduler)

    def run(self, orders: Iterator[Asked | None], stopped: Callable[[], bool]) -> Iterator[tuple[int, FileScan]]:
        """See `Engine`. A cluster that grows gets more to do, one that shrinks less."""
        under_way: dict[Any, int] = {}
        more = True
        try:
            while (more or under_way) and not stopped():
                walking, room = False, self.slots * AHEAD
                while more and not walking and len(under_way) < room:
                    asked = next(orders, END)
                    if isinstance(asked, tuple):
                        under_way[self._submitted(asked[1])] = asked[0]
                    else:
                        more, walking = asked is None, asked is None
                for future in self._ended(under_way, 0.0 if walking else POLL):
                    yield under_way.pop(future), self._result(future)
        finally:
            with suppress(CancelledError, OSError):
                self._client.cancel(list(under_way))

    def _submitted(self, order: ScanOrder) -> Any:
        order = replace(order, limits=self.limits)
        with self._connected():
            return self._client.submit(scan_on_worker, order, __version__, pure=False, retries=2)

    def _ended(self, under_way: dict[Any, int], seconds: float) -> list[Any]:
        from distributed import wait

        if not under_way:
            return []
        with self._connected(), suppress(FutureTimeoutError), self._client.as_current():
            wait(list(under_way), timeout=max(seconds, 0.01), return_when="FIRST_COMPLETED")
        return [f for f in under_way if f.done()]

    def _result(self, future: Any) -> FileScan:
        """The answer; a state of the file where its workers died again and again."""
        try:
            found: FileScan = future.result()
        except CancelledError as e:
            raise self._lost() from e
        except _NOT_ITS_FAULT as e:
            told = " ".join(str(e).split())
            raise _unusable(self.scheduler, f"it needs Jetferry {__version__} and what that needs ({told})") from e
        except Exception as e:
            text = Message.of(9106, what=f"{type(e).__name__}: {e}").text
            return FileScan(FileState.CRASHED, number=9106, text=text)
        finally:
            future.release()
        return found

    def close(self) -> None:
        """Let go of the cluster, which goes on without us."""
        self._client.close()


def _check_address(scheduler: str, *, encrypted: object, given: bool) -> None:
    """Raises ValueError where the address is none, or asks for TLS and nothing says how, or the other way round."""
    from distributed.comm.addressing import get_address_host_port, parse_address

    get_address_host_port(scheduler)
    asked = parse_address(scheduler)[0] == "tls"
    if asked and not encrypted:
        raise ValueError("its address begins with tls://; give --tls-ca, --tls-cert and --tls-key")
    if given and not asked:
        raise ValueError("TLS was asked for; then its address begins with tls://")


def _unusable(scheduler: str, why: object) -> ProjectError:
    told = str(why) or "it ended the connection without an answer"  # as to one who comes with TLS and it has none
    return ProjectError(9007, Place(Kind.PROJECT), what=f"the cluster {scheduler}", why=told)
