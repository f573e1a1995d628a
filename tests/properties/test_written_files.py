"""What dsv writes it reads back as the same values, whatever these are, and whoever wrote them first."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.adapters import dvc
from dsv.adapters.dvc.directory import parse_directory_object
from dsv.cli.options import metadata
from dsv.errors import BadManifestError, MismatchError
from dsv.model.dataset import DatasetSettings, dump_dataset, load_dataset
from dsv.model.name import is_name
from dsv.model.settings import ProjectSettings, dump_settings, load_settings
from dsv.model.texts import check_path
from dsv.model.yamltext import load_value
from dsv.records.sums import read_sums, sorted_by_path, tree_digest, write_sums

from .datasets import values

lines = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12).filter(str.strip)
names = st.from_regex(r"[A-Za-z]([A-Za-z0-9_-]{0,5}[A-Za-z0-9])?", fullmatch=True).filter(is_name)
shares = st.floats(0.001, 1)


def _is_path(text: str) -> bool:
    try:
        check_path(text)
    except ValueError:
        return False
    return True


paths = st.lists(lines, min_size=1, max_size=3).map("/".join).filter(_is_path)
policies = st.sampled_from(["balanced", "strict", "frictionless"]) | st.fixed_dictionaries(
    {}, optional={"major": shares.map(lambda share: max(share, 0.5)), "minor": st.just(0.25), "rare_fields": shares}
)
declarations = st.fixed_dictionaries(
    {"name": names, "path": paths},
    optional={
        "type": lines,
        "description": lines,
        "owners": st.lists(lines, max_size=2).map(tuple),
        "key": st.lists(lines, max_size=2).map(tuple),
        "splits": st.dictionaries(names, lines, max_size=2),
        "records": st.dictionaries(lines, lines, max_size=2),
        "record_schema": st.none() | paths | st.dictionaries(lines, lines | st.booleans(), max_size=2),
        "checks": st.lists(st.sampled_from(["records >= 1", "missing(a) <= 1%", "chat()"]), max_size=2).map(tuple),
        "metadata": st.dictionaries(lines, lines | st.integers(-9, 9) | st.lists(lines, max_size=2), max_size=2),
        "metadata_required": st.lists(lines, max_size=2).map(tuple),
        "policy": st.none() | policies,
    },
)
project_settings = st.fixed_dictionaries(
    {},
    optional={
        "manifests": paths,
        "policy": policies,
        "release": st.fixed_dictionaries({}, optional={"tag": st.sampled_from(["now", "on-merge"]), "remote": lines}),
        "vocabulary": st.fixed_dictionaries({}, optional={"tags": st.lists(lines, max_size=3).map(tuple)}),
        "protected": st.lists(names, max_size=2).map(tuple),
    },
)


@settings(max_examples=60)
@given(declarations)
def test_a_declaration_reads_back(declared):
    written = DatasetSettings.model_validate({"schema": 1, **declared})
    loaded = load_dataset(dump_dataset(written), file="dataset.yaml")
    assert loaded.value == written
    assert loaded.warnings == ()
    assert dump_dataset(loaded.value) == dump_dataset(written)
    assert list(loaded.value.splits) == list(written.splits)


@settings(max_examples=60)
@given(project_settings)
def test_project_settings_read_back(given_settings):
    written = ProjectSettings.model_validate({"schema": 1, **given_settings})
    loaded = load_settings(dump_settings(written), file="dsv.yaml")
    assert loaded.value == written
    assert dump_settings(loaded.value) == dump_settings(written)


# YAML holds what JSON holds, but for two things that a metadata file must spell otherwise: surrogate pairs as
# escapes, and characters that no YAML file may hold bare.
@settings(max_examples=100)
@given(values)
def test_metadata_given_as_json_means_the_same(value):
    text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    bare = {*range(0x80, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF}
    text = "".join(f"\\u{ord(sign):04x}" if ord(sign) in bare else sign for sign in text)
    found = load_value(text.encode(), file="meta.json")
    assert json.dumps(found) == json.dumps(value)


file_names = st.binary(min_size=1, max_size=8).filter(lambda name: b"\0" not in name)
digests = st.integers(0, 2**256 - 1).map("{:064x}".format)
listings = st.dictionaries(file_names.map(lambda name: name.decode("utf-8", "surrogateescape")), digests, max_size=6)


@given(listings, st.randoms())
def test_the_list_of_files_reads_back_whatever_the_names(files, choose):
    shuffled = list(files.items())
    choose.shuffle(shuffled)
    text = write_sums(shuffled)
    assert read_sums(text) == tuple(sorted_by_path(shuffled))
    assert dict(read_sums(text)) == files
    assert tree_digest(shuffled) == hashlib.sha256(text).hexdigest()


@given(listings.filter(bool), st.data())
def test_a_list_of_files_with_a_byte_changed_is_another_list_or_none(files, data):
    text = write_sums(files.items())
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + bytes([data.draw(st.integers(0, 255))]) + text[place + 1 :]
    try:
        assert (dict(read_sums(changed)) == files) is (changed == text)
    except MismatchError:
        assert changed != text


md5s = st.integers(0, 2**128 - 1).map("{:032x}".format)
pointers = st.builds(
    dvc.Pointer,
    md5=md5s | md5s.map("{}.dir".format),
    size=st.none() | st.integers(0, 10**15),
    path=lines | st.sampled_from(["no", "1e3", "0x1", "~", "a: b", "2026-01-31", "a b", "é", "'", '"', "#", "-", "?"]),
    nfiles=st.none() | st.integers(0, 10**6),
    executable=st.booleans(),
)


@settings(max_examples=80)
@given(pointers)
def test_a_pointer_reads_back_whatever_the_name_of_the_data(pointer):
    assert dvc.parse_pointer(dvc.render_pointer(pointer), file="a.dvc") == pointer


parts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="/\0"), min_size=1, max_size=5)
data_paths = st.lists(parts.filter(lambda part: not _is_taken(part)), min_size=1, max_size=3).map("/".join)


def _is_taken(part):
    """Whether it is, or is near to, a name that git, DVC or Mercurial would act on, which listings refuse."""
    letters = re.sub("[^a-z]", "", part.lower())
    return part in {".", ".."} or any(word in letters for word in ("git", "dvc", "hg"))


@given(st.dictionaries(data_paths, md5s, max_size=5), st.randoms())
def test_a_listing_of_dvc_reads_back_in_the_order_of_its_paths(files, choose):
    entries = list(files.items())
    choose.shuffle(entries)
    made = dvc.directory_object(entries)
    listed = json.loads(made.data)
    assert [entry["relpath"] for entry in listed] == sorted(files)
    directories = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    acted_on = any(part.lower() in {".git", ".dvc"} for path in files for part in path.split("/"))
    if not directories & files.keys() and not acted_on:
        assert parse_directory_object(made.data, oid=made.oid) == sorted(entries)


@settings(max_examples=60)
@given(st.dictionaries(lines, values, max_size=3), st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_a_metadata_file_may_be_any_json(value, ascii_only, indent):
    with TemporaryDirectory() as directory:
        file = Path(directory, "meta.json")
        file.write_text(json.dumps(value, ensure_ascii=ascii_only, indent=indent), "utf-8")
        assert json.dumps(metadata([], str(file))) == json.dumps(value)


def test_a_metadata_file_that_is_no_json_is_refused_by_name_and_line(tmp_path):
    file = tmp_path / "meta.json"
    for text in ('{"a": 1,\n "b": }', "[1]", '{"a": "\udcff"}'):
        file.write_text(text, "utf-8", "surrogateescape")
        with pytest.raises(BadManifestError, match=r"meta\.json"):
            metadata([], str(file))


@pytest.mark.parametrize("text", [b"a: .nan", b"[.inf]", b"a: 1e999"])
def test_metadata_never_holds_what_json_cannot(text):
    with pytest.raises(BadManifestError):
        load_value(text, file="meta.yaml")
