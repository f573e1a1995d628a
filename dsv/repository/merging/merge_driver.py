"""The merge driver, installed: git's attribute on the data pointers of datasets, and what git is to run for it.

The attributes are committed, the configuration is each clone's own.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dsv.adapters.git import merging
from dsv.repository import files

if TYPE_CHECKING:
    from dsv.repository.repository import Repository

ATTRIBUTES = ".gitattributes"
CONFLICTS_SUFFIX = ".dsv-conflicts.md"

_ATTRIBUTE = "merge=dsv"
_COMMAND = "merge.dsv.driver"
_EXCLUDED = f"*{CONFLICTS_SUFFIX}"
_NEEDS_QUOTES = re.compile(r"[\s\"\x00-\x1f\x7f]")


def conflicts_file(path: str) -> str:
    """Where the conflicts of the data at a path are written: beside it, ignored by git."""
    return f"{path}{CONFLICTS_SUFFIX}"


def driver_settings() -> dict[str, str]:
    """What git's configuration has to say for this installation of dsv."""
    return {
        "merge.dsv.name": "dsv: datasets, record by record",
        _COMMAND: f"{_program()} merge-driver %O %A %B %L %P",
        # Between several common ancestors git takes their own base; merged data of none of them need be here.
        "merge.dsv.recursive": "binary",
    }


def _program() -> str:
    """What a shell calls to run the dsv that runs now, by its place: the PATH of a desktop's git may lack it."""
    beside = shutil.which("dsv", path=os.path.dirname(sys.executable))
    if beside:
        return shlex.quote(beside)
    # Isolated, as Python would look for modules in the work tree first.
    return f"{shlex.quote(sys.executable)} -I -m dsv"


def driver_command(repository: Repository) -> str | None:
    """What git would run to merge a data pointer; None where the driver is not configured."""
    return merging.setting(repository.git, _COMMAND)


def program_of(command: str) -> str:
    """The program that a configured command starts with."""
    try:
        return shlex.split(command)[0]
    except (ValueError, IndexError):
        return command


def configure_driver(repository: Repository) -> None:
    """Have this clone's git run the driver, and ignore the files in which it writes conflicts."""
    merging.set_here(repository.git, driver_settings())
    exclude = os.path.join(repository.git.common, "info", "exclude")
    text = (files.read_bytes(exclude) or b"").decode(errors="surrogateescape")
    if _EXCLUDED not in text.splitlines():
        ending = "" if text.endswith("\n") or not text else "\n"
        files.write_bytes(exclude, f"{text}{ending}{_EXCLUDED}\n".encode(errors="surrogateescape"))


def is_in_use(repository: Repository) -> bool:
    """Whether this repository merges data pointers by the driver: its attributes say so, or its configuration does."""
    if attributed(attributes_text(repository)):
        return True
    configuration = files.read_bytes(os.path.join(repository.git.common, "config")) or b""
    return re.search(rb'(?im)^\s*\[merge\s+"dsv"\]', configuration) is not None


def attributes_text(repository: Repository) -> str:
    """The attributes of the DVC root, as they lie in the work tree."""
    content = files.read_bytes(repository.layout.absolute(ATTRIBUTES)) or b""
    return content.decode(errors="surrogateescape")


def attributed(text: str) -> list[str]:
    """The patterns that have the driver, as the text spells them, in its order."""
    return [_pattern_of(line) for line in text.splitlines() if _has_driver(line)]


def attributes_with(text: str, pointers: Iterable[str]) -> str:
    """The text with a line for each pointer: sorted among such lines, else at the end; what is there stays."""
    for pointer in sorted(pointers):
        pattern = attribute_pattern(pointer)
        lines = text.splitlines(keepends=True)
        if any(_has_driver(line) and _pattern_of(line) == pattern for line in lines):
            continue
        ending = "\r\n" if "\r\n" in text else "\n"
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += ending
        own = [number for number, line in enumerate(lines) if _has_driver(line)]
        smaller = [number for number in own if _pattern_of(lines[number]) < pattern]
        position = smaller[-1] + 1 if smaller else own[0] if own else len(lines)
        lines.insert(position, f"{pattern} {_ATTRIBUTE}{ending}")
        text = "".join(lines)
    return text


def attributes_without(text: str, pointers: Iterable[str]) -> str:
    """The text without the lines of these pointers."""
    gone = {attribute_pattern(pointer) for pointer in pointers}
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not (_has_driver(line) and _pattern_of(line) in gone))


def attribute_pattern(path: str) -> str:
    """The pattern of .gitattributes that is this path, from the file's directory, and no other."""
    escaped = "".join(f"\\{character}" if character in "\\*?[" else character for character in path)
    if "/" not in path or path[0] in "!#":
        escaped = f"/{escaped}"
    if not _NEEDS_QUOTES.search(escaped):
        return escaped
    spelled = escaped.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{spelled}"'


def _has_driver(line: str) -> bool:
    return not line.startswith("#") and _ATTRIBUTE in line[len(_pattern_of(line)) :].split()


def _pattern_of(line: str) -> str:
    match = re.match(r'"(?:[^"\\]|\\.)*"|\S+', line)
    return match[0] if match else ""
