"""What each export says of a version, word by word, and the same every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsv.exports.croissant import croissant
from dsv.exports.datapackage import datapackage
from dsv.exports.huggingface import huggingface
from dsv.exports.openlineage import openlineage
from dsv.exports.prov import prov
from tests.exports.versions import contents, version

GOLDEN = Path(__file__).parent / "golden"
FORMS = {
    "croissant.json": lambda: croissant(version(), contents()),
    "card.md": lambda: huggingface(version(), contents()),
    "datapackage.json": lambda: datapackage(version(), contents()),
    "openlineage.json": lambda: openlineage(version()),
    "prov.json": lambda: prov(version()),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_version_is_told_word_by_word(name):
    """To renew what is expected: python -m tests.exports.test_documents."""
    assert FORMS[name]().text == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMS)
def test_the_same_version_gives_the_same_bytes(name):
    assert FORMS[name]() == FORMS[name]()


@pytest.mark.parametrize("name", [name for name in FORMS if name.endswith(".json")])
def test_what_acts_on_a_terminal_is_escaped_and_means_the_same(name):
    hostile = 'a "quote" \x1b]0;title\x07 \u202e and </script> \ud800'
    make = {
        "croissant.json": lambda made: croissant(made, contents()),
        "datapackage.json": lambda made: datapackage(made, contents()),
        "openlineage.json": openlineage,
        "prov.json": prov,
    }[name]
    text = make(version(description=hostile)).text
    assert not set("\x1b\x07\u202e\ud800") & set(text)
    assert hostile in list(_texts(json.loads(text)))


def _texts(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    else:
        yield value


if __name__ == "__main__":
    for each, make in FORMS.items():
        (GOLDEN / each).write_text(make().text, encoding="utf-8")
