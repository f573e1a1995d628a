"""What tests of `dsv gc` share: objects that nothing needs, and a look at what lies where."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.conftest import Scratch


def stray(repo: Scratch, content: str | bytes, *, top: str = ".dvc/cache", suffix: str = "") -> str:
    """An object of these bytes in the cache, or below another directory of that kind; its name."""
    data = content.encode() if isinstance(content, str) else content
    digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
    repo.write(f"{top}/files/md5/{digest[:2]}/{digest[2:]}{suffix}", data)
    return digest + suffix


def stray_list(repo: Scratch, files: dict[str, str], *, top: str = ".dvc/cache") -> str:
    """A directory of files with these contents in the cache; the name of the list of them."""
    listed = [{"md5": stray(repo, text, top=top), "relpath": path} for path, text in sorted(files.items())]
    return stray(repo, json.dumps(listed), top=top, suffix=".dir")


def pointer(oid: str, path: str, *, more: str = "") -> str:
    """A pointer to the object as DVC writes it."""
    return f"outs:\n- md5: {oid}\n  size: 1\n  hash: md5\n{more}  path: {path}\n"


def objects(repo: Scratch, top: str = ".dvc/cache") -> set[str]:
    """The names of all objects that lie there."""
    base = repo.root / top / "files/md5"
    return {file.parent.name + file.name for file in base.glob("*/*") if file.is_file()}


def trash(repo: Scratch, top: str = ".dvc/cache") -> dict[str, Path]:
    """What lies in the trash."""
    return {file.name: file for file in (repo.root / top / "dsv-trash").glob("*/*")}


def collect(repo: Scratch, *options: str, code: int = 0) -> Any:
    """What `dsv gc` says of objects of whatever age."""
    return repo.json("gc", "--older-than", "0", *options, code=code)


def going(repo: Scratch, *options: str) -> set[str]:
    """The objects that would go."""
    return {each["object"] for each in collect(repo, *options)["unneeded"]}
