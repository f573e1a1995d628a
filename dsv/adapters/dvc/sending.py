"""Objects of the cache sent to a remote, each held against its name first."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dvc_objects.fs.local import localfs

from dsv.adapters.dvc.cache import Cache
from dsv.adapters.dvc.patience import Movement
from dsv.adapters.dvc.transfer import PIECE, PIECES_AT_ONCE, FilesCallback, transferred

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Outcome:
    """What became of one object: its bytes when it was sent, None when they are not those of its name."""

    oid: str
    size: int | None


def send(store: Any, cache: Cache, oids: Sequence[str], *, movement: Movement) -> Iterator[Outcome | int]:
    """What became of each object, as they come, and numbers of bytes that moved.

    The first failure ends it and is raised; StandstillError when nothing moves any more.
    """
    return transferred(
        oids,
        lambda oid, moved: _put(store, cache, oid, movement=movement, moved=moved),
        is_local=store.fs.protocol == "local",
        unseen=lambda oid: os.path.getsize(cache.path_of(oid)),
        movement=movement,
    )


def _put(store: Any, cache: Cache, oid: str, *, movement: Movement, moved: Callable[[int], None]) -> Outcome:
    path = cache.path_of(oid)
    if _md5_of(path, movement) != oid.removesuffix(".dir"):
        return Outcome(oid, None)
    size, told = os.path.getsize(path), 0

    def tell(more: int) -> None:
        nonlocal told
        told += more
        moved(more)

    files = FilesCallback(movement, tell)
    if store.fs.protocol == "s3" and size >= 2 * PIECE:
        target = store.oid_to_path(oid)
        piece = _piece(size)
        store.fs.put_file(path, target, callback=files.branched(), chunksize=piece, max_concurrency=PIECES_AT_ONCE)
    else:
        store.add([path], localfs, [oid], hardlink=False, check_exists=False, verify=False, callback=files)
    movement.tick()
    moved(size - told)
    return Outcome(oid, size)


def _piece(size: int) -> int:
    """S3 takes at most 10,000 parts."""
    return max(PIECE, -(-size // 10_000))


def _md5_of(path: str, movement: Movement) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
            movement.tick()
    return digest.hexdigest()
