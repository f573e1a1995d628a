"""Objects of the cache replaced by good bytes that lie elsewhere here; each is checked while it is copied."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from dsv.adapters.dvc.disk import disk_error, write_all
from dsv.adapters.dvc.staging import OBJECT_MODE, make_directory, staged

if TYPE_CHECKING:
    from dsv.adapters.dvc.cache import Cache

_BLOCK = 1 << 20


class GoodBytes(NamedTuple):
    """Where the bytes of an object are said to be, a file or themselves, and their SHA-256 where it is known."""

    oid: str
    source: str | bytes
    sha256: str | None = None


def replace_objects(cache: Cache, wanted: Iterable[GoodBytes], *, before: Callable[[Sequence[str]], None]) -> list[str]:
    """Those of the objects that are in the cache now with these bytes, durable; sources with others are left out.

    An object that was there is replaced in one step, so that its name never stands for nothing. `before` is told which
    ones will be. DiskError when the disk refuses.
    """
    try:
        with staged(cache) as place:
            good = []
            for each in wanted:
                target = place.path_of(each.oid)
                make_directory(cache, os.path.dirname(target))
                if _copied(each, target):
                    good.append(each.oid)
            before(good)
            place.move(set(good))
            return good
    except OSError as error:
        raise disk_error(error, doing=f"writing to the cache {cache.directory}") from error


def _copied(each: GoodBytes, target: str) -> bool:
    """Whether the source could be read and has the right bytes; there is a file at the target only then."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        for block in _blocks(each.source):
            md5.update(block)
            sha256.update(block)
            write_all(descriptor, block)
        os.fchmod(descriptor, OBJECT_MODE)
    finally:
        os.close(descriptor)
    right = md5.hexdigest() == each.oid.removesuffix(".dir")
    if not right or each.sha256 not in {None, sha256.hexdigest()}:
        with suppress(FileNotFoundError):
            os.unlink(target)
        return False
    return True


def _blocks(source: str | bytes) -> Iterator[bytes]:
    """The bytes, as far as they can be read; that they are too few, the digests tell."""
    if isinstance(source, bytes):
        yield source
        return
    with suppress(OSError), open(source, "rb", buffering=0) as stream:
        while block := stream.read(_BLOCK):
            yield block
