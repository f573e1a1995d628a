"""The line between dsv and a server, which the tests cut, stop and slow down."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_BLOCK = 16 << 10


@dataclass
class Line:
    """A port of this machine that leads to a server, while nobody interferes.

    `after` does something in the middle of a transfer.
    """

    server: tuple[str, int]
    bytes_a_second: float = 0
    answered: Callable[[bytes], bytes] = bytes
    """What is made of the server's answers; they stay as long as they are."""
    port: int = 0
    passed: int = 0
    """Bytes that went through, all in all."""
    _listening: socket.socket | None = None
    _open: list[socket.socket] = field(default_factory=list)
    _flowing: threading.Event = field(default_factory=threading.Event)
    _watch: tuple[int, Callable[[], None]] | None = None

    def mend(self) -> None:
        """Connections are taken, at the same port as before; what was to be done later is not."""
        self._watch = None
        self._flowing.set()
        listening = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = listening.getsockname()[1]
        self._listening = listening
        threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def cut(self) -> None:
        """All connections break, and new ones are refused."""
        if self._listening is not None:
            # Only this ends an accept that another thread waits in.
            with contextlib.suppress(OSError):
                self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._open.clear()

    def stop(self) -> None:
        """Connections stay, and nothing moves on them."""
        self._flowing.clear()

    def go(self) -> None:
        """Things move again."""
        self._flowing.set()

    def after(self, count: int, act: Callable[[], None]) -> None:
        """Act once, when so many bytes more have gone through."""
        self._watch = (self.passed + count, act)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self.server, timeout=10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._open += [near, far]
            for source, target, made in ((near, far, bytes), (far, near, self.answered)):
                threading.Thread(target=self._carry, args=(source, target, made), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, made: Callable[[bytes], bytes]) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(_BLOCK):
                self._flowing.wait()
                if self.bytes_a_second:
                    time.sleep(len(block) / self.bytes_a_second)
                target.sendall(made(block))
                self._count(len(block))
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _count(self, count: int) -> None:
        self.passed += count
        if self._watch is not None and self.passed >= self._watch[0]:
            act, self._watch = self._watch[1], None
            act()


@contextlib.contextmanager
def line_to(server: tuple[str, int], *, bytes_a_second: float = 0) -> Iterator[Line]:
    """A line that works, gone afterwards."""
    line = Line(server, bytes_a_second)
    line.mend()
    try:
        yield line
    finally:
        line.go()
        line.cut()
