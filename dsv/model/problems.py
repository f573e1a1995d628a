"""What is wrong with a file: each problem with its place, and all of them in one error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from dsv.errors import BadManifestError

MAXIMUM_PROBLEMS = 1_000
MAXIMUM_SHOWN = 60
LONG_NUMBER = 200

Path = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong with a file; line and column count from 1, and are 0 for values not read from one."""

    line: int
    column: int
    path: str
    message: str
    file: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"

    def document(self) -> dict[str, Any]:
        """The problem as it stands in an error document."""
        place = {"file": self.file, "line": self.line, "column": self.column}
        return {**place, "path": self.path, "message": self.message}


def refuse(problems: Iterable[Problem]) -> NoReturn:
    """One BadManifestError that lists all the problems, of which there is at least one, in the file's order."""
    ordered = sorted(set(problems))
    more = f" (and {len(ordered) - 1} more)" if len(ordered) > 1 else ""
    in_file = "correct the file; a released manifest is restored with git"
    raise BadManifestError(
        f"{ordered[0]}{more}",
        hint=in_file if ordered[0].line else "give another value",
        details={"problems": [problem.document() for problem in ordered[:MAXIMUM_PROBLEMS]]},
    )


def problem_at(mark: Any, path: Path, message: str, *, file: str) -> Problem:
    """The problem at a mark of the parser; without one, at the start of the file."""
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Problem(line, column, path_text(path), message, file)


def path_text(path: Path) -> str:
    """`change.records.added`, `lineage[1].ref`; keys that are no plain words are quoted and escaped."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = step if re.fullmatch(r"[A-Za-z_][\w-]{0,59}", step, re.ASCII) else shown(step)
            text += f".{key}" if text else key
    return text


def shown(value: object) -> str:
    """A value as it stands in a message: escaped, and at most 60 characters of it."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, int) and value.bit_length() > LONG_NUMBER:
        return "a very long number"
    text = ascii(value[: MAXIMUM_SHOWN + 1] if isinstance(value, str) else value)
    return text if len(text) <= MAXIMUM_SHOWN + len("''") else f"{text[:MAXIMUM_SHOWN]}..."
