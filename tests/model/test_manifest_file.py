"""A manifest is read strictly, written deterministically, and carries its own checksum."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsv.errors import BadManifestError
from dsv.model.change import Change, FilesChange, RecordCounts
from dsv.model.change_section import ChangeEntry, six_decimals
from dsv.model.documents import checked, plain
from dsv.model.fields import Fields, FieldsChange, FieldType
from dsv.model.manifest import (
    Data,
    Digests,
    LineageEntry,
    Manifest,
    Quality,
    Validation,
    dump_manifest,
    load_manifest,
    manifest_checksum,
    new_manifest,
)
from dsv.model.policy import Policy
from dsv.model.reading import Reading
from dsv.model.version import Level, Version

SHA256 = f"sha256:{'a1' * 32}"
MD5 = f"md5:{'0b' * 16}.dir"
EXAMPLE = f"""\
# yaml-language-server: $schema=../.schemas/manifest-1.json
schema: 1
dataset: leases
version: "1.1.0"
type: lease_abstraction
created_at: "2026-11-22T07:30:00Z"
created_by: Ana Lima <ana@example.com>
summary: Added 2,000 retail leases; fixed dates in 50 records.
tags: [production, customer_data]
metadata: {{source: SEC filings, annotation_method: manual, inter_annotator_agreement: 0.95}}
data: {{path: data/leases, format: jsonl, files: 41, bytes: 1048576, records: 7000, bad_records: 0, tokens: \
{{counter: whitespace, total: 812345, mean: 116.0}}}}
splits: {{train: 6500, test: 500}}
digests: {{tree: "{SHA256}", records: "{SHA256}", record_form: dsv-rec-1, dvc: "{MD5}", index: "{MD5}"}}
fields: [{{name: doc_id, types: [string]}}, {{name: clauses, types: [array]}}]
key: [doc_id]
change:
  level: minor
  computed: minor
  policy: {{name: balanced, major: 0.5, minor: 0.1, rare_fields: 0.01}}
  previous: "1.0.0"
  records: {{added: 2000, removed: 0, modified: 50, moved: 0, unchanged: 4950, changed_share: 0.410000}}
  files: {{added: 4, removed: 0, modified: 2, renamed: 0, unchanged: 35}}
  fields: {{added: [], removed: [], changed: []}}
  reasons: [changed share 41.0 % is between 10 % and 50 %]
lineage:
  - {{ref: leases@1.0.0, relation: previous, inherited: 4950, new: 2000, modified: 50, removed: 0}}
  - {{ref: sec-filings@2.3.1, relation: filter, inherited: 1800, new: 5200, modified: 0, removed: 310, \
produced_by: "backtest:test_001"}}
quality: {{score: 0.95, source: metadata, scorers: []}}
validation: {{status: passed, checks: 12, waived: [], findings: []}}
checksum: "{SHA256}"
"""


def load(text):
    return load_manifest(text if isinstance(text, bytes) else text.encode(), file="m.yaml")


def problems(text):
    with pytest.raises(BadManifestError) as caught:
        load(text)
    return [f"{each['line']}: {each['path']}: {each['message']}" for each in caught.value.details["problems"]]


def edited(old, new):
    assert old in EXAMPLE
    return EXAMPLE.replace(old, new)


def encode(value):
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def release(**changed):
    given = {
        "dataset": "leases",
        "version": Version(1, 1, 0),
        "type": "lease_abstraction",
        "created_at": "2026-11-22T07:30:00Z",
        "created_by": "Ana Lima <ana@example.com>",
        "summary": "Added 3 records.",
        "tags": ["production"],
        "metadata": {"source": "SEC filings"},
        "data": Data(path="data/leases", format="jsonl", files=2, bytes=99, records=10, bad_records=0),
        "splits": {"train": 8, "test": 2},
        "digests": Digests(tree=SHA256, records=SHA256, record_form="dsv-rec-1", dvc=MD5, index=MD5),
        "fields": Fields.of({"id": {"string": 10}, "note": {"string": 6, "null": 4}, "rare": {"number": 1}}),
        "key": ("id",),
        "reading": Reading(format="auto", splits=(("train", "train*.jsonl"), ("test", "test*.jsonl"))),
        "change": ChangeEntry.of(
            Change(
                RecordCounts(added=3, modified=1, unchanged=6),
                files=FilesChange(added=("b.jsonl",), modified=("a.jsonl",)),
                fields=FieldsChange(added=("note",), changed=(FieldType("rare", ("string",), ("number",)),)),
                keyed=True,
            ),
            level=Level.MAJOR,
            computed=Level.MAJOR,
            policy=Policy(),
            previous=Version(1, 0, 0),
            reasons=["field rare changed from string to number"],
        ),
        "lineage": [LineageEntry(ref="leases@1.0.0", relation="previous", inherited=6, new=3, modified=1, removed=0)],
        "quality": Quality(),
        "validation": Validation(),
    }
    return new_manifest(**{**given, **changed}, encode=encode)


def test_the_documented_manifest_is_written_back_byte_for_byte():
    loaded = load(EXAMPLE)
    assert loaded.warnings == ()
    assert dump_manifest(loaded.value).decode() == EXAMPLE


def test_a_manifest_holds_values_and_not_their_texts():
    manifest = load(EXAMPLE).value
    assert manifest.version == Version(1, 1, 0)
    assert manifest.change.previous == Version(1, 0, 0)
    assert manifest.change.level is Level.MINOR
    assert manifest.change.records.counts == RecordCounts(added=2000, modified=50, unchanged=4950)
    assert manifest.observed == Fields.of({"doc_id": {"string": 7000}, "clauses": {"array": 7000}})
    assert manifest.declared == Reading()


def test_a_release_reads_back_as_it_was_written():
    manifest = release()
    text = dump_manifest(manifest).decode()
    assert load(text).value == manifest
    assert manifest.observed == Fields.of(
        {"id": {"string": 10}, "note": {"string": 6, "null": 4}, "rare": {"number": 1}}
    )
    assert manifest.declared == Reading("auto", (("train", "train*.jsonl"), ("test", "test*.jsonl")))
    assert 'reading: {format: auto, splits: {train: "train*.jsonl", test: "test*.jsonl"}}\nchange:\n' in text
    assert "  - {name: id, types: [string]}\n" in text
    assert '  - {name: note, types: [string, "null"], counts: {string: 6, "null": 4}}\n' in text
    assert "changed_share: 0.571429}" in text
    assert "splits: {test: 2, train: 8}\n" in text


def test_a_first_version_has_no_previous_one():
    change = ChangeEntry.of(
        Change(RecordCounts(added=10), files=FilesChange(added=("a", "b"))),
        level=Level.MAJOR,
        computed=Level.MAJOR,
        policy=Policy(),
        previous=None,
        reasons=["the first version"],
    )
    text = dump_manifest(release(version=Version(1, 0, 0), change=change, lineage=[])).decode()
    assert "  previous: null\n" in text
    assert "changed_share: 10.000000}" in text
    assert "lineage: []\n" in text
    assert load(text).value.change.previous is None


def test_a_lower_level_is_written_with_the_reason_that_allowed_it():
    change = ChangeEntry.of(
        Change(RecordCounts(unchanged=5), opaque=RecordCounts(added=1, unchanged=1)),
        level=Level.PATCH,
        computed=Level.MINOR,
        policy=Policy(),
        previous=Version(1, 0, 0),
        reasons=["field a added"],
        allow_lower="nobody reads it",
    )
    manifest = release(change=change)
    assert load(dump_manifest(manifest)).value.change == change
    assert plain(manifest)["change"]["allow_lower"] == "nobody reads it"
    assert plain(manifest)["change"]["opaque"]["added"] == 1


def test_plain_text_in_place_of_a_version_or_tag_is_that_text():
    text = edited('"1.1.0"', "1.1.0").replace("tags: [production, customer_data]", "tags: [2024, no, 1.10]")
    manifest = load(text).value
    assert manifest.tags == ("2024", "no", "1.10")
    assert 'tags: ["2024", "no", "1.10"]\n' in dump_manifest(manifest).decode()


def test_every_problem_is_reported_at_once_with_file_line_and_column():
    text = (
        edited("dataset: leases", "dataset: le/ases")
        .replace("files: 41", 'files: "41"')
        .replace("level: minor", "level: Minor")
    )
    with pytest.raises(BadManifestError) as caught:
        load(text.replace("checksum", "checksome"))
    error = caught.value
    assert error.message == "m.yaml:2:1: checksum: is missing (and 3 more)"
    assert error.details["problems"][1:] == [
        {
            "file": "m.yaml",
            "line": 3,
            "column": 10,
            "path": "dataset",
            "message": "dataset name 'le/ases' is not a valid name",
        },
        {
            "file": "m.yaml",
            "line": 11,
            "column": 49,
            "path": "data.files",
            "message": "must be a whole number (got '41')",
        },
        {
            "file": "m.yaml",
            "line": 17,
            "column": 10,
            "path": "change.level",
            "message": "'Minor' is not a level: major, minor or patch",
        },
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("path: data/leases", "path: ../leases", "11: data.path: must not hold .. (got '../leases')"),
        ("path: data/leases", "path: /leases", "11: data.path: must be relative (got '/leases')"),
        (
            "path: data/leases",
            'path: "a\\0b"',
            "11: data.path: must be one line without control characters (holds U+0000) (got 'a\\x00b')",
        ),
        (
            "path: data/leases",
            "path: a\\b",
            "11: data.path: must not hold a backslash; paths are written with slashes (got 'a\\\\b')",
        ),
        ("path: data/leases", "path: .git/hooks", "11: data.path: must not lie in .git (got '.git/hooks')"),
        ("path: data/leases", "path: -data", "11: data.path: must not begin with - (got '-data')"),
        (
            "path: data/leases",
            "path: data//x/",
            "11: data.path: must be in its shortest form, without ., // or a slash at the end (got 'data//x/')",
        ),
        ("files: 41", "files: -1", "11: data.files: must be at least 0 (got -1)"),
        (
            "files: 41",
            "files: 9223372036854775808",
            "11: data.files: must be at most 9223372036854775807 (got 9223372036854775808)",
        ),
        ("files: 41", "files: true", "11: data.files: must be a whole number (got true)"),
        ("files: 41", "files: 4.0", "11: data.files: must be a whole number (got 4.0)"),
        ("added: 2000", "added: -2", "21: change.records.added: must be at least 0 (got -2)"),
        ("0.410000", "0.4100001", "21: change.records.changed_share: must have at most six decimals (got 0.4100001)"),
        ("0.410000", ".nan", "21: change.records.changed_share: must be a finite number (got .nan)"),
        ("minor: 0.1", "minor: 0.6", "19: change.policy: minor must be at most major"),
        ("minor: 0.1", "minor: 0", "19: change.policy.minor: must be more than 0 (got 0)"),
        (
            "types: [array]",
            "types: [list]",
            "14: fields[1].types[0]: must be one of string, number, boolean, null, array, object (got 'list')",
        ),
        ("types: [array]", "types: [array, array]", "14: fields[1]: types must differ from one another"),
        ("types: [array]", "types: [array, string]", "14: fields[1]: a field of several types needs counts"),
        ("name: clauses", "name: doc_id", "14: fields: the names of fields must differ from one another"),
        (
            "07:30:00Z",
            "07:30:00+01:00",
            "6: created_at: must be a time in UTC like 2026-01-31T07:30:00Z (got '2026-11-22T07:30:00+01:00')",
        ),
        (
            "11-22T",
            "13-22T",
            "6: created_at: must be a time in UTC like 2026-01-31T07:30:00Z (got '2026-13-22T07:30:00Z')",
        ),
        ('"1.1.0"', "1.10", "4: version: version '1.10' is not a semantic version"),
        ('"1.1.0"', "v1.1.0", "4: version: version 'v1.1.0' is not a semantic version"),
        ('"1.1.0"', "[1, 1, 0]", "4: version: must be text (got a list)"),
        (
            "leases@1.0.0",
            "leases",
            "26: lineage[0].ref: must be NAME@VERSION, for instance leases@1.0.0 (got 'leases')",
        ),
        ("production", '" "', "9: tags[0]: must not be empty (got ' ')"),
        ("tags: [production, customer_data]", "tags: production", "9: tags: must be a list (got 'production')"),
        ("data: {path", "data:\nnew: {path", "11: data: must be a mapping (got null)"),
        (
            "train: 6500",
            "all: 6500",
            "12: splits.all: split name 'all' is a word with a meaning of its own in references",
        ),
        (
            "Added 2,000 retail leases; fixed dates in 50 records.",
            '"\\e[31mred"',
            "8: summary: must be text without control characters (holds U+001B) (got '\\x1b[31mred')",
        ),
        ("schema: 1", "schema: 0", "2: schema: must be 1 (got 0)"),
        ("schema: 1", 'schema: "1"', "2: schema: must be 1 (got '1')"),
    ],
)
def test_what_cannot_stand_in_a_manifest_is_refused(old, new, problem):
    (found, *_) = problems(edited(old, new))
    assert found == problem


@pytest.mark.parametrize(
    "digest", [SHA256[:-1], SHA256.upper(), SHA256.replace("sha256", "md5"), SHA256 + "0", "", "~"]
)
def test_short_and_upper_case_digests_are_refused(digest):
    (found,) = problems(edited(f'tree: "{SHA256}"', f'tree: "{digest}"'))
    assert found.startswith("13: digests.tree: must be sha256: and 64 digits out of 0-9a-f (got ")


def test_a_newer_schema_asks_for_an_upgrade():
    with pytest.raises(BadManifestError) as caught:
        load(edited("schema: 1\n", "schema: 2\n").replace("dataset:", "name:"))
    assert caught.value.message == "m.yaml:2:9: schema: written by a newer dsv (schema 2; this one knows 1)"
    assert "upgrade" in caught.value.hint


def test_unknown_keys_are_kept_written_back_after_the_known_and_warned_about():
    text = edited("bad_records: 0", "bad_records: 0, colour: [red, 1]") + "x-team: {lead: Ana}\nchang: 1\n"
    loaded = load(text)
    assert loaded.warnings == (
        "m.yaml:11:100: data.colour: unknown key; it is kept",
        "m.yaml:31:1: x-team: unknown key; it is kept",
        "m.yaml:32:1: chang: unknown key (did you mean change?); it is kept",
    )
    written = dump_manifest(loaded.value).decode()
    assert written.endswith("x-team: {lead: Ana}\nchang: 1\n")
    assert "mean: 116.0}, colour: [red, 1]}\n" in written
    assert load(written).value == loaded.value


def test_a_manifest_that_is_no_mapping_is_refused():
    assert problems("- a\n") == ["1: : must be a mapping (got a list)"]
    assert problems("leases\n") == ["1: : must be a mapping (got a single value)"]
    assert len(problems(EXAMPLE[:900])) == 1


def test_the_checksum_covers_everything_but_itself():
    manifest = release()
    value = plain(manifest)
    checksum = value.pop("checksum")
    assert checksum == "sha256:" + hashlib.sha256(encode(value)).hexdigest()
    assert manifest_checksum(manifest, encode=encode) == checksum
    text = dump_manifest(manifest).decode()
    for changed in (text.replace("Added 3", "Added 4"), text.replace("records: 10", "records: 11"), text + "more: 1\n"):
        assert manifest_checksum(load(changed).value, encode=encode) != checksum
    assert manifest_checksum(load(text.replace(checksum, SHA256)).value, encode=encode) == checksum


def test_the_checksum_does_not_depend_on_layout_or_order_in_the_file():
    import yaml

    manifest = release()
    other = yaml.safe_dump(yaml.safe_load(dump_manifest(manifest)), sort_keys=True)
    assert manifest_checksum(load(other).value, encode=encode) == manifest.checksum


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"created_by": ""}, "leases 1.1.0: created_by: must not be empty (got '')"),
        (
            {"summary": "a\x1bb"},
            "leases 1.1.0: summary: must be text without control characters (holds U+001B) (got 'a\\x1bb')",
        ),
        ({"tags": ["a", " "]}, "leases 1.1.0: tags[1]: must not be empty (got ' ')"),
        ({"metadata": {"x": [float("nan")]}}, "leases 1.1.0: metadata.x: must be a finite number (got a list)"),
    ],
)
def test_a_release_refuses_what_it_could_not_read_again(changed, message):
    with pytest.raises(BadManifestError) as caught:
        release(**changed)
    assert caught.value.message == message


def test_a_lone_surrogate_in_metadata_is_refused_by_its_path():
    with pytest.raises(BadManifestError, match=r"metadata\.note"):
        dump_manifest(release(metadata={"note": "\ud800"}))


def test_values_that_a_section_refuses_are_named():
    with (
        pytest.raises(BadManifestError, match=r"^the data: files: must be at least 0 \(got -1\)$"),
        checked("the data"),
    ):
        Data(path="a", format="jsonl", files=-1, bytes=0, records=0, bad_records=0)


def test_a_share_is_rounded_exactly():
    assert six_decimals(Fraction(2050, 5000)) == 0.41
    assert six_decimals(Fraction(1, 3)) == 0.333333
    assert six_decimals(Fraction(5000)) == 5000.0


texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
lines = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1).filter(str.strip)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
counts = st.integers(0, 2**63 - 1)
KEYS = {*Manifest.model_fields, "schema"}


@settings(max_examples=60, deadline=None)
@given(
    metadata=st.dictionaries(texts, json_values, max_size=3),
    words=st.tuples(lines, st.lists(lines, max_size=3)),
    names=st.lists(texts, unique=True, max_size=4),
    record_counts=st.tuples(counts, counts, counts, counts, counts),
    extra=st.dictionaries(texts.filter(lambda key: key not in KEYS), json_values, max_size=2),
)
def test_any_manifest_reads_back_as_it_was_written(*, metadata, words, names, record_counts, extra):
    summary, tags = words
    change = ChangeEntry.of(
        Change(RecordCounts(*record_counts)),
        level=Level.MAJOR,
        computed=Level.PATCH,
        policy=Policy(),
        previous=None,
        reasons=(),
    )
    manifest = release(
        metadata=metadata,
        tags=tags,
        summary=summary,
        fields=Fields.of({name: {"string": 3, "object": 1} for name in names}),
        key=names,
        change=change,
    )
    manifest = Manifest.model_validate({**dict(manifest), "schema": 1, **extra})
    again = load(dump_manifest(manifest)).value
    assert again == manifest
    assert dump_manifest(again) == dump_manifest(manifest)


def test_a_number_that_json_does_not_have_is_refused_under_unknown_keys_too():
    assert problems(EXAMPLE + "more: {depth: [.inf]}\n") == ["31: more.depth[0]: must be a finite number (got .inf)"]
    manifest = load(EXAMPLE).value
    with pytest.raises(BadManifestError, match="must be a finite number"), checked("x"):
        Data.model_validate({**dict(manifest.data), "more": float("inf")})
