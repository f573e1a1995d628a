"""`dsv gc`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from dsv.cli.output import bold, show
from dsv.cli.session import current
from dsv.cli.text import count, size, table, visible
from dsv.errors import UsageError

if TYPE_CHECKING:
    from dsv.operations.gc import Action, Collected

_SHOWN = 10


def gc(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go, as without any option.")] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Move it to the trash; delete what has been there for 14 days.")
    ] = False,
    restore: Annotated[bool, typer.Option("--restore", help="Put everything in the trash back.")] = False,
    empty: Annotated[
        bool, typer.Option("--empty-trash", help="Delete everything in the trash that is not needed, now.")
    ] = False,
    remote: Annotated[
        str, typer.Option("--remote", metavar="R", help="Collect on this DVC remote, not in the cache.")
    ] = "",
    sole_owner: Annotated[
        bool, typer.Option("--sole-owner", help="No other project keeps data in that cache or remote.")
    ] = False,
    older_than: Annotated[
        float | None,
        typer.Option(
            "--older-than", min=0, metavar="DAYS", help="Leave alone what came later: 1 day ago, on a remote 14."
        ),
    ] = None,
    accept_lost: Annotated[
        bool, typer.Option("--accept-lost", help="Go on where old pointers or lists of files cannot be read.")
    ] = False,
) -> None:
    """Move objects that nothing needs to a trash, then delete them.

    Whatever a commit, branch, tag, stash, reflog or work tree of this repository names is needed. Where that cannot be
    known for certain, nothing is done.

    Example: dsv gc --apply
    """
    from dsv.operations.gc import Action, Collecting, Owner, gc, restore_trash
    from dsv.repository.kept_objects import Lost

    asked = {Action.SHOW: dry_run, Action.APPLY: apply, Action.RESTORE: restore, Action.EMPTY: empty}
    chosen = [action for action, said in asked.items() if said] or [Action.SHOW]
    if len(chosen) > 1:
        raise UsageError("--dry-run, --apply, --restore and --empty-trash exclude each other", hint="give one of them")
    if chosen == [Action.RESTORE]:
        result = restore_trash(current().open(), remote=remote)
    else:
        owner = Owner.ALONE if sole_owner else Owner.UNKNOWN
        lost = Lost.ACCEPTED if accept_lost else Lost.REFUSED
        result = gc(current().open(), Collecting(chosen[0], remote, owner, older_than, lost))
    show(result, _lines(result, chosen[0]))


def _lines(result: Collected, action: Action) -> Iterator[str]:
    from dsv.operations.gc import TRASH_DAYS, Action, Amount

    plan, would = result.plan, action is Action.SHOW
    if plan.thrown:
        shown = result.largest[:_SHOWN]
        rows = [[each.oid, size(each.size), visible(result.paths.get(each.oid, ""))] for each in shown]
        yield from table(["object", "size", "was"], rows, right=[1])
        if len(plan.thrown) > _SHOWN:
            yield f"and {count(len(plan.thrown) - _SHOWN, 'object')} more; --json names all"
    for amount, words in (
        (Amount.of(plan.kept), "needed"),
        (Amount.of(plan.recent), "not needed, but new: left alone"),
        (Amount.of(plan.brought_back), "would come back from the trash" if would else "came back from the trash"),
        (Amount.of(plan.deleted), "would be deleted from the trash" if would else "deleted from the trash"),
        (Amount.of(plan.waiting), f"in the trash for less than {TRASH_DAYS} days"),
    ):
        if amount.objects:
            yield f"{count(amount.objects, 'object')}, {size(amount.bytes)}: {words}"
    thrown = Amount.of(plan.thrown)
    if thrown.objects:
        words = "would go to the trash (--apply)" if would else f"went to {visible(result.trash)}"
        yield bold(f"{count(thrown.objects, 'object')}, {size(thrown.bytes)}: {words}")
    elif action in (Action.SHOW, Action.APPLY):
        yield bold("nothing to throw away")
