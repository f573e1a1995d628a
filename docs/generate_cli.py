"""The generated parts of docs/cli.md, made from the commands and the errors: run it after changing one.

python docs/generate_cli.py
"""  # noqa: INP001 - a script beside the page it makes

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from dsv import errors
from dsv.cli.app import build

PAGE = Path(__file__).parent / "cli.md"

_EXAMPLE = re.compile(r"^Example:\n +(?P<command>.+)$", re.MULTILINE)


def cli_reference(page: str) -> str:
    """The page, what stands between `<!-- X -->` and `<!-- end of X -->` made anew."""
    made = {"commands": commands(), "global options": global_options(), "kinds": kinds()}
    for name, text in made.items():
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
        before, rest = page.split(start)
        page = before + start + text + end + rest.split(end)[1]
    return page


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each command that does something, as (`dsv index status`, the command), in the order of the help."""
    yield from _below("dsv", application())


def application() -> click.Group:
    """The command line as click sees it."""
    return build()


def _below(path: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _below(f"{path} {name}", command)
        elif command is not None and not command.hidden:  # what only programs call
            yield f"{path} {name}", command


def example_of(command: click.Command) -> str:
    """The command line that its help shows."""
    found = _EXAMPLE.search(command.help or "")
    return found["command"] if found else ""


def commands() -> str:
    """A section for each command."""
    return "\n".join(_section(path, command) for path, command in every_command())


def own_options() -> list[click.Option]:
    """The options that every command takes; those for completion are Typer's."""
    options = (each for each in application().params if isinstance(each, click.Option))
    return [each for each in options if "completion" not in (each.name or "")]


def global_options() -> str:
    """The table of the options that every command takes."""
    return _table("option", [(_names(each), each.help or "") for each in own_options()])


def kinds() -> str:
    """Every kind of error with its exit code, as the classes say."""
    rows = sorted((each.code, each.kind, (each.__doc__ or "").splitlines()[0]) for each in _classes(errors.DsvError))
    lines = (f"| `{kind}` | {code} | {text} |\n" for code, kind, text in rows)
    return "| kind | exit code | |\n|---|---|---|\n" + "".join(lines)


def _classes(top: type[errors.DsvError]) -> Iterator[type[errors.DsvError]]:
    """The class and those below it that have a kind of their own."""
    if "kind" in vars(top):
        yield top
    for below in top.__subclasses__():
        yield from _classes(below)


def _section(path: str, command: click.Command) -> str:
    text = _EXAMPLE.sub("", command.help or "").replace("\b", "").strip()
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    options = [each for each in command.params if isinstance(each, click.Option) and not each.hidden]
    rows = [(re.sub(r"[\[\].]", "", each.metavar or each.name or ""), _argument_help(each)) for each in arguments]
    parts = [f"### {path}\n", f"{text}\n", f"```sh\n{example_of(command)}\n```\n", f"    {usage}\n"]
    if rows:
        parts.append(_table("argument", [(f"`{name}`", text) for name, text in rows]))
    if options:
        parts.append(_table("option", [(_names(each), _option_help(each)) for each in options]))
    return "\n".join(parts)


def _argument_help(argument: click.Argument) -> str:
    return str(getattr(argument, "help", "") or "")


def _option_help(option: click.Option) -> str:
    default = option.default if option.show_default and isinstance(option.default, str) else ""
    return (option.help or "") + (f" Default: {default}." if default else "")


def _names(option: click.Option) -> str:
    metavar = "" if option.is_flag else option.metavar or "|".join(getattr(option.type, "choices", ()))
    return ", ".join(f"`{name} {metavar}`".replace(" `", "`") for name in sorted(option.opts, key=len))


def _table(head: str, rows: list[tuple[str, str]]) -> str:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return f"| {head} | |\n|---|---|\n" + "".join(f"| {name} | {text} |\n" for name, text in cells)


def main() -> None:
    """Write the page."""
    PAGE.write_text(cli_reference(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
