"""The content of files in git as the work tree has them: through smudge filters and line endings."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from dsv.adapters.git.process import run

# What makes git write a file into the work tree otherwise than it keeps it, or says where that is set.
_CONVERTING = r"^(filter\..*\.(smudge|process)|core\.(autocrlf|eol|attributesfile))$"


def converts(root: str, *, common: str) -> bool:
    """Whether this repository may keep files otherwise than the work tree has them; True where that is not certain."""
    attributes = (os.path.join(root, ".gitattributes"), os.path.join(common, "info", "attributes"))
    if any(os.path.exists(path) for path in attributes):
        return True
    return run(root, ["config", "--get-regexp", _CONVERTING], accept=(0, 1)).returncode == 0


def kept(root: str, names: Sequence[str]) -> dict[str, bytes]:
    """The content of blobs as git keeps them, by the names given; what does not exist is left out."""
    output = run(root, ["cat-file", "--batch"], stdin=_lines(names)).stdout
    found, at = {}, 0
    for name in names:
        end = output.index(b"\n", at)
        words = output[at:end].split(b" ")
        at = end + 1
        if words[-1] in {b"missing", b"ambiguous"}:
            continue
        size = int(words[-1])
        found[name] = output[at : at + size]
        at += size + 1
    return found


def smudged(root: str, paths: Mapping[str, str]) -> dict[str, bytes]:
    """The content of blobs, name -> path from the root, as git would write it there; the absent are left out."""
    check = run(root, ["cat-file", "--batch-check=%(objectname)"], stdin=_lines(list(paths))).stdout
    absent = (b" missing", b" ambiguous")
    present = [name for name, line in zip(paths, check.splitlines(), strict=True) if not line.endswith(absent)]
    # git tells the size before the filters, so each content ends where the next one's mark begins.
    mark = f"--{os.urandom(16).hex()}--".encode()
    asked = b"".join(os.fsencode(f"{name} {paths[name]}") + b"\n" for name in present)
    output = run(root, ["cat-file", f"--batch={mark.decode()}", "--filters"], stdin=asked).stdout
    contents = output.split(mark + b"\n")[1:]
    return {name: content[:-1] for name, content in zip(present, contents, strict=True)}


def _lines(names: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(name) + b"\n" for name in names)
