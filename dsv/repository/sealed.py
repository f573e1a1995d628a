"""Small files of dsv's own, derived from others, behind the digest of their content.

They are written without waiting for the disk: whatever a crash leaves does not fit its digest, and is not believed.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from dsv.errors import DiskError
from dsv.repository import files

_DIGEST_SIZE = 32
Kind = TypeVar("Kind")


def read(path: str, kind: type[Kind]) -> Kind | None:
    """The value in the file; None where there is none, or it is damaged, or was written by another dsv."""
    content = files.read_bytes(path)
    if content is None or hashlib.sha256(memoryview(content)[_DIGEST_SIZE:]).digest() != content[:_DIGEST_SIZE]:
        return None
    try:
        return msgspec.msgpack.decode(memoryview(content)[_DIGEST_SIZE:], type=kind)
    except ValueError:
        return None


def write(path: str, value: Any) -> None:
    """Put the value there, as a whole or not at all."""
    content = msgspec.msgpack.encode(value)
    scratch = f"{path}.{secrets.token_hex(4)}.tmp"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(scratch, "xb", buffering=0) as stream:
            stream.write(hashlib.sha256(content).digest() + content)
        os.replace(scratch, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(scratch)
        raise DiskError(f"{path} cannot be written: {error.strerror}", hint="is the disk full?") from error
