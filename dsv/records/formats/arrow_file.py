"""What the formats of Arrow's library have in common: a file that it may read, and what becomes of its refusals."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader

from dsv.records.formats.contract import MOST_ROWS, CannotReadError

_LONGEST_REASON = 200


class WholeFile:
    """A stream as the library reads it: never more bytes asked for than there are, and not closed by it."""

    def __init__(self, stream: BufferedReader) -> None:
        self._stream = stream
        self.size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        """The next bytes. A damaged length may ask for more than any memory holds."""
        left = max(0, self.size - self._stream.tell())
        return self._stream.read(left if size < 0 else min(size, left))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the file."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """The place in the file."""
        return self._stream.tell()

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Read no more; the stream stays open for whoever opened it."""
        self.closed = True


@contextmanager
def arrow_errors(what: str) -> Iterator[None]:
    """Around the reading of a file that is `what`: the library's refusals are CannotReadError, a disk's stay."""
    import pyarrow as pa

    try:
        yield
    except UnicodeDecodeError as error:
        raise CannotReadError(f"not {what}: invalid UTF-8 in a text ({error.reason})") from None
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        said = " ".join(str(error).split()) or type(error).__name__
        said = said if said.isprintable() else ascii(said)[1:-1]  # it may tell bytes of the file
        raise CannotReadError(f"not {what}: {said[:_LONGEST_REASON].rstrip('.')}") from None


def check_rows(rows: int, columns: Sequence[str]) -> None:
    """CannotReadError for rows without anything in them, and for more than a record index can number."""
    if rows and not columns:
        raise CannotReadError(f"{rows} rows without a column")
    if rows > MOST_ROWS:
        raise CannotReadError(f"more than {MOST_ROWS} rows")
