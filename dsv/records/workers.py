"""Who does the jobs, as those see it who have some: one protocol, kept by processes and clusters."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from concurrent.futures import Future

WAITING = 2
"""Jobs handed over for each worker: one to work on, one so that it need not wait for the next."""


class Workers(Protocol):
    """Whoever runs jobs: this process, others beside it, or those of a cluster.

    `count` is the number that run at once, `share_files` says whether they see the same temporary files as we do,
    `on_this_machine` whether they see at once what we write into these, `counts_bytes` whether they tell what they
    read before a job is done.
    """

    count: int
    share_files: bool
    on_this_machine: bool
    counts_bytes: bool

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """The future of a call of a function that both sides can import.

        Where `counts_bytes`, it is called with a last argument: what it is to tell how many more bytes it has read.
        """

    def tell(self, advance: Callable[[int], None]) -> None:
        """Say how many more bytes were read; called now and then, before anything is handed over too."""


def in_order(workers: Workers, function: Callable[..., Any], calls: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
    """What a function returns for each of many calls, in their order, some of them done ahead."""
    waiting: deque[Future[Any]] = deque()
    try:
        for arguments in calls:
            if len(waiting) == WAITING * workers.count:
                yield waiting.popleft().result()
            waiting.append(workers.submit(function, *arguments))
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()
