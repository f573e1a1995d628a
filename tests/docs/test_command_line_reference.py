"""docs/cli.md and the help say the same, and leave no command out."""

from __future__ import annotations

import re
import shlex

import click
import generate_cli
import pytest

from tests.docs.conftest import DOCS

COMMANDS = dict(generate_cli.every_command())


@pytest.fixture(scope="module")
def page():
    return (DOCS / "cli.md").read_text(encoding="utf-8")


def test_the_reference_is_current(page):
    assert generate_cli.cli_reference(page) == page


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_has_an_example_that_it_can_parse(path):
    example = generate_cli.example_of(COMMANDS[path])
    assert example.startswith(path)
    words = shlex.split(example)[len(path.split()) :]
    COMMANDS[path].make_context(path, words, resilient_parsing=False)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_argument_and_option_says_what_it_is(path):
    silent = [each.name for each in COMMANDS[path].params if not getattr(each, "help", None)]
    assert silent == []


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_takes_the_global_options(path):
    wanted = {name for each in generate_cli.own_options() for name in each.opts}
    assert wanted - {name for each in COMMANDS[path].params for name in each.opts} == set()


def test_the_json_document_of_every_command_is_described(page):
    section = page.partition("## JSON documents")[2].partition("\n## ")[0]
    described = set(re.findall(r"`([a-z ]+)`", "".join(re.findall(r"(?m)^\| (.*?) \|", section))))
    assert {path.removeprefix("dsv ") for path in COMMANDS} - described == set()


def test_every_exit_code_of_an_error_is_explained(page):
    section = page.partition("## Exit codes")[2].partition("\n## ")[0]
    explained = {int(code) for code in re.findall(r"(?m)^\| (\d+) \|", section)}
    raised = {int(code) for code in re.findall(r"(?m)^\| `[a-z_]+` \| (\d+) \|", generate_cli.kinds())}
    assert explained == {0, *raised}


def test_the_list_of_commands_holds_whole_sentences_at_80_columns():
    application = generate_cli.application()
    context = click.Context(application, info_name="dsv", terminal_width=78)
    lines = application.get_help(context).partition("Commands:\n")[2].splitlines()
    assert [line for line in lines if not line.endswith(".") or line.endswith("...")] == []


@pytest.mark.parametrize("path", COMMANDS)
def test_help_fits_80_columns(path):
    context = click.Context(COMMANDS[path], info_name=path, terminal_width=78)
    assert [line for line in COMMANDS[path].get_help(context).splitlines() if len(line) > 80] == []
