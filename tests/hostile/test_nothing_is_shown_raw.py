"""Names that somebody else chose, of people, branches, tags and remotes: what is told of them acts on no terminal."""

from __future__ import annotations

import json
import shlex
import unicodedata
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Scratch

EVIL = "x\x1b[31m\x1b]0;t\x07\x9b2J\u202e\u2066\u2028\x85y"
BRANCH = "br\u202eanch\u2066\u2028x"


@pytest.fixture
def named(changed: Scratch) -> Scratch:
    """A repository whose authors, branches, tags and remotes have names that act on terminals."""
    changed.git("-c", f"user.name={EVIL}", "-c", "user.email=x\x1b[2J", "commit", "-q", "--allow-empty", "-m", EVIL)
    changed.git("checkout", "-q", "-b", BRANCH)
    changed.git("tag", "-a", f"notes@v2.0.0{BRANCH}", "-m", EVIL)
    changed.git("remote", "add", "origin", f"/nowhere/{EVIL}.git")
    changed.write(".dvc/config.local", f"['remote \"evil\"']\n    url = /nowhere/{EVIL.replace(chr(10), '')}\n")
    return changed


def test_what_is_told_of_hostile_names_is_visible_text_and_sound_json(named: Scratch) -> None:
    for command in (
        ["status"],
        ["list"],
        ["log", "--events"],
        ["show", "notes"],
        ["search", EVIL],
        ["doctor"],
        ["verify"],
        ["check", "--base", EVIL],
        ["remote", "list"],
        ["remote", "test", "evil"],
        ["push"],
        ["fetch", "--remote", EVIL],
        ["show", f"notes@git:{BRANCH}"],
        ["diff", f"notes@git:{EVIL}"],
        ["which", "--file", EVIL],
        ["list", "--owner", EVIL],
        ["add", EVIL],
        ["checkout", "notes@1.0.0", "--to", EVIL],
    ):
        told = named.dsv(*command, code=None)
        assert told.code != 70, command
        for text in (told.stdout, told.stderr):
            acting = {sign for sign in text if sign != "\n" and unicodedata.category(sign) in {"Cc", "Cf", "Zl", "Zp"}}
            assert acting == set(), (command, text)
        machine = named.dsv(*command, "--json", code=None)
        json.loads(machine.stdout)
        assert not [sign for sign in machine.stdout if unicodedata.category(sign) == "Cc" and sign != "\n"]


def test_the_author_of_a_release_is_one_line(changed: Scratch) -> None:
    changed.git("config", "user.name", EVIL)
    changed.refused("bump", "notes", code=30, kind="manifest")
    changed.refused("yank", "notes@1.0.0", "--reason", "x", code=30, kind="manifest")


def test_a_hint_that_can_be_pasted_quotes_what_a_file_says(changed: Scratch) -> None:
    words = "x; touch hacked; #"
    changed.write("dsv.yaml", f"schema: 1\nrelease: {{remote: {json.dumps(words)}}}\n")
    assert shlex.quote(words) in changed.refused("push", code=10, kind="no_remote")["hint"]
