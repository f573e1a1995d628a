"""Files hashed and nothing else: what they are, told of each, also where one cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import NamedTuple

from dsv.errors import DsvError
from dsv.records.byte_source import Digests, HashingReader, Store, open_file
from dsv.records.workers import Workers, in_order

_BATCH_FILES = 1000
_BATCH_SIZE = 32 << 20


class Seen(NamedTuple):
    """What a place holds: the digests of its bytes; without them nothing, or what cannot be read, with the reason."""

    digests: Digests | None = None
    reason: str = ""

    @property
    def there(self) -> bool:
        """Whether something is there, be it readable or not."""
        return self.digests is not None or bool(self.reason)


def seen_in(source: str, *, store: Store | None = None, progress: Callable[[int], None] | None = None) -> Seen:
    """What is there under the name, read to its end; `progress` hears of bytes."""
    try:
        with closing(open_file(source, path=source, store=store)) as file:
            reader = HashingReader(file, copy=None, progress=progress)
            reader.drain()
    except (FileNotFoundError, NotADirectoryError):
        return Seen()
    except OSError as error:
        return Seen(reason=error.strerror or str(error))
    except DsvError as error:
        return Seen(reason=error.message)
    return Seen(reader.digests)


def seen_all(sources: Sequence[str], sizes: Sequence[int], *, workers: Workers) -> Iterator[Seen]:
    """What is there under each of the names, in their order; sizes are what to expect, in bytes."""
    for batch in in_order(workers, _seen_each, ((each,) for each in _batches(sources, sizes))):
        yield from batch


def _seen_each(sources: Sequence[str], progress: Callable[[int], None] | None = None) -> list[Seen]:
    return [seen_in(source, progress=progress) for source in sources]


def _batches(sources: Sequence[str], sizes: Sequence[int]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for source, expected in zip(sources, sizes, strict=True):
        batch.append(source)
        size += expected
        if len(batch) == _BATCH_FILES or size >= _BATCH_SIZE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
