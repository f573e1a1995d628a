"""Objects of a remote read where they lie, and hashed on the way: nothing of them is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from dsv.adapters.dvc.transfer import transferred
from dsv.errors import MissingDataError
from dsv.records.byte_source import HashingReader
from dsv.records.hashing import Seen

if TYPE_CHECKING:
    from dsv.adapters.dvc.patience import Movement
    from dsv.adapters.dvc.remote_files import RemoteFiles


class Inspected(NamedTuple):
    """An object, and what the remote holds of it."""

    oid: str
    seen: Seen


def inspect(
    files: RemoteFiles,
    oids: Sequence[str],
    *,
    is_local: bool,
    size_of: Callable[[str], int],
    movement: Movement,
) -> Iterator[Inspected | int]:
    """What the remote holds of each object, as they come, and numbers of bytes that were read.

    `size_of` is what to expect, in bytes: not many large ones are read at once. The first failure ends it and is
    raised; StandstillError when nothing moves any more.
    """

    def read(oid: str, moved: Callable[[int], None]) -> Inspected:
        def tell(more: int) -> None:
            movement.tick()
            moved(more)

        try:
            with closing(files.open(files.source_of(oid), path=oid)) as file:
                reader = HashingReader(file, copy=None, progress=tell)
                reader.drain()
        except MissingDataError:
            return Inspected(oid, Seen())
        finally:
            movement.tick()
        return Inspected(oid, Seen(reader.digests))

    return transferred(oids, read, is_local=is_local, unseen=size_of, movement=movement)
