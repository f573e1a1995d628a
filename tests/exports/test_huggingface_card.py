"""The Hugging Face card: two blocks are dsv's, the rest is people's."""

from __future__ import annotations

import pytest
import yaml

from dsv.exports.card_block import MARKS
from dsv.exports.huggingface import huggingface
from dsv.exports.licenses import hugging_face_license
from dsv.model.lineage import Lineage, Node
from tests.exports.versions import TEXT, USUAL, Documents, Rows, Table, contents, file, record, version


def card(*tables, existing=None, **more):
    return huggingface(version(**more), contents(*tables), existing=existing).text


def front_matter(text):
    return yaml.safe_load(text.split("---\n")[1])


def test_prose_stays_and_only_the_block_changes():
    first = card()
    edited = first.replace("# leases", "# Our leases\n\nWritten *by hand*.") + "\n## Thanks\n\nTo everybody.\n"
    later = card(existing=edited, description="Other words", git_tag=None)
    assert later == edited
    assert card(existing=edited, metadata=USUAL.replace("CC-BY-4.0", "MIT")) == edited.replace(
        "cc-by-4.0", "mit"
    ).replace("CC-BY-4.0", "MIT")


def test_a_key_that_people_set_is_theirs():
    theirs = card().replace("---\n# dsv:begin", "---\nlicense: other\nlanguage: [en]\n# dsv:begin", 1)
    found = card(existing=theirs)
    assert front_matter(found)["license"] == "other"
    assert front_matter(found)["language"] == ["en"]
    assert found.split("---\n")[1].count("license") == 1
    assert found == card(existing=found)


def test_a_version_that_was_withdrawn_says_so():
    yanked = Lineage({"leases@1.1.0": Node("leases@1.1.0", "leases", "1.1.0", status="yanked")}, [])
    assert "| status | **`yanked`** |" in card(lineage=yanked)


def test_the_block_goes_where_its_marks_are():
    found = card(existing=f"# Mine\n\n{MARKS[0]}{MARKS[1]}\n\nThe end.\n")
    assert found.index("# Mine") < found.index("## Version") < found.index("The end.")
    assert front_matter(found)["pretty_name"] == "leases"


def test_data_is_no_markup_in_the_card():
    found = card(metadata='{license: "`<script>` | x"}', description="fine")
    assert "<script>` |" not in found
    assert "`` `<script>` \\x7c x ``" in found


def test_a_description_cannot_close_the_block():
    text = card(description=f"Innocent {MARKS[0]} words {MARKS[1]}")
    assert text.count(MARKS[0]) == 1
    assert card(existing=text) == text


def test_splits_are_found_by_name_and_the_rest_has_one_of_its_own():
    tables = [
        Table("hold-out", "jsonl", (file("h.jsonl", split="hold-out"),), record(id=TEXT)),
        Table("train", "jsonl", (file("t.jsonl", split="train"),), record(id=TEXT)),
        Table(None, "jsonl", (file("more.jsonl"),), record(id=TEXT)),
    ]
    [found] = front_matter(card(*tables))["configs"]
    assert [(each["split"], each["path"]) for each in found["data_files"]] == [
        ("train", ["data/t.jsonl"]),
        ("hold_out", ["data/h.jsonl"]),
        ("rest", ["data/more.jsonl"]),
    ]


def test_each_way_of_reading_is_a_configuration():
    tables = [
        Table(None, "csv", (file("a.csv"), file("b.csv")), record(id=TEXT), rows=Rows(";")),
        Table(None, "json", (file("c.json"),), record(id=TEXT), documents=Documents("Incidents", is_list=True)),
        Table(None, "opaque", (file("LICENSE"),)),
    ]
    found = front_matter(card(*tables))["configs"]
    assert [(each["config_name"], each.get("sep"), each.get("field")) for each in found] == [
        ("default", ";", None),
        ("json", None, "Incidents"),
    ]


def test_what_no_reader_reads_is_told():
    told = huggingface(version(), contents(Table(None, "conll", (file("a.conll"),), record(id=TEXT))))
    assert told.notes == ["a.conll: beside the others, but Hugging Face's datasets has no reader for them"]
    assert "configs" not in front_matter(told.text)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", {}),
        ("Apache-2.0", {"license": "apache-2.0"}),
        ("https://spdx.org/licenses/CC-BY-4.0.html", {"license": "cc-by-4.0"}),
        ("GPL-3.0", {"license": "gpl-3.0"}),
        ("Our Rules, 2nd ed.", {"license": "other", "license_name": "our-rules-2nd-ed."}),
        (
            "https://example.com/l",
            {"license": "other", "license_name": "other", "license_link": "https://example.com/l"},
        ),
    ],
)
def test_licences_have_the_names_of_the_hub(said, found):
    assert hugging_face_license(said) == found
