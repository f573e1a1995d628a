"""The commands, each in a file of its own that parses, calls one operation and shows its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dsv.cli.commands.add import add
from dsv.cli.commands.bump import bump
from dsv.cli.commands.check import check
from dsv.cli.commands.checkout import checkout
from dsv.cli.commands.diff import diff
from dsv.cli.commands.doctor import doctor
from dsv.cli.commands.fetch import fetch
from dsv.cli.commands.gc import gc
from dsv.cli.commands.index import rebuild as index_rebuild
from dsv.cli.commands.index import records as index_records
from dsv.cli.commands.index import schema as index_schema
from dsv.cli.commands.index import status as index_status
from dsv.cli.commands.init import init
from dsv.cli.commands.list import list_datasets
from dsv.cli.commands.log import log
from dsv.cli.commands.mark import archive, deprecate, remove, restore, yank
from dsv.cli.commands.merge import merge, merge_driver
from dsv.cli.commands.move import move
from dsv.cli.commands.promote import demote, promote
from dsv.cli.commands.pull import pull
from dsv.cli.commands.push import push
from dsv.cli.commands.remote import add as remote_add
from dsv.cli.commands.remote import list_remotes, try_remote
from dsv.cli.commands.rename import rename
from dsv.cli.commands.rollback import rollback
from dsv.cli.commands.search import search
from dsv.cli.commands.show import show
from dsv.cli.commands.status import status
from dsv.cli.commands.tag import tag
from dsv.cli.commands.undo import undo
from dsv.cli.commands.verify import verify
from dsv.cli.commands.which import which

COMMANDS: dict[str, Callable[..., Any]] = {
    "init": init,
    "add": add,
    "status": status,
    "bump": bump,
    "diff": diff,
    "log": log,
    "list": list_datasets,
    "show": show,
    "checkout": checkout,
    "rollback": rollback,
    "tag": tag,
    "deprecate": deprecate,
    "yank": yank,
    "archive": archive,
    "remove": remove,
    "restore": restore,
    "promote": promote,
    "demote": demote,
    "move": move,
    "rename": rename,
    "undo": undo,
    "check": check,
    "verify": verify,
    "doctor": doctor,
    "gc": gc,
    "merge": merge,
    "merge-driver": merge_driver,
    "push": push,
    "pull": pull,
    "fetch": fetch,
    "search": search,
    "which": which,
}

HIDDEN = frozenset({"merge-driver"})
"""Commands that programs call, and no person."""

GROUPS: dict[str, dict[str, Callable[..., Any]]] = {
    "index": {"status": index_status, "rebuild": index_rebuild, "schema": index_schema, "records": index_records},
    "remote": {"add": remote_add, "list": list_remotes, "test": try_remote},
}

GROUP_HELP = {
    "index": "The derived search index, and record indexes made from data.",
    "remote": "Where data is published to and fetched from.",
}
