"""Which objects a remote holds whole: there, as long as they should be, and with the digest that S3 tells of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dsv.adapters.dvc.patience import Movement

_PAGE = 1000
_PAGE_COSTS = 5
"""What S3 takes for a page of a list, in questions for one object."""
_BY_PREFIX = 20 * _PAGE
"""From so many objects on, lists are asked for by the first two digits of a name."""
_AT_ONCE = 16
_BATCH = 256
_MD5 = re.compile(r"[0-9a-f]{32}")


def held(
    store: Any,
    oids: Sequence[str],
    *,
    size_here: Callable[[str], int | None],
    md5_there: Callable[[str], str | None],
    movement: Movement,
) -> set[str]:
    """Those of the objects that the store has, as long as they are here where they are here.

    S3 tells the md5 of most objects without being read: one of another md5 is not held, even where all else fits.
    """
    files = store.fs.fs
    files.invalidate_cache()
    if store.fs.protocol not in ("s3", "ssh"):
        return set(store.oids_exist(oids, progress=lambda *_: movement.tick()))
    found = dict[str, Mapping[str, Any]]()
    for oid, facts in _facts(store, oids, movement):
        here = size_here(oid)
        if here is None or here == facts["size"]:
            found[oid] = facts
    doubtful = [oid for oid, facts in found.items() if _tells_another(oid, facts)]
    for oid in sorted(doubtful, key=lambda oid: (found[oid]["size"], oid)):
        if md5_there(oid) == oid.removesuffix(".dir"):
            break  # what is told here is no md5, as where a key of the server's own encrypts
        del found[oid]
    return set(found)


def _facts(store: Any, oids: Sequence[str], movement: Movement) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What the store tells of each object that is there."""
    files, top = store.fs.fs, store.path
    there = _how_many(store, enough=len(oids) * _PAGE // _PAGE_COSTS)
    if there is None:
        for start in range(0, len(oids), _BATCH):
            batch = oids[start : start + _BATCH]
            told = store.fs.info([store.oid_to_path(oid) for oid in batch], return_exceptions=True)
            movement.tick()
            for oid, facts in zip(batch, told, strict=True):
                if isinstance(facts, FileNotFoundError):
                    continue
                if isinstance(facts, BaseException):
                    raise facts
                yield oid, facts
        return
    wanted = {store.oid_to_path(oid): oid for oid in oids}
    below = [top] if there < _BY_PREFIX else [store.fs.join(top, f"{number:02x}") for number in range(256)]

    def listed(path: str) -> dict[str, Any]:
        try:
            found: dict[str, Any] = files.find(path, detail=True)
        except FileNotFoundError:
            return {}
        movement.tick()
        return found

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for found in pool.map(listed, below):
            yield from ((wanted[path], facts) for path, facts in found.items() if path in wanted)


def _how_many(store: Any, *, enough: int) -> int | None:
    """About how many objects are there; None where they are so many that asking for each one costs less than a list.

    The names of objects are evenly spread, so that the last one of the first page tells how much of all it is.
    """
    if store.fs.protocol != "s3":
        return 0 if enough > _PAGE * _BATCH // _PAGE_COSTS else None
    bucket, top, _ = store.fs.fs.split_path(store.path)
    page = store.fs.fs.call_s3("list_objects_v2", Bucket=bucket, Prefix=f"{top}/", MaxKeys=_PAGE)
    if not page.get("IsTruncated"):
        return 0
    last = re.search(r"([0-9a-f]{2})/([0-9a-f]{6})[^/]*$", page["Contents"][-1]["Key"])
    if last is None:
        return None
    there = len(page["Contents"]) * 16**8 // (int(last[1] + last[2], 16) + 1)
    return there if there <= enough else None


def _tells_another(oid: str, facts: Mapping[str, Any]) -> bool:
    """Whether what S3 tells looks like an md5, as that of an object sent in several parts does not, and is another."""
    tag = str(facts.get("ETag", "")).strip('"')
    return _MD5.fullmatch(tag) is not None and tag != oid.removesuffix(".dir")
