"""Jobs run by the workers of a Dask cluster, which must be what we are: the same dsv, with the same libraries."""

from __future__ import annotations

import gc
import os
import pickle
import socket
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import InvalidStateError
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from dsv.errors import DsvError, ExternalError, NetworkError, UnsupportedError

if TYPE_CHECKING:
    from concurrent.futures import Future

DEADLINE_SECONDS = 8
"""How long a scheduler has to answer, and a cluster to have its first worker."""

WORKERLESS_SECONDS = 60
"""How long a cluster that has lost all its workers is waited for."""

_LOOK_SECONDS = 1
_PACKAGES = ("dsv", "msgspec", "pyarrow", "tokenizers")
_FORMATS = "dsv.formats"
_PROBED = 16
_LONGEST = 200

_Seen = tuple[int, int, int, int]


class _Cluster:
    """The workers of a cluster, as those who run jobs."""

    on_this_machine = False
    counts_bytes = False

    def __init__(self, executor: Any, *, count: int, share_files: bool) -> None:
        self._executor = executor
        self._waiting = WeakSet[Any]()
        self.count = count
        self.share_files = share_files

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """The future of the call on one of the workers."""
        future: Future[Any] = self._executor.submit(_Call(pickle.dumps((_environment(), function, arguments))))
        self._waiting.add(future)
        return future

    def tell(self, advance: Callable[[int], None]) -> None:
        """Nothing to say before a job is done."""

    def fail(self, error: DsvError) -> None:
        """All calls that have not ended end with the error."""
        for future in list(self._waiting):
            with suppress(InvalidStateError):
                future.set_exception(error)


class _Call:
    """A call on its way: sealed, so that nobody looks for Dask's own things in it, or writes it into a log."""

    __slots__ = ("_sealed",)

    def __init__(self, sealed: bytes) -> None:
        self._sealed = sealed

    def __reduce__(self) -> tuple[type[_Call], tuple[bytes]]:
        return type(self), (self._sealed,)

    def __repr__(self) -> str:
        return f"<a job of dsv, {len(self._sealed)} bytes>"

    def __call__(self) -> Any:
        """What the function returns; UnsupportedError on a worker, maybe one that came late, that is not as we are."""
        environment, function, arguments = pickle.loads(self._sealed)  # noqa: S301 - who may submit may run anything
        _refuse_other(environment, _environment(), where="a worker of the cluster")
        return function(*arguments)


@contextmanager
def dask_cluster(address: str, *, sources: Sequence[str], directories: Sequence[str]) -> Iterator[_Cluster]:
    """The workers of the cluster whose scheduler has this address.

    They must see the sources as we do, but those that are URLs; whether they also share the directories shows in
    `share_files`. Errors: NetworkError where no scheduler or worker answers, UnsupportedError where the package is
    missing or the workers are not as we are, ExternalError when the cluster fails on the way.
    """
    distributed = _load(address)
    client = _connected(distributed, address)
    try:
        _wait_for_a_worker(distributed, client, address)
        _refuse_strangers(client, address)
        _refuse_blind(client, address, [source for source in sources if "://" not in source])
        with client.get_executor(pure=False) as executor:
            share_files = _share(client, directories)
            cluster = _Cluster(executor, count=sum(client.nthreads().values()), share_files=share_files)
            try:
                with _watched(client, cluster, address):
                    yield cluster
            except BaseException:
                executor.shutdown(wait=False)
                raise
    except DsvError:
        raise
    except distributed.CancelledError as error:
        raise NetworkError(
            f"the Dask scheduler at {address} has gone away", hint="start it again, and run this again"
        ) from error
    except (distributed.scheduler.KilledWorker, distributed.TimeoutError, OSError) as error:
        raise ExternalError(
            f"the Dask cluster at {address} failed: {_reason(error)}",
            hint="look at its workers' logs and memory; nothing was changed here",
        ) from error
    finally:
        client.close(timeout=DEADLINE_SECONDS)


@contextmanager
def _watched(client: Any, cluster: _Cluster, address: str) -> Iterator[None]:
    """While it lasts, calls fail when the cluster is without workers for long: Dask itself would wait for ever."""
    over = threading.Event()

    def watch() -> None:
        seen = time.monotonic()
        while not over.wait(_LOOK_SECONDS):
            try:
                count = len(client.nthreads())
            except Exception:  # noqa: BLE001 - a scheduler that is gone cancels the calls itself
                return
            if count:
                seen = time.monotonic()
            elif time.monotonic() - seen > WORKERLESS_SECONDS:
                cluster.fail(
                    NetworkError(
                        f"the Dask cluster at {address} has lost all its workers",
                        hint="look at their logs and memory, and start them again",
                    )
                )
                return

    thread = threading.Thread(target=watch, name="dsv-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _load(address: str) -> Any:
    """The package, silent unless this process had loaded it before."""
    known = "distributed" in sys.modules
    try:
        import distributed
    except ImportError as error:
        raise UnsupportedError(
            f"reading files on {address} needs the package distributed: {_reason(error)}",
            hint="pip install 'dsv[dask]'",
        ) from None
    if not known:
        import logging

        for name in [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]:
            logging.getLogger(name).setLevel(logging.CRITICAL)
    return distributed


def _connected(distributed: Any, address: str) -> Any:
    host, _, port = address.partition("://")[2].rpartition(":")
    try:
        # Dask itself would go on trying until the deadline, where nobody listens too.
        socket.create_connection((host.strip("[]"), int(port)), timeout=DEADLINE_SECONDS).close()
    except OSError as error:
        raise _unanswered(address, error) from error
    with warnings.catch_warnings():
        # What differs is looked at below, and refused where it counts.
        warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)
        try:
            with _nothing_collected():
                return distributed.Client(address, timeout=DEADLINE_SECONDS, set_as_default=False)
        except (OSError, distributed.TimeoutError) as error:
            raise _unanswered(address, error) from error
        except Exception as error:
            raise NetworkError(
                f"the Dask scheduler at {address} cannot be used: {_reason(error)}",
                hint="look at the address, at Dask's TLS settings, and at the versions on both sides",
            ) from error


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """No garbage is collected meanwhile.

    A client that could not connect closes itself when it is collected. If that happens while another one begins, which
    holds the lock that closing waits for, both wait for ever.
    """
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _unanswered(address: str, error: BaseException) -> NetworkError:
    return NetworkError(
        f"the Dask scheduler at {address} does not answer: {_reason(error)}",
        hint="start one with dask scheduler, or look at the address and the network between",
    )


def _wait_for_a_worker(distributed: Any, client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=DEADLINE_SECONDS)
    except (OSError, distributed.TimeoutError) as error:
        raise NetworkError(
            f"the Dask cluster at {address} has no workers", hint=f"start some: dask worker {address}"
        ) from error


def _refuse_strangers(client: Any, address: str) -> None:
    """UnsupportedError for a worker that might compute other bytes."""
    ours = _environment()
    for worker, theirs in _asked(client, address, _environment).items():
        _refuse_other(ours, theirs, where=f"the worker {worker}")


def _refuse_blind(client: Any, address: str, sources: Sequence[str]) -> None:
    """UnsupportedError for workers that do not see the files as we do."""
    step = max(1, len(sources) // _PROBED)
    probed = [*sources[::step][:_PROBED], *sources[-1:]]
    ours = _seen(probed)
    for worker, theirs in _asked(client, address, _seen, probed).items():
        for source, here, there in zip(probed, ours, theirs, strict=True):
            if here != there:
                said = "does not see" if there is None else "sees another file at"
                raise UnsupportedError(
                    f"the worker {worker} {said} {source!a}",
                    hint="workers need the same files at the same paths; docs/clusters.md tells of data on S3",
                )


def _share(client: Any, directories: Sequence[str]) -> bool:
    """Whether all workers write into the same directories as we do."""
    for directory in directories:
        with tempfile.NamedTemporaryFile(dir=directory, prefix="dsv-probe") as file:
            file.write(os.urandom(16))
            file.flush()
            ours = [(True, *each) for each in _seen([file.name]) if each is not None]
            answers = client.run(_seen_to_write, file.name, on_error="return")
            if any([answer] != ours for answer in answers.values()):
                return False
    return bool(directories)


def _asked(client: Any, address: str, function: Callable[..., Any], *arguments: Any) -> Mapping[str, Any]:
    """What each worker answers; UnsupportedError for one that cannot."""
    answers: Mapping[str, Any] = client.run(function, *arguments, on_error="return")
    for worker, answer in sorted(answers.items()):
        if isinstance(answer, DsvError):
            raise answer
        if isinstance(answer, Exception):
            raise UnsupportedError(
                f"the worker {worker} of {address} cannot run dsv: {_reason(answer)}",
                hint="install there what is installed here: the same dsv, with the same extras",
            )
    return dict(sorted(answers.items()))


def _seen(paths: Sequence[str]) -> list[_Seen | None]:
    """Size, mtime and ctime in ns, and inode of each file, None where there is none."""
    found: list[_Seen | None] = []
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            found.append(None)
        else:
            found.append((status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
    return found


def _seen_to_write(path: str) -> tuple[bool, int, int, int, int] | None:
    """What is seen of a file, and whether others can be made beside it."""
    [seen] = _seen([path])
    return None if seen is None else (os.access(os.path.dirname(path), os.W_OK | os.X_OK), *seen)


def _environment() -> dict[str, str]:
    """What the bytes depend on that are computed here: versions, and formats that other packages bring."""
    if not _known:
        from importlib.metadata import PackageNotFoundError, entry_points, version

        from dsv.records.canonical import RECORD_FORM  # whose import holds its spelling against its vectors

        python = ".".join(map(str, sys.version_info[:2]))
        found = {"Python": python, "the record form": RECORD_FORM}
        for package in _PACKAGES:
            try:
                found[package] = version(package)
            except PackageNotFoundError:
                found[package] = "none"
        for point in entry_points(group=_FORMATS):
            found[f"the format {point.name}"] = f"{point.value} {point.dist.version if point.dist else ''}".strip()
        _known.update(found)
    return dict(_known)


_known: dict[str, str] = {}


def _refuse_other(ours: Mapping[str, str], theirs: Mapping[str, str], *, where: str) -> None:
    for name in sorted({*ours, *theirs}, key=lambda name: (name != "dsv", name)):
        here, there = ours.get(name, "none"), theirs.get(name, "none")
        if here != there:
            raise UnsupportedError(
                f"{where} has {name} {there}, and here it is {here}",
                hint="install there what is installed here, so that all compute the same bytes",
            )


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:_LONGEST] or type(error).__name__
