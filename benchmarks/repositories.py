"""Repositories with many datasets, as if they had been released one by one.

One dataset is really added. The others hold the same data under other names, and their manifests, pointers,
artifacts and tags are what dsv would have written: with right checksums, each version naming the one before.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dsv.model.manifest import Manifest, dump_manifest, load_manifest, manifest_checksum
from dsv.records.canonical import encode
from sides import Side

RECORDS = 20


def name_of(number: int) -> str:
    """The name of a dataset; they are numbered from 0."""
    return f"d{number:05d}"


def make_datasets(side: Side, *, count: int) -> None:
    """Datasets of two small files in one version each, released by one commit, with their data in place."""
    _release_first(side)
    root, first = side.root, name_of(0)
    templates = Templates(root)
    folder, data = root / "manifests" / first, root / "data" / first
    pointers = {path: path.read_text() for path in (folder / "1.0.0.dvc", folder / "dataset.yaml")}
    pointer = Path(f"{data}.dvc").read_text()
    for number in range(1, count):
        name = name_of(number)
        shutil.copytree(data, root / "data" / name)
        Path(f"{root}/data/{name}.dvc").write_text(pointer.replace(first, name))
        own = root / "manifests" / name
        shutil.copytree(folder / "index", own / "index")
        for path, text in pointers.items():
            (own / path.name).write_text(text.replace(first, name))
        (own / "1.0.0.yaml").write_bytes(templates.first(name))
    names = [name_of(number) for number in range(count)]
    (root / "data/.gitignore").write_text("".join(f"/{name}\n" for name in names))
    entries = (f"  {name}:\n    path: data/{name}\n    type: dataset\n" for name in names)
    (root / "dvc.yaml").write_text("artifacts:\n" + "".join(entries))
    side.git("add", "--all", ".")
    side.git("commit", "-q", "--allow-empty", "-m", "Many datasets")
    _tag(side, [(name, "1.0.0") for name in names[1:]])
    rest(side)


def release_twice(side: Side) -> None:
    """The first dataset in two versions, really released."""
    _release_first(side)
    _append(side.root / "data" / name_of(0), start=RECORDS)
    side.call("bump", name_of(0))


def append_record(side: Side, dataset: str) -> None:
    """A new record at the end of the dataset's first file."""
    _append(side.root / "data" / dataset, start=os.stat(side.root / "data" / dataset / "train.jsonl").st_size)


class Templates:
    """Manifests made of those of the dataset that was really released."""

    def __init__(self, root: Path) -> None:
        """Read the manifests of the first dataset, in whose place others are to come."""
        self._texts = {
            path.name: load_manifest(path.read_bytes(), file=path.name).value.model_dump(mode="json", by_alias=True)
            for path in (root / "manifests" / name_of(0)).glob("[0-9]*.yaml")
        }

    def first(self, name: str) -> bytes:
        """The bytes of the first version's manifest."""
        return self._made("1.0.0.yaml", name, version="1.0.0")

    def manifest(
        self,
        name: str,
        version: str,
        *,
        level: str,
        previous: str | None,
        records: Mapping[str, float],
        tree: str,
        **others: Any,
    ) -> bytes:
        """The bytes of any version's manifest; `records` are what changed, `others` whole sections."""
        file = "1.0.0.yaml" if previous is None else next(each for each in self._texts if each != "1.0.0.yaml")
        document = self._texts[file]
        count = int(records["unchanged"] + records["modified"] + records["added"])
        reasons = [f"changed share {100 * records['changed_share']:.1f} %"] if previous else ["first version"]
        change = {**document["change"], "previous": previous, "level": level, "computed": level}
        return self._made(
            file,
            name,
            version=version,
            change={**change, "records": dict(records), "reasons": reasons},
            data={**document["data"], "records": count, "bytes": 100 * count},
            splits={"train": count},
            digests={**document["digests"], "tree": tree},
            **others,
        )

    def _made(self, file: str, name: str, **others: Any) -> bytes:
        document = {**self._texts[file], "dataset": name, **others}
        data = {**document["data"], "path": f"data/{name}"}
        document = _without_nothing({**document, "data": data})
        loaded: Manifest = load_manifest(json.dumps(document).encode(), file=f"{name}.yaml").value
        checksum = manifest_checksum(loaded, encode=encode)
        return dump_manifest(loaded.model_copy(update={"checksum": checksum}))


def _without_nothing(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as a file has it: keys that it may leave out are left out where they hold nothing."""
    left_out = {"profile", "reading", "tokens", "dialects", "counts", "produced_by"}

    def kept(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: kept(each) for key, each in value.items() if each is not None or key not in left_out}
        return [kept(each) for each in value] if isinstance(value, list) else value

    result: dict[str, Any] = kept(document)
    return result


def _release_first(side: Side) -> None:
    for split in ("train", "test"):
        data = side.root / "data" / name_of(0)
        data.mkdir(parents=True, exist_ok=True)
        records = ({"id": f"{split}{number}", "text": f"a note of {number}"} for number in range(RECORDS))
        (data / f"{split}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    side.call("add", f"data/{name_of(0)}", "--key", "id")


def _append(data: Path, *, start: int) -> None:
    with (data / "train.jsonl").open("a") as file:
        file.write(json.dumps({"id": f"new{start}", "text": "another note"}) + "\n")


def _tag(side: Side, versions: Sequence[tuple[str, str]]) -> None:
    """An annotated tag on HEAD for each version, all of them packed as in a clone."""
    commit = side.git("rev-parse", "HEAD").strip()
    tagger = "tagger Benchmark <benchmark@example.com> 1790000000 +0000"
    side.git(
        "fast-import",
        "--quiet",
        said="".join(f"tag {name}@v{version}\nfrom {commit}\n{tagger}\ndata 1\n.\n" for name, version in versions),
    )


def rest(side: Side) -> None:
    """References and objects packed, as in a clone."""
    side.git("pack-refs", "--all")
    side.git("gc", "--quiet", "--auto")
    side.git("update-index", "-q", "--refresh")
