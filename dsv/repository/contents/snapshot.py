"""The data of a dataset at one moment, as a release would record it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dsv.adapters import dvc
from dsv.errors import BadKeyError, BadRecordError, UnreadableError
from dsv.model.fields import Fields
from dsv.model.reading import Reading
from dsv.records.built_index import BuiltIndex
from dsv.records.byte_source import shown
from dsv.records.file_scan import BadRecord, FileScan, merged_profile
from dsv.records.formats import OPAQUE
from dsv.records.index import DuplicateKeys, RecordIndex, duplicate_keys
from dsv.records.profile import Profile
from dsv.records.text import WHITESPACE
from dsv.repository.contents.comparison import Side
from dsv.repository.files import md5_of

_SHOWN = 10


@dataclass(frozen=True)
class KeyFaults:
    """How many records lack the declared key, how many share it with another, and the first as (file, row, what)."""

    missing: int
    repeated: int
    first: tuple[tuple[str, int, str], ...]

    @property
    def count(self) -> int:
        """All of them."""
        return self.missing + self.repeated


@dataclass(frozen=True)
class Snapshot:
    """What the data of a dataset is at one moment; `sources` are its files in this file system, by path.

    `sound` says that an earlier look found nothing that would stop a release, `kept_dialects` what it found of those.
    `staging` has copies of files that were read for this, `read_profile` is known when all of them were.
    `marks` stand for the files of a work tree and their stats.
    """

    dataset: str
    path: str
    files: Sequence[FileScan]
    sources: Mapping[str, str]
    reading: Reading
    key: tuple[str, ...]
    built: BuiltIndex
    index_directory: str
    started_ns: int
    is_directory: bool
    counter: str = WHITESPACE.name
    sound: bool = False
    kept_dialects: Mapping[str, int] | None = None
    staging: dvc.Staging | None = None
    read_profile: Profile | None = None
    marks: str = ""

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(file.size for file in self.files)

    @property
    def records(self) -> int:
        """The number of records."""
        return self.built.records

    @property
    def tree(self) -> str:
        """The tree digest as manifests write it."""
        return f"sha256:{self.built.tree_digest}"

    @property
    def tokens(self) -> int:
        """The tokens of all records, as `counter` counts them."""
        return sum(file.tokens for file in self.files)

    @property
    def bad_count(self) -> int:
        """How many records do not parse; a file that could not be read at all counts as one."""
        return sum(file.bad_count + bool(file.unreadable) for file in self.files)

    @cached_property
    def fields(self) -> Fields:
        """The fields of all records."""
        counts: dict[str, dict[str, int]] = {}
        # Thousands of files share one object, and comparing it with itself thousands of times would take long.
        shared = {id(file.fields): file.fields for file in self.files}
        for key, times in Counter(id(file.fields) for file in self.files).items():
            for field in shared[key].fields:
                into = counts.setdefault(field.name, {})
                for kind, count in field.counts:
                    into[kind] = into.get(kind, 0) + count * times
        return Fields.of(counts)

    @cached_property
    def profile(self) -> Profile:
        """What is known of the values of each field."""
        return merged_profile(self.files) if self.read_profile is None else self.read_profile

    @cached_property
    def format(self) -> str:
        """The format in which most records were found; `opaque` where nothing is readable."""
        found: Counter[str] = Counter()
        for file in self.files:
            if file.format != OPAQUE:
                found[file.format] += file.records
        return min(found, key=lambda name: (-found[name], name)) if found else OPAQUE

    @cached_property
    def dialects(self) -> dict[str, int]:
        """The number of files in each spelling of a format that has several."""
        if self.kept_dialects is not None:
            return dict(self.kept_dialects)
        return dict(sorted(Counter(file.dialect for file in self.files if file.dialect).items()))

    @cached_property
    def splits(self) -> dict[str, int]:
        """The number of records in each named split."""
        counts: dict[str, int] = {}
        readable = self.format != OPAQUE
        for file in self.files:
            split = self.reading.split_of(file.path)
            if split is not None and (file.format != OPAQUE or not readable):
                counts[split] = counts.get(split, 0) + (file.records if readable else 1)
        return dict(sorted(counts.items()))

    @cached_property
    def directory(self) -> dvc.DirectoryObject | None:
        """DVC's object that lists the files; None where the data is one file."""
        if not self.is_directory:
            return None
        return dvc.directory_object((file.path, file.md5) for file in self.files)

    @property
    def oid(self) -> str:
        """DVC's name of the data."""
        return self.files[0].md5 if self.directory is None else self.directory.oid

    @cached_property
    def index_object(self) -> dvc.DirectoryObject:
        """DVC's object that lists the files of the record index."""
        return dvc.directory_object((os.path.basename(state.path), state.md5) for state in self.index_states())

    def pointer(self, name: str) -> dvc.Pointer:
        """What the data's `.dvc` file says; `name` is the data's name beside it."""
        return dvc.Pointer(
            md5=self.oid, size=self.bytes, path=name, nfiles=len(self.files) if self.is_directory else None
        )

    def states(self) -> list[dvc.FileState]:
        """The data files as they were read."""
        return [
            dvc.FileState(self.sources[file.path], file.md5, file.size, file.modified_ns, file.inode)
            for file in self.files
        ]

    def index_states(self) -> list[dvc.FileState]:
        """The files of the record index."""
        return self._index_states

    @cached_property
    def _index_states(self) -> list[dvc.FileState]:
        states = []
        for name in sorted(os.listdir(self.index_directory)):
            path = os.path.join(self.index_directory, name)
            status = os.stat(path)
            states.append(dvc.FileState(path, md5_of(path), status.st_size, status.st_mtime_ns, status.st_ino))
        return states

    def paths_from_root(self) -> list[str]:
        """The files' paths from the DVC root."""
        return [f"{self.path}/{file.path}" if self.is_directory else self.path for file in self.files]

    def side(self) -> Side:
        """The data as one side of a comparison."""
        return Side(
            name=f"{self.dataset}@work",
            index=RecordIndex.open(self.index_directory),
            reading=self.reading,
            key=self.key,
            fields=self.fields,
            records=self.records,
            bytes=self.bytes,
        )

    @cached_property
    def repeated_keys(self) -> DuplicateKeys:
        """The records that share their key with an earlier one."""
        if not self.built.keyed:
            return DuplicateKeys(0, ())
        return duplicate_keys(
            RecordIndex.open(self.index_directory).rows(), spill=os.path.dirname(self.index_directory)
        )

    def checks_run(self) -> int:
        """How many rules the data was held against: every record parses, and with a key has one of its own."""
        return 3 if self.key else 1

    def problems(self) -> list[str]:
        """What would stop a release, a line each."""
        found = []
        for refuse in (self.refuse_bad_records, self.refuse_keys):
            try:
                refuse()
            except (BadRecordError, UnreadableError, BadKeyError) as error:
                found.append(f"{error.headline}: {error.places[0]}")
        return found

    def refuse_bad_records(self) -> None:
        """BadRecordError, or UnreadableError, when not every record parses: where, and how many."""
        if self.sound:
            return
        unreadable = [file for file in self.files if file.unreadable]
        hint = "mend them, or release with --on-bad-record keep: they stay in the file and are not counted"
        if unreadable:
            count = len(unreadable)
            places = [f"{self._located(file.path)}: {file.unreadable}" for file in unreadable]
            raise UnreadableError(
                f"{count:,} {'file' if count == 1 else 'files'} cannot be read",
                hint=hint,
                details={
                    "count": count,
                    "files": [{"file": file.path, "reason": file.unreadable} for file in unreadable[:_SHOWN]],
                },
                places=_first(places, of=count),
            )
        bad = [each for file in self.files for each in file.bad]
        if bad:
            raise BadRecordError(
                f"{self.bad_count:,} {'record does' if self.bad_count == 1 else 'records do'} not parse",
                hint=hint,
                details={
                    "count": self.bad_count,
                    "records": [{"file": each.file, "line": each.line, "reason": each.reason} for each in bad[:_SHOWN]],
                },
                places=_first([self._bad_line(each) for each in bad], of=self.bad_count),
            )

    def key_faults(self) -> KeyFaults:
        """What `refuse_keys` would refuse."""
        missing = sum(file.missing_keys for file in self.files)
        repeated = self.repeated_keys
        paths = [file.path for file in self.files]
        lacking = [(file.path, row, "lacks the key") for file in self.files for row in file.first_missing]
        again = [
            (paths[each.file], each.row, f"repeats {paths[once.file]} record {once.row}")
            for each, once in repeated.first
        ]
        return KeyFaults(missing, repeated.count, tuple([*lacking, *again][:_SHOWN]))

    def refuse_keys(self) -> None:
        """BadKeyError when records lack the declared key, or share it: how many, and the first ten."""
        if self.sound:
            return
        key = ", ".join(self.key)
        hint = (
            "give each record a key of its own, or declare another key in dataset.yaml; "
            "a release after the first takes --waive key=WHY"
        )
        missing = sum(file.missing_keys for file in self.files)
        if missing:
            first = [self._row(file.path, row) for file in self.files for row in file.first_missing]
            raise BadKeyError(
                f"{missing:,} {'record lacks' if missing == 1 else 'records lack'} the key {key}",
                hint=hint,
                details={"missing": missing, "first": first[:_SHOWN]},
                places=_first(first, of=missing),
            )
        repeated = self.repeated_keys
        if repeated.count:
            paths = [file.path for file in self.files]
            first = [
                f"{self._row(paths[again.file], again.row)} repeats {self._row(paths[once.file], once.row)}"
                for again, once in repeated.first
            ]
            raise BadKeyError(
                f"{repeated.count:,} {'record shares' if repeated.count == 1 else 'records share'} the key {key} "
                "with another",
                hint=hint,
                details={"repeated": repeated.count, "first": first[:_SHOWN]},
                places=_first(first, of=repeated.count),
            )

    def _located(self, path: str) -> str:
        return shown(f"{self.path}/{path}" if self.is_directory else self.path)

    def _bad_line(self, bad: BadRecord) -> str:
        line = "" if bad.line is None else f":{bad.line}"
        return f"{self._located(bad.file)}{line}: {bad.reason}"

    def _row(self, path: str, row: int) -> str:
        return f"{self._located(path)} record {row}"


def _first(places: Sequence[str], *, of: int) -> list[str]:
    """The first ten places, and how many there are beside them."""
    more = of - _SHOWN
    return [*places[:_SHOWN], *([f"and {more:,} more"] if more > 0 else [])]
