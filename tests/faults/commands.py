"""The commands that are cut short, each with the repository that it begins with."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

Dsv = Callable[..., None]


@dataclass(frozen=True)
class Place:
    """A directory with everything that a command may touch: `repo`, and remotes beside it."""

    root: Path
    dsv: Dsv

    @property
    def repo(self) -> Path:
        """The repository."""
        return self.root / "repo"

    def git(self, *arguments: str) -> None:
        """Run git in the repository."""
        subprocess.run(["git", *arguments], cwd=self.repo, check=True, capture_output=True)

    def write(self, path: str, text: str) -> None:
        """A file with this text."""
        file = self.repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def records(self, path: str, numbers: Sequence[int]) -> None:
        """A JSONL file of records with these ids."""
        self.write(path, "".join(json.dumps({"id": f"r{n}", "text": f"text of {n}"}) + "\n" for n in numbers))


class Ends(Enum):
    """What may be left when all is put in order."""

    ONE_OF_TWO = "all or nothing"
    ON_THE_WAY = "what was brought stays"


@dataclass(frozen=True)
class Command:
    """A command, what it begins with, and its exit codes when it is run again after it was done.

    `brings` is whether it brings bytes that are not there before; `fails` are its exit codes when the disk refuses.
    """

    name: str
    arguments: Sequence[str]
    beginning: str
    prepare: Callable[[Place], None]
    again: Sequence[int]
    ends: Ends = Ends.ONE_OF_TWO
    brings: bool = False
    fails: Sequence[int] = (50,)


def _empty(place: Place) -> None:
    place.repo.mkdir(parents=True)
    place.git("init", "-q", "-b", "main", "--template=")
    place.write("README", "old\n")
    place.git("add", "README")


def _released(place: Place) -> None:
    _empty(place)
    place.git("commit", "-qm", "first")
    place.dsv("init")
    place.records("data/notes/train.jsonl", range(80))
    place.records("data/notes/test.jsonl", range(80, 100))
    place.dsv("add", "data/notes", "--key", "id", "-m", "First notes")


def _published(place: Place) -> None:
    """The first version is on the remotes."""
    _released(place)
    origin = place.root / "origin.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", "--template=", origin], check=True)
    place.git("remote", "add", "origin", "../origin.git")
    (place.root / "storage").mkdir()
    place.dsv("remote", "add", "storage", "../storage")
    place.dsv("push")


BEGINNINGS = {"empty": _empty, "released": _released, "published": _published}
"""What commands begin with; made once."""


def _at_work(place: Place) -> None:
    """Things that a person has begun: staged, half staged, deleted, and new."""
    place.write("train.py", "print(1)\n")
    place.git("add", "train.py")
    place.git("commit", "-qm", "code")
    place.write("README", "staged\n")
    place.write("new.py", "new\n")
    place.git("add", "README", "new.py")
    place.write("README", "staged\nand more\n")
    (place.repo / "train.py").unlink()
    place.write("dvc.yaml", "# my pipeline\n" + (place.repo / "dvc.yaml").read_text())


def _others(place: Place) -> None:
    _at_work(place)
    place.records("data/others/a.jsonl", range(30))


def _changed(place: Place) -> None:
    place.records("data/notes/more.jsonl", range(100, 130))
    _at_work(place)


def _second(place: Place) -> None:
    """Two versions, which have files of their own each; the second is the last commit."""
    _at_work(place)
    place.records("data/notes/train.jsonl", range(60))
    place.records("data/notes/new/more.jsonl", range(200, 230))
    place.dsv("bump", "notes")


def _judged(place: Place) -> None:
    """Some records are scored, and there are scores of all, into which those go."""
    _at_work(place)
    lines = [json.dumps({"id": f"r{n}", "quality_score": n / 100}) + "\n" for n in range(100)]
    (place.root / "scores.jsonl").write_text("".join(lines[:5]))
    place.dsv("quality", "import", "notes", "../scores.jsonl", "--scorer", "judge")
    (place.root / "scores.jsonl").write_text("".join(lines))


def _registry(place: Place) -> None:
    """A registry beside the repository, with two versions of a dataset, and metrics of the first."""
    _at_work(place)
    with contextlib.closing(sqlite3.connect(place.root / "registry.db")) as database:
        database.execute("CREATE TABLE datasets (id INTEGER, name TEXT, status TEXT)")
        database.execute(
            "CREATE TABLE dataset_versions (id INTEGER, dataset_id INTEGER, version, file_path, sha256_hash)"
        )
        database.execute(
            "CREATE TABLE dataset_quality_metrics (version_id INTEGER, example_index INTEGER, quality_score)"
        )
        database.execute("INSERT INTO datasets VALUES (1, 'talks', 'deprecated')")
        for number in (1, 2):
            file = place.root / f"talks{number}.jsonl"
            file.write_text("".join(json.dumps({"id": each}) + "\n" for each in range(20 * number)))
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            row = (number, 1, f"{number}.0.0", f"../{file.name}", digest)
            database.execute("INSERT INTO dataset_versions VALUES (?, ?, ?, ?, ?)", row)
        database.execute("INSERT INTO dataset_quality_metrics VALUES (1, 0, 0.5)")
        database.commit()


def _untagged(place: Place) -> None:
    _second(place)
    place.git("tag", "-d", "notes@v1.0.0", "notes@v1.1.0")


def _unpushed(place: Place) -> None:
    place.records("data/notes/more.jsonl", range(100, 130))
    place.dsv("bump", "notes")
    _at_work(place)


def _without_data(place: Place) -> None:
    """As after a clone: everything is on the remote, and nothing is here."""
    _at_work(place)
    for below in (".dvc/cache/files", "data/notes", "manifests/notes/index"):
        shutil.rmtree(place.repo / below)


def _needless(place: Place) -> None:
    """Objects in the cache that nothing names."""
    _at_work(place)
    for text in (b"one", b"another"):
        digest = hashlib.md5(text, usedforsecurity=False).hexdigest()
        file = place.repo / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(text)
        os.utime(file, (0, 0))


def _damaged(place: Place) -> None:
    """Objects were cut short: good bytes are in the work tree, in the data that an index is made of, on the remote."""
    _at_work(place)
    objects = place.repo / ".dvc/cache/files/md5"
    listed = {
        each["relpath"]: objects / each["md5"][:2] / each["md5"][2:]
        for directory in sorted(objects.rglob("*.dir"))
        for each in json.loads(directory.read_text())
    }
    place.records("data/notes/test.jsonl", range(90))  # an edit, so that only the remote has what was released
    index = place.repo / "manifests/notes/index/1.0.0/records-00.pack"
    for damaged in (listed["train.jsonl"], listed["test.jsonl"], listed["records-00.pack"], index):
        content, mode = damaged.read_bytes(), damaged.stat().st_mode
        damaged.chmod(0o644)
        damaged.write_bytes(content[:-1])
        damaged.chmod(mode)


def _merged(place: Place) -> None:
    """git has merged two branches that changed the data, and the merged data is to be brought into the work tree."""
    place.dsv("init", "--merge-driver")
    place.git("switch", "-qc", "side")
    place.records("data/notes/side.jsonl", range(300, 320))
    place.dsv("bump", "notes")
    place.git("switch", "-q", "main")
    place.dsv("checkout", "notes@1.0.0")
    place.records("data/notes/train.jsonl", [*range(70), *range(400, 420)])
    place.dsv("bump", "notes", "--version", "3.0.0")
    place.git("merge", "-q", "--no-edit", "side")


def _collided(place: Place) -> None:
    """Somebody else published a 1.1.0 before the one that was released here."""
    place.records("data/notes/theirs.jsonl", range(300, 320))
    place.dsv("bump", "notes")
    place.dsv("push")
    place.git("tag", "-d", "notes@v1.1.0")
    place.git("reset", "-q", "--hard", "HEAD~1")
    place.dsv("checkout", "notes@1.0.0", "--force")
    _unpushed(place)


def _disordered(place: Place) -> None:
    """Somebody's edit took the dataset's entries out of files that everybody writes."""
    place.write("dvc.yaml", "# my pipeline\n")
    place.write("data/.gitignore", "/mine\n")
    place.git("add", "dvc.yaml", "data/.gitignore")
    place.git("commit", "-qm", "oops")
    _at_work(place)


def _littered(place: Place) -> None:
    """The remote has a directory and a file that nothing needs."""
    _at_work(place)
    texts = ["one", "two", "three"]
    names = [hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in texts]
    listed = json.dumps([{"md5": name, "relpath": name} for name in names[:2]])
    names.append(f"{hashlib.md5(listed.encode(), usedforsecurity=False).hexdigest()}.dir")
    for name, text in zip(names, [*texts, listed], strict=True):
        file = place.root / "storage/files/md5" / name[:2] / name[2:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def _nothing_more(_: Place) -> None:
    """The beginning is all."""


_COLLECT = ["gc", "--remote", "storage", "--sole-owner", "--apply", "--older-than", "0"]

COMMANDS = {
    command.name: command
    for command in (
        Command("init", ["init"], "empty", _nothing_more, again=[0], ends=Ends.ON_THE_WAY),
        Command("add", ["add", "data/others", "--key", "id"], "released", _others, again=[20]),
        Command("bump", ["bump", "notes"], "released", _changed, again=[20]),
        Command(
            "score",
            ["quality", "import", "notes@1.0.0", "../scores.jsonl", "--scorer", "judge"],
            "released",
            _judged,
            again=[20],
        ),
        Command("rollback", ["rollback", "notes", "1.0.0"], "released", _second, again=[20]),
        Command("tag", ["tag", "--missing"], "released", _untagged, again=[0]),
        Command("renumber", ["bump", "notes", "--renumber"], "published", _collided, again=[20]),
        Command("undo", ["undo", "notes@1.1.0"], "released", _second, again=[10]),
        Command("rename", ["rename", "notes", "memos"], "released", _at_work, again=[2]),
        Command("move", ["move", "notes", "data/below/notes"], "released", _at_work, again=[20]),
        Command("deprecate", ["deprecate", "notes@1.0.0", "--reason", "old"], "released", _at_work, again=[20]),
        Command("doctor", ["doctor", "--fix"], "released", _disordered, again=[0], fails=[1, 50]),
        Command("checkout", ["checkout", "notes@1.0.0"], "released", _second, again=[0]),
        Command("merge", ["merge", "notes"], "released", _merged, again=[0]),
        Command("gc", ["gc", "--apply", "--older-than", "0"], "released", _needless, again=[0], ends=Ends.ON_THE_WAY),
        Command(
            "repair",
            ["verify", "--all", "--repair"],
            "published",
            _damaged,
            again=[0],
            ends=Ends.ON_THE_WAY,
            brings=True,
        ),
        Command("push", ["push"], "published", _unpushed, again=[0], ends=Ends.ON_THE_WAY),
        Command("fetch", ["fetch", "notes"], "published", _without_data, again=[0], ends=Ends.ON_THE_WAY, brings=True),
        Command("gc", _COLLECT, "published", _littered, again=[0], ends=Ends.ON_THE_WAY),
        Command("pull", ["pull"], "published", _without_data, again=[0], ends=Ends.ON_THE_WAY, brings=True),
        Command(
            "import",
            ["import", "registry", "sqlite:///../registry.db"],
            "released",
            _registry,
            again=[0],
            ends=Ends.ON_THE_WAY,
        ),
    )
}
