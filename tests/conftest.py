"""What tests share: scratch repositories with real git and real DVC, and the command as a person types it."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.plain_dvc import plain_dvc
from tests.s3_server import S3Server, s3_server

pytest_plugins = ["tests.busy"]

IDENTITY = {"name": "Ana Lima", "email": "ana@example.com"}


@dataclass(frozen=True)
class Result:
    """What one call of the command said, and its exit code."""

    code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.stdout)

    @property
    def error(self) -> Any:
        """The body of the error document."""
        return self.json["error"]


@dataclass(frozen=True)
class Scratch:
    """A directory with a git repository in it, worked on as a person would; `said` are documents that dsv printed."""

    root: Path
    said: list[Any] = field(default_factory=list, compare=False, repr=False)

    def dsv(self, *arguments: str, code: int | None = 0, cwd: Path | None = None) -> Result:
        """Run dsv in this process, in the root unless told otherwise; its exit code is `code` (None: any)."""
        from dsv.cli.app import run

        out, err = _Capture(), _Capture()
        before = os.getcwd()
        os.chdir(cwd or self.root)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                done = run(list(arguments))
        finally:
            os.chdir(before)
        result = Result(done, out.text(), err.text())
        assert code in (None, result.code), f"dsv {' '.join(arguments)}: exit {done}\n{result.stdout}\n{result.stderr}"
        return result

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The document that dsv prints with --json."""
        self.said.append(self.dsv(*arguments, "--json", code=code).json)
        return self.said[-1]

    def refused(self, *arguments: str, code: int, kind: str) -> Any:
        """The error document of a call that must be refused, which a person gets as one line without a traceback."""
        said = self.dsv(*arguments, code=code).stderr
        assert said.startswith("error: ")
        assert "Traceback" not in said
        error = self.dsv(*arguments, "--json", code=code).error
        assert (error["code"], error["kind"]) == (code, kind)
        return error

    def git(self, *arguments: str, check: bool = True) -> str:
        """Run git in the root."""
        return call("git", *arguments, cwd=self.root, check=check)

    def dvc(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run the plain DVC command."""
        done = plain_dvc(*arguments, cwd=cwd or self.root)
        assert done.returncode == 0, f"dvc {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def write(self, path: str, content: str | bytes) -> Path:
        """A file with this content, its directories made."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def records(self, path: str, records: Sequence[Mapping[str, Any]]) -> Path:
        """A JSONL file of these records."""
        return self.write(path, "".join(json.dumps(record) + "\n" for record in records))

    def read(self, path: str) -> str:
        """The text of a file."""
        return (self.root / path).read_text()

    def tree(self, path: str) -> dict[str, bytes]:
        """Every file below the path, by relative path."""
        top = self.root / path
        return {str(file.relative_to(top)): file.read_bytes() for file in sorted(top.rglob("*")) if file.is_file()}


class _Capture(io.TextIOWrapper):
    """A text stream with a byte buffer below it, as stdout has."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", write_through=True)

    def text(self) -> str:
        """All that was written."""
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


def call(*command: str, cwd: Path, check: bool = True) -> str:
    """What a command prints; its stderr is shown when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def numbered(count: int, *, start: int = 0, **more: Any) -> list[dict[str, Any]]:
    """Records with the keys `id` (a string) and `text`."""
    return [{"id": f"r{number}", "text": f"text of {number}", **more} for number in range(start, start + count)]


@pytest.fixture(autouse=True, scope="session")
def _a_home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No settings of the person who runs the tests, for git, DVC or the terminal."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(
        f"[user]\n\tname = {IDENTITY['name']}\n\temail = {IDENTITY['email']}\n[init]\n\tdefaultBranch = main\n"
        '[protocol "file"]\n\tallow = always\n[advice]\n\tdetachedHead = false\n'
    )
    patch = pytest.MonkeyPatch()
    # A shell ignores the interrupt for what it runs in the background, and programs that tests start inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in [name for name in os.environ if name.startswith(("GIT_", "DVC_", "DSV_"))]:
        patch.delenv(name)
    for name in ("NO_COLOR", "COLUMNS", "SOURCE_DATE_EPOCH"):
        patch.delenv(name, raising=False)
    patch.setenv("HOME", str(home))
    patch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    patch.setenv("DVC_SITE_CACHE_DIR", str(home / "site"))
    patch.setenv("DVC_NO_ANALYTICS", "1")
    patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _finds_what_it_provokes(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test marked with the number of one of check's checks has seen that find something, in its documented words."""
    yield
    wanted = {number for mark in request.node.iter_markers("provokes") for number in mark.args if number[0] == "C"}
    if not wanted:
        return
    from dsv.checks.catalogue import CHECKS

    repositories = [value for value in request.node.funcargs.values() if isinstance(value, Scratch)]
    results = [each for repo in repositories for document in repo.said for each in document.get("results", ())]
    for check in CHECKS:
        if check.number in wanted:
            pattern = re.sub(r"\\\{\w+\\\}", ".*", re.escape(check.says))
            said = [each["message"] for each in results if each.get("number") == check.number and each["fix"]]
            assert any(re.fullmatch(pattern, each) for each in said), f"{check.number} did not say {check.says}: {said}"


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    """An empty git repository."""
    root = tmp_path / "repo"
    root.mkdir()
    call("git", "init", "-q", "-b", "main", cwd=root)
    return Scratch(root)


@pytest.fixture(scope="session")
def _templates(tmp_path_factory: pytest.TempPathFactory, _a_home_of_its_own: None) -> dict[str, Path]:
    """Repositories that most tests begin with, made once by dsv itself; each test works on a copy."""
    found = {}
    for name in ("repo", "released"):
        root = tmp_path_factory.mktemp("template") / "repo"
        root.mkdir()
        call("git", "init", "-q", "-b", "main", cwd=root)
        made = Scratch(root)
        made.dsv("init")
        if name == "released":
            made.records("data/notes/train.jsonl", numbered(80))
            made.records("data/notes/test.jsonl", numbered(20, start=80))
            made.dsv("add", "data/notes", "--key", "id", "-m", "First notes")
        shutil.rmtree(root / ".git/dsv/work", ignore_errors=True)  # stats of files, which a copy has not
        found[name] = root
    return found


def _copied(template: Path, target: Path) -> Scratch:
    shutil.copytree(template, target, symlinks=True)
    call("git", "update-index", "-q", "--refresh", cwd=target)
    return Scratch(target)


def let_the_clock_tick() -> None:
    """From here on a look at the data believes the times of its files: what is newer than a tick is read again."""
    time.sleep(0.05)


@pytest.fixture
def repo(tmp_path: Path, _templates: dict[str, Path]) -> Scratch:
    """A repository where `dsv init` was run."""
    return _copied(_templates["repo"], tmp_path / "repo")


@pytest.fixture
def released(tmp_path: Path, _templates: dict[str, Path]) -> Scratch:
    """A repository with the dataset `notes`: 100 records keyed by id in two splits, released as 1.0.0."""
    return _copied(_templates["released"], tmp_path / "repo")


@pytest.fixture
def clone_of(tmp_path: Path) -> Callable[[Scratch], Scratch]:
    """A function that clones a repository with all its tags."""

    def clone(source: Scratch, *options: str) -> Scratch:
        target = tmp_path / f"clone{len(list(tmp_path.iterdir()))}"
        call("git", "clone", "-q", *options, str(source.root), str(target), cwd=tmp_path)
        return Scratch(target, source.said)

    return clone


@pytest.fixture(scope="session")
def s3_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An S3 server with the bucket `bucket`; who kills it starts it again."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def s3(s3_process: S3Server) -> str:
    """Its address."""
    return s3_process.url


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many faults were tried, by all processes that ran tests."""
    reports = [each for key in ("passed", "failed") for each in terminalreporter.getreports(key)]
    counts = [value for each in reports for name, value in each.user_properties if name == "faults"]
    if counts:
        tried, survived = (sum(each) for each in zip(*counts, strict=True))
        terminalreporter.write_line(f"{tried:,} faults tried, {survived:,} survived")
