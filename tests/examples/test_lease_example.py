from __future__ import annotations

from collections import Counter
from datetime import date

EXAMPLE = "leases"
FIRST = "61c8bfdff2b33e415b21dc3d5bd7f249f0fe501fe0108325d3fcd4ae77343731"
SECOND = "1001c724f179c2a870d358d44bf8c7f030d87f5c3bc32a0ecc2bc8d0ee79eff7"
DUE_DAYS = {1: "first", 5: "fifth", 10: "tenth", 15: "fifteenth"}


def by_id(files):
    return {lease["doc_id"]: lease for leases in files.values() for lease in leases}


def in_words(day):
    return f"{date.fromisoformat(day):%B} {int(day[-2:])}, {day[:4]}"


def clause(lease, name):
    return next(each for each in lease["clauses"] if each["type"] == name)


def test_every_python_writes_the_same_leases(generated):
    assert generated.generate().returncode == 0
    assert generated.digest() == FIRST
    assert generated.generate("--grow").returncode == 0
    assert generated.digest() == SECOND


def test_a_lease_is_a_few_kilobytes_and_all_of_them_some_megabytes(generated):
    generated.generate()
    files = generated.files()
    assert 8_000_000 < sum(map(len, files.values())) < 15_000_000
    assert all(1_500 < len(line) < 4_500 for data in files.values() for line in data.splitlines())


def test_five_thousand_leases_stand_in_three_splits(releases):
    first, _ = releases
    splits = Counter()
    for path, leases in first.items():
        splits[path.split("-")[0]] += len(leases)
    assert splits == {"train": 4000, "validation": 500, "test": 500}


def test_no_two_leases_share_a_doc_id(releases):
    for files, count in zip(releases, (5000, 7000), strict=True):
        assert len(by_id(files)) == sum(map(len, files.values())) == count


def test_every_span_points_at_the_words_it_quotes(releases):
    for files in releases:
        for lease in by_id(files).values():
            for found in lease["clauses"]:
                start, end = found["spans"]["start"], found["spans"]["end"]
                assert lease["text"][start:end] == found["text"]
                assert "{" not in lease["text"]


def test_every_annotated_value_stands_in_the_words_it_was_read_from(releases):
    for lease in by_id(releases[1]).values():
        for found in lease["clauses"]:
            for name, value in found["values"].items():
                if name == "due_day":
                    expected = DUE_DAYS[value]
                elif name == "effective_date":
                    expected = in_words(value)
                else:
                    expected = value if isinstance(value, str) else f"{value:,}"
                assert expected in found["text"]


def test_clauses_differ_from_lease_to_lease(releases):
    _, second = releases
    outlines = Counter(tuple(each["type"] for each in lease["clauses"]) for lease in by_id(second).values())
    assert len(outlines) > 500
    texts = {lease["text"] for lease in by_id(second).values()}
    assert len(texts) == 7000


def test_growing_adds_2000_retail_leases_and_modifies_50_of_5000(releases):
    first, second = map(by_id, releases)
    added = [second[key] for key in second.keys() - first.keys()]
    modified = [key for key in first if first[key] != second[key]]
    assert first.keys() <= second.keys()
    assert len(added) == 2000
    assert {lease["kind"] for lease in added} == {"retail"}
    assert not any(lease["kind"] == "retail" for lease in first.values())
    assert len(modified) == 50
    assert (len(added) + len(modified)) / len(first) == 0.41


def test_the_first_release_notes_the_day_of_signature_in_50_leases_and_the_second_puts_it_right(releases):
    first, second = map(by_id, releases)
    wrong = {
        key for key, lease in first.items() if in_words(lease["effective_date"]) not in clause(lease, "term")["text"]
    }
    assert len(wrong) == 50
    for key in wrong:
        assert f"made as of {in_words(first[key]['effective_date'])}" in first[key]["text"]
        corrected = {**first[key], "effective_date": second[key]["effective_date"], "clauses": second[key]["clauses"]}
        assert corrected == second[key]
    for lease in second.values():
        assert in_words(lease["effective_date"]) in clause(lease, "term")["text"]
        assert clause(lease, "term")["values"]["effective_date"] == lease["effective_date"]


def test_growing_writes_four_new_files_and_corrects_two(generated):
    generated.generate()
    first = generated.files()
    generated.generate("--grow")
    second = generated.files()
    assert sorted(second.keys() - first.keys()) == [
        "test-00002.jsonl",
        "train-00006.jsonl",
        "train-00007.jsonl",
        "validation-00002.jsonl",
    ]
    assert [path for path in first if first[path] != second[path]] == ["train-00002.jsonl", "train-00003.jsonl"]


def test_both_releases_have_the_same_fields_and_types(releases):
    def schema(files):
        return {(name, type(value)) for lease in by_id(files).values() for name, value in lease.items()}

    first, second = releases
    assert schema(first) == schema(second)


def test_growing_what_was_never_written_is_refused(generated):
    done = generated.generate("--grow")
    assert done.returncode == 2
    assert "has no train-00001.jsonl" in done.stderr
    assert not generated.directory.exists()
