"""What a cache of objects costs the kernel: each file below a directory read, and written anew under one of 256 others.

No digest, no record, no check: what `add` cannot go below on a machine, with one process. `creating.py FROM TO`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator


def main() -> None:
    """Write the files."""
    source, target = sys.argv[1:]
    for prefix in range(256):
        os.makedirs(f"{target}/{prefix:02x}")
    for number, path in enumerate(_files(source)):
        reading = os.open(path, os.O_RDONLY)
        content = os.read(reading, os.fstat(reading).st_size + 1)
        os.close(reading)
        writing = os.open(f"{target}/{number % 256:02x}/{number:030x}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
        os.write(writing, content)
        os.close(writing)


def _files(directory: str) -> Iterator[str]:
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            else:
                yield entry.path


if __name__ == "__main__":
    main()
