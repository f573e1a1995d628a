"""The content of files in git as the work tree has them: through smudge filters and line endings."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from dsv.adapters.git.process import run, talking
from dsv.errors import BadManifestError
from dsv.model.decoding import MAXIMUM_BYTES

# What makes git write a file into the work tree otherwise than it keeps it, or says where that is set.
_CONVERTING = r"^(filter\..*\.(smudge|process)|core\.(autocrlf|eol|attributesfile))$"


_MOST_KEPT = MAXIMUM_BYTES + 1
_BLOCK = 1 << 20


def converts(root: str, *, common: str) -> bool:
    """Whether this repository may keep files otherwise than the work tree has them; True where that is not certain."""
    attributes = (os.path.join(root, ".gitattributes"), os.path.join(common, "info", "attributes"))
    if any(os.path.exists(path) for path in attributes):
        return True
    return run(root, ["config", "--get-regexp", _CONVERTING], accept=(0, 1)).returncode == 0


def kept(root: str, names: Sequence[str], *, environment: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """The content of blobs as git keeps them, by the names given; what does not exist is left out.

    One that is larger than any text that dsv reads is cut off, one byte behind the size at which its reader refuses it.
    """
    with talking(root, ["cat-file", "--batch"], stdin=_lines(names), environment=environment) as output:
        return {name: content for name in names if (content := _answer(output)) is not None}


def whole(content: bytes, *, name: str) -> bytes:
    """The content when it was not cut off; BadManifestError when it was."""
    if len(content) > MAXIMUM_BYTES:
        raise BadManifestError(
            f"{name} has more than {MAXIMUM_BYTES >> 20} MiB in git", hint="git log --stat -- its path tells since when"
        )
    return content


def _answer(output: IO[bytes]) -> bytes | None:
    """What `git cat-file --batch` says next; None for a name that it does not know."""
    words = output.readline().rstrip(b"\n").split(b" ")
    if words[-1] in {b"missing", b"ambiguous"}:
        return None
    left = int(words[-1]) + 1  # with the line feed behind it
    content = output.read(min(left - 1, _MOST_KEPT))
    left -= len(content)
    while left and (skipped := output.read(min(left, _BLOCK))):
        left -= len(skipped)
    return content


def smudged(root: str, paths: Mapping[str, str]) -> dict[str, bytes]:
    """The content of blobs, name -> path from the root, as git would write it there; the absent are left out.

    What is too large is cut off as in `kept`.
    """
    check = run(root, ["cat-file", "--batch-check=%(objectname)"], stdin=_lines(list(paths))).stdout
    absent = (b" missing", b" ambiguous")
    present = [name for name, line in zip(paths, check.splitlines(), strict=True) if not line.endswith(absent)]
    # git tells the size before the filters, so each content ends where the next one's mark begins.
    mark = f"--{os.urandom(16).hex()}--".encode()
    asked = b"".join(os.fsencode(f"{name} {paths[name]}") + b"\n" for name in present)
    found = {}
    with talking(root, ["cat-file", f"--batch={mark.decode()}", "--filters"], stdin=asked) as output:
        output.readline()
        for name in present:
            found[name] = b"".join(_up_to(mark + b"\n", output))[:-1]
    return found


def _up_to(mark: bytes, output: IO[bytes]) -> Iterator[bytes]:
    """The lines before the mark, which is a line by itself, or before the end; of too many the first."""
    left = _MOST_KEPT + 1  # with the line feed behind it
    while (line := output.readline(_BLOCK)) not in (b"", mark):
        if left:
            yield line[:left]
        left -= min(left, len(line))


def _lines(names: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(name) + b"\n" for name in names)
