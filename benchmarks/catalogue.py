"""A repository that has been in use for years: many datasets with many versions, branches, lineage and events.

One dataset is really added and bumped. Everything else is history as if its releases had been made one by one, a commit
each, written by one `git fast-import`: versions on main, on topics that were merged, and on branches that were not,
here or on a remote; datasets that come from others; stages, runs, yanked versions; scores. No data, pointers or record
indexes: what a search index is made from. The same in every run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any

from dsv.model.event import Event, dump_event, event_file_name
from repositories import RECORDS, Templates, name_of, release_twice, rest
from sides import Side

_BEGINNING = datetime(2023, 1, 2, 9, tzinfo=timezone.utc)
_PERSON = "Benchmark <benchmark@example.com>"
_RELATIONS = ("filter", "merge", "augment", "dedupe", "relabel", "judge_filter")
_WORDS = (
    "invoices",
    "retail",
    "clauses",
    "dates",
    "addresses",
    "signatures",
    "amounts",
    "tables",
    "footnotes",
    "names",
)
_TYPES = ("extraction", "classification", "dialogue", "summaries")
_ADDED = 10
_PERCENT = {"patch": 5, "minor": 20, "major": 60}
_SCORED = 0.9


class _Place(Enum):
    """Where a version was released."""

    MAIN = "main"
    MERGED = "a topic that was merged"
    BRANCH = "a branch that was not"
    REMOTE = "a branch of a remote"


@dataclass(frozen=True)
class _Release:
    """A version to be: `turn` counts those of its dataset, `moment` all of them; `others` are (version, relation).

    `before` is how many records the previous one has.
    """

    dataset: int
    turn: int
    moment: int
    version: str
    level: str
    previous: str | None
    before: int
    others: Sequence[tuple[str, str]]
    place: _Place

    @property
    def name(self) -> str:
        """The name of its dataset."""
        return name_of(self.dataset)

    @property
    def at(self) -> datetime:
        """When it was released: three hours after the one before."""
        return _BEGINNING + timedelta(hours=3 * self.moment)

    @property
    def records(self) -> int:
        """How many records it has."""
        return self.before + self.added

    @property
    def added(self) -> int:
        """How many the previous one lacks."""
        return _ADDED if self.previous else 1000 + 37 * self.dataset

    @property
    def modified(self) -> int:
        """How many the previous one has in other words: as many as the level asks for."""
        return self.before * _PERCENT[self.level] // 100 if self.previous else 0


@dataclass
class _Stream:
    """What `git fast-import` is told; blobs and commits are numbered as they come."""

    said: list[bytes] = field(default_factory=list)
    marks: int = 0

    def blob(self, content: bytes) -> int:
        """A file's content, to be named by its number."""
        self.marks += 1
        self.said.append(b"blob\nmark :%d\ndata %d\n%b\n" % (self.marks, len(content), content))
        return self.marks

    def commit(
        self, reference: str, message: str, *, parents: Sequence[int | str], at: datetime, files: dict[str, int]
    ) -> int:
        """A commit with these files beside or instead of its first parent's, at the end of the reference."""
        self.marks += 1
        text = message.encode()
        first, *others = [f":{each}" if isinstance(each, int) else each for each in parents]
        self.said.append(
            f"commit {reference}\nmark :{self.marks}\ncommitter {_PERSON} {int(at.timestamp())} +0000\n"
            f"data {len(text)}\n".encode()
            + text
            + f"\nfrom {first}\n{''.join(f'merge {each}{chr(10)}' for each in others)}".encode()
            + b"".join(b"M 100644 :%d %b\n" % (mark, path.encode()) for path, mark in files.items())
            + b"\n"
        )
        return self.marks

    def tag(self, name: str, commit: int, *, at: datetime) -> None:
        """An annotated tag."""
        self.said.append(
            f"tag {name}\nfrom :{commit}\ntagger {_PERSON} {int(at.timestamp())} +0000\ndata 1\n.\n".encode()
        )


def make_catalogue(side: Side, *, datasets: int, versions: int) -> None:
    """So many datasets with so many versions in all, those of the really released one included."""
    release_twice(side)
    templates = Templates(side.root)
    declaration = (side.root / "manifests" / name_of(0) / "dataset.yaml").read_text()
    stream = _Stream()
    main: int | str = side.git("rev-parse", "HEAD").strip()
    tags: list[tuple[str, int, datetime]] = []
    for each in _plan(datasets, versions):
        where = f"manifests/{each.name}"
        files = {f"{where}/{each.version}.yaml": stream.blob(_manifest(templates, each))}
        if not each.turn:
            text = declaration.replace(name_of(0), each.name)
            text += f"type: {_kind(each)}\ndescription: The {_word(each)} of archive {each.dataset}\n"
            files[f"{where}/dataset.yaml"] = stream.blob(text.encode())
        for event in _events(each):
            content = dump_event(event)
            files[f"{where}/events/{event_file_name(event, content)}"] = stream.blob(content)
        message = f"{each.name} {each.version}: {_summary(each)}\n\nDsv-Version: {each.name}@{each.version}\n"
        topic = f"topics/{each.name}-{each.version}"
        if each.place in (_Place.BRANCH, _Place.REMOTE):
            reference = f"refs/heads/{topic}" if each.place is _Place.BRANCH else f"refs/remotes/origin/{topic}"
            stream.commit(reference, message, parents=[main], at=each.at, files=files)
            continue
        on = "refs/heads/main" if each.place is _Place.MAIN else "refs/heads/main-topic"
        commit = stream.commit(on, message, parents=[main], at=each.at, files=files)
        tags.append((f"{each.name}@v{each.version}", commit, each.at))
        if each.place is _Place.MERGED:
            said = f"Merge branch '{topic}'\n"
            later = each.at + timedelta(hours=1)
            commit = stream.commit("refs/heads/main", said, parents=[main, commit], at=later, files=files)
        main = commit
    for name, commit, at in tags:
        stream.tag(name, commit, at=at)
    side.git("fast-import", "--quiet", "--force", said=b"".join(stream.said).decode())
    if side.git("branch", "--list", "main-topic"):
        side.git("branch", "-q", "-D", "main-topic")
    side.git("reset", "-q", "--hard", "main")
    side.git("repack", "-q", "-a", "-d")
    rest(side)


def _plan(datasets: int, versions: int) -> Iterator[_Release]:
    """All releases but those of the first dataset, in order of time: a round through the datasets, then the next."""
    wanted = versions - 2
    numbers = [0] + [wanted // (datasets - 1) + (n <= wanted % (datasets - 1)) for n in range(1, datasets)]
    latest = {0: "1.0.0"}
    records = {0: 2 * RECORDS}
    moment = 0
    for turn in range(max(numbers)):
        for dataset in range(1, datasets):
            if turn >= numbers[dataset]:
                continue
            moment += 1
            chance = int.from_bytes(hashlib.sha256(b"%d %d" % (dataset, turn)).digest()[:4], "big")
            previous = latest.get(dataset)
            version, level = _next(previous, chance % 100)
            place = _place(chance // 100 % 100) if turn else _Place.MAIN
            if place in (_Place.BRANCH, _Place.REMOTE):
                version += f"-trial.{turn}"
            elif previous is not None and chance % 20 == 0:
                version += f"-rc.{turn}"
            others = _others(dataset, turn, chance // 10_000, latest)
            before = records.get(dataset, 0)
            release = _Release(dataset, turn, moment, version, level, previous, before, others, place)
            yield release
            if "-" not in version:
                latest[dataset], records[dataset] = version, release.records


def _next(previous: str | None, chance: int) -> tuple[str, str]:
    """The number after the previous one, and its level."""
    if previous is None:
        return "1.0.0", "major"
    major, minor, patch = map(int, previous.split("."))
    if chance < 10:  # noqa: PLR2004 - of a hundred, here and below
        return f"{major + 1}.0.0", "major"
    return (f"{major}.{minor + 1}.0", "minor") if chance < 60 else (f"{major}.{minor}.{patch + 1}", "patch")  # noqa: PLR2004


def _place(chance: int) -> _Place:
    ends = ((2, _Place.BRANCH), (4, _Place.REMOTE), (15, _Place.MERGED))
    return next((place for end, place in ends if chance < end), _Place.MAIN)


def _others(dataset: int, turn: int, chance: int, latest: dict[int, str]) -> list[tuple[str, str]]:
    """Two datasets of three come from one of an earlier number, and one version of ten takes in another's."""
    found = []
    relation = _RELATIONS[chance % len(_RELATIONS)]
    if not turn and dataset % 3:
        found.append(dataset // 2)
    elif turn and chance % 10 == 0:
        found.append(chance % dataset)
    return [(f"{name_of(each)}@{latest[each]}", relation) for each in found]


def _manifest(templates: Templates, each: _Release) -> bytes:
    unchanged = each.before - each.modified
    counts = {"inherited": unchanged, "new": each.added, "modified": each.modified, "removed": 0}
    share = round((each.added + each.modified) / max(each.before, 1), 6)
    lineage = (
        [] if each.previous is None else [{"ref": f"{each.name}@{each.previous}", "relation": "previous", **counts}]
    )
    lineage += [
        {"ref": ref, "relation": word, "produced_by": f"job:{each.moment}", **counts} for ref, word in each.others
    ]
    digest = hashlib.sha256(f"{each.name}@{each.version}".encode()).hexdigest()
    return templates.manifest(
        each.name,
        each.version,
        level=each.level,
        previous=each.previous,
        records={
            "added": each.added,
            "removed": 0,
            "modified": each.modified,
            "moved": 0,
            "unchanged": unchanged,
            "changed_share": share,
        },
        tree=f"sha256:{digest}",
        type=_kind(each),
        created_at=f"{each.at:%Y-%m-%dT%H:%M:%SZ}",
        summary=_summary(each),
        tags=[_word(each), *(["production"] if each.turn % 5 == 0 else [])],
        metadata={"source": f"archive {each.dataset}", "annotators": each.dataset % 7 + 1},
        lineage=lineage,
        quality=_quality(each),
    )


def _quality(each: _Release) -> dict[str, Any]:
    """One version of three has scores of its records."""
    if (each.dataset + each.turn) % 3:
        return {"score": None, "source": None, "scorers": []}
    mean = round(0.5 + (each.dataset * 7 + each.turn) % 50 / 100, 6)
    scored = int(each.records * _SCORED)
    scorer = {
        "scorer": "judge",
        "n": scored,
        "coverage": _SCORED,
        "mean": mean,
        "min": 0.01,
        "max": 1.0,
        "pass_rate": mean,
    }
    quantiles = {"0.05": 0.1, "0.25": 0.4, "0.5": mean, "0.75": 0.9, "0.95": 0.99}
    return {"score": mean, "source": "records", "scorers": [{**scorer, "quantiles": quantiles, "columns": {}}]}


def _events(each: _Release) -> Iterator[Event]:
    """What happened to it later: promotions, runs, and now and then it was yanked."""
    if each.place not in (_Place.MAIN, _Place.MERGED):
        return
    said: list[tuple[int, str, str, dict[str, Any]]] = []
    if each.turn % 6 == 1:
        said.append((24, "promote", "Reviewed", {"stage": ("dev", "staging", "prod")[each.dataset % 3]}))
    if (each.dataset + each.turn) % 7 == 0:
        metrics = {"f1": round(0.6 + each.turn % 30 / 100, 6)}
        said.append((48, "run", "", {"id": f"train-{each.moment}", "model": f"models/{each.name}", "metrics": metrics}))
    if (each.dataset * 3 + each.turn) % 41 == 0:
        said.append((72, ("yank", "deprecate")[each.turn % 2], "Wrong labels in one source", {}))
    for hours, what, reason, data in said:
        yield Event(
            schema=1,
            event=what,
            dataset=each.name,
            version=each.version,
            at=f"{each.at + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}",
            by=_PERSON,
            reason=reason,
            data=data,
        )


def _summary(each: _Release) -> str:
    return f"Round {each.turn} of corrections to the {_word(each)}, {each.records % RECORDS + 1} of them by hand"


def _word(each: _Release) -> str:
    return _WORDS[each.dataset % len(_WORDS)]


def _kind(each: _Release) -> str:
    return _TYPES[each.dataset % len(_TYPES)]
