"""Checks of what people declare: dsv.yaml and each dataset.yaml can be read, and say what can be done."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsv.errors import BadManifestError, BadNameError, DsvError
from dsv.model.finding import Check, Finding, Status
from dsv.model.name import check_name
from dsv.model.problems import shown

SETTINGS_READ = Check(
    "C101",
    "declaration",
    "dsv.yaml can be read, and each of its settings can be.",
    "Every command reads it first, and stops where it cannot.",
    "Somebody wrote `major: lots` under `policy`.",
    "{setting}: must be {what}",
    "correct {file}; git restore {file} brings the committed one back",
)
DATASET_READS = Check(
    "C102",
    "declaration",
    "Each dataset.yaml can be read, lies in the directory of its name, and names formats and rules that there are.",
    "Nothing can be said of a dataset whose declaration cannot be read.",
    "Somebody wrote `key: 7`, where a list of fields belongs.",
    "{setting}: must be {what}",
    "correct {file}; git restore {file} brings the committed one back",
)
NOT_DECLARED = Check(
    "C103",
    "declaration",
    "What has versions has a dataset.yaml.",
    "Its next version cannot be released, and nobody can tell what it is.",
    "Somebody deleted `manifests/leases/dataset.yaml` and left the versions.",
    "is not there",
    "git log -- {file} shows the commit that took it away; git checkout COMMIT^ -- {file} brings it back",
)

NO_NAME = Check(
    "C104",
    "name",
    "A directory among the manifests that holds a dataset.yaml has a name that a dataset may have.",
    "It counts for nothing: no command finds it.",
    "Somebody renamed `manifests/leases` to `manifests/leases 2026` by hand.",
    "dataset name {name} {problem}",
    "git mv it back, and dsv rename OLD NEW",
)
ONE_CASE = Check(
    "C105",
    "name",
    "Names of datasets differ in more than case.",
    "On macOS and Windows the two are one directory, and one of them disappears.",
    "Two branches added `Leases` and `leases`.",
    "differs from the dataset {other} in case alone",
    "dsv rename one of the two",
)
ONE_PATH = Check(
    "C106",
    "path",
    "The data of each dataset lies in a place of its own.",
    "A release of one would change the other.",
    "Two branches added `data/leases` under two names.",
    "its data at {path} is also that of {other}",
    "dsv move one of them, or dsv archive it",
)
STRAY = Check(
    "C107",
    "place",
    "What lies beside a dataset.yaml and ends with .yaml is a manifest, under a number that can be one.",
    "Under another name it counts for nothing.",
    "Somebody copied `1.1.0.yaml` to `1.1.yaml`.",
    "{name} is no version, so this file counts for nothing",
    "git rm {file}; dsv bump writes manifests",
)

DECLARATIONS = (SETTINGS_READ, DATASET_READS, NOT_DECLARED, NO_NAME, ONE_CASE, ONE_PATH, STRAY)


@dataclass(frozen=True)
class Places:
    """What lies among the manifests: directories with a dataset.yaml by name, and files that are neither of dsv's.

    `paths` are where the data of the datasets lies, as far as these were read.
    """

    directories: Collection[str]
    strays: Sequence[str]
    paths: Mapping[str, str]


def check_places(places: Places, *, asked: Collection[str], manifests: str) -> list[Finding]:
    """What is wrong with names and places; `asked` are the datasets that it is told of."""
    found = []
    spelled: dict[str, list[str]] = {}
    for name in sorted(places.directories):
        spelled.setdefault(name.lower(), []).append(name)
        try:
            check_name(name)
        except BadNameError as error:
            file = f"{manifests}/{name}/dataset.yaml"
            found.append(Finding(NO_NAME, Status.FAILED, error.message, file=file, line=1))
    for alike in spelled.values():
        for name in alike[1:]:
            if name in asked or alike[0] in asked:
                said = f"differs from the dataset {alike[0]} in case alone"
                file = f"{manifests}/{name}/dataset.yaml"
                found.append(Finding(ONE_CASE, Status.FAILED, said, dataset=name, file=file, line=1))
    for name, other, path in _overlapping(places.paths):
        said = f"its data at {path} is also that of {other}"
        file = f"{manifests}/{name}/dataset.yaml"
        found.append(Finding(ONE_PATH, Status.FAILED, said, dataset=name, file=file, line=1))
    for file in places.strays:
        stem = file.rpartition("/")[2].removesuffix(".yaml")
        said = f"{shown(stem)} is no version, so this file counts for nothing"
        found.append(Finding(STRAY, Status.WARNING, said, dataset=file.split("/")[-2], file=file, line=1))
    return found


def _overlapping(paths: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Each dataset whose data lies in, or is, that of another: the two, and the path of the inner one."""
    owners: dict[str, str] = {}
    for name in sorted(paths):
        owners.setdefault(paths[name], name)
    for name in sorted(paths):
        parts = paths[name].split("/")
        for depth in range(1, len(parts) + 1):
            other = owners.get("/".join(parts[:depth]))
            if other is not None and other != name:
                yield name, other, paths[name]
                break


def reads(check: Check, *, file: str, dataset: str | None = None) -> Finding:
    """The file can be read."""
    return Finding(check, Status.PASSED, "reads", dataset=dataset, file=file)


def is_not_there(*, file: str, dataset: str) -> Finding:
    """There is no such file."""
    return Finding(NOT_DECLARED, Status.WARNING, "is not there", dataset=dataset, file=file)


def cannot_be_done(error: DsvError, *, file: str, dataset: str) -> Finding:
    """The file can be read, and asks for what cannot be had."""
    return Finding(DATASET_READS, Status.FAILED, error.headline, dataset=dataset, file=file, line=1, remedy=error.hint)


def unreadable(check: Check, error: BadManifestError, *, file: str, dataset: str | None = None) -> list[Finding]:
    """Everything that is wrong with the file, each at its line."""
    problems: Sequence[dict[str, object]] = error.details.get("problems") or [
        {"line": 1, "path": "", "message": error.message}
    ]
    return [
        Finding(
            check,
            Status.FAILED,
            f"{problem['path']}: {problem['message']}" if problem["path"] else str(problem["message"]),
            dataset=dataset,
            file=file,
            line=line if isinstance(line := problem["line"], int) and line else 1,
        )
        for problem in problems
    ]
