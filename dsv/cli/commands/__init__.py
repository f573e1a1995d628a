"""The commands, each in a file of its own that parses, calls one operation and shows its result.

A command is named here as `module:function`: a call loads the one that it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

COMMANDS = {
    "init": "init:init",
    "add": "add:add",
    "status": "status:status",
    "bump": "bump:bump",
    "diff": "diff:diff",
    "log": "log:log",
    "list": "list:list_datasets",
    "show": "show:show",
    "checkout": "checkout:checkout",
    "rollback": "rollback:rollback",
    "tag": "tag:tag",
    "deprecate": "mark:deprecate",
    "yank": "mark:yank",
    "archive": "mark:archive",
    "remove": "mark:remove",
    "restore": "mark:restore",
    "promote": "promote:promote",
    "demote": "promote:demote",
    "move": "move:move",
    "rename": "rename:rename",
    "undo": "undo:undo",
    "check": "check:check",
    "comment": "comment:comment",
    "verify": "verify:verify",
    "doctor": "doctor:doctor",
    "gc": "gc:gc",
    "merge": "merge:merge",
    "merge-driver": "merge:merge_driver",
    "push": "push:push",
    "pull": "pull:pull",
    "fetch": "fetch:fetch",
    "get": "get:get",
    "sync": "sync:sync",
    "cache": "cache:cache",
    "search": "search:search",
    "which": "which:which",
    "lineage": "lineage:lineage",
    "stamp": "stamp:stamp",
    "sql": "sql:sql",
    "report": "report:report",
    "export": "export:export",
}

HIDDEN = frozenset({"merge-driver"})
"""Commands that programs call, and no person."""

GROUPS = {
    "index": {
        "status": "index:status",
        "rebuild": "index:rebuild",
        "examples": "index:examples",
        "schema": "index:schema",
        "records": "index:records",
        "add": "elsewhere:add",
        "list": "elsewhere:list_repositories",
        "refresh": "elsewhere:refresh",
        "remove": "elsewhere:remove",
        "publish": "index:publish",
    },
    "import": {"registry": "import_registry:registry"},
    "pin": {"add": "pin:add", "update": "pin:update", "list": "pin:list_pins", "remove": "pin:remove"},
    "quality": {
        "import": "quality:import_",
        "show": "quality:show_",
        "query": "quality:query",
        "todo": "quality:todo",
    },
    "site": {"build": "site:build"},
    "remote": {"add": "remote:add", "list": "remote:list_remotes", "test": "remote:try_remote"},
    "run": {"record": "run:record", "list": "run:list_runs", "exec": "run:exec_"},
}

PASSING_ON = frozenset({"run exec"})
"""Commands that run another program: from its name on, options are that one's."""

GROUP_HELP = {
    "index": "The derived search index, and record indexes made from data.",
    "import": "What was kept elsewhere before, brought in.",
    "pin": "Datasets of other repositories, locked for a project.",
    "quality": "Scores of single records, carried to later versions.",
    "site": "A catalogue of all datasets as pages for a browser.",
    "remote": "Where data is published to and fetched from.",
    "run": "Which training used which version.",
}


def load(place: str) -> Callable[..., Any]:
    """The function of a command, named as above."""
    module, _, function = place.partition(":")
    return cast("Callable[..., Any]", getattr(import_module(f"{__name__}.{module}"), function))
