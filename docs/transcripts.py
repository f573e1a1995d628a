"""What a terminal shows when the stories in examples/, or the pages to follow, are played: the same on every machine.

Time, identity, locale and the width of the terminal are fixed, and no settings of the person who runs it count.
"""  # noqa: INP001 - scripts beside the pages they make

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import catalogues

DOCS = Path(__file__).parent
EXAMPLES = DOCS.parent / "examples"
LOOKS = ("searching",)
STORIES = ("leases", "chat")
TRAININGS = ("training/make", "training/ci")
WITH_LIBRARIES = {
    "training/scikit-learn": ("pandas", "sklearn"),
    "training/pytorch": ("torch",),
    "training/trainer": ("torch", "transformers", "datasets", "accelerate"),
}
"""Pages to follow that need libraries, which the extra `training` brings; refresh.py leaves them as they are."""

WALKS = (
    "tutorial",
    "merging",
    "adopting",
    "lineage",
    "loading",
    "templates",
    "migrating",
    "pinning",
    "exports",
    *TRAININGS,
)

_SECONDS = "1767225600"
_BLOCK = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ .*\n(?:> .*\n)*", re.MULTILINE)
_SEPARATOR = "\x1e\n"


def environment(home: Path) -> dict[str, str]:
    """The variables a transcript is made with; `home` is an empty directory."""
    person = {"NAME": "Ana Lima", "EMAIL": "ana@example.com", "DATE": f"{_SECONDS} +0000"}
    identity = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()}
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOME": str(home),
        "TMPDIR": str(home),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "COLUMNS": "80",
        "SOURCE_DATE_EPOCH": _SECONDS,
        "GIT_CONFIG_NOSYSTEM": "1",
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "site"),
        **identity,
    }


def story(name: str, scratch: Path) -> str:
    """The page of a story, with what it prints when it is played in the scratch directory."""
    page = (DOCS / "examples" / f"{name}.md").read_text(encoding="utf-8")
    said = _run(["sh", str(EXAMPLES / name / "run.sh"), str(scratch / name)], scratch=scratch, where=scratch)
    return _BLOCK.sub(lambda _: f"```console\n{said.rstrip()}\n```", page, count=1)


def walk_through(page: str, scratch: Path) -> str:
    """The page, its `console` blocks with what their commands print, run one after the other in one shell.

    A line that starts with `$` is a command, one with `>` continues it. A block with a file name behind its
    language is written into that file where it stands.
    """
    work = scratch / "tutorial"
    work.mkdir()
    script = scratch / "script.sh"
    script.write_text("".join(_script(page)), encoding="utf-8")
    outputs = iter(_run(["bash", str(script)], scratch=scratch, where=work).split(_SEPARATOR)[1:])

    def played(block: re.Match[str]) -> str:
        if block["language"] != "console":
            return block[0]
        said = "".join(command + next(outputs) for command in _COMMAND.findall(block["text"]))
        return f"```console\n{said}```"

    return _BLOCK.sub(played, page)


def looks(page: str, scratch: Path) -> str:
    """The page, its blocks `console NAME` with what their commands print in the catalogue of that name.

    The commands only look, so they are run here, one `dsv` each; `COLUMNS=` before one is the width of its terminal.
    """
    for name, catalogue in (("few", catalogues.few()), ("many", catalogues.many())):
        catalogues.make(scratch / name, catalogue)

    def played(block: re.Match[str]) -> str:
        if block["language"] != "console":
            return block[0]
        where = scratch / block["file"]
        said = "".join(
            command + _looked(command.removeprefix("$ "), where) for command in _COMMAND.findall(block["text"])
        )
        return f"```console {block['file']}\n{said}```"

    return _BLOCK.sub(played, page)


def answers(page: str) -> Iterator[tuple[str, str]]:
    """Each command of the page's consoles with what it prints."""
    for block in blocks(page, "console"):
        told = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)
        yield from zip(told[1::2], told[2::2], strict=True)


def _looked(command: str, where: Path) -> str:
    """What a command prints there, errors too."""
    from dsv.cli.app import run

    words = shlex.split(command)
    columns = words.pop(0).removeprefix("COLUMNS=") if words[0].startswith("COLUMNS=") else "80"
    if words.pop(0) != "dsv":
        raise RuntimeError(f"{command} is no dsv")
    before, out = os.environ.get("COLUMNS"), io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    os.environ["COLUMNS"] = columns
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            run(["--repo", str(where), *words])
    finally:
        del os.environ["COLUMNS"]
        os.environ.update({} if before is None else {"COLUMNS": before})
    return out.buffer.getvalue().decode()  # type: ignore[attr-defined] # a BytesIO


def blocks(page: str, language: str) -> list[str]:
    """The texts of the page's blocks in a language."""
    return [block["text"] for block in _BLOCK.finditer(page) if block["language"] == language]


def _script(page: str) -> Iterator[str]:
    yield "exec 2>&1\n"
    for block in _BLOCK.finditer(page):
        if block["file"]:
            yield f"mkdir -p \"$(dirname '{block['file']}')\"\ncat > '{block['file']}' <<'END'\n{block['text']}END\n"
        elif block["language"] == "console":
            for command in _COMMAND.findall(block["text"]):
                # The separator must not change the exit code that the next command may ask for.
                yield "code=$?; printf '\\036\\n'; (exit $code)\n"
                yield re.sub(r"^[$>] ", "", command, flags=re.MULTILINE)


def _run(command: list[str], *, scratch: Path, where: Path) -> str:
    home = scratch / "home"
    home.mkdir()
    done = subprocess.run(
        command,
        cwd=where,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout
