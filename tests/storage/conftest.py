"""The suite of storages: the same tests on S3, SSH and directories, on this machine or wherever `--storage` says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import Result, Scratch, _copied, call
from tests.storage.line import Line, line_to
from tests.storage.storages import Keys, Shelf, Storage, directory, own_ceph, own_rclone, own_ssh, s3_storage

BINARIES = 30
KNOWN_TO_THE_PERSON = (".dvc/config.local", "aws-credentials")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the suite runs."""
    group = parser.getgroup("storage")
    said = "s3 (rclone's server), ceph, ssh, directory; s3://bucket/prefix, or a path, for one of yours"
    group.addoption("--storage", default=None, help=said)
    group.addoption("--endpoint-url", default="", help="the server of an s3:// storage that is not Amazon's")
    group.addoption("--region", default="us-east-1", help="the region of an s3:// storage")


def pytest_configure(config: pytest.Config) -> None:
    """The keys of a storage of yours, found before the tests have a home and an environment of their own."""
    if str(config.getoption("--storage", None)).startswith("s3://"):
        from botocore.session import get_session

        found = get_session().get_credentials()
        if found is None:
            raise pytest.UsageError("no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
        config.stash[_KEYS] = Keys(found.access_key, found.secret_key, found.token or "")


_KEYS = pytest.StashKey[Keys]()
# Its library leaves files open when a line breaks, which Python tells whenever it finds them.
_OF_SSH = [pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """An ordinary run takes rclone's server alone; the heavy one directories and SSH too."""
    if "storage" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--storage", None)
        names = [
            pytest.param(name, marks=[*_OF_SSH] * (name == "ssh") + [pytest.mark.heavy] * (name != "s3" and not chosen))
            for name in ([chosen] if chosen else ["s3", "directory", "ssh"])
        ]
        metafunc.parametrize("storage", names, indirect=True, scope="session", ids=lambda name: name.partition(":")[0])


@pytest.fixture(scope="session")
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    """Where the data goes."""
    named = request.param
    scratch = tmp_path_factory.mktemp("storage")
    with ExitStack() as stack:
        if named == "s3":
            yield own_rclone(request.getfixturevalue("s3_process"))
        elif named == "ceph":
            yield stack.enter_context(own_ceph(scratch))
        elif named == "ssh":
            yield stack.enter_context(own_ssh(scratch))
        elif named == "directory":
            yield directory(scratch / "nas")
        elif named.startswith("s3://"):
            endpoint, region = (request.config.getoption(name) for name in ("--endpoint-url", "--region"))
            yield s3_storage(named.rstrip("/"), endpoint=endpoint, region=region, keys=request.config.stash[_KEYS])
        else:
            yield directory(Path(named).absolute())


@pytest.fixture
def shelf(storage: Storage) -> Iterator[Shelf]:
    """A part of the storage for one test, cleared afterwards."""
    shelf = Shelf(storage, uuid.uuid4().hex[:12])
    if storage.kind == "directory":
        Path(storage.url).mkdir(parents=True, exist_ok=True)
    yield shelf
    shelf.clear()


def _section(remote: str, settings: Mapping[str, str]) -> str:
    return f"['remote \"{remote}\"']\n" + "".join(f"    {key} = {value}\n" for key, value in settings.items())


@dataclass(frozen=True)
class Person(Scratch):
    """Who works in a clone; `heard` is all that dsv said."""

    heard: list[str] = field(default_factory=list, compare=False)

    def dsv(self, *arguments: str, code: int | None = 0, cwd: Path | None = None) -> Result:
        """Run dsv, and remember what it said."""
        result = super().dsv(*arguments, code=None, cwd=cwd)
        self.heard.append(f"{result.stdout}{result.stderr}")
        assert code in (None, result.code), f"dsv {' '.join(arguments)}: exit {result.code}\n{self.heard[-1]}"
        return result

    def uses(self, storage: Storage, url: str, name: str = "store", *, besides: str = "") -> None:
        """Its default remote is there, as `dsv remote add` and `dvc remote modify --local` leave it; committed.

        `besides` is the address of a second one, `backup`.
        """
        remotes = {name: url, **({"backup": besides} if besides else {})}
        self.write(".dvc/config", f"[core]\n    remote = {name}\n" + "".join(
            _section(each, {"url": address, "verify": "true", **storage.settings}) for each, address in remotes.items()
        ))  # fmt: skip
        self.knows_how(storage)
        self.git("commit", "--allow-empty", "-qam", f"Use {name}")

    def knows_how(self, storage: Storage) -> None:
        """What only this clone may know of its remotes is where git does not keep it."""
        remotes = re.findall(r'remote "(.*?)"', self.read(".dvc/config"))
        if storage.private:
            self.write(".dvc/config.local", "".join(_section(each, storage.private) for each in remotes))

    def goes_by(self, line: Line, shelf: Shelf) -> None:
        """Its remote is reached by the line."""
        elsewhere = shelf.storage.at(line.port)
        self.uses(elsewhere, Shelf(elsewhere, shelf.name).url)

    def published(self) -> list[str]:
        """The branches and tags that everybody sees."""
        return call("git", "for-each-ref", "--format=%(refname:short)", cwd=self.root.parent / "hub.git").split()

    def cached(self) -> set[str]:
        """The names of the objects in the cache."""
        return {each.parent.name + each.name for each in (self.root / ".dvc/cache/files/md5").glob("??/*")}

    def objects_of(self, reference: str) -> set[str]:
        """Every object that belongs to a version, by what its manifest and the lists in the cache say."""
        digests = self.json("show", reference)["digests"]
        found = set()
        for oid in (digests["dvc"].removeprefix("md5:"), digests["index"].removeprefix("md5:")):
            found.add(oid)
            if oid.endswith(".dir"):
                found |= {each["md5"] for each in json.loads(self.object(oid).read_bytes())}
        return found

    def object(self, oid: str) -> Path:
        """Where an object is in the cache."""
        return self.root / ".dvc/cache/files/md5" / oid[:2] / oid[2:]

    def oid_of(self, reference: str, path: str) -> str:
        """The object of a file of a version."""
        listed = json.loads(
            self.object(self.json("show", reference)["digests"]["dvc"].removeprefix("md5:")).read_bytes()
        )
        return str(next(each["md5"] for each in listed if each["relpath"] == path))


@pytest.fixture(scope="session")
def _template(_templates: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`notes` at 1.0.0, and `binaries`, which are a few hundred kilobytes in many files."""
    made = _copied(_templates["released"], tmp_path_factory.mktemp("storage-template") / "repo")
    for number in range(BINARIES):
        made.write(f"data/binaries/{number}.bin", bytes([number]) * 10_000)
    made.dsv("add", "data/binaries")
    shutil.rmtree(made.root / ".git/dsv/work", ignore_errors=True)
    return made.root


@pytest.fixture(autouse=True)
def _keys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keys in the environment, where those of a pipeline are; temporary files where they can be looked through."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if "storage" in request.fixturenames:
        for name, value in request.getfixturevalue("storage").environment.items():
            monkeypatch.setenv(name, value)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.fixture
def ana(shelf: Shelf, tmp_path: Path, _template: Path) -> Iterator[Person]:
    """Who released something, and publishes it to the shelf and to a git remote."""
    call("git", "init", "-q", "--bare", "-b", "main", str(tmp_path / "hub.git"), cwd=tmp_path)
    ana = Person(_copied(_template, tmp_path / "ana").root)
    ana.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    ana.uses(shelf.storage, shelf.url)
    yield ana
    assert_untold(tmp_path, ana.heard, secrets=shelf.secrets)


@pytest.fixture
def another(ana: Person, shelf: Shelf, tmp_path: Path) -> Callable[[str], Person]:
    """A function that makes a clone for another person."""

    def clone(name: str) -> Person:
        call("git", "clone", "-q", str(tmp_path / "hub.git"), name, cwd=tmp_path)
        person = Person(tmp_path / name, heard=ana.heard)
        person.knows_how(shelf.storage)
        return person

    return clone


@pytest.fixture
def line(storage: Storage) -> Iterator[Line]:
    """A line to the storage that can be cut; a test is skipped where there is none."""
    with a_line_to(storage) as line:
        yield line


@contextmanager
def a_line_to(storage: Storage, *, bytes_a_second: float = 0) -> Iterator[Line]:
    """A line to the storage; a test is skipped where nothing leads there that could be cut."""
    if storage.host is None:
        pytest.skip("only a server that is asked over http or ssh has a line that can be cut")
    with line_to(storage.host, bytes_a_second=bytes_a_second) as line:
        yield line


@pytest.fixture
def s3_alone(storage: Storage) -> Storage:
    """The storage, when it is S3; a test is skipped on others."""
    if storage.kind != "s3":
        pytest.skip("of S3 alone")
    return storage


def assert_untold(top: Path, heard: list[str], *, secrets: tuple[str, ...]) -> None:
    """No secret is in what was said, in a file of a test, in a git object, or in what DVC keeps at home.

    But in the files where a person has put it, which git ignores.
    """
    wanted = re.compile("|".join(map(re.escape, secrets)).encode()) if secrets else None
    if wanted is None:
        return
    assert not any(wanted.search(each.encode()) for each in heard)
    homes = [top, Path(os.environ["DVC_SITE_CACHE_DIR"])]
    for file in (each for home in homes for each in home.rglob("*")):
        if file.is_file() and not str(file).endswith(KNOWN_TO_THE_PERSON):
            assert not wanted.search(file.read_bytes()), f"a secret is in {file}"
    for head in [*top.glob("*/HEAD"), *top.glob("*/.git/HEAD")]:
        command = ["git", "cat-file", "--batch-all-objects", "--batch"]
        assert not wanted.search(subprocess.run(command, cwd=head.parent, capture_output=True, check=True).stdout)
