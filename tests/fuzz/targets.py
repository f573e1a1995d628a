"""The readers that hostile input reaches, and what must be true of whatever they accept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from dsv.adapters import dvc
from dsv.adapters.dvc.directory import parse_directory_object
from dsv.cli.options import metadata
from dsv.errors import DsvError
from dsv.model.change import RecordCounts
from dsv.model.csv_reading import CsvReading
from dsv.model.dataset import dump_dataset, load_dataset
from dsv.model.glob import glob_pattern
from dsv.model.manifest import dump_manifest, load_manifest
from dsv.model.name import check_name
from dsv.model.ranges import Range
from dsv.model.reading import Reading
from dsv.model.reference import parse_reference
from dsv.model.settings import dump_settings, load_settings
from dsv.model.source import parse_source
from dsv.model.version import Version
from dsv.model.yamltext import load_value
from dsv.model.yamlwriter import Layout, render
from dsv.records.canonical import decode, encode, fingerprint
from dsv.records.compare import compare
from dsv.records.file_scan import FileScan
from dsv.records.formats import FORMATS, Access, choose
from dsv.records.index import RecordIndex
from dsv.records.present import read_rows
from dsv.records.runs import ROW, SortedRuns
from dsv.records.scan import scan_file
from dsv.records.sums import read_sums, write_sums
from dsv.repository.contents import scan_cache
from tests.properties.datasets import COMPRESSIONS, SCRATCH, opened

from . import good_input
from .runner import Target, line_problem


def targets() -> tuple[Target, ...]:
    """All of them; each format of the registry and each compression is one."""
    return (*_formats(), *_compressions(), *_documents(), *_of_dvc(), *_indexes(), *_texts())


def _formats() -> Iterable[Target]:
    for each in FORMATS:
        good = good_input.files_of(each.name)
        declared = Reading() if choose(f"a{each.suffixes[0]}", Reading()) else Reading(format=each.name)
        for suffix in each.suffixes:
            run = _reads(f"a{suffix}", declared)
            run = run if each.access is Access.SEEKABLE else _reads_the_same_compressed(f"a{suffix}", declared)
            yield Target(f"{each.name}: file{suffix}", good, run)
    for member in ("Incidents", "{}", "a.b.{}"):
        nested = b'{"a":{"b":' + good_input.FILES["json"][2] + b"}}"
        run = _reads("a.json", Reading(records=(("*", member),)))
        yield Target(f"json: {member}", (good_input.FILES["json"][2], nested), run)
    for name, reading in DECLARED_CSV.items():
        text = good_input.CSV.decode().replace('"', reading.quote or '"').replace(",", reading.delimiter or ",")
        run = _reads_the_same_compressed("a.csv", Reading(csv=reading))
        yield Target(f"csv: {name}", (text.encode(reading.encoding or "utf-8"), *good_input.FILES["csv"]), run)


DECLARED_CSV = {
    "quoted by apostrophes": CsvReading(quote="'", delimiter="|"),
    "not quoted": CsvReading(quote=""),
    "cp1252": CsvReading(encoding="cp1252"),
    "utf-16": CsvReading(encoding="utf-16"),
    "shift_jis": CsvReading(encoding="shift_jis_2004"),
    "utf-7": CsvReading(encoding="utf-7"),
}


def _compressions() -> Iterable[Target]:
    for suffix, compress in COMPRESSIONS.items():
        if suffix:
            good = tuple(compress(file) for file in (*good_input.FILES["jsonl"], b"", good_input.LINES * 200))
            yield Target(f"file.jsonl{suffix}", good, _reads(f"a.jsonl{suffix}", Reading()))
            yield Target(
                f"file.csv{suffix}", tuple(map(compress, good_input.FILES["csv"])), _reads(f"a.csv{suffix}", Reading())
            )


def _scanned(name: str, data: bytes, reading: Reading) -> tuple[FileScan, list[bytes]]:
    """The scan of a file and the fingerprints of its records in their order; all that it says is fit to be read."""
    with TemporaryDirectory(dir=SCRATCH) as directory, SortedRuns(ROW.size) as runs:
        source = os.path.join(directory, "data")
        Path(source).write_bytes(data)
        scan = scan_file(source, path=name, reading=Reading(), key=(), sink=runs.sink(0))
        rows = sorted((ROW.unpack(row)[2], ROW.unpack(row)[0]) for row in runs)
        assert [row for row, _ in rows] == list(range(1, scan.records + 1))
        for said in (scan.unreadable, *(bad.reason for bad in scan.bad)):
            assert not said or not line_problem(said), line_problem(said)
        assert (scan.size, scan.sha256) == (len(data), hashlib.sha256(data).hexdigest())
        assert not scan.unreadable or not (scan.records or scan.bad_count)
        numbers = [number for number, _ in rows]
        values = read_rows(source, path=name, reading=Reading(), rows=set(numbers)) if numbers else {}
    for number, digest in rows:
        value = values[number]
        assert fingerprint(value) == digest
        assert encode(decode(encode(value))) == encode(value)
    return scan, [digest for _, digest in rows]


def _reads(name: str, reading: Reading) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        _scanned(name, data, reading)

    return run


def _reads_the_same_compressed(name: str, reading: Reading) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        scan, records = _scanned(name, data, reading)
        packed, again = _scanned(f"{name}.gz", COMPRESSIONS[".gz"](data), reading)
        assert again == records
        assert (packed.bad, packed.unreadable, packed.fields) == (
            tuple(type(bad)(f"{bad.file}.gz", bad.line, bad.reason) for bad in scan.bad),
            scan.unreadable,
            scan.fields,
        )

    return run


def _documents() -> Iterable[Target]:
    def manifest(data: bytes) -> None:
        loaded = load_manifest(data, file="1.0.0.yaml")
        written = dump_manifest(loaded.value)
        assert load_manifest(written, file="again").value == loaded.value
        assert dump_manifest(load_manifest(written, file="again").value) == written
        _all_lines(loaded.warnings)

    def dataset(data: bytes) -> None:
        loaded = load_dataset(data, file="dataset.yaml")
        assert load_dataset(dump_dataset(loaded.value), file="again").value == loaded.value
        _all_lines(loaded.warnings)
        loaded.value.reading.split_of("train/a.jsonl")

    def settings(data: bytes) -> None:
        loaded = load_settings(data, file="dsv.yaml")
        assert load_settings(dump_settings(loaded.value), file="again").value == loaded.value
        _all_lines(loaded.warnings)

    def values(data: bytes) -> None:
        value = {"value": load_value(data, file="meta.yaml")}
        written = render(value, layout=Layout(), what="it").encode()
        assert encode(load_value(written, file="again")) == encode(value)

    yield Target("manifest", (good_input.MANIFEST,), manifest)
    yield Target("dataset.yaml", (good_input.DATASET,), dataset)
    yield Target("dsv.yaml", (good_input.SETTINGS,), settings)
    yield Target("metadata", (good_input.METADATA, *good_input.FILES["json"]), values)


def _all_lines(warnings: Iterable[str]) -> None:
    for warning in warnings:
        assert not line_problem(warning), line_problem(warning)


def _of_dvc() -> Iterable[Target]:
    def pointer(data: bytes) -> None:
        found = dvc.parse_pointer(data, file="leases.dvc")
        if found.origin is dvc.Origin.OWN:
            assert dvc.parse_pointer(dvc.render_pointer(found), file="again") == found

    def listing(data: bytes) -> None:
        entries = parse_directory_object(data, oid=f"{hashlib.md5(data).hexdigest()}.dir")
        assert not any(".." in path.split("/") or path.startswith("/") for path, _ in entries)
        made = dvc.directory_object(entries)
        assert parse_directory_object(made.data, oid=made.oid) == entries

    yield Target("pointer", (good_input.POINTER, good_input.IMPORTED_POINTER), pointer)
    yield Target("listing", (good_input.LISTING,), listing)


@cache
def _index_files() -> dict[str, bytes]:
    files = {"train.jsonl": good_input.LINES, "test.jsonl": b'{"id":9}\n', "image.png": b"x"}
    with opened(files, key=["id"]) as dataset:
        return {each.name: each.read_bytes() for each in sorted(Path(dataset.index.directory).iterdir())}


def _indexes() -> Iterable[Target]:
    def sums(data: bytes) -> None:
        assert write_sums(read_sums(data)) == data

    def pack(name: str) -> Callable[[bytes], None]:
        def run(data: bytes) -> None:
            with TemporaryDirectory(dir=SCRATCH) as directory:
                for each, content in _index_files().items():
                    Path(directory, each).write_bytes(data if each == name else content)
                index = RecordIndex.open(directory)
                found = compare(index, index, old_split=lambda _: None, new_split=lambda _: None, keyed=True)
                index.verify()
                assert found == RecordCounts(unchanged=index.count)

        return run

    def stat_cache(data: bytes) -> None:
        with TemporaryDirectory(dir=SCRATCH) as directory:
            Path(directory, "scan").write_bytes(data)
            found = scan_cache.load(directory, declarations=None)
            if found is not None:
                scan_cache.save(directory, found, declarations="")
                assert scan_cache.load(directory, declarations="") == found

    for name, content in _index_files().items():
        yield Target(name, (content,), sums if name == "SHA256SUMS" else pack(name))
    yield Target("stat cache", (_stat_cache(),), stat_cache)


def _stat_cache() -> bytes:
    with opened({"a.jsonl": good_input.LINES}) as dataset, TemporaryDirectory(dir=SCRATCH) as directory:
        scan, _ = _scanned("a.jsonl", good_input.LINES, Reading())
        files = {"a.jsonl": scan}
        scan_cache.save(directory, scan_cache.ScanCache(files, dataset.built, "a1"), declarations="")
        return Path(directory, "scan").read_bytes()


def _texts() -> Iterable[Target]:
    def reference(text: str) -> None:
        found = parse_reference(text)
        assert parse_reference(str(found)) == found

    def second(text: str) -> None:
        found = parse_reference(text, default_dataset="leases")
        assert parse_reference(str(found)) == found

    def source(text: str) -> None:
        found = parse_source(text)
        assert parse_source(str(found)) == found

    def range_(text: str) -> None:
        try:
            found = Range.parse(text.partition("@")[2] or text)
        except ValueError:
            return
        assert Range.parse(str(found)) == found
        found.admits(Version(1, 2, 3))

    def version(text: str) -> None:
        text = text.partition("@")[2] or text
        assert str(Version.parse(text)) == text

    def glob(text: str) -> None:
        pattern, _, path = text.partition("\n")
        try:
            compiled = glob_pattern(pattern)
        except ValueError:
            return
        compiled.fullmatch(path)

    def meta(text: str) -> None:
        encode(metadata([text], ""))

    references = good_input.REFERENCES
    facts = tuple(b"fact=" + line for line in good_input.METADATA.split(b"\n"))
    yield Target("reference", references, _on_text(reference))
    yield Target("second reference", references, _on_text(second))
    yield Target("source", references, _on_text(source))
    yield Target("range", references, _on_text(range_))
    yield Target("version", references, _on_text(version))
    yield Target("name", references, _on_text(check_name))
    yield Target("glob", good_input.GLOBS, _on_text(glob))
    yield Target("--meta", facts, _on_text(meta))


def _on_text(run: Callable[[str], object]) -> Callable[[bytes], None]:
    """As an argument of a command: bytes that are no UTF-8 arrive as lone surrogates."""

    def run_on_bytes(data: bytes) -> None:
        run(data.decode("utf-8", "surrogateescape"))

    return run_on_bytes


def refusable(run: Callable[[bytes], None], data: bytes) -> bool:
    """Whether the input is accepted, or refused by name; what else it raises is a bug."""
    try:
        run(data)
    except DsvError:
        return False
    return True
