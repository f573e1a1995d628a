"""Hold `dsv diff` against real version histories whose differences an independent script has counted.

    python benchmarks/truth.py HISTORIES

Each directory NAME in HISTORIES holds the files of every version as they were published (`NAME/VERSION/...`) and
`truth.json` with the figures of each step from one version to the next. Every version is released in a scratch
repository; the figures of the working tree against the last release, and those of the two releases, must be the ones
in truth.json: files by class, records as one multiset without a key, fields, records by key inside each
file where the history names one, and what DVC would name the directory.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dsv
from dsv.api import Repo
from dsv.errors import BadKeyError
from dsv.operations.diff import Diff

_TYPES = {
    "str": "string",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "NoneType": "null",
}
Figures = dict[str, Any]


@dataclass
class Score:
    """How many figures agree, and a line for each that does not."""

    agreeing: int = 0
    skipped: int = 0
    differing: list[str] = field(default_factory=list)

    def hold(self, where: str, expected: Mapping[str, Any], actual: Mapping[str, Any]) -> None:
        """Count each expected figure."""
        for name, value in expected.items():
            if actual.get(name) == value:
                self.agreeing += 1
            else:
                self.differing.append(f"{where}: {name}: expected {value}, dsv says {actual.get(name)}")


def main() -> int:
    """Exit code 0 when every figure agrees."""
    parser = argparse.ArgumentParser(description="Hold dsv diff against counted histories.")
    parser.add_argument("histories", type=Path, help="directory of histories")
    folder = parser.parse_args().histories
    found = sorted(path.parent for path in folder.glob("*/truth.json"))
    if not found:
        print(f"no */truth.json in {folder}", file=sys.stderr)
        return 2
    wrong = 0
    for history in found:
        with tempfile.TemporaryDirectory(prefix="dsv-truth-") as scratch:
            score = hold(history, Path(scratch))
        skipped = f", {score.skipped} steps by key skipped: the key repeats" if score.skipped else ""
        print(f"{history.name}: {score.agreeing} of {score.agreeing + len(score.differing)} figures agree{skipped}")
        for line in score.differing:
            print(f"  {line}")
        wrong += len(score.differing)
    return 1 if wrong else 0


def hold(history: Path, scratch: Path) -> Score:
    """The score of one history."""
    truth = json.loads((history / "truth.json").read_text())
    score = Score()
    repo = _repository(scratch)
    _hold_pooled(repo, history, truth, score)
    for _, _, options in truth["readers"]:
        if options.get("key"):
            _hold_by_key(repo, history, truth, options["key"], score)
    return score


def _repository(root: Path) -> Repo:
    environment = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "DVC_NO_ANALYTICS": "1"}
    os.environ.update(environment)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    for name, value in (("user.name", "Truth"), ("user.email", "truth@example.com")):
        subprocess.run(["git", "-C", str(root), "config", name, value], check=True)
    dsv.init(str(root))
    return dsv.open(str(root))


def _hold_pooled(repo: Repo, history: Path, truth: Mapping[str, Any], score: Score) -> None:
    """Every version as one dataset without a key."""
    name, last = f"{history.name}-all", ""
    data = Path(repo.root, "data", name)
    steps = {pair["to"]: pair for pair in truth["pairs"]}
    for version in truth["versions"]:
        text = version["version"]
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(history / text, data)
        if not last:
            release = repo.add(str(data), on_bad_record="keep")
        else:
            expected = {**_files(steps[text]["files"]), **_pooled(steps[text]["records"])}
            expected |= _fields(steps[text]["schema_union"])
            score.hold(f"{text}, working tree", expected, _figures(repo.diff(name)))
            release = repo.bump(name, on_bad_record="keep")
            between = repo.diff(f"{name}@{last}", str(release.version))
            score.hold(f"{text}, released", expected, _figures(between))
        last = str(release.version)
        listed = {"records": version["records"], "dvc": f"md5:{version['dvc_dir_md5']}"}
        manifest = release.manifest
        score.hold(f"{text}, manifest", listed, {"records": manifest.data.records, "dvc": manifest.digests.dvc})


def _hold_by_key(repo: Repo, history: Path, truth: Mapping[str, Any], key: list[str], score: Score) -> None:
    """Every file as a dataset of its own, whose key may repeat in others."""
    for number, (path, steps) in enumerate(sorted(_steps_of_files(truth))):
        name = f"{history.name}-{number}"
        file = Path(repo.root, "data", name, Path(path).name)
        for old, new, expected in steps:
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(history / old / path, file)
            if number_of_versions(repo, name):
                repo.bump_if_changed(name, waive={"key": "as published"}, on_bad_record="keep")
            else:
                try:
                    repo.add(str(file.parent), key=key, on_bad_record="keep")
                except BadKeyError:
                    # a first version must keep the promise of its key; the next step may begin with one that does
                    score.skipped += 1
                    continue
            shutil.copyfile(history / new / path, file)
            score.hold(f"{new} {path}, by key", expected, _figures(repo.diff(name)))


def number_of_versions(repo: Repo, name: str) -> int:
    """How many versions the dataset has."""
    return next((each.versions for each in repo.list().datasets if each.name == name), 0)


def _steps_of_files(truth: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[str, str, Figures]]]]:
    steps: dict[str, list[tuple[str, str, Figures]]] = {}
    for pair in truth["pairs"]:
        for path, counted in pair["per_file"].items():
            if "keyed" in counted:
                keyed = {name: counted["keyed"][name] for name in ("added", "removed", "modified", "unchanged")}
                expected = {"old": counted["old"], "new": counted["new"], **keyed, **_fields(counted["schema"])}
                steps.setdefault(path, []).append((pair["from"], pair["to"], expected))
    yield from steps.items()


def _files(counted: Mapping[str, Any]) -> Figures:
    renamed = sorted([old, new] for old, new in counted["exact_renames"])
    return {
        "files added": sorted(set(counted["added"]) - {new for _, new in renamed}),
        "files removed": sorted(set(counted["removed"]) - {old for old, _ in renamed}),
        "files modified": sorted(counted["modified"]),
        "files renamed": renamed,
        "files unchanged": counted["unchanged"],
    }


def _pooled(counted: Mapping[str, Any]) -> Figures:
    return {"old": counted["old"], "new": counted["new"], "modified": 0, **counted["pooled_multiset"]}


def _fields(counted: Mapping[str, Any]) -> Figures:
    changed = {
        name: [sorted({_TYPES.get(kind, kind) for kind in side} - {"null"}) for side in sides]
        for name, sides in counted["fields_type_changed"].items()
    }
    return {
        "fields added": sorted(counted["fields_added"]),
        "fields removed": sorted(counted["fields_removed"]),
        "fields changed": {name: sides for name, sides in changed.items() if sides[0] != sides[1]},
    }


def _figures(diff: Diff) -> Figures:
    document = diff.document()
    files, records, schema = document["files"], document["records"], document["schema"]
    return {
        **{f"files {each}": sorted(files["paths"][each]) for each in ("added", "removed", "modified", "renamed")},
        "files unchanged": files["unchanged"],
        **{each: records[each] for each in ("old", "new", "added", "removed", "modified")},
        # whether a record changed its split is no question that the counted figures ask
        "unchanged": records["unchanged"] + records["moved"],
        "fields added": sorted(schema["added"]),
        "fields removed": sorted(schema["removed"]),
        "fields changed": {
            each["field"]: [sorted(set(each[side]) - {"null"}) for side in ("old", "new")] for each in schema["changed"]
        },
    }


if __name__ == "__main__":
    sys.exit(main())
